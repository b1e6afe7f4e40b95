package import Domain

/// Every path that a page names, once. Live streams have the path of their page behind `/live`.
package enum Links {
    package static let fleet = "/"
    package static let workers = "/workers"
    package static let studies = "/studies"
    package static let jobs = "/jobs"
    package static let settings = "/settings"
    package static let signIn = "/signin"
    package static let signOut = "/signout"

    package static func worker(_ id: SessionID) -> String { "/workers/\(id)" }
    package static func job(_ id: JobID) -> String { "/jobs/\(id)" }

    /// By name where the name can stand in a path as it is and isn't another study's id; else by id.
    package static func study(_ id: StudyID, name: String?) -> String {
        guard let name, isPlain(name), StudyID(text: name) == nil else { return "/studies/\(id)" }
        return "/studies/\(name)"
    }

    /// The file, to be shown where the browser can show it safely.
    package static func artifact(_ id: ArtifactID) -> String { "/artifacts/\(id)" }
    /// The file, to be saved.
    package static func artifactDownload(_ id: ArtifactID) -> String { "/artifacts/\(id)?download=1" }

    package static func live(_ path: String) -> String { path == fleet ? "/live/fleet" : "/live" + path }

    /// The stream of log lines behind `number`.
    package static func liveLog(_ source: LogSource, after number: Int64) -> String {
        "/live/logs/\(source.id)?after=\(number)"
    }

    private static func isPlain(_ name: String) -> Bool {
        guard !name.isEmpty, name != ".", name != ".." else { return false }
        return name.utf8.allSatisfy(QueryText.isUnreserved)
    }
}

/// Whose log it is.
package enum LogSource: Sendable, Hashable {
    case session(SessionID)
    case job(JobID)

    var id: String {
        switch self {
        case .session(let id): id.description
        case .job(let id): id.description
        }
    }

    /// Whether lines may come after its end: a job is tried again.
    var mayGoOn: Bool {
        if case .job = self { true } else { false }
    }
}
