import Domain
import Storage
import StoragePostgres
import TestKit
import Testing

/// A schema that is not this program's to use is refused in one line, and afterwards it is as it was.
@Suite(.timeLimit(.minutes(3))) struct ForeignSchemaTests {
    /// Everything in it, with the size of each and the transaction that last changed what it is.
    private static func contents(_ target: PostgresTarget, _ server: TemporaryPostgres) throws -> [String] {
        let contents = Statement(
            "test.contents",
            """
            SELECT CAST(relname AS TEXT), CAST(relkind AS TEXT), CAST(pg_get_userbyid(relowner) AS TEXT),
                pg_relation_size(pg_class.oid), CAST(pg_class.xmin AS TEXT)
            FROM pg_class WHERE relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = '\(target.schema)')
            ORDER BY relname
            """
        )
        return try PostgresScript.rows(contents, url: server.url).map { "\($0.values)" }
    }

    /// What opening it says.
    private static func refusal(_ target: PostgresTarget) async -> StoreError? {
        do {
            let test = try await TestStore.open(TestPlace(target), clock: ManualClock())
            await test.store.close()
            return nil
        } catch {
            return error as? StoreError
        }
    }

    @Test(arguments: [
        "CREATE TABLE customer (id BIGINT)",
        // Some of it is named as ours is.
        "CREATE TABLE migration (id BIGINT); CREATE TABLE customer (id BIGINT); CREATE TABLE bill (id BIGINT)",
    ])
    func ofAnotherProgram(script: String) async throws {
        let server = try TemporaryPostgres.shared()
        let target = server.newTarget()
        defer { server.drop(target) }
        try server.execute("CREATE SCHEMA \(target.schema); SET search_path TO \(target.schema); \(script)")
        let before = try Self.contents(target, server)
        #expect(!before.isEmpty)
        let refusal = await Self.refusal(target)
        #expect(refusal?.code == .incompatible)
        #expect(refusal?.message.contains("another program's tables. Name another schema.") == true)
        #expect(refusal?.message.contains("\n") == false)
        #expect(try Self.contents(target, server) == before)
    }

    @Test func ofANewerProgram() async throws {
        let server = try TemporaryPostgres.shared()
        let target = server.newTarget()
        defer { server.drop(target) }
        #expect(await Self.refusal(target) == nil)
        try server.execute("INSERT INTO \(target.schema).migration VALUES (99, 'later', 'x', 1)")
        try server.execute("DROP TABLE \(target.schema).duty")
        let before = try Self.contents(target, server)
        #expect(await Self.refusal(target)?.code == .incompatible)
        #expect(try Self.contents(target, server) == before)
    }

    /// Whose rights end before the schema, before its tables, or before writing them.
    @Test(arguments: [
        "", "GRANT USAGE ON SCHEMA @ TO #",
        "GRANT USAGE ON SCHEMA @ TO #; GRANT SELECT ON ALL TABLES IN SCHEMA @ TO #",
    ])
    func ofAnotherRole(grants: String) async throws {
        let server = try TemporaryPostgres.shared()
        let target = server.newTarget()
        #expect(await Self.refusal(target) == nil)
        let (role, url) = try server.newRole()
        defer {
            server.drop(target)
            try? server.execute("DROP ROLE \(role)")
        }
        try server.execute(grants.replacing("@", with: target.schema).replacing("#", with: role))
        let before = try Self.contents(target, server)
        let theirs = PostgresTarget(url: url, schema: target.schema)
        let refusal = try #require(await Self.refusal(theirs))
        #expect(refusal.code == .unavailable)
        #expect(refusal.message.contains("may not"), "\(refusal.message)")
        #expect(!refusal.message.contains("\n"))
        #expect(try Self.contents(target, server) == before)
    }
}
