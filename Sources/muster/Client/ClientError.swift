import Wire

/// Why a call to the server gave no answer to use.
enum ClientError: Error, Sendable, Hashable {
    /// Nobody answers there. `reason` is a few words, where something is known.
    case unreachable(ServerAddress, reason: String?)
    /// Something answers that is no Muster server.
    case notMuster(ServerAddress, status: Int)
    /// The server's own refusal.
    case problem(Problem)
    /// An answer that this program can't read: field and reason.
    case unreadable(ServerAddress, detail: String)
}

extension CommandError {
    /// One place decides which exit code and which next command a refusal gets.
    init(_ error: ClientError) {
        switch error {
        case .unreachable(let address, let reason):
            let words = reason.map { " (\($0))" } ?? ""
            self.init(
                .unreachable, "No server answers at \(address)\(words)",
                next: address.isLoopback ? "muster serve" : "muster doctor --server \(address)"
            )
        case .notMuster(let address, let status):
            self.init(
                .unreachable, "What answers at \(address) is no Muster server (status \(status))",
                next: "muster settings"
            )
        case .unreadable(let address, let detail):
            self.init(
                .unreachable, "The server at \(address) answered what this version can't read: \(detail)",
                next: "muster doctor"
            )
        case .problem(let problem):
            self.init(Self.outcome(of: problem), Self.sentence(of: problem), next: Self.next(after: problem))
        }
    }

    private static func outcome(of problem: Problem) -> Outcome {
        // Not as if no server were there: who tries again then would do it twice.
        if problem.code == "outcome-unknown" { return .refused }
        return switch problem.status {
        case 401, 403, 409, 410, 412, 423, 428: .refused
        case 429, 500...: .unreachable
        default: .wrongUse
        }
    }

    private static func sentence(of problem: Problem) -> String {
        let detail = problem.detail.isEmpty ? problem.title : problem.detail
        let fields = problem.errors.map { $0.field.isEmpty ? $0.reason : "\($0.field) \($0.reason)" }
        // The detail often tells the only field already.
        let missing = fields.filter { !detail.contains($0) }
        guard !missing.isEmpty else { return detail }
        return "\(detail.hasSuffix(".") ? String(detail.dropLast()) : detail): \(missing.joined(separator: "; "))."
    }

    private static func next(after problem: Problem) -> String? {
        // Some refusals name the command themselves.
        guard !problem.detail.contains("muster ") else { return nil }
        return switch problem.code {
        case "study-exists", "unknown-study": "muster study list"
        case "unknown-session": "muster workers --all"
        case "unknown-job", "unknown-assignment", "outcome-unknown": "muster job list"
        case "session-live": "muster worker drain, or delete with --force"
        case "job-held": "muster job cancel"
        default: next(afterStatus: problem.status)
        }
    }

    private static func next(afterStatus status: Int) -> String? {
        switch status {
        case 401: "muster token create on the server's machine, then set MUSTER_TOKEN"
        case 403: "muster token create --role admin on the server's machine, then set MUSTER_TOKEN"
        case 429, 500...: "muster doctor"
        default: nil
        }
    }
}
