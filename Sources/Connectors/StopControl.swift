import Synchronization

/// How one attempt is told to end: politely first, at once if need be. Calls come from any thread and return quickly.
package final class StopControl: Sendable {
    /// Each asks for more than the one before it; nothing is taken back.
    package enum Wish: Sendable, Hashable {
        case goOn
        /// End within the grace.
        case end(graceMilliseconds: Int64)
        /// End now.
        case kill

        fileprivate var rank: Int {
            switch self {
            case .goOn: 0
            case .end: 1
            case .kill: 2
            }
        }
    }

    private struct State {
        var wish = Wish.goOn
        var obey: (@Sendable (Wish) -> Void)?
    }

    private let state = Mutex(State())

    package init() {}

    package var wish: Wish { state.withLock { $0.wish } }

    package func end(graceMilliseconds: Int64) { want(.end(graceMilliseconds: graceMilliseconds)) }
    package func kill() { want(.kill) }

    private func want(_ wish: Wish) {
        let obey = state.withLock { state -> (@Sendable (Wish) -> Void)? in
            guard wish.rank > state.wish.rank else { return nil }
            state.wish = wish
            return state.obey
        }
        obey?(wish)
    }

    /// Whoever runs the attempt says how it is ended. Called at once with a wish that came before, later with each
    /// that is stronger, on the thread of the one who wishes.
    package func obey(_ obey: @escaping @Sendable (Wish) -> Void) {
        let wish = state.withLock { state in
            state.obey = obey
            return state.wish
        }
        if wish != .goOn { obey(wish) }
    }

    /// There is nothing left to end.
    package func release() {
        state.withLock { $0.obey = nil }
    }
}
