import CLibPQ
import Storage

/// What a new connection is told first, and what of the surroundings must hold.
enum PostgresSetup {
    /// Every statement of ours finds its rows by an index, in any table of any size. The planner, which knows nothing
    /// yet of tables that are an hour old, is not to think otherwise, nor to think anew at each call.
    private static let planning = """
        SET plan_cache_mode = force_generic_plan; SET jit = off;
        SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off;
        SET enable_memoize = off; SET enable_material = off; SET max_parallel_workers_per_gather = 0;
        """
    /// A write of many rows goes through what it was given and finds each row by its key. The other way round, all rows
    /// of a table against all that was given, looks as good to a planner that believes the table to be nearly empty;
    /// rows are made dear and pages cheap, so that it does not.
    private static let planningWrites = "SET random_page_cost = 0.1; SET cpu_tuple_cost = 10;"

    /// The schema, and limits where the URL and the server have none of their own. An answer is a promise (law 2): a
    /// commit that is not on disk is none, whatever the server thinks of it.
    static func session(_ target: PostgresTarget, _ limits: PostgresLimits, isWriter: Bool) -> String {
        let schema = PostgresTarget.quoted(target.schema)
        var script = """
            SET search_path TO \(schema);
            \(planning)
            SELECT set_config('statement_timeout', '\(limits.statementMilliseconds)', false)
                WHERE current_setting('statement_timeout') = '0';
            SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off';
            """
        if isWriter {
            script += """

                \(planningWrites)
                SELECT set_config('idle_in_transaction_session_timeout',
                    '\(limits.silentTransactionMilliseconds)', false);
                """
        }
        return script
    }

    /// Whether libpq's environment or its service file has a word for this already.
    static func environmentSays(_ keyword: String) -> Bool {
        guard let options = unsafe PQconndefaults() else { return false }
        defer { unsafe PQconninfoFree(options) }
        var option = unsafe options
        while let name = unsafe option.pointee.keyword {
            if unsafe String(cString: name) == keyword, let value = unsafe option.pointee.val {
                return unsafe value.pointee != 0
            }
            unsafe option += 1
        }
        return false
    }

    private static let schemaRow = Statement(
        "setup.schema",
        """
        SELECT CAST(has_schema_privilege(nspname, 'CREATE') AS INTEGER),
            (SELECT COUNT(*) FROM pg_catalog.pg_class WHERE relnamespace = pg_namespace.oid AND relkind = 'r'),
            (SELECT COUNT(*) FROM pg_catalog.pg_class WHERE relnamespace = pg_namespace.oid AND relkind = 'r'
                AND relname IN ('migration', 'fact', 'sequence')),
            CAST(has_schema_privilege(nspname, 'USAGE') AS INTEGER)
        FROM pg_catalog.pg_namespace WHERE nspname = $1
        """
    )
    /// The function that `SyncedSequence` calls, where this role may not call it.
    static let closedFunction = """
        SELECT MIN(CAST(CAST(oid AS REGPROCEDURE) AS TEXT)) FROM pg_catalog.pg_proc
            WHERE proname = 'pg_logical_emit_message' AND pronamespace = CAST('pg_catalog' AS REGNAMESPACE)
            AND proargtypes[2] = CAST('text' AS REGTYPE) AND NOT has_function_privilege(oid, 'EXECUTE')
        """
    static func grant(_ function: String, to role: String) -> String {
        "GRANT EXECUTE ON FUNCTION pg_catalog.\(function) TO \(PostgresTarget.quoted(role))"
    }

    private static let whoAndWhere = Statement(
        "setup.who", "SELECT CAST(current_user AS TEXT), CAST(current_database() AS TEXT), (\(closedFunction))"
    )
    private static let lock = Statement("setup.lock", "SELECT 1 FROM pg_advisory_lock(hashtext($1))")
    private static let unlock = Statement("setup.unlock", "SELECT 1 FROM pg_advisory_unlock(hashtext($1))")

    /// Takes the lock under which one node at a time looks at the schema and changes it.
    static func lockSchema(_ target: PostgresTarget, _ connection: PostgresConnection) throws(StoreError) {
        try connection.run(lock, [.text("muster migrations of \(target.schema)")])
        do {
            try makeSchema(target, connection)
        } catch {
            unlockSchema(target, connection)
            throw error
        }
    }

    static func unlockSchema(_ target: PostgresTarget, _ connection: PostgresConnection) {
        _ = try? connection.run(unlock, [.text("muster migrations of \(target.schema)")])
    }

    private static func makeSchema(
        _ target: PostgresTarget, _ connection: PostgresConnection
    ) throws(StoreError) {
        guard let who = try connection.row(whoAndWhere, []) else { return }
        let schema = PostgresTarget.quoted(target.schema)
        let role = PostgresTarget.quoted(who.text(0))
        // Without it a commit among others would be made and then answered as refused.
        if let function = who.optionalText(2) {
            throw StoreError(
                .unavailable,
                "The role \(who.text(0)) may not call \(function), by which commits wait for the disk. "
                    + "Let a superuser run: \(grant(function, to: who.text(0)));"
            )
        }
        guard let row = try connection.row(schemaRow, [.text(target.schema)]) else {
            do {
                try connection.execute("CREATE SCHEMA \(schema)")
            } catch {
                throw StoreError(
                    error.code,
                    "The role \(who.text(0)) may not make the schema \(target.schema) in database \(who.text(1)). "
                        + "Let its owner run: CREATE SCHEMA \(schema) AUTHORIZATION \(role);"
                )
            }
            return
        }
        if row.int(2) < min(row.int(1), 3) {
            throw StoreError(
                .incompatible,
                "The schema \(target.schema) of database \(who.text(1)) holds another program's tables. Name another schema."
            )
        }
        if !row.flag(3) || row.int(1) == 0 && !row.flag(0) {
            throw StoreError(
                .unavailable,
                "The role \(who.text(0)) may not make tables in the schema \(target.schema) of database \(who.text(1)). "
                    + "Let its owner run: GRANT USAGE, CREATE ON SCHEMA \(schema) TO \(role);"
            )
        }
    }
}
