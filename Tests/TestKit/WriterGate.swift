import Dispatch
import Synchronization

/// Holds the writer inside an operation, so that what comes meanwhile is one group. Once open it stays open: a group
/// that is run again does not wait again.
package final class WriterGate: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)
    private let isOpen = Mutex(false)
    private let held = Mutex(false)
    private let count = Mutex(0)

    package init() {}

    /// Called on the writer's thread.
    package func hold() {
        held.withLock { $0 = true }
        if isOpen.withLock({ $0 }) { return }
        semaphore.wait()
        semaphore.signal()
    }

    package func open() {
        isOpen.withLock { $0 = true }
        semaphore.signal()
    }

    /// The operation that would hold it may have failed before: who waits for that goes on, too.
    package func giveUp() { held.withLock { $0 = true } }
    package func answered() { count.withLock { $0 += 1 } }
    package var isHeld: Bool { held.withLock { $0 } }
    package var answeredCount: Int { count.withLock { $0 } }
}

/// Waiting for what gives no signal of itself.
package enum Patience {
    /// - Throws: `CancellationError` where the test's time is over.
    package static func until(_ isSo: () async throws -> Bool) async throws {
        while try await !isSo() {
            try Task.checkCancellation()
            await Task.yield()
        }
    }
}
