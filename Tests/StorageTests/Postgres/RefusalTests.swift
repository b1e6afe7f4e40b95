import Domain
import Storage
import StoragePostgres
import Synchronization
import TestKit
import Testing

/// What PostgreSQL refuses or ends, and what becomes of it.
@Suite(.timeLimit(.minutes(15))) struct RefusalTests {
    private static func submit(_ key: String) -> SubmitJobs {
        let job = SubmitJobs.New(
            queue: "default", payload: "{}", requires: nil, priority: 0, runAt: nil, uniqueKey: key, label: nil,
            maximumAttempts: 5
        )
        return SubmitJobs(jobs: [job], idempotency: nil)
    }

    /// Serialization failure, deadlock: PostgreSQL asks for the transaction to be run again, and it is.
    @Test(arguments: ["40001", "40P01"])
    func whatAsksToBeRunAgainIsRunAgain(state: String) async throws {
        let server = try TemporaryPostgres.shared()
        let target = server.newTarget()
        defer { server.drop(target) }
        let test = try await TestStore.open(TestPlace(target), clock: ManualClock())
        try server.execute(
            """
            CREATE FUNCTION "\(target.schema)".refuse() RETURNS BIGINT LANGUAGE plpgsql AS
                'BEGIN RAISE EXCEPTION SQLSTATE ''\(state)''; END'
            """
        )
        let refuse = Statement("test.refuse_\(state)", "SELECT refuse()")
        let tries = Mutex(0)
        let jobs = try await test.store.write { transaction in
            let answer = try Self.submit("again").run(transaction)
            let count = tries.withLock { tries in
                tries += 1
                return tries
            }
            if count < 3 { _ = try transaction.row(refuse, []) }
            return answer
        }
        #expect(tries.withLock { $0 } == 3)
        #expect(try await test.job(jobs[0].id) != nil)
        #expect(try await test.store.read { try ListReads.queues($0) }.map(\.counts.pending) == [1])
        // One that is refused for ever ends, with an error that asks to come again, and the writer goes on.
        await #expect {
            try await test.store.write { _ = try $0.row(refuse, []) }
        } throws: { ($0 as? StoreError)?.code == .unavailable }
        try await test.submit(1)
        await test.store.close()
    }

    @Test func aStatementThatTakesTooLongIsEndedAndCostsNobodyElse() async throws {
        var limits = PostgresLimits()
        limits.statementMilliseconds = 1_000
        let server = try TemporaryPostgres.shared()
        let target = server.newTarget()
        defer { server.drop(target) }
        let test = try await TestStore.open(TestPlace(target, limits: limits), clock: ManualClock())
        let forever = Statement("test.forever", "SELECT 1 FROM pg_sleep(60)")
        await #expect {
            _ = try await test.store.read { try $0.rows(forever, []) }
        } throws: { error in
            let error = error as? StoreError
            return error?.code == .unavailable && error?.message.contains("too long for test.forever") == true
        }
        await #expect {
            try await test.store.write { _ = try $0.rows(forever, []) }
        } throws: { ($0 as? StoreError)?.message.contains("too long for test.forever") == true }
        try await test.submit(1)
        await test.store.close()
    }

    /// What the URL says stands over what the program would say.
    @Test func theWordsOfTheURLReachTheServer() async throws {
        let server = try TemporaryPostgres.shared()
        let target = server.newTarget()
        defer { server.drop(target) }
        let url = "\(server.url)&application_name=of%20the%20URL&options=-c%20statement_timeout%3D12345"
        let test = try await TestStore.open(
            TestPlace(PostgresTarget(url: url, schema: target.schema)), clock: ManualClock()
        )
        let said = Statement(
            "test.said",
            "SELECT current_setting('application_name'), current_setting('statement_timeout'), current_schema()"
        )
        let row = try await test.store.read { try $0.row(said, []) }
        #expect(row?.text(0) == "of the URL")
        #expect(row?.text(1) == "12345ms")
        #expect(row?.text(2) == target.schema)
        await test.store.close()
    }

    @Test func aSchemaOfANewerProgramIsRefusedAndLeftAlone() async throws {
        let server = try TemporaryPostgres.shared()
        let target = server.newTarget()
        defer { server.drop(target) }
        await (try await TestStore.open(TestPlace(target), clock: ManualClock())).store.close()
        try server.execute("INSERT INTO \"\(target.schema)\".migration VALUES (99, 'later', 'x', 1)")
        await #expect {
            _ = try await TestStore.open(TestPlace(target), clock: ManualClock())
        } throws: { error in
            let error = error as? StoreError
            return error?.code == .incompatible && error?.message.contains("schema 99") == true
                && error?.message.contains("\n") == false
        }
    }

    @Test(arguments: [
        ("postgres://me:secret@db:5432/muster?sslmode=require", "postgres://me@db:5432/muster?sslmode=require"),
        ("postgresql://me@db/muster?password=secret&user=x&sslpassword=secret", "postgresql://me@db/muster?user=x"),
        ("postgres://me:se@cret@db", "postgres://me@db"), ("postgres:///muster?password=secret", "postgres:///muster"),
        ("postgres://db/a@b:c", "postgres://db/a@b:c"), ("host=db dbname=muster", "host=db dbname=muster"),
        ("host=db password=secret", "(a database; its words hold a password)"),
    ])
    func noMessageHoldsAPassword(url: String, shown: String) {
        #expect(PostgresTarget(url: url).shownURL == shown)
    }

    @Test func aServerBefore15IsRefusedInOneLine() {
        let target = PostgresTarget(url: "postgres://muster:secret@db/muster")
        #expect(target.refusal(ofVersion: 150_000) == nil)
        #expect(target.refusal(ofVersion: 170_004) == nil)
        let refusal = target.refusal(ofVersion: 140_011)
        #expect(refusal?.code == .incompatible)
        #expect(
            refusal?.message
                == "The server at postgres://muster@db/muster is PostgreSQL 14; Muster needs 15 or newer. Update it."
        )
    }
}
