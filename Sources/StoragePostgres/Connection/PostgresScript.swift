package import Storage

/// Words for a server that are none of the store's: what tests and `muster doctor` say.
package enum PostgresScript {
    /// Runs statements on a connection of their own.
    package static func run(_ script: String, url: String) throws(StoreError) {
        let connection = try PostgresConnection(
            PostgresTarget(url: url, schema: "public"), limits: PostgresLimits(), isWriter: false
        )
        try connection.execute(script)
    }

    /// The rows of one statement.
    package static func rows(_ statement: Statement, url: String) throws(StoreError) -> [SQLRow] {
        let connection = try PostgresConnection(
            PostgresTarget(url: url, schema: "public"), limits: PostgresLimits(), isWriter: false
        )
        return try connection.rows(statement, [])
    }
}
