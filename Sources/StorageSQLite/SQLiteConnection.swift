import GRDB
import GRDBSQLite
package import Storage

/// One SQLite connection: GRDB keeps the connection and its prepared statements; binding and stepping go straight to
/// SQLite, since a claim runs six statements and each layer between would cost as much as the statement.
package final class SQLiteConnection: SQLConnection {
    let database: Database
    private let prepared: PreparedStatements

    /// - Parameter prepared: statements of this very connection, where it lives long enough to keep them.
    init(_ database: Database, prepared: PreparedStatements = PreparedStatements()) {
        self.database = database
        self.prepared = prepared
    }

    @discardableResult
    package func run(_ statement: Storage.Statement, _ values: [SQLValue]) throws(StoreError) -> Int {
        let handle = try unsafe ready(statement, values)
        defer { unsafe sqlite3_reset(handle) }
        var code = unsafe sqlite3_step(handle)
        while code == SQLITE_ROW { code = unsafe sqlite3_step(handle) }
        guard code == SQLITE_DONE else { throw failure(code, statement.name) }
        return database.changesCount
    }

    package func rows(_ statement: Storage.Statement, _ values: [SQLValue]) throws(StoreError) -> [SQLRow] {
        let handle = try unsafe ready(statement, values)
        defer { unsafe sqlite3_reset(handle) }
        let columns = unsafe sqlite3_column_count(handle)
        var rows: [SQLRow] = []
        while true {
            let code = unsafe sqlite3_step(handle)
            if code == SQLITE_DONE { return rows }
            guard code == SQLITE_ROW else { throw failure(code, statement.name) }
            var values: [SQLValue] = []
            values.reserveCapacity(Int(columns))
            for column in 0..<columns { values.append(unsafe Self.value(handle, column)) }
            rows.append(SQLRow(values))
        }
    }

    private func ready(
        _ statement: Storage.Statement, _ values: [SQLValue]
    ) throws(StoreError) -> SQLiteStatement {
        precondition(
            values.count == statement.parameterCount,
            "\(statement.name) takes \(statement.parameterCount) values, not \(values.count)"
        )
        let handle: SQLiteStatement
        do {
            unsafe handle = try prepared.statement(statement, database).sqliteStatement
        } catch {
            throw SQLiteFailure.error(error, statement.name)
        }
        for (position, value) in values.enumerated() {
            let code = unsafe Self.bind(value, at: Int32(position + 1), to: handle)
            guard code == SQLITE_OK else { throw failure(code, statement.name) }
        }
        return unsafe handle
    }

    private func failure(_ code: Int32, _ name: String) -> StoreError {
        let message = unsafe sqlite3_errmsg(database.sqliteConnection).map { unsafe String(cString: $0) } ?? ""
        return SQLiteFailure.error(code: code, message: message, name)
    }

    private static func bind(_ value: SQLValue, at position: Int32, to handle: SQLiteStatement) -> Int32 {
        switch value {
        case .null:
            return unsafe sqlite3_bind_null(handle, position)
        case .integer(let integer):
            return unsafe sqlite3_bind_int64(handle, position, integer)
        case .real(let real):
            return unsafe sqlite3_bind_double(handle, position, real)
        case .text(var text):
            return text.withUTF8 { bytes in
                unsafe bytes.withMemoryRebound(to: CChar.self) { characters in
                    // An empty text has no address, and no address would be NULL.
                    guard let start = characters.baseAddress else {
                        return unsafe sqlite3_bind_text(handle, position, "", 0, transient)
                    }
                    return unsafe sqlite3_bind_text(handle, position, start, Int32(characters.count), transient)
                }
            }
        }
    }

    /// Tells SQLite to copy: the text lives only as long as the call.
    nonisolated(unsafe) private static let transient = unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self)

    private static func value(_ handle: SQLiteStatement, _ column: Int32) -> SQLValue {
        switch unsafe sqlite3_column_type(handle, column) {
        case SQLITE_INTEGER:
            return .integer(unsafe sqlite3_column_int64(handle, column))
        case SQLITE_FLOAT:
            return .real(unsafe sqlite3_column_double(handle, column))
        case SQLITE_NULL:
            return .null
        default:
            guard let start = unsafe sqlite3_column_text(handle, column) else { return .null }
            let count = unsafe Int(sqlite3_column_bytes(handle, column))
            return unsafe .text(String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self))
        }
    }
}
