import GRDB
import Storage

/// The prepared statements of one connection, found by the statement's identity: a lookup by its text would cost more
/// than running it. Used only where the connection is used, one thread at a time.
final class PreparedStatements {
    private var statements: [ObjectIdentifier: GRDB.Statement] = [:]

    func statement(_ statement: Storage.Statement, _ database: Database) throws -> GRDB.Statement {
        let identity = ObjectIdentifier(statement)
        if let known = statements[identity] { return known }
        let prepared = try database.cachedStatement(sql: statement.textWithoutLocks)
        statements[identity] = prepared
        return prepared
    }

    func removeAll() { statements.removeAll() }
}
