import Domain
import Storage
import TestKit
import Testing

/// A row that belongs to another comes with it or not at all, and goes with it, whatever the engine makes of it:
/// foreign keys here, triggers there.
@Suite(.timeLimit(.minutes(2))) struct ReferenceTests {
    private static let columns = "(job_id, number, session_id, worker_name, claimed_at)"
    private static let addAttempts = Statement(
        "test.add_attempts",
        "INSERT INTO attempt \(columns) VALUES ($1, 7, $2, 'pc', 1), (424242, 1, $2, 'pc', 1)"
    )
    private static let moveAttempt = Statement(
        "test.move_attempt", "UPDATE attempt SET job_id = $1 WHERE job_id = $2"
    )
    private static let moveJob = Statement("test.move_job", "UPDATE job SET requirement_id = $1 WHERE id = $2")
    private static let moveKey = Statement("test.move_key", "UPDATE job SET id = id + 424242 WHERE id = $1")
    private static let dropQueue = Statement("test.drop_queue", "DELETE FROM queue WHERE name = 'default'")
    private static let counts = Statement(
        "test.counts",
        "SELECT (SELECT COUNT(*) FROM job), (SELECT COUNT(*) FROM attempt), (SELECT COUNT(*) FROM queue_requirement)"
    )

    /// Two jobs, of which the first is claimed.
    private static func play(
        on engine: Engine, _ body: @escaping @Sendable (TestStore, [JobID], SessionID) async throws -> Void
    ) async throws {
        try await TestStore.with(engine) { test in
            let session = try await test.register()
            let jobs = try await test.submit(2)
            #expect(try await test.claim(session).jobs.map(\.job) == [jobs[0]])
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
}
