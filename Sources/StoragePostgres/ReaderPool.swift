import Dispatch
import Domain
import Storage
import Synchronization

/// A few connections that read. Each has a thread's worth of a queue of its own; who finds none free waits in line.
final class ReaderPool: Sendable {
    /// More than this many reads do not wait: the newest is refused with `overloaded`.
    static let waitingLimit = 4_096

    private struct State {
        var free: [Reader] = []
        var waiting: [@Sendable (Reader?) -> Void] = []
        var isClosed = false
    }

    private let state: Mutex<State>
    private let target: PostgresTarget
    private let limits: PostgresLimits
    private let synced: SyncedSequence

    init(_ target: PostgresTarget, _ limits: PostgresLimits, synced: SyncedSequence) {
        self.target = target
        self.limits = limits
        self.synced = synced
        let readers = (0..<limits.readerCount).map { Reader(target, limits, synced, number: $0) }
        state = Mutex(State(free: readers))
    }

    /// Runs `body` in one read transaction.
    func read<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            take { [self] reader in
                guard let reader else {
                    continuation.resume(throwing: refusal)
                    return
                }
                reader.queue.async { [self] in
                    let result = reader.read(body)
                    give(reader)
                    continuation.resume(with: result)
                }
            }
        }
    }

    /// Waits for a reader, and keeps it for whoever holds the answer.
    func reserve() async throws -> ReservedReader {
        try await withCheckedThrowingContinuation { continuation in
            take { [self] reader in
                guard let reader else { return continuation.resume(throwing: refusal) }
                continuation.resume(returning: ReservedReader(reader, of: self))
            }
        }
    }

    private var refusal: StoreError {
        state.withLock { $0.isClosed }
            ? StoreError(.closed, "The server is shutting down.")
            : StoreError(.overloaded, "\(Self.waitingLimit) reads are waiting. Try again shortly.")
    }

    private func take(_ body: @escaping @Sendable (Reader?) -> Void) {
        enum Verdict { case now(Reader), later, never }
        let verdict: Verdict = state.withLock { state in
            if state.isClosed { return .never }
            if let reader = state.free.popLast() { return .now(reader) }
            guard state.waiting.count < Self.waitingLimit else { return .never }
            state.waiting.append(body)
            return .later
        }
        switch verdict {
        case .now(let reader): body(reader)
        case .never: body(nil)
        case .later: break
        }
    }

    fileprivate func give(_ reader: Reader) {
        let next: (@Sendable (Reader?) -> Void)? = state.withLock { state in
            if !state.waiting.isEmpty { return state.waiting.removeFirst() }
            if !state.isClosed { state.free.append(reader) }
            return nil
        }
        next?(reader)
    }

    /// What waits is refused, what runs ends by itself.
    func close() {
        let (waiting, readers) = state.withLock { state in
            state.isClosed = true
            let all = (state.waiting, state.free)
            state.waiting = []
            state.free = []
            return all
        }
        for body in waiting { body(nil) }
        for reader in readers { reader.queue.sync { reader.close() } }
    }
}

/// A reader that somebody will need in a moment when there is no time to wait for one. It goes back with its holder.
final class ReservedReader: Reservation {
    let reader: Reader
    private let pool: ReaderPool

    fileprivate init(_ reader: Reader, of pool: ReaderPool) {
        self.reader = reader
        self.pool = pool
    }

    deinit { pool.give(reader) }
}

/// One connection that reads, on a queue of its own.
final class Reader: Sendable {
    let queue: DispatchQueue
    private let target: PostgresTarget
    private let limits: PostgresLimits
    private let synced: SyncedSequence
    /// Touched only on `queue`, one block at a time: that is what makes it safe.
    nonisolated(unsafe) private var connection: PostgresConnection?

    private static let beginning = Statement(
        "read.begin", "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
    )
    private static let ending = Statement("read.end", "COMMIT")
    private static let undoing = Statement("read.undo", "ROLLBACK")
    private static let fixing = Statement("read.fix", "SELECT value FROM sequence WHERE id = 1")

    init(_ target: PostgresTarget, _ limits: PostgresLimits, _ synced: SyncedSequence, number: Int) {
        self.target = target
        self.limits = limits
        self.synced = synced
        queue = DispatchQueue(label: "muster.postgres.reader.\(number)")
    }

    private func ready() throws(StoreError) -> PostgresConnection {
        if let known = unsafe connection, known.isUsable { return known }
        unsafe connection = nil
        let made = try PostgresConnection(target, limits: limits, isWriter: false)
        unsafe connection = made
        return made
    }

    /// A read changes nothing, so one that lost its connection is tried once more on a new one.
    func read<Value>(_ body: (any SQLConnection) throws -> Value) -> Result<Value, any Error> {
        let first = Result { try attempt(body) }
        guard case .failure(let error as StoreError) = first, error.asksForReplay else { return first }
        return Result { try attempt(body) }
    }

    private func attempt<Value>(_ body: (any SQLConnection) throws -> Value) throws -> Value {
        let connection = try ready()
        do {
            // One journey for a read of one question: its beginning goes with it, its end with the next.
            try connection.later(Self.beginning, [])
            try connection.fixState(Self.fixing)
            let value = try body(connection)
            try connection.dispatch(Self.ending)
            if let sequence = connection.seenSequence { try synced.secure(upTo: sequence, connection) }
            return value
        } catch {
            let seen = connection.seenSequence
            undo(connection)
            // A refusal may rest on what was seen, too.
            if let seen, connection.isUsable { try synced.secure(upTo: seen, connection) }
            throw error
        }
    }

    private func undo(_ used: PostgresConnection) {
        guard used.settle(), (try? used.run(Self.undoing, [])) != nil else {
            unsafe connection = nil
            return
        }
    }

    /// Opens a state and leaves it open. Where it throws, nothing is open: the next read would be shown that state.
    ///
    /// - Parameter secure: told how far the sequence goes in it.
    func open(_ secure: (SequenceNumber) throws(StoreError) -> Void) throws(StoreError) {
        var connection = try ready()
        do throws(StoreError) {
            let sequence: SequenceNumber
            do throws(StoreError) {
                sequence = try fix(connection)
            } catch {
                guard error.asksForReplay else { throw error }
                undo(connection)
                connection = try ready()
                sequence = try fix(connection)
            }
            try secure(sequence)
        } catch {
            undo(connection)
            throw error
        }
    }

    private func fix(_ connection: PostgresConnection) throws(StoreError) -> SequenceNumber {
        try connection.later(Self.beginning, [])
        return try connection.row(Self.fixing, [])?.sequence(0) ?? .zero
    }

    func withOpen(_ body: (PostgresConnection) -> Void) {
        guard let used = unsafe connection else { return }
        body(used)
        undo(used)
    }

    func close() { unsafe connection = nil }
}
