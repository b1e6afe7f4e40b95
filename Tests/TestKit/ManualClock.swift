package import Domain
import Synchronization

/// A clock that goes on when a test says so.
package final class ManualClock: Sendable {
    private let moment: Mutex<Instant>

    /// 2026-01-01T00:00:00Z unless said.
    package init(_ start: Instant = Instant(milliseconds: 1_767_225_600_000)) {
        moment = Mutex(start)
    }

    package var now: Instant { moment.withLock { $0 } }

    package func advance(milliseconds: Int64) {
        moment.withLock { $0 = $0.adding(milliseconds: milliseconds) }
    }

    package func advance(seconds: Int64) { advance(milliseconds: seconds * 1_000) }
}
