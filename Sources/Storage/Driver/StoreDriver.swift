package import Domain

/// A connection as operations and reads see it: named statements, rows as values.
///
/// Used on one thread at a time, never across a suspension.
package protocol SQLConnection: AnyObject {
    /// Runs a statement and returns the number of rows it changed.
    @discardableResult
    func run(_ statement: Statement, _ values: [SQLValue]) throws(StoreError) -> Int
    /// Runs a statement and returns its rows.
    func rows(_ statement: Statement, _ values: [SQLValue]) throws(StoreError) -> [SQLRow]
    /// Asks several questions in one journey, each on the state that the one before it left. Returns their rows in the
    /// same order.
    func rows(_ questions: [Question]) throws(StoreError) -> [[SQLRow]]
}

extension SQLConnection {
    package func row(_ statement: Statement, _ values: [SQLValue]) throws(StoreError) -> SQLRow? {
        try rows(statement, values).first
    }

    package func rows(_ questions: [Question]) throws(StoreError) -> [[SQLRow]] {
        var all: [[SQLRow]] = []
        for question in questions { all.append(try rows(question.statement, question.values)) }
        return all
    }
}

/// How a transaction of the writer goes about its work.
package enum TransactionMode: Sendable, Hashable {
    /// Nothing is expected to fail. An engine across a network may then put off looking at answers, and have no
    /// savepoints; where something fails after all, `groupFailure` asks for the group to be run again, with care.
    case swift
    /// Each operation in its savepoint, each answer looked at.
    case careful
    /// One consistent state, and no writes.
    case reading
}

/// The one connection that writes, with the transaction in the writer's hands.
package protocol WriteConnection: SQLConnection {
    func begin(_ mode: TransactionMode) throws(StoreError)
    /// For questions outside of any transaction, each on the state of its moment.
    func outside() throws(StoreError) -> any SQLConnection
    /// Asks what will be asked in this transaction, so that the answers are at hand then.
    func foresee(_ questions: [Question]) throws(StoreError)
    /// The two in one journey: asks some for their rows, and after them what will be asked.
    func rows(_ questions: [Question], foreseeing more: [Question]) throws(StoreError) -> [[SQLRow]]
    /// Returns when the transaction is on disk.
    ///
    /// - Throws: `StoreError.lost` as reason where nobody knows whether it is.
    func commit() throws(StoreError)
    /// The same for a transaction that moved the sequence, and then tells the other nodes.
    ///
    /// - Parameter isContended: others wait for their turn: where the engine can, they have it while this is synced.
    ///   They may see what is not on disk yet; `secure` is how nobody is shown it.
    func commit(_ news: News, isContended: Bool) throws(StoreError)
    /// Returns when everything up to that number is on disk, whoever committed it. Called between transactions.
    func secure(upTo sequence: SequenceNumber) throws(StoreError)
    func rollback()
    func savepoint() throws(StoreError)
    func releaseSavepoint() throws(StoreError)
    func rollbackToSavepoint() throws(StoreError)
    /// Runs a statement whose answer is not needed now, or is known: where an engine puts off looking and it changes
    /// another number of rows than `expecting`, nothing of this transaction is committed, and `groupFailure` says so.
    /// Returns the number of rows it changed, as far as that is known, else what is expected.
    @discardableResult
    func later(_ statement: Statement, _ values: [SQLValue], expecting: Int?) throws(StoreError) -> Int
    /// Why the transaction can't be committed, whatever single operations say; `nil` while it can. With the reason
    /// `StoreError.replay` or `StoreError.lost` the group is to be run again.
    var groupFailure: StoreError? { get }
    /// Several statements of a migration, in the driver's dialect already.
    func execute(script: String) throws(StoreError)
    /// From here to `unlockSchema` no other node changes the schema. Makes the place for it where it is missing.
    func lockSchema() throws(StoreError)
    func unlockSchema()
    /// Opens a read of exactly the state that the last commit left, whatever is committed from now on. Called
    /// between transactions. The body runs elsewhere; the writer goes on.
    ///
    /// - Parameter reservation: what `StoreDriver.reserve` gave.
    func pinnedRead(
        _ reservation: (any Reservation)?, _ body: @escaping @Sendable (Result<any SQLConnection, StoreError>) -> Void
    )
}

/// An engine in the process itself, where every answer is at hand at once and there is no other node.
extension WriteConnection {
    @discardableResult
    package func later(_ statement: Statement, _ values: [SQLValue], expecting: Int?) throws(StoreError) -> Int {
        try run(statement, values)
    }
    package func outside() throws(StoreError) -> any SQLConnection { self }
    package func foresee(_ questions: [Question]) throws(StoreError) {}
    package func rows(_ questions: [Question], foreseeing more: [Question]) throws(StoreError) -> [[SQLRow]] {
        try rows(questions)
    }
    package var groupFailure: StoreError? { nil }
    package func commit(_ news: News, isContended: Bool) throws(StoreError) { try commit() }
    package func secure(upTo sequence: SequenceNumber) throws(StoreError) {}
    package func lockSchema() throws(StoreError) {}
    package func unlockSchema() {}
}

/// Something of an engine that is kept for one who holds it.
package protocol Reservation: Sendable {}

/// One engine under the store.
package protocol StoreDriver: Sendable {
    /// The engine's words for what differs in the schema.
    var dialect: Dialect { get }
    /// Whether other nodes may have the same database open.
    var isShared: Bool { get }
    /// Runs `body` with the writing connection, alone, after what was asked before it.
    func withWriter(_ body: @escaping @Sendable (any WriteConnection) -> Void)
    /// Runs `body` in one read transaction on a consistent state. May run it again where the connection was lost.
    func read<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value
    /// Waits for what a pinned read will need, since the writer may not wait. `nil` where it needs nothing.
    func reserve() async throws -> (any Reservation)?
    /// Calls `onNews` from now on with what nodes announce, this one among them, and with `nil` where something may
    /// have been missed. Nothing where there are no other nodes.
    func listen(_ onNews: @escaping @Sendable (News?) -> Void)
    /// Size of what is committed and not yet in the main file, in bytes; `nil` where the engine has no such thing.
    func unmergedBytes() -> Int64?
    /// Ends every connection and gives the data folder free.
    func close() async
}

extension StoreDriver {
    package var isShared: Bool { false }
    package func reserve() async throws -> (any Reservation)? { nil }
    package func listen(_ onNews: @escaping @Sendable (News?) -> Void) {}
}

/// What the two engines say differently in table definitions.
package struct Dialect: Sendable {
    package let name: String
    package let integer: String
    package let real: String
    /// Ordered by its bytes on either engine.
    package let text: String
    package let tableOptions: String
    package let clusteredTableOptions: String
    /// Of tables whose rows go from one partial index to the next: what they leave behind lies in front of what is
    /// searched for, and must not lie there until a fifth of the table has changed.
    package let busyTableOptions: String
    /// Whether a foreign key costs about what a look into an index costs.
    package let hasQuickForeignKeys: Bool

    package init(
        name: String, integer: String, real: String, text: String, tableOptions: String, clusteredTableOptions: String,
        busyTableOptions: String, hasQuickForeignKeys: Bool
    ) {
        self.name = name
        self.integer = integer
        self.real = real
        self.text = text
        self.tableOptions = tableOptions
        self.clusteredTableOptions = clusteredTableOptions
        self.busyTableOptions = busyTableOptions
        self.hasQuickForeignKeys = hasQuickForeignKeys
    }

    /// `STRICT` refuses a text in an integer column, as PostgreSQL would.
    package static let sqlite = Dialect(
        name: "SQLite", integer: "INTEGER", real: "REAL", text: "TEXT", tableOptions: "STRICT",
        clusteredTableOptions: "STRICT, WITHOUT ROWID", busyTableOptions: "STRICT",
        hasQuickForeignKeys: true
    )
    package static let postgres = Dialect(
        name: "PostgreSQL", integer: "BIGINT", real: "DOUBLE PRECISION",
        text: "TEXT COLLATE \"C\"", tableOptions: "", clusteredTableOptions: "",
        busyTableOptions: "WITH (autovacuum_vacuum_scale_factor = 0.01, vacuum_index_cleanup = on)",
        hasQuickForeignKeys: false
    )
}
