import Domain
import Storage
import StoragePostgres
import TestKit
import Testing

/// What a page shows of a worker that has done very much is not looked for among all that it did.
@Suite(.timeLimit(.minutes(2))) struct LongHistoryTests {
    private static let fetched = Statement(
        "test.fetched",
        """
        SELECT CAST(COALESCE(SUM(seq_tup_read + idx_tup_fetch), 0) AS BIGINT) FROM pg_stat_xact_user_tables
        WHERE schemaname = current_schema() AND relname = 'ended_attempt'
        """
    )

    @Test func theNewestAttemptsOfASessionAreFoundByTheirIndex() async throws {
        try await TestStore.with(.postgres) { test in
            let server = try TemporaryPostgres.shared()
            let schema = try #require(test.place.target).schema
            let session = try await test.register()
            let jobs = try await test.submit(200)
            let held = try await test.claim(session, count: 2).jobs
            try server.execute(
                """
                INSERT INTO \(schema).ended_attempt
                    (job_id, number, session_id, worker_name, claimed_at, ended_at, outcome)
                SELECT id, number, \(session.number), 'pc', 1, 2, 'lost'
                FROM \(schema).job, generate_series(2, 21) AS number
                """
            )
            try server.execute("ANALYZE \(schema).ended_attempt")
            try await test.store.read { connection in
                let newest = try ListReads.attempts(of: session, limit: 10, connection)
                #expect(newest.map(\.job) == Array(repeating: jobs[199], count: 10))
                #expect(newest.map(\.number.value) == (12...21).reversed())
                let fetched = try connection.row(Self.fetched, [])?.int(0) ?? 0
                #expect((10...40).contains(fetched), "\(fetched)")
            }
            // What is under way stands among them, each at its place.
            let all = try await test.store.read { try ListReads.attempts(of: session, limit: 10_000, $0) }
            #expect(all.count == 4_002)
            #expect(Set(all.filter { $0.endedAt == nil }.map(\.job)) == Set(held.map(\.job)))
        }
    }
}
