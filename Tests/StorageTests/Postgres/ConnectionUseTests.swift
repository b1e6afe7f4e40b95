import Dispatch
import Domain
import Storage
import Synchronization
import TestKit
import Testing

@testable import StoragePostgres

/// How a store uses its connections: what it calls statements, how many it reads with, and its way back to a lost one.
@Suite(.timeLimit(.minutes(5))) struct ConnectionUseTests {
    private static let backend = Statement("test.backend_here", "SELECT pg_backend_pid()")

    private func with(
        _ limits: PostgresLimits = PostgresLimits(), _ body: (TestStore) async throws -> Void
    ) async throws {
        let server = try TemporaryPostgres.shared()
        let target = server.newTarget()
        defer { server.drop(target) }
        let test = try await TestStore.open(TestPlace(target, limits: limits), clock: ManualClock())
        do {
            try await body(test)
        } catch {
            await test.store.close()
            throw error
        }
        await test.store.close()
    }

    @Test func theServerKnowsEachStatementByItsNameAndKeepsItsPlan() async throws {
        try await with { test in
            for _ in 0..<3 { try await test.submit(1) }
            let known = Statement(
                "test.known", "SELECT name, generic_plans + custom_plans FROM pg_prepared_statements WHERE name = $1"
            )
            let named = Statement("test.named", "SELECT name FROM pg_prepared_statements WHERE from_sql")
            try await test.store.write { transaction in
                // Taken by every group, and prepared once for all of them.
                let row = try transaction.row(known, [.text("sequence.take")])
                #expect(row?.text(0) == "sequence.take")
                #expect(try #require(row?.int(1)) >= 3)
                #expect(try transaction.rows(named, []).isEmpty)
            }
        }
    }

    private final class Refusals: Sendable {
        let count = Mutex(0)
    }

    /// Both readers are held; who comes then waits in line, and past the line's end is refused.
    @Test func readsShareAFewConnectionsAndTheLineBeforeThemHasAnEnd() async throws {
        var limits = PostgresLimits()
        limits.readerCount = 2
        try await with(limits) { test in
            let gates = [WriterGate(), WriterGate()]
            let beyond = 50
            let refusals = Refusals()
            let backends = try await withThrowingTaskGroup(of: Int64?.self) { group in
                defer { for gate in gates { gate.open() } }
                for gate in gates {
                    group.addTask {
                        defer { gate.giveUp() }
                        return try await test.store.read { connection in
                            let backend = try connection.row(Self.backend, [])?.int64(0)
                            gate.hold()
                            return backend
                        }
                    }
                    try await Patience.until { gate.isHeld }
                }
                for _ in 0..<ReaderPool.waitingLimit + beyond {
                    group.addTask {
                        do {
                            return try await test.store.read { try $0.row(Self.backend, [])?.int64(0) }
                        } catch let error as StoreError where error.code == .overloaded {
                            refusals.count.withLock { $0 += 1 }
                            return nil
                        }
                    }
                }
                try await Patience.until { refusals.count.withLock { $0 } == beyond }
                for gate in gates { gate.open() }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            let answered = backends.compactMap(\.self)
            #expect(answered.count == ReaderPool.waitingLimit + gates.count)
            #expect(Set(answered).count == gates.count)
        }
    }

    @Test func aPauseGrowsToASecondAndIsSeldomTheSame() {
        let error = StoreError(.unavailable, "away")
        let start = DispatchTime(uptimeNanoseconds: 1_000_000_000)
        /// After so many failures in a row: the milliseconds for which nothing is tried.
        func pause(after count: Int) -> Int {
            var backoff = Backoff()
            for _ in 0..<count { backoff.failed(error, at: start) }
            #expect(backoff.refusal(at: start)?.message == "away")
            return (0...2_000).first { backoff.refusal(at: start + .milliseconds($0)) == nil } ?? .max
        }
        for _ in 0..<50 {
            #expect((25...50).contains(pause(after: 1)))
            #expect((50...100).contains(pause(after: 2)))
            #expect((500...1_000).contains(pause(after: 6)))
            #expect((500...1_000).contains(pause(after: 60)))
        }
        #expect(Set((0..<50).map { _ in pause(after: 6) }).count > 5)
        #expect(Backoff().refusal(at: start) == nil)
    }

    // MARK: - Calls between nodes

    /// What was called while nobody listened is found at the return; no beat brings it.
    @Test func aListenerThatLostItsConnectionMissesNothing() async throws {
        let server = try TemporaryPostgres.shared()
        let target = server.newTarget()
        defer { server.drop(target) }
        var silent = PostgresLimits()
        silent.listens = false
        let clock = ManualClock()
        let a = try await TestStore.open(TestPlace(target, limits: silent), clock: clock)
        let b = try await TestStore.open(TestPlace(target), clock: clock)
        let listening = Statement(
            "test.listening",
            """
            SELECT pid FROM pg_stat_activity WHERE query = 'LISTEN "muster:\(target.schema)"' AND state = 'idle'
            """
        )
        func listener() throws -> Int64? { try PostgresScript.rows(listening, url: server.url).first?.int64(0) }
        for _ in 0..<3 {
            var backend: Int64?
            try await Patience.until {
                backend = try listener()
                return backend != nil
            }
            try server.execute("SELECT pg_terminate_backend(\(try #require(backend)), 10000)")
            let job = try await a.submit(1)[0]
            await b.observer.wait { $0.contains { $0.changes.contains { $0.key == .job(job) } } }
            try await Patience.until { try listener() != nil }
        }
        #expect(!b.observer.all.contains { $0.isGap })
        let sequences = b.observer.all.map(\.sequence)
        #expect(sequences == sequences.sorted() && Set(sequences).count == sequences.count)
        await a.store.close()
        await b.store.close()
    }

    @Test func aSchemaMayHaveAnyName() async throws {
        let server = try TemporaryPostgres.shared()
        let target = PostgresTarget(url: server.url, schema: "Lab \"7\" of Zoë's, ;-- \(UInt32.random(in: 0 ... .max))")
        let name = target.schema.replacing("\"", with: "\"\"")
        defer { try? server.execute("DROP SCHEMA IF EXISTS \"\(name)\" CASCADE") }
        let clock = ManualClock()
        let a = try await TestStore.open(TestPlace(target), clock: clock)
        let b = try await TestStore.open(TestPlace(target), clock: clock)
        let job = try await a.submit(1)[0]
        await b.observer.wait { $0.contains { $0.changes.contains { $0.key == .job(job) } } }
        #expect(try await b.job(job) != nil)
        #expect(try PostgresHealth.look(target).newestMigration == Migration.all.count)
        await a.store.close()
        await b.store.close()
    }

    @Test(arguments: ["", String(repeating: "é", count: 28) + "x"])
    func aSchemaWhoseNameIsTooLongIsRefusedInOneLine(name: String) throws {
        let server = try TemporaryPostgres.shared()
        #expect {
            _ = try PostgresDriver(PostgresTarget(url: server.url, schema: name))
        } throws: { error in
            let error = error as? StoreError
            return error?.code == .invalid && error?.message.contains("1 to 56 bytes") == true
        }
    }

    // MARK: - The one that sweeps

    /// It froze with findings in hand: they hold, but another has the duty by now, and it alone may act on them.
    @Test func whoLostTheDutyChangesNothing() async throws {
        let server = try TemporaryPostgres.shared()
        let target = server.newTarget()
        defer { server.drop(target) }
        let clock = ManualClock()
        let first = try await TestStore.open(TestPlace(target), clock: clock)
        let second = try await TestStore.open(TestPlace(target), clock: clock)
        let session = try await first.register()
        let job = try await first.submit(1)[0]
        try await first.claim(session)
        try await first.store.flushBeats()
        clock.advance(seconds: 300)
        try await second.store.flushBeats()
        let sequence = try await second.store.read { try WatchReads.sequence($0) }
        // The first has not asked since and believes that the duty is its own.
        let findings = try await first.store.sweep()
        #expect(findings.leases == [job])
        #expect(findings.sessions == [session])
        #expect(try await second.job(job)?.status == .claimed)
        #expect(try await second.store.read { try WatchReads.sequence($0) } == sequence)
        try await second.store.sweep()
        #expect(try await second.job(job)?.status == .pending)
        await first.store.close()
        await second.store.close()
    }
}
