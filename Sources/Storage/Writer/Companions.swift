import Dispatch
import Synchronization

/// Whom a group waits for where nodes take turns. A turn costs more than a group of a node alone, so few that are large
/// serve more than many that are small; and whoever was answered with the last group is mostly back at once. So the
/// next one begins when as many are there again, or after a moment. It decides what is quicker, never what is right.
final class Companions: Sendable {
    private struct State {
        /// How many were answered with the last group or waited meanwhile.
        var expected = 0
        /// The writer waits for so many; `nil` while it does not.
        var wanted: Int?
    }

    private let state = Mutex(State())
    private let areThere = DispatchSemaphore(value: 0)
    private let limit: DispatchTimeInterval

    /// - Parameter limit: nobody is waited for longer. Where fewer come than came before, as when one burst was all
    ///   there was, this is paid once.
    init(limit: DispatchTimeInterval = .milliseconds(2)) {
        self.limit = limit
    }

    /// A group is about to be answered.
    ///
    /// - Parameters:
    ///   - count: how many are in it.
    ///   - waiting: how many wait for the next one already.
    func willAnswer(_ count: Int, waiting: Int) {
        state.withLock { $0.expected = count + waiting }
    }

    /// So many wait now, one more than before.
    func came(_ waiting: Int) {
        state.withLock { state in
            guard let wanted = state.wanted, waiting >= wanted else { return }
            state.wanted = nil
            areThere.signal()
        }
    }

    /// Returns when as many wait as are expected, and not before; or when the moment is over.
    ///
    /// - Parameters:
    ///   - most: more than these are not expected.
    ///   - waiting: how many wait now.
    func wait(most: Int, waiting: () -> Int) {
        let wanted = state.withLock { state in
            let wanted = min(state.expected, most)
            state.wanted = wanted
            return wanted
        }
        if waiting() < wanted, areThere.wait(timeout: .now() + limit) == .success { return }
        // Whoever came in between has signalled all the same: the next wait is not to end by that.
        let isSignalled = state.withLock { state in
            if state.wanted.take() == nil { return true }
            state.expected = 0
            return false
        }
        if isSignalled { areThere.wait() }
    }
}
