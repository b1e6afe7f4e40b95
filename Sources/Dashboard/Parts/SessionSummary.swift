import Domain

/// What the sessions of a fleet are doing, counted for the glance.
struct SessionSummary: Hashable {
    private(set) var active = 0
    /// Ready for work: idle, just starting, or after a failure.
    private(set) var idle = 0
    private(set) var suspect = 0
    /// Not heard any more, and not replaced by a later process of the same name on its machine.
    private(set) var stale = 0
    private(set) var stopping = 0

    init(_ sessions: [SessionRecord], frame: PageFrame) {
        let replaced = Self.replaced(sessions)
        for session in sessions {
            switch frame.badge(of: session) {
            case .active: active += 1
            case .idle, .starting, .error: idle += 1
            case .suspect: suspect += 1
            case .stopping: stopping += 1
            case .stale where !replaced.contains(session.id): stale += 1
            case .stale, .stopped: break
            }
        }
    }

    var live: Int { active + idle + suspect + stopping }

    /// Sessions that a later one follows: history, not a loss.
    static func replaced(_ sessions: [SessionRecord]) -> Set<SessionID> {
        Set(sessions.compactMap(\.previous))
    }
}
