import Crypto
package import Domain

/// One numbered step of the schema: forward only, one transaction, never edited once released.
package struct Migration: Sendable {
    package let number: Int
    package let name: String
    /// Statements that end in `;`, with `@int`, `@real`, `@table`, `@clustered`, `@busy` and `@reference` where the
    /// engines differ.
    package let script: String

    package init(number: Int, name: String, script: String) {
        self.number = number
        self.name = name
        self.script = script
    }

    /// SHA-256 of the neutral text in hexadecimal, the same on both engines.
    package var checksum: String {
        hexadecimal(SHA256.hash(data: Array(script.utf8)))
    }

    package func script(for dialect: Dialect) -> String {
        var script = script
        for (text, reference) in Reference.all(in: script) {
            script.replace(text, with: dialect.hasQuickForeignKeys ? reference.foreignKey : "")
            if !dialect.hasQuickForeignKeys { script += reference.triggers }
        }
        return
            script
            .replacing(" TEXT", with: " \(dialect.text)")
            .replacing("@int", with: dialect.integer)
            .replacing("@real", with: dialect.real)
            .replacing("@table", with: dialect.tableOptions)
            .replacing("@clustered", with: dialect.clusteredTableOptions)
            .replacing("@busy", with: dialect.busyTableOptions)
    }
}

/// Brings a database to this program's schema, before the socket opens.
package enum Migrator {
    private static let ledger = """
        CREATE TABLE IF NOT EXISTS migration (
            number @int PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL, applied_at @int NOT NULL
        ) @table;
        """
    private static let applied = Statement(
        "migration.applied", "SELECT number, checksum FROM migration ORDER BY number"
    )
    private static let record = Statement(
        "migration.record", "INSERT INTO migration (number, name, checksum, applied_at) VALUES ($1, $2, $3, $4)"
    )

    /// Applies what is missing, each in a transaction of its own.
    ///
    /// - Throws: `incompatible` where the database is newer than this program, or an applied migration was changed.
    package static func migrate(
        _ connection: any WriteConnection, dialect: Dialect, migrations: [Migration], now: Instant
    ) throws(StoreError) {
        try connection.lockSchema()
        defer { connection.unlockSchema() }
        let table = Migration(number: 0, name: "ledger", script: ledger)
        try inTransaction(connection) { () throws(StoreError) in
            try connection.execute(script: table.script(for: dialect))
        }
        let done = try connection.rows(applied, [])
        let newest = migrations.last?.number ?? 0
        for row in done {
            guard let known = migrations.first(where: { $0.number == row.int(0) }) else {
                throw StoreError(
                    .incompatible,
                    "The database has schema \(row.int(0)); this program knows up to \(newest). Use the newer program, or restore a backup made before the update."
                )
            }
            guard known.checksum == row.text(1) else {
                throw StoreError(
                    .incompatible,
                    "Schema step \(known.number) (\(known.name)) of the database is not the one this program has. Use the program that made it."
                )
            }
        }
        for migration in migrations where !done.contains(where: { $0.int(0) == migration.number }) {
            try inTransaction(connection) { () throws(StoreError) in
                try connection.execute(script: migration.script(for: dialect))
                try connection.run(
                    record,
                    [
                        .int(migration.number), .text(migration.name), .text(migration.checksum),
                        .integer(now.milliseconds),
                    ]
                )
            }
        }
    }

    private static func inTransaction(
        _ connection: any WriteConnection, _ body: () throws(StoreError) -> Void
    ) throws(StoreError) {
        try connection.begin(.careful)
        do {
            try body()
            try connection.commit()
        } catch {
            connection.rollback()
            throw error
        }
    }
}
