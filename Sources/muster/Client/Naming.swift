import Domain
import Wire

/// What a person calls a thing, found on the server.
extension APIClient {
    /// How many sessions and assignments are looked through for a name.
    private static let searchLimit = 100_000

    /// - Parameter text: `s77`, or a worker's name: the live one of that name, else the newest.
    func session(_ text: String) async throws -> SessionRecord {
        if let id = SessionID(text: text) {
            return try await get(APIPath.session(id), as: SessionDetail.self).value.session
        }
        for ended in [false, true] {
            let sessions = try await sessions(ended: ended, limit: Self.searchLimit).page.items
            let named = sessions.filter { $0.workerName == text }
            let newest = named.max { ($0.status.isLive ? 1 : 0, $0.id) < ($1.status.isLive ? 1 : 0, $1.id) }
            if let newest { return newest }
        }
        throw CommandError(.wrongUse, "There is no worker \(text)", next: "muster workers --all")
    }

    /// - Parameter text: `j1042`, or an assignment as `STUDY/INDEX`.
    func job(_ text: String) async throws -> JobID {
        if let id = JobID(text: text) { return id }
        guard let (study, index) = Self.assignment(text) else {
            throw CommandError(
                .wrongUse, "\(text) is no job: write an id such as j12, or an assignment such as phantoms/3",
                next: "muster job list")
        }
        let jobs = try await list(
            APIPath.assignments(study), limit: min(Self.searchLimit, index + 1), of: JobRecord.self
        ).page.items
        guard let job = jobs.first(where: { $0.index == index }) else {
            throw CommandError(
                .wrongUse, "The study \(study) has no assignment \(index)", next: "muster study show \(study)")
        }
        return job.id
    }

    /// `phantoms/3`; `nil` for anything else.
    static func assignment(_ text: String) -> (study: String, index: Int)? {
        guard let slash = text.lastIndex(of: "/"), slash != text.startIndex else { return nil }
        let digits = text[text.index(after: slash)...]
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (48...57).contains($0) }), let index = Int(digits),
            index <= IndexList.indexLimit
        else { return nil }
        return (String(text[..<slash]), index)
    }

    /// - Parameter text: `fleet`, `study:NAME`, `worker:NAME`, `session:s7`, `queue:NAME`, `job:j12`, or an id alone.
    func scope(_ text: String) async throws -> Scope {
        if let scope = Scope(text: text) { return scope }
        if let id = StudyID(text: text) { return .study(id) }
        if let id = SessionID(text: text) { return .session(id) }
        if let id = JobID(text: text) { return .job(id) }
        let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
        if parts.count == 2 {
            switch parts[0] {
            case "study": return .study(try await get(APIPath.study(parts[1]), as: StudyRecord.self).value.id)
            case "worker", "session": return .session(try await session(parts[1]).id)
            case "job": return .job(try await job(parts[1]))
            default: break
            }
        }
        throw CommandError(
            .wrongUse,
            "\(text) can't be watched: write fleet, study:NAME, worker:NAME, queue:NAME, job:ID or an id")
    }
}
