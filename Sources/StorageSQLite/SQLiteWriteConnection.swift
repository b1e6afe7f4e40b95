import GRDB
import GRDBSQLite
import Storage

/// The one connection that writes. It lives as long as its pool, on the pool's writer queue.
final class SQLiteWriteConnection: WriteConnection {
    private let connection: SQLiteConnection
    private let pool: DatabasePool

    init(_ database: Database, pool: DatabasePool, prepared: PreparedStatements) {
        connection = SQLiteConnection(database, prepared: prepared)
        self.pool = pool
    }

    private static let beginning = Storage.Statement("transaction.begin", "BEGIN IMMEDIATE")
    private static let beginningToRead = Storage.Statement("transaction.begin_reading", "BEGIN")
    private static let committing = Storage.Statement("transaction.commit", "COMMIT")
    private static let undoing = Storage.Statement("transaction.rollback", "ROLLBACK")
    private static let saving = Storage.Statement("savepoint.open", "SAVEPOINT operation")
    private static let releasing = Storage.Statement("savepoint.release", "RELEASE operation")
    private static let returning = Storage.Statement("savepoint.rollback", "ROLLBACK TO operation")

    @discardableResult
    func run(_ statement: Storage.Statement, _ values: [SQLValue]) throws(StoreError) -> Int {
        try connection.run(statement, values)
    }

    func rows(_ statement: Storage.Statement, _ values: [SQLValue]) throws(StoreError) -> [SQLRow] {
        try connection.rows(statement, values)
    }

    func begin(_ mode: TransactionMode) throws(StoreError) {
        try connection.run(mode == .reading ? Self.beginningToRead : Self.beginning, [])
    }
    func commit() throws(StoreError) { try connection.run(Self.committing, []) }
    func savepoint() throws(StoreError) { try connection.run(Self.saving, []) }
    func releaseSavepoint() throws(StoreError) { try connection.run(Self.releasing, []) }
    func rollbackToSavepoint() throws(StoreError) { try connection.run(Self.returning, []) }

    /// Some failures (a full disk) have ended the transaction already; then there is nothing to undo.
    func rollback() {
        guard unsafe sqlite3_get_autocommit(connection.database.sqliteConnection) == 0 else { return }
        _ = try? connection.run(Self.undoing, [])
    }

    func execute(script: String) throws(StoreError) {
        do {
            try connection.database.execute(sql: script)
        } catch {
            throw SQLiteFailure.error(error, "a schema step")
        }
    }

    func pinnedRead(
        _ reservation: (any Reservation)?, _ body: @escaping @Sendable (Result<any SQLConnection, StoreError>) -> Void
    ) {
        pool.asyncConcurrentRead { result in
            switch result {
            case .success(let database): body(.success(SQLiteConnection(database)))
            case .failure(let error): body(.failure(SQLiteFailure.error(error, "a read")))
            }
        }
    }
}
