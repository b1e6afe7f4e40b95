import Storage
import StoragePostgres
import TestKit
import Testing

/// What the doctor warns of, and that each time it says what to do.
@Suite("The doctor and a database that is not well", .timeLimit(.minutes(3)))
struct DatabaseWarningTests {
    /// - Returns: the exit code, and what was said.
    private func doctor(_ target: PostgresTarget) async throws -> (code: Int32, output: String) {
        try await withTemporaryFolder { folder in
            let environment = ["HOME": folder, "MUSTER_DATABASE_SCHEMA": target.schema]
            let stage = Stage(environment: environment, folder: folder)
            let code = await stage.run("doctor", "--database", target.url)
            return (code, stage.output)
        }
    }

    @Test("A role that may make nothing is told what its owner is to run", arguments: [false, true])
    func rights(hasSchema: Bool) async throws {
        let server = try TemporaryPostgres.shared()
        let (role, url) = try server.newRole()
        try server.execute("REVOKE CREATE ON DATABASE postgres FROM \(role)")
        let own = server.newTarget()
        defer {
            server.drop(own)
            try? server.execute("DROP ROLE \(role)")
        }
        if hasSchema { try server.execute("CREATE SCHEMA \(own.schema)") }
        let (code, output) = try await doctor(PostgresTarget(url: url, schema: own.schema))
        #expect(code == 1)
        #expect(output.contains("fail  rights"), "\(output)")
        #expect(output.contains("The role \(role) may not make tables in the schema \(own.schema)."), "\(output)")
        let advice =
            hasSchema
            ? "GRANT USAGE, CREATE ON SCHEMA \"\(own.schema)\" TO \"\(role)\""
            : "CREATE SCHEMA \"\(own.schema)\" AUTHORIZATION \"\(role)\""
        #expect(output.contains(advice), "\(output)")
    }

    @Test("A role that may make tables and not write those that are there")
    func closedTables() async throws {
        let server = try TemporaryPostgres.shared()
        let (role, url) = try server.newRole()
        let own = server.newTarget()
        defer {
            server.drop(own)
            try? server.execute("DROP ROLE \(role)")
        }
        let test = try await TestStore.open(TestPlace(own), clock: ManualClock())
        await test.store.close()
        try server.execute(
            "GRANT USAGE, CREATE ON SCHEMA \(own.schema) TO \(role);"
                + "GRANT SELECT ON ALL TABLES IN SCHEMA \(own.schema) TO \(role)"
        )
        let (code, output) = try await doctor(PostgresTarget(url: url, schema: own.schema))
        #expect(code == 1)
        #expect(output.contains("fail  rights"), "\(output)")
        #expect(output.contains("GRANT ALL ON ALL TABLES IN SCHEMA"), "\(output)")
    }

    @Test("A server with hardly a connection left, and whose clock is another")
    func connectionsAndClock() async throws {
        let server = try TemporaryPostgres(connections: 8)
        defer { server.stop() }
        // The commands of these tests live at a fixed time, and the database does not.
        let (_, output) = try await doctor(server.newTarget())
        #expect(output.contains("warn  connections"), "\(output)")
        #expect(output.contains("of 8 connections are taken."), "\(output)")
        #expect(output.contains("raise max_connections"), "\(output)")
        #expect(output.contains("warn  clock of the database"), "\(output)")
        #expect(output.contains("away from this machine's."), "\(output)")
        #expect(output.contains("timedatectl"), "\(output)")
    }

    @Test("How large the tables are and how long the longest transaction is, of another connection")
    func figures() async throws {
        let server = try TemporaryPostgres.shared()
        let target = server.newTarget()
        defer { server.drop(target) }
        let test = try await TestStore.open(TestPlace(target), clock: ManualClock())
        let before = try PostgresHealth.look(target)
        try await test.submit(2_000)
        let health = try PostgresHealth.look(target)
        #expect(health.tableBytes > before.tableBytes)
        #expect(health.connectionLimit == 1_000)
        #expect(health.mayWrite)
        #expect(!health.isStandby)
        // One that writes and one that reads at the least.
        #expect(health.connectionCount >= 2)
        await test.store.close()
    }
}
