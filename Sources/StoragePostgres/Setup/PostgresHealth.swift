package import Storage

/// What can be told of a database by asking it, changing nothing.
package struct PostgresHealth: Sendable, Hashable {
    /// `15.18`.
    package var version: String
    package var database: String
    package var role: String
    package var hasSchema: Bool
    package var mayWrite: Bool
    /// Tables of the schema that this role may not read and write.
    package var closedTableCount: Int
    /// The function by which a commit waits for the disk while several servers write, where this role may not call it:
    /// `pg_logical_emit_message(boolean,text,text)`. Everybody may, unless somebody took that away.
    package var closedFunction: String?
    /// What a superuser is to run then.
    package var missingGrant: String? { closedFunction.map { PostgresSetup.grant($0, to: role) } }
    /// The newest schema step; `nil` where there is none.
    package var newestMigration: Int?
    package var tableBytes: Int64
    /// Of all that are open in the database, but only of the role's own where it does not see the others'.
    package var longestTransactionSeconds: Int64
    package var seesOthersTransactions: Bool
    package var clockMilliseconds: Int64
    /// Of all databases of the server, whoever made them.
    package var connectionCount: Int
    package var connectionLimit: Int
    package var isStandby: Bool

    private static let facts = Statement(
        "health.facts",
        """
        SELECT current_setting('server_version'), CAST(current_database() AS TEXT), CAST(current_user AS TEXT),
            (SELECT COUNT(*) FROM pg_catalog.pg_namespace WHERE nspname = $1),
            CASE WHEN EXISTS (SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = $1)
                THEN CAST(has_schema_privilege($1, 'CREATE') AND has_schema_privilege($1, 'USAGE') AS INTEGER)
                ELSE CAST(has_database_privilege(current_database(), 'CREATE') AS INTEGER) END,
            CAST(COALESCE((SELECT SUM(pg_total_relation_size(pg_class.oid)) FROM pg_catalog.pg_class
                JOIN pg_catalog.pg_namespace ON pg_namespace.oid = relnamespace
                WHERE nspname = $1 AND relkind = 'r'), 0) AS BIGINT),
            CAST(COALESCE((SELECT MAX(EXTRACT(EPOCH FROM clock_timestamp() - xact_start))
                FROM pg_catalog.pg_stat_activity WHERE datname = current_database() AND state <> 'idle'
                AND COALESCE(backend_type, 'client backend') = 'client backend'
                AND pid <> pg_backend_pid()), 0) AS BIGINT),
            CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT),
            (SELECT COUNT(*) FROM pg_catalog.pg_stat_activity WHERE datid IS NOT NULL AND usesysid IS NOT NULL),
            CAST(current_setting('max_connections') AS INTEGER), CAST(pg_is_in_recovery() AS INTEGER),
            (SELECT COUNT(*) FROM pg_catalog.pg_class JOIN pg_catalog.pg_namespace
                ON pg_namespace.oid = relnamespace WHERE nspname = $1 AND relname = 'migration' AND relkind = 'r'
                AND has_schema_privilege(pg_namespace.oid, 'USAGE') AND has_table_privilege(pg_class.oid, 'SELECT')),
            (SELECT COUNT(*) FROM pg_catalog.pg_class JOIN pg_catalog.pg_namespace
                ON pg_namespace.oid = relnamespace WHERE nspname = $1 AND relkind = 'r'
                AND NOT (has_table_privilege(pg_class.oid, 'SELECT') AND has_table_privilege(pg_class.oid, 'INSERT')
                    AND has_table_privilege(pg_class.oid, 'UPDATE') AND has_table_privilege(pg_class.oid, 'DELETE'))),
            (\(PostgresSetup.closedFunction)),
            CAST(pg_has_role('pg_read_all_stats', 'USAGE') AS INTEGER)
        """
    )
    private static let migration = Statement("health.migration", "SELECT MAX(number) FROM migration")

    /// - Throws: what a server that starts would say.
    package static func look(_ target: PostgresTarget) throws(StoreError) -> PostgresHealth {
        let connection = try PostgresConnection(target, limits: PostgresLimits(), isWriter: false)
        guard let row = try connection.row(facts, [.text(target.schema)]) else {
            throw StoreError(.unavailable, "The database does not say how it is.")
        }
        let newest = row.flag(11) ? try connection.row(migration, [])?.optionalInt(0) : nil
        return PostgresHealth(
            version: row.text(0), database: row.text(1), role: row.text(2), hasSchema: row.flag(3),
            mayWrite: row.flag(4), closedTableCount: row.int(12), closedFunction: row.optionalText(13),
            newestMigration: newest, tableBytes: row.int64(5), longestTransactionSeconds: row.int64(6),
            seesOthersTransactions: row.flag(14), clockMilliseconds: row.int64(7), connectionCount: row.int(8),
            connectionLimit: row.int(9), isStandby: row.flag(10)
        )
    }
}
