import Domain
import Storage
import StoragePostgres
import TestKit
import Testing

/// A row that belongs to another comes with it or not at all, and goes with it, whatever the engine makes of it:
/// foreign keys here, triggers there.
@Suite(.timeLimit(.minutes(2))) struct ReferenceTests {
    private static let columns = "(job_id, number, session_id, worker_name, claimed_at, ended_at, outcome)"
    private static let addAttempts = Statement(
        "test.add_attempts",
        "INSERT INTO ended_attempt \(columns) VALUES ($1, 7, $2, 'pc', 1, 2, 'lost'), (424242, 1, $2, 'pc', 1, 2, 'lost')"
    )
    private static let moveAttempt = Statement(
        "test.move_attempt", "UPDATE ended_attempt SET job_id = $1 WHERE job_id = $2"
    )
    private static let moveJob = Statement("test.move_job", "UPDATE job SET requirement_id = $1 WHERE id = $2")
    private static let moveKey = Statement("test.move_key", "UPDATE job SET id = id + 424242 WHERE id = $1")
    private static let dropQueue = Statement("test.drop_queue", "DELETE FROM queue WHERE name = 'default'")
    private static let dropJob = Statement("test.drop_job", "DELETE FROM job WHERE id = $1")
    private static let dropJobs = Statement("test.drop_jobs", "DELETE FROM job WHERE id > 0")
    private static let addAttempt = Statement(
        "test.add_attempt", "INSERT INTO ended_attempt \(columns) VALUES ($1, 7, $2, 'pc', 1, 2, 'lost')"
    )
    /// Rows that this transaction has got by an index from the two tables.
    private static let looks = Statement(
        "test.looks",
        """
        SELECT idx_tup_fetch FROM pg_stat_xact_user_tables
        WHERE schemaname = current_schema() AND relname IN ('job', 'ended_attempt') ORDER BY relname
        """
    )
    private static let counts = Statement(
        "test.counts",
        "SELECT (SELECT COUNT(*) FROM job), (SELECT COUNT(*) FROM ended_attempt), (SELECT COUNT(*) FROM queue_requirement)"
    )

    /// Two jobs, of which the first is completed.
    private static func play(
        on engine: Engine, _ body: @escaping @Sendable (TestStore, [JobID], SessionID) async throws -> Void
    ) async throws {
        try await TestStore.with(engine) { test in
            let session = try await test.register()
            let jobs = try await test.submit(2)
            let held = try await test.claim(session).jobs
            #expect(held.map(\.job) == [jobs[0]])
            try await test.report(session, 1, held[0], .completed)
            try await body(test, jobs, session)
        }
    }

    private static func counted(_ test: TestStore) async throws -> [Int] {
        try await test.store.read { connection in
            let row = try connection.row(counts, [])
            return (0..<3).map { row?.int($0) ?? -1 }
        }
    }

    /// That a statement is refused as what breaks a constraint, and changes nothing.
    private static func isRefused(_ test: TestStore, _ statement: Statement, _ values: [SQLValue]) async throws {
        let before = try await counted(test)
        await #expect {
            _ = try await test.store.write { try $0.run(statement, values) }
        } throws: { error in
            (error as? StoreError)?.code == .constraint
        }
        #expect(try await counted(test) == before)
    }

    @Test(arguments: Engine.all)
    func ofManyRowsNoneMayBeWithoutItsParent(on engine: Engine) async throws {
        try await Self.play(on: engine) { test, jobs, session in
            try await Self.isRefused(
                test, Self.addAttempts, [.integer(jobs[1].number), .integer(session.number)]
            )
        }
    }

    @Test(arguments: Engine.all)
    func aRowMayGoToAParentThatIsThereOnly(on engine: Engine) async throws {
        try await Self.play(on: engine) { test, jobs, _ in
            let first = SQLValue.integer(jobs[0].number)
            try await Self.isRefused(test, Self.moveAttempt, [.integer(424_242), first])
            try await Self.isRefused(test, Self.moveJob, [.integer(424_242), first])
            try await test.store.write { transaction in
                try transaction.run(Self.moveAttempt, [.integer(jobs[1].number), first])
                try transaction.run(Self.moveAttempt, [first, .integer(jobs[1].number)])
            }
            try await test.store.read { try StoreLaws.check($0) }
        }
    }

    @Test(arguments: Engine.all)
    func theKeyOfAParentStays(on engine: Engine) async throws {
        try await Self.play(on: engine) { test, jobs, _ in
            try await Self.isRefused(test, Self.moveKey, [.integer(jobs[0].number)])
        }
    }

    @Test(arguments: Engine.all)
    func withAParentGoItsChildren(on engine: Engine) async throws {
        try await Self.play(on: engine) { test, _, _ in
            #expect(try await Self.counted(test) == [2, 1, 1])
            _ = try await test.store.write { try $0.run(Self.dropQueue, []) }
            #expect(try await Self.counted(test) == [0, 0, 0])
        }
    }

    /// A table that was empty when somebody last looked may have grown: a row still finds its own by an index.
    @Test func onlyTheRowsInQuestionAreLookedAt() async throws {
        try await TestStore.with(.postgres) { test in
            let server = try TemporaryPostgres.shared()
            let schema = try #require(test.place.target).schema
            for table in ["job", "ended_attempt", "queue_requirement"] {
                try server.execute("ALTER TABLE \(schema).\(table) SET (autovacuum_enabled = off)")
            }
            let session = try await test.register()
            let first = SQLValue.integer(try await test.submit(1)[0].number)
            try server.execute("VACUUM FULL ANALYZE \(schema).job")
            // The plans are made now.
            _ = try await test.store.write { try $0.run(Self.addAttempt, [first, .integer(session.number)]) }
            try server.execute("DELETE FROM \(schema).ended_attempt")
            try server.execute("VACUUM FULL ANALYZE \(schema).ended_attempt")
            try await test.submit(50)
            _ = try await test.store.write { try $0.run(Self.dropJobs, []) }
            let jobs = try await test.submit(600)
            try server.execute(
                """
                INSERT INTO \(schema).ended_attempt \(Self.columns)
                    SELECT id, 3, \(session.number), 'pc', 1, 2, 'lost' FROM \(schema).job
                    WHERE id <> \(jobs[300].number)
                """
            )
            let looks = try await test.store.write { transaction in
                let before = try transaction.rows(Self.looks, []).map { $0.int64(0) }
                try transaction.run(Self.addAttempt, [.integer(jobs[300].number), .integer(session.number)])
                try transaction.run(Self.dropJob, [.integer(jobs[300].number)])
                return zip(before, try transaction.rows(Self.looks, []).map { $0.int64(0) }).map { $1 - $0 }
            }
            #expect(looks.count == 2)
            #expect(looks.allSatisfy { (1...10).contains($0) }, "\(looks)")
        }
    }

    /// A foreign key goes with its tables into a schema that is called something else by now, and so does this.
    @Test func aSchemaMayBeCalledSomethingElse() async throws {
        try await TestStore.with(.postgres) { test in
            let server = try TemporaryPostgres.shared()
            let session = try await test.register()
            let job = try await test.submit(1)[0]
            try await test.report(session, 1, test.claim(session).jobs[0], .completed)
            let target = try #require(test.place.target)
            let moved = server.newTarget()
            defer { server.drop(moved) }
            try server.execute("ALTER SCHEMA \(target.schema) RENAME TO \(moved.schema)")
            // Where it was there is another of the same kind, with the same numbers.
            let other = try await TestStore.open(TestPlace(target), clock: ManualClock())
            let otherSession = try await other.register()
            #expect(try await other.submit(1) == [job])
            try await other.report(otherSession, 1, other.claim(otherSession).jobs[0], .completed)
            let renamed = try await TestStore.open(TestPlace(moved), clock: ManualClock())
            #expect(try await Self.counted(renamed) == [1, 1, 1])
            _ = try await renamed.store.write { try $0.run(Self.dropQueue, []) }
            #expect(try await Self.counted(renamed) == [0, 0, 0])
            #expect(try await Self.counted(other) == [1, 1, 1])
            try await renamed.submit(1)
            await renamed.store.close()
            await other.store.close()
        }
    }
}
