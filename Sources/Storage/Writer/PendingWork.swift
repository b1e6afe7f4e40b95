import Synchronization

/// Something that waits for the writer.
protocol PendingWork: Sendable {
    var foresight: Foresight { get }
    /// Runs it inside the transaction; false where it threw and its changes are to be undone.
    func perform(_ transaction: WriteTransaction) -> Bool
    /// Called once, last: with the group's failure, or `nil` when the group is on disk.
    func answer(failure: StoreError?)
}

/// Something that runs between two groups.
protocol PendingBetween: PendingWork {
    func perform(_ connection: any WriteConnection)
}

final class PendingOperation<Value: Sendable>: PendingWork {
    let foresight: Foresight
    private let operation: @Sendable (WriteTransaction) throws -> Value
    private let answer: @Sendable (Result<Value, any Error>) -> Void
    private let outcome = Mutex<Result<Value, any Error>?>(nil)

    init(
        foresight: Foresight, operation: @escaping @Sendable (WriteTransaction) throws -> Value,
        answer: @escaping @Sendable (Result<Value, any Error>) -> Void
    ) {
        self.foresight = foresight
        self.operation = operation
        self.answer = answer
    }

    func perform(_ transaction: WriteTransaction) -> Bool {
        let result = Result { try operation(transaction) }
        outcome.withLock { $0 = result }
        if case .success = result { return true }
        return false
    }

    func answer(failure: StoreError?) {
        let result = outcome.withLock { $0 }
        // A refusal stands on what its group has seen and done: where nothing of that is on disk, it is none.
        if let failure {
            answer(.failure(failure))
        } else if let result {
            answer(result)
        }
    }
}

final class PendingInterval<Value: Sendable>: PendingBetween {
    let foresight = Foresight()
    private let body: @Sendable (any WriteConnection) -> Value
    private let continuation: CheckedContinuation<Value, any Error>
    private let outcome = Mutex<Value?>(nil)

    init(
        body: @escaping @Sendable (any WriteConnection) -> Value,
        continuation: CheckedContinuation<Value, any Error>
    ) {
        self.body = body
        self.continuation = continuation
    }

    func perform(_ transaction: WriteTransaction) -> Bool { true }

    func perform(_ connection: any WriteConnection) {
        let value = body(connection)
        outcome.withLock { $0 = value }
    }

    func answer(failure: StoreError?) {
        if let value = outcome.withLock({ $0 }) {
            continuation.resume(returning: value)
        } else {
            continuation.resume(throwing: failure ?? StoreError(.closed, "The server is shutting down."))
        }
    }
}

/// A write that waited for something that a group brings, and is done in that same group: a claim gets the job that
/// was submitted a moment ago with one sync of the disk instead of two.
package struct FollowUp: Sendable {
    let work: any PendingWork

    /// - Parameters:
    ///   - foresight: what the operation will ask.
    ///   - operation: as in `Store.write`. May be run more than once, and last counts.
    ///   - answer: called once, on the writer's thread, so it may not wait: with what the operation returned when that
    ///     is on disk, else with what it threw or why the group failed.
    package init<Value: Sendable>(
        foreseeing foresight: Foresight, _ operation: @escaping @Sendable (WriteTransaction) throws -> Value,
        answer: @escaping @Sendable (Result<Value, any Error>) -> Void
    ) {
        work = PendingOperation(foresight: foresight, operation: operation, answer: answer)
    }
}
