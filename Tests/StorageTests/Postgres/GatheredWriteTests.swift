import Domain
import Storage
import StoragePostgres
import TestKit
import Testing

/// What a group writes goes to PostgreSQL as a few statements of many rows. PostgreSQL itself tells how it found them.
@Suite(.timeLimit(.minutes(15))) struct GatheredWriteTests {
    private static let jobCount = 300

    private static func figure(_ sql: String, _ server: TemporaryPostgres) throws -> Int64 {
        try PostgresScript.rows(Statement("test.figure", sql), url: server.url).first?.int64(0) ?? 0
    }

    /// In a table of a million jobs PostgreSQL would start two processes to find the next one, at each claim.
    @Test func noStatementIsWorthAProcess() async throws {
        let setting = Statement("test.workers", "SELECT current_setting('max_parallel_workers_per_gather')")
        try await TestStore.with(.postgres) { test in
            let writing = try await test.store.write { try $0.row(setting, [])?.text(0) }
            let reading = try await test.store.read { try $0.row(setting, [])?.text(0) }
            #expect([writing, reading] == ["0", "0"])
        }
    }

    /// A job that is taken or ends lies in an index of some of the jobs. Found by that, each batch would walk through
    /// all of them.
    @Test func rowsOfABatchAreFoundByTheirKeys() async throws {
        let server = try TemporaryPostgres.shared()
        let target = server.newTarget()
        defer { server.drop(target) }
        let test = try await TestStore.open(TestPlace(target), clock: ManualClock())
        let session = try await test.register()
        let ids = try await test.submit(Self.jobCount)
        let claimed = try await test.claim(session, count: Self.jobCount).jobs
        #expect(Set(claimed.map(\.job)) == Set(ids))
        for (number, half) in [claimed.prefix(100), claimed.dropFirst(100)].enumerated() {
            let entries = half.enumerated().map { place, job in
                ApplyReports.Entry(
                    number: Int64(number * Self.jobCount + place + 1), key: job.key,
                    content: .end(.completed, exitCode: 0, reason: "said \"so\", \\\(place)", result: nil)
                )
            }
            #expect(try await test.reports(session, entries).lost.isEmpty)
        }
        #expect(try await test.session(session)?.completedCount == Self.jobCount)
        for id in ids { #expect(try await test.job(id)?.status == .completed) }
        let schema = target.schema
        let reasons = """
            SELECT COUNT(DISTINCT reason) FROM "\(schema)".ended_attempt
            WHERE reason LIKE 'said "so", %'
            """
        #expect(try Self.figure(reasons, server) == Int64(Self.jobCount - 100))
        // A connection's figures are told when it ends.
        await test.store.close()
        let updates = "SELECT n_tup_upd FROM pg_stat_user_tables WHERE schemaname = '\(schema)' AND relname = 'job'"
        try await Patience.until { try Self.figure(updates, server) >= Int64(2 * Self.jobCount) }
        let scans = """
            SELECT idx_scan FROM pg_stat_user_indexes
            WHERE schemaname = '\(schema)' AND indexrelname = 'job_pkey'
            """
        // Taken, looked at, ended, and as what an attempt belongs to.
        #expect(try Self.figure(scans, server) >= Int64(4 * Self.jobCount))
    }
}
