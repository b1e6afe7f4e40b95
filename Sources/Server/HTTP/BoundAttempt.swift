import Domain
import HTTPTypes
import Hummingbird
package import Storage

/// Which of its agent's attempts a program speaks for, as its address says it: `j12.1`.
package enum BoundAttempt {
    static let header = HTTPField.Name("Muster-Attempt") ?? .referer

    package static func text(_ attempt: HeldKey) -> String { "\(attempt.job).\(attempt.attempt.value)" }

    /// `nil` for what is none.
    package static func read(_ text: String) -> HeldKey? {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let job = JobID(text: String(parts[0])), let number = Int(parts[1]), number > 0
        else { return nil }
        return HeldKey(job: job, attempt: AttemptNumber(number))
    }

    /// Absent where the address names none, as that of a program with a session of its own.
    package static func of(_ ask: Ask) -> HeldKey? { ask.request.headers[header].flatMap { read($0) } }
}
