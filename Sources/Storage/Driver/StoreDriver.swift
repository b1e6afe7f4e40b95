/// A connection as operations and reads see it: named statements, rows as values.
///
/// Used on one thread at a time, never across a suspension.
package protocol SQLConnection: AnyObject {
    /// Runs a statement and returns the number of rows it changed.
    @discardableResult
    func run(_ statement: Statement, _ values: [SQLValue]) throws(StoreError) -> Int
    /// Runs a statement and returns its rows.
    func rows(_ statement: Statement, _ values: [SQLValue]) throws(StoreError) -> [SQLRow]
}

extension SQLConnection {
    package func row(_ statement: Statement, _ values: [SQLValue]) throws(StoreError) -> SQLRow? {
        try rows(statement, values).first
    }
}

/// The one connection that writes, with the transaction in the writer's hands.
package protocol WriteConnection: SQLConnection {
    func begin() throws(StoreError)
    /// Returns when the transaction is on disk.
    func commit() throws(StoreError)
    func rollback()
    func savepoint() throws(StoreError)
    func releaseSavepoint() throws(StoreError)
    func rollbackToSavepoint() throws(StoreError)
    /// Several statements of a migration, in the driver's dialect already.
    func execute(script: String) throws(StoreError)
    /// Opens a read of exactly the state that the last commit left, whatever is committed from now on. Called
    /// between transactions. The body runs elsewhere; the writer goes on.
    func pinnedRead(_ body: @escaping @Sendable (Result<any SQLConnection, StoreError>) -> Void)
}

/// One engine under the store.
package protocol StoreDriver: Sendable {
    /// The engine's words for what differs in the schema.
    var dialect: Dialect { get }
    /// Runs `body` with the writing connection, alone, after what was asked before it.
    func withWriter(_ body: @escaping @Sendable (any WriteConnection) -> Void)
    /// Runs `body` in one read transaction on a consistent state.
    func read<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value
    /// Size of what is committed and not yet in the main file, in bytes; `nil` where the engine has no such thing.
    func unmergedBytes() -> Int64?
    /// Ends every connection and gives the data folder free.
    func close() async
}

/// What the two engines say differently in table definitions.
package struct Dialect: Sendable {
    package let name: String
    package let integer: String
    package let real: String
    package let tableOptions: String
    package let clusteredTableOptions: String
    package let skipLocked: String

    package init(
        name: String, integer: String, real: String, tableOptions: String, clusteredTableOptions: String,
        skipLocked: String
    ) {
        self.name = name
        self.integer = integer
        self.real = real
        self.tableOptions = tableOptions
        self.clusteredTableOptions = clusteredTableOptions
        self.skipLocked = skipLocked
    }

    /// `STRICT` refuses a text in an integer column, as PostgreSQL would.
    package static let sqlite = Dialect(
        name: "SQLite", integer: "INTEGER", real: "REAL", tableOptions: "STRICT",
        clusteredTableOptions: "STRICT, WITHOUT ROWID", skipLocked: ""
    )
    package static let postgres = Dialect(
        name: "PostgreSQL", integer: "BIGINT", real: "DOUBLE PRECISION", tableOptions: "",
        clusteredTableOptions: "", skipLocked: "FOR UPDATE SKIP LOCKED"
    )
}
