package import Connectors
package import Wire

/// What is told to the server of an attempt's end.
package struct Verdict: Sendable, Hashable {
    package let kind: ReportKind
    /// A sentence without its full stop.
    package let reason: String?
    package let exitCode: Int?

    package init(kind: ReportKind, reason: String?, exitCode: Int?) {
        self.kind = kind
        self.reason = reason?.cut(toBytes: Self.reasonLimitBytes)
        self.exitCode = exitCode
    }

    private static let reasonLimitBytes = 2_048

    /// `nil` where nothing may be told: the attempt is somebody else's by now.
    ///
    /// A program that came to an end of its own is told of as it ended, even if we were about to end it. Only for one
    /// that we did end, what we wanted counts.
    package static func of(
        _ end: AttemptEnd, wish: WorkLedger.Wish, lostResult: String? = nil
    ) -> Verdict? {
        guard wish != .lost else { return nil }
        switch end {
        case .completed:
            guard let lostResult else { return Verdict(kind: .completed, reason: nil, exitCode: 0) }
            return Verdict(kind: .failed, reason: lostResult, exitCode: 0)
        case .failed(let reason, let code):
            return Verdict(kind: .failed, reason: reason, exitCode: code)
        case .retryable(let reason, let code):
            return Verdict(kind: .retryable, reason: reason, exitCode: code)
        case .notStarted(let reason):
            return Verdict(kind: .released, reason: reason, exitCode: nil)
        case .stopped(let code) where wish == .cancel:
            return Verdict(kind: .cancelled, reason: "cancelled", exitCode: code)
        case .stopped(let code):
            return Verdict(kind: .released, reason: "the worker is stopping", exitCode: code)
        }
    }
}
