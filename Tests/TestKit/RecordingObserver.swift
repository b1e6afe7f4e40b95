package import Domain
package import Storage
import Synchronization

/// Keeps every change that a store commits, with its representation, and tells who waits for one.
package final class RecordingObserver: CommitObserver {
    private struct State {
        var commits: [CommittedChanges] = []
        var signals: [AsyncStream<Void>.Continuation] = []
        var followUps: (@Sendable ([ReadyJobs: Int]) -> [FollowUp])?
    }

    private let state = Mutex(State())

    package init() {}

    package var hasWatchers: Bool { true }
    package func isWatching(_ scopes: [Scope]) -> Bool { true }
    package func followUps(_ ready: [ReadyJobs: Int], limit: Int) -> [FollowUp] {
        guard let followUps = state.withLock({ $0.followUps }) else { return [] }
        return followUps(ready)
    }

    /// From here on `body` says what follows in a group that makes jobs ready.
    package func follow(_ body: @escaping @Sendable ([ReadyJobs: Int]) -> [FollowUp]) {
        state.withLock { $0.followUps = body }
    }

    package func didCommit(_ changes: CommittedChanges) {
        let signals = state.withLock { state in
            state.commits.append(changes)
            return state.signals
        }
        for signal in signals { signal.yield() }
    }

    package var all: [CommittedChanges] { state.withLock { $0.commits } }
    package var changes: [Change] { all.flatMap(\.changes) }

    /// Returns when `isSo` of what was committed by then.
    package func wait(until isSo: @Sendable ([CommittedChanges]) -> Bool) async {
        let (stream, continuation) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        state.withLock { $0.signals.append(continuation) }
        continuation.yield()
        for await _ in stream where isSo(all) { return }
    }
}
