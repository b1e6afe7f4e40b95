package import Domain

/// Every path of the API, once. Paths of one entity take its id as text; a study answers to its id and to its name.
package enum APIPath {
    package static let root = "/api/v1"
    package static let sessions = "/api/v1/sessions"
    package static let jobs = "/api/v1/jobs"
    package static let studies = "/api/v1/studies"
    package static let queues = "/api/v1/queues"
    package static let artifacts = "/api/v1/artifacts"
    package static let tokens = "/api/v1/tokens"
    package static let snapshot = "/api/v1/snapshot"
    package static let watch = "/api/v1/watch"
    package static let version = "/api/v1/version"
    package static let openAPI = "/api/v1/openapi.json"
    /// Bytes of artifacts, by signed URL only.
    package static let files = "/files"
    package static let health = "/healthz"
    package static let ready = "/readyz"
    package static let metrics = "/metrics"

    package static func session(_ id: SessionID) -> String { "\(sessions)/\(id)" }
    package static func heartbeat(_ id: SessionID) -> String { "\(sessions)/\(id)/heartbeat" }
    package static func claims(_ id: SessionID) -> String { "\(sessions)/\(id)/claims" }
    package static func reports(_ id: SessionID) -> String { "\(sessions)/\(id)/reports" }
    package static func drain(_ id: SessionID) -> String { "\(sessions)/\(id)/drain" }
    package static func sessionLogs(_ id: SessionID) -> String { "\(sessions)/\(id)/logs" }
    package static func sessionLogStream(_ id: SessionID) -> String { "\(sessions)/\(id)/logs/stream" }

    package static func job(_ id: JobID) -> String { "\(jobs)/\(id)" }
    package static func jobAction(_ id: JobID, _ action: JobAction) -> String { "\(jobs)/\(id)/\(action.rawValue)" }
    package static func jobLogs(_ id: JobID) -> String { "\(jobs)/\(id)/logs" }
    package static func jobLogStream(_ id: JobID) -> String { "\(jobs)/\(id)/logs/stream" }

    /// - Parameter study: its id or its name; anything that is no unreserved character of a URL is escaped.
    package static func study(_ study: String) -> String { "\(studies)/\(escape(study))" }
    package static func assignments(_ study: String) -> String { "\(self.study(study))/assignments" }
    package static func studyAction(_ study: String, _ action: StudyAction) -> String {
        "\(self.study(study))/\(action.rawValue)"
    }

    package static func artifact(_ id: ArtifactID) -> String { "\(artifacts)/\(id)" }
    package static func token(_ id: Int64) -> String { "\(tokens)/\(id)" }

    /// Percent-encodes all but the unreserved characters of RFC 3986.
    package static func escape(_ text: String) -> String {
        var escaped: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                escaped.append(byte)
            default:
                let digits = Array("0123456789ABCDEF".utf8)
                escaped += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: escaped, as: UTF8.self)
    }
}

/// What a person asks of a job, by `POST /jobs/{id}/<action>`.
package enum JobAction: String, Sendable, CaseIterable {
    case cancel, retry
}

/// What a person asks of a study, by `POST /studies/{id}/<action>`.
package enum StudyAction: String, Sendable, CaseIterable {
    case retryFailed = "retry-failed"
    case cancel, pause, resume
}
