import Dispatch
import Domain
import Storage

/// The connection that writes, and its way back where it is lost. Lives on the driver's writer queue.
final class PostgresWriteConnection: WriteConnection {
    private let target: PostgresTarget
    private let limits: PostgresLimits
    private var connection: PostgresConnection?
    private var backoff = Backoff()
    private var isClosed = false
    private var mode = TransactionMode.careful
    /// Writes since the transaction began: what a savepoint would have to undo.
    private var writeCount = 0
    private var writesAtSavepoint = 0
    private var hasSavepoint = false
    private(set) var groupFailure: StoreError?
    private let synced: SyncedSequence
    private var calls = CallSpacing()
    /// Has `callWaiting` called on the writer's queue then.
    var callLater: (DispatchTime) -> Void = { _ in }

    init(_ target: PostgresTarget, _ limits: PostgresLimits, synced: SyncedSequence) throws(StoreError) {
        self.target = target
        self.limits = limits
        self.synced = synced
        connection = try PostgresConnection(target, limits: limits, isWriter: true)
    }

    private static let beginning = Statement("transaction.begin", "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE")
    private static let beginningToRead = Statement(
        "transaction.begin_reading", "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
    )
    private static let lettingGo = Statement("transaction.let_go", "SET LOCAL synchronous_commit TO off")
    private static let undoing = Statement("transaction.rollback", "ROLLBACK")
    private static let saving = Statement("savepoint.open", "SAVEPOINT operation")
    private static let releasing = Statement("savepoint.release", "RELEASE SAVEPOINT operation")
    private static let returning = Statement("savepoint.rollback", "ROLLBACK TO SAVEPOINT operation")
    private static let notifying = Statement("transaction.notify", "SELECT pg_notify($1, $2)")

    // MARK: - The connection

    /// The connection, made anew where it was lost: at most one try for each call, and none before its pause is over.
    private func ready() throws(StoreError) -> PostgresConnection {
        if let connection, connection.isUsable { return connection }
        connection = nil
        if isClosed { throw StoreError(.closed, "The server is shutting down.") }
        if let refusal = backoff.refusal(at: DispatchTime.now()) { throw refusal }
        do {
            let made = try PostgresConnection(target, limits: limits, isWriter: true)
            connection = made
            backoff = Backoff()
            return made
        } catch {
            backoff.failed(error, at: DispatchTime.now())
            throw error
        }
    }

    func close() {
        callWaiting()
        connection = nil
        isClosed = true
    }

    private func current() throws(StoreError) -> PostgresConnection {
        if let groupFailure { throw groupFailure }
        guard let connection else { throw PostgresFailure.lost("the connection is closed") }
        return connection
    }

    // MARK: - Statements

    /// - Throws: what the connection throws, as `noted` has it.
    @discardableResult
    private func use<Value>(
        _ body: (PostgresConnection) throws(StoreError) -> Value
    ) throws(StoreError) -> Value {
        let connection = try current()
        do throws(StoreError) {
            return try body(connection)
        } catch {
            throw noted(error)
        }
    }

    @discardableResult
    func run(_ statement: Statement, _ values: [SQLValue]) throws(StoreError) -> Int {
        if statement.writes { writeCount += 1 }
        return try use { connection throws(StoreError) in try connection.run(statement, values) }
    }

    func rows(_ statement: Statement, _ values: [SQLValue]) throws(StoreError) -> [SQLRow] {
        if statement.writes { writeCount += 1 }
        return try use { connection throws(StoreError) in try connection.rows(statement, values) }
    }

    func rows(_ questions: [Question]) throws(StoreError) -> [[SQLRow]] { try rows(questions, foreseeing: []) }

    func rows(_ questions: [Question], foreseeing more: [Question]) throws(StoreError) -> [[SQLRow]] {
        try use { connection throws(StoreError) in try connection.rows(questions, foreseeing: more) }
    }

    @discardableResult
    func later(_ statement: Statement, _ values: [SQLValue], expecting: Int?) throws(StoreError) -> Int {
        guard mode == .swift else { return try run(statement, values) }
        writeCount += 1
        try use { connection throws(StoreError) in
            try connection.later(statement, values, expecting: expecting)
        }
        return expecting ?? 0
    }

    func outside() throws(StoreError) -> any SQLConnection { try ready() }

    func foresee(_ questions: [Question]) throws(StoreError) {
        guard mode == .swift else { return }
        try use { connection throws(StoreError) in try connection.foresee(questions) }
    }

    /// Decides whose failure it is: of one operation, or of the whole group. Where answers are looked at late nobody
    /// can tell which operation failed, so the group is run again with care, wherever in it the failure shows.
    private func noted(_ error: StoreError) -> StoreError {
        var error = error
        if mode == .swift, connection?.isUsable == true, !error.asksForReplay {
            error = StoreError(error.code, error.message, reason: StoreError.replay)
        }
        if connection?.isUsable != true || error.asksForReplay { groupFailure = error }
        return error
    }

    // MARK: - Transactions

    func begin(_ mode: TransactionMode) throws(StoreError) {
        let connection = try ready()
        self.mode = mode
        writeCount = 0
        hasSavepoint = false
        groupFailure = nil
        try connection.later(mode == .reading ? Self.beginningToRead : Self.beginning, [])
    }

    func commit() throws(StoreError) {
        if mode == .reading { return try current().dispatch(PostgresConnection.committing) }
        try use { connection throws(StoreError) in try connection.run(PostgresConnection.committing, []) }
    }

    /// Among others the commit itself waits for nothing, so that the next node has its turn; the disk is waited for by
    /// a second transaction, sent with it.
    func commit(_ news: News, isContended: Bool) throws(StoreError) {
        switch (isContended, mode) {
        case (false, _): try commit()
        case (true, .swift):
            try use { connection throws(StoreError) in
                try connection.later(Self.lettingGo, [])
                try connection.later(PostgresConnection.committing, [])
                try connection.run(SyncedSequence.syncing, [])
            }
        case (true, _): try commitWithCare()
        }
        synced.reached(news.sequence)
        tell(news)
    }

    /// So that one knows which of the two failed: where it is the waiting, the commit is there.
    private func commitWithCare() throws(StoreError) {
        try use { connection throws(StoreError) in
            try connection.later(Self.lettingGo, [])
            try connection.run(PostgresConnection.committing, [])
        }
        do {
            try use { connection throws(StoreError) in try connection.run(SyncedSequence.syncing, []) }
        } catch {
            throw StoreError(.unavailable, error.message, reason: StoreError.lost)
        }
    }

    /// Not on a new connection: that may be to a server which has lost what was seen on the old one.
    func secure(upTo sequence: SequenceNumber) throws(StoreError) {
        try synced.secure(upTo: sequence, current())
    }

    func rollback() {
        defer { groupFailure = nil }
        guard let connection else { return }
        guard connection.settle(), (try? connection.run(Self.undoing, [])) != nil else {
            self.connection = nil
            return
        }
    }

    func savepoint() throws(StoreError) {
        writesAtSavepoint = writeCount
        guard mode == .careful else { return }
        try current().run(Self.saving, [])
        hasSavepoint = true
    }

    func releaseSavepoint() throws(StoreError) {
        guard hasSavepoint else { return }
        hasSavepoint = false
        try current().run(Self.releasing, [])
    }

    func rollbackToSavepoint() throws(StoreError) {
        if hasSavepoint {
            try use { connection throws(StoreError) in try connection.run(Self.returning, []) }
        } else if writeCount != writesAtSavepoint {
            groupFailure = .needsSavepoints
            throw .needsSavepoints
        }
    }

    /// A step of the schema, which takes as long as it takes where there are many rows.
    func execute(script: String) throws(StoreError) {
        try current().execute("SET LOCAL statement_timeout = 0;\n" + script)
    }

    func lockSchema() throws(StoreError) { try PostgresSetup.lockSchema(target, ready()) }
    func unlockSchema() {
        if let connection, connection.settle() { PostgresSetup.unlockSchema(target, connection) }
    }

    /// A reader's transaction is opened here, on the writer's thread, so that no commit of this node comes between; the
    /// body then runs on the reader's own.
    func pinnedRead(
        _ reservation: (any Reservation)?, _ body: @escaping @Sendable (Result<any SQLConnection, StoreError>) -> Void
    ) {
        guard let reserved = reservation as? ReservedReader else {
            body(.failure(StoreError(.closed, "The server is shutting down.")))
            return
        }
        do {
            try reserved.reader.queue.sync {
                try reserved.reader.open { sequence throws(StoreError) in try secure(upTo: sequence) }
            }
        } catch {
            body(.failure(error as? StoreError ?? PostgresFailure.lost("\(error)")))
            return
        }
        reserved.reader.queue.async { reserved.reader.withOpen { body(.success($0)) } }
    }

    // MARK: - Calls

    private func tell(_ news: News) {
        switch calls.add(news, at: .now()) {
        case .now(let news): call(news)
        case .later(let moment): callLater(moment)
        case .waiting: break
        }
    }

    /// What has not been said since, because it was said too often.
    func callWaiting() {
        if let news = calls.due(at: .now()) { call(news) }
    }

    /// A call that does not come through is made up for by the others' own looks.
    private func call(_ news: News) {
        guard let connection, connection.isUsable else { return }
        try? connection.aside(Self.notifying, [.text(target.channel), .text(news.text)])
    }
}

/// How long not to try again: longer after each failure, and never the same on two nodes.
struct Backoff {
    private var pauseMilliseconds = 50
    private var resumesAt: DispatchTime?
    private var lastError: StoreError?

    /// A database that comes back is found within this time, and one that is down is not beaten.
    private static let longestMilliseconds = 1_000

    func refusal(at now: DispatchTime) -> StoreError? {
        guard let resumesAt, now < resumesAt else { return nil }
        return lastError
    }

    mutating func failed(_ error: StoreError, at now: DispatchTime) {
        lastError = error
        resumesAt = now + .milliseconds(Int.random(in: pauseMilliseconds / 2...pauseMilliseconds))
        pauseMilliseconds = min(Self.longestMilliseconds, pauseMilliseconds * 2)
    }
}
