package import Domain
package import Storage
import Synchronization

/// Keeps every change that a store commits, with its representation.
package final class RecordingObserver: CommitObserver {
    private let commits = Mutex<[CommittedChanges]>([])

    package init() {}

    package var hasWatchers: Bool { true }
    package func isWatching(_ scopes: [Scope]) -> Bool { true }
    package func didCommit(_ changes: CommittedChanges) { commits.withLock { $0.append(changes) } }

    package var all: [CommittedChanges] { commits.withLock { $0 } }
    package var changes: [Change] { all.flatMap(\.changes) }
}
