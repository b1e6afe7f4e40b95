import Domain
import Foundation
import Storage
import StoragePostgres
import TestKit
import Testing

@testable import muster

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

    @Test("A role sees how many connections others have")
    func connectionsOfOthers() async throws {
        let server = try TemporaryPostgres(connections: 40)
        defer { server.stop() }
        let (_, url) = try server.newRole()
        let test = try await TestStore.open(TestPlace(server.newTarget()), clock: ManualClock())
        try await test.submit(1)
        // Its own, and one of the store's at the least.
        #expect(try PostgresHealth.look(PostgresTarget(url: url, schema: "public")).connectionCount >= 2)
        await test.store.close()
    }

    @Test("How long a transaction is open is read from the server, where the role may see it")
    func openTransaction() async throws {
        let server = try TemporaryPostgres(connections: 40)
        defer { server.stop() }
        var limits = PostgresLimits()
        limits.silentTransactionMilliseconds = 3_600_000
        let (_, url) = try server.newRole()
        let target = server.newTarget()
        let test = try await TestStore.open(TestPlace(target, limits: limits), clock: ManualClock())
        let gate = WriterGate()
        try await withThrowingTaskGroup { group in
            defer { gate.open() }
            group.addTask {
                defer { gate.giveUp() }
                try await test.store.write { transaction in
                    _ = try transaction.row(Statement("test.begun", "SELECT 1"), [])
                    gate.hold()
                }
            }
            try await Patience.until { gate.isHeld }
            try await Patience.until { try PostgresHealth.look(target).longestTransactionSeconds >= 1 }
            #expect(try PostgresHealth.look(target).seesOthersTransactions)
            let seen = try PostgresHealth.look(PostgresTarget(url: url, schema: "public"))
            #expect(seen.longestTransactionSeconds == 0)
            #expect(!seen.seesOthersTransactions)
            gate.open()
            try await group.waitForAll()
        }
        try await Patience.until { try PostgresHealth.look(target).longestTransactionSeconds == 0 }
        await test.store.close()
    }

    @Test("A standby is told as such, with what to do")
    func standby() async throws {
        let server = try TemporaryPostgres(connections: 40)
        defer { server.stop() }
        let (_, before) = try await doctor(server.newTarget())
        #expect(before.contains("ok    rights"), "\(before)")
        try server.crash()
        try Data().write(to: server.folder.appendingPathComponent("data/standby.signal"))
        try server.start()
        let (_, output) = try await doctor(server.newTarget())
        #expect(output.contains("fail  rights"), "\(output)")
        #expect(output.contains("This server is a standby and takes no writes."), "\(output)")
        #expect(output.contains("target_session_attrs=read-write"), "\(output)")
    }

    @Test("A role that may not call what commits of several servers need is told what to grant")
    func commits() async throws {
        let server = try TemporaryPostgres(connections: 40)
        defer { server.stop() }
        let (role, url) = try server.newRole()
        let target = PostgresTarget(url: url, schema: "muster")
        try server.execute("CREATE SCHEMA muster AUTHORIZATION \(role)")
        #expect(try PostgresHealth.look(target).closedFunction == nil)
        // The other function of that name, for bytes, is none of ours.
        try server.execute("REVOKE ALL ON FUNCTION pg_logical_emit_message(boolean, text, bytea) FROM PUBLIC")
        #expect(try PostgresHealth.look(target).closedFunction == nil)
        try server.execute("REVOKE ALL ON FUNCTION pg_logical_emit_message(boolean, text, text) FROM PUBLIC")
        let (_, output) = try await doctor(target)
        #expect(output.contains("fail  commits"), "\(output)")
        #expect(output.contains("The role \(role) may not call pg_logical_emit_message("), "\(output)")
        // What it says is what helps.
        let health = try PostgresHealth.look(target)
        let findings = DatabaseChecks.findings(of: health, target, asked: Stage.now, answered: Stage.now)
        let advice = try #require(findings.first { $0.name == "commits" }?.next)
        #expect(output.contains(advice), "\(output)")
        // A server does not start: its commits would be made and answered as refused.
        await #expect {
            _ = try await TestStore.open(TestPlace(target), clock: ManualClock())
        } throws: { ($0 as? StoreError)?.message.contains(advice) == true }
        try server.execute(advice)
        await (try TestStore.open(TestPlace(target), clock: ManualClock())).store.close()
        #expect(try PostgresHealth.look(target).closedFunction == nil)
        #expect(try await !doctor(target).output.contains("commits"))
    }

    @Test("A database on the same clock agrees with it")
    func agreeingClock() throws {
        func now() -> Instant { Instant(milliseconds: Int64(Date().timeIntervalSince1970 * 1_000)) }
        let findings = DatabaseChecks.findings(try TemporaryPostgres.shared().newTarget(), now: now)
        let clock = findings.first { $0.name == "clock of the database" }
        #expect(clock == .ok("clock of the database", "Agrees with this one."))
    }
}
