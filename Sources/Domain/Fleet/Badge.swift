/// The one mark that says how a worker is: a pure function of three axes that are never mixed.
///
/// Whether the *process* is there, whether it is *reachable* (when it was last heard), what it is *doing*.
package enum Badge: Sendable, Hashable {
    case starting
    case idle
    case active
    /// Its last attempt failed and nothing has started since.
    case error
    case stopping
    /// Two beats were missed; the age says how long.
    case suspect(ageMilliseconds: Int64)
    case stale(ageMilliseconds: Int64)
    case stopped

    /// - Parameters:
    ///   - lastHeard: absent where nobody has heard it yet.
    ///   - heldCount: leases it holds.
    package init(
        status: SessionStatus, kind: SessionKind = .agent, lastHeard: Instant?, heldCount: Int,
        lastAttemptFailed: Bool, now: Instant, timing: Timing
    ) {
        let age = lastHeard.map { max(0, now.milliseconds(since: $0)) } ?? 0
        switch status {
        case .stopped: self = .stopped
        case .stale: self = .stale(ageMilliseconds: age)
        case .starting, .running, .stopping:
            if age >= Self.suspectMilliseconds(status, kind, timing) {
                self = .suspect(ageMilliseconds: age)
            } else if status == .stopping {
                self = .stopping
            } else if heldCount > 0 {
                self = .active
            } else if lastAttemptFailed {
                self = .error
            } else {
                self = status == .starting ? .starting : .idle
            }
        }
    }

    /// A client that names no session beats more seldom, and is silent while its simulator starts.
    private static func suspectMilliseconds(_ status: SessionStatus, _ kind: SessionKind, _ timing: Timing) -> Int64 {
        switch kind {
        case .agent: timing.suspectMilliseconds
        case .legacy: status == .starting ? timing.legacyClaimMilliseconds : timing.legacySuspectMilliseconds
        }
    }

    /// Whether what its session last said is taken for what is so: of one that isn't heard nobody knows.
    package var isHeard: Bool {
        switch self {
        case .suspect, .stale, .stopped: false
        case .starting, .idle, .active, .error, .stopping: true
        }
    }

    /// The word beside the mark, and the name of its style.
    package var word: String {
        switch self {
        case .starting: "starting"
        case .idle: "idle"
        case .active: "active"
        case .error: "error"
        case .stopping: "stopping"
        case .suspect: "suspect"
        case .stale: "stale"
        case .stopped: "stopped"
        }
    }
}
