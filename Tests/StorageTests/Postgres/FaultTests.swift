import Domain
import Storage
import StoragePostgres
import Synchronization
import TestKit
import Testing

/// What a store does while PostgreSQL misbehaves.
@Suite(.timeLimit(.minutes(15))) struct FaultTests {
    private func error(_ url: String, schema: String = "muster") async -> StoreError? {
        do {
            let driver = try PostgresDriver(PostgresTarget(url: url, schema: schema))
            await driver.close()
            return nil
        } catch {
            return error
        }
    }

    @Test func aWrongPasswordAMissingServerAndNoURLAreOneLineEach() async throws {
        let server = try TemporaryPostgres.shared()
        let refused = await error(server.loopbackURL(password: "wrong"))
        #expect(refused?.code == .unavailable)
        #expect(refused?.message.contains("password") == true)
        #expect(refused?.message.contains("wrong") == false)
        #expect(await error(server.loopbackURL()) == nil)
        let away = await error("postgres://127.0.0.1:1/x")
        #expect(away?.message.contains("does not answer") == true)
        let missing = await error(server.url.replacing("/postgres?", with: "/nothing?"))
        #expect(missing?.message.contains("nothing") == true)
        for error in [refused, away, missing] { #expect(error?.message.contains("\n") == false) }
    }

    @Test func anotherProgramsSchemaIsRefusedAndLeftAlone() async throws {
        let server = try TemporaryPostgres.shared()
        let target = server.newTarget()
        defer { server.drop(target) }
        try server.execute("CREATE SCHEMA \(target.schema); CREATE TABLE \(target.schema).customer (id BIGINT)")
        await #expect {
            _ = try await TestStore.open(TestPlace(target), clock: ManualClock())
        } throws: { ($0 as? StoreError)?.code == .incompatible }
    }

    @Test func aRoleWithoutRightsIsToldWhatToRun() async throws {
        let server = try TemporaryPostgres.shared()
        let (role, url) = try server.newRole()
        await #expect {
            _ = try await TestStore.open(TestPlace(PostgresTarget(url: url, schema: role)), clock: ManualClock())
        } throws: { ($0 as? StoreError)?.message.contains("CREATE SCHEMA") == true }
    }

    @Test func nodesThatStartAtOnceMakeTheSchemaOnce() async throws {
        let server = try TemporaryPostgres.shared()
        let target = server.newTarget()
        defer { server.drop(target) }
        let epochs = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<5 {
                group.addTask {
                    let test = try await TestStore.open(TestPlace(target), clock: ManualClock())
                    await test.store.close()
                    return test.store.epoch
                }
            }
            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect(epochs.count == 1)
    }

    @Test func aBackendKilledInTheMiddleCostsNothing() async throws {
        try await TestStore.with(.postgres) { test in
            let server = try TemporaryPostgres.shared()
            let tries = Mutex(0)
            let jobs = try await test.store.write { transaction in
                let answer = try SubmitJobs(jobs: [Self.job("killed")], idempotency: nil).run(transaction)
                if tries.withLock({
                    $0 += 1; return $0
                }) == 1 {
                    let backend = try transaction.row(Self.backend, [])?.int64(0) ?? 0
                    try server.execute("SELECT pg_terminate_backend(\(backend))")
                }
                return answer
            }
            #expect(tries.withLock { $0 } == 2)
            #expect(try await test.job(jobs[0].id) != nil)
            #expect(try await test.store.read { try ListReads.queues($0) }.map(\.counts.pending) == [1])
            try await test.store.read { try StoreLaws.check($0) }
        }
    }

    /// With one job all that was sent was answered before; with many, some of it is on its way.
    @Test(arguments: [1, 300])
    func aNodeThatFreezesInItsTransactionDoesNotHoldTheOthers(jobs count: Int) async throws {
        var limits = PostgresLimits()
        limits.silentTransactionMilliseconds = 200
        let server = try TemporaryPostgres.shared()
        let target = server.newTarget()
        defer { server.drop(target) }
        let clock = ManualClock()
        let frozen = try await TestStore.open(TestPlace(target, limits: limits), clock: clock)
        let other = try await TestStore.open(TestPlace(target), clock: clock)
        let gate = WriterGate()
        let (first, second) = (frozen.store, other.store)
        let job = try await withThrowingTaskGroup(of: JobID.self) { group in
            defer { gate.open() }
            group.addTask {
                defer { gate.giveUp() }
                return try await first.write { transaction in
                    let jobs = (0..<count).map { Self.job("frozen-\($0)") }
                    let answer = try SubmitJobs(jobs: jobs, idempotency: nil).run(transaction)
                    if count == 1 { _ = try transaction.row(Self.backend, []) }
                    gate.hold()
                    return answer[0].id
                }
            }
            try await Patience.until { gate.isHeld }
            // Returns although the first node never ended its transaction.
            _ = try await second.write { try SubmitJobs(jobs: [Self.job("other")], idempotency: nil).run($0) }
            gate.open()
            return try await group.next() ?? JobID(number: 0)
        }
        #expect(try await other.job(job) != nil)
        try await other.store.read { try StoreLaws.check($0) }
        await frozen.store.close()
        await other.store.close()
    }

    /// Everything that was answered is there, nothing is there twice, and the writer finds its way back by itself.
    @Test func aServerThatCrashesUnderLoadLosesNothingThatWasAnswered() async throws {
        let server = try TemporaryPostgres()
        defer { server.stop() }
        let test = try await TestStore.open(TestPlace(server.newTarget()), clock: ManualClock())
        let load = Load()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in 0..<6 {
                group.addTask {
                    var number = 0
                    while !load.isOver.withLock({ $0 }), !Task.isCancelled {
                        let key = "\(worker)-\(number)"
                        // Asked again until it is answered, as a client would.
                        let answer = try? await test.store.write {
                            try SubmitJobs(jobs: [Self.job(key)], idempotency: nil).run($0)
                        }
                        guard let id = answer?.first?.id else {
                            await Task.yield()
                            continue
                        }
                        load.answered.withLock { $0[key] = id }
                        number += 1
                    }
                }
            }
            for _ in 0..<3 {
                let before = load.answered.withLock { $0.count }
                try await Patience.until { load.answered.withLock { $0.count } >= before + 50 }
                try server.crash()
                try server.start()
            }
            let before = load.answered.withLock { $0.count }
            try await Patience.until { load.answered.withLock { $0.count } >= before + 50 }
            load.isOver.withLock { $0 = true }
            try await group.waitForAll()
        }
        let stored = try await test.store.read { connection in
            try ListReads.jobs(queue: nil, status: nil, before: ListReads.end, limit: 1_000_000, connection)
        }
        #expect(Set(load.answered.withLock { Array($0.values) }).isSubset(of: Set(stored.map(\.id))))
        // The last of each worker may be there without its answer.
        #expect(stored.count - load.answered.withLock { $0.count } <= 6)
        try await test.store.read { try StoreLaws.check($0) }
        await test.store.close()
    }

    @Test func aDatabaseThatIsAwayIsSaidSoAtOnceAndFoundAgain() async throws {
        let server = try TemporaryPostgres()
        defer { server.stop() }
        let test = try await TestStore.open(TestPlace(server.newTarget()), clock: ManualClock())
        try server.crash()
        await #expect { try await test.submit(1) } throws: { ($0 as? StoreError)?.code == .unavailable }
        await #expect { try await test.session(SessionID(number: 1)) } throws: {
            ($0 as? StoreError)?.code == .unavailable
        }
        try server.start()
        var jobs: [JobID] = []
        try await Patience.until {
            jobs = (try? await test.submit(1)) ?? []
            return !jobs.isEmpty
        }
        #expect(try await test.job(jobs[0]) != nil)
        await test.store.close()
    }

    /// What silence was the database's own, a node that takes over knows though it noticed nothing itself.
    @Test func silenceWhileTheDatabaseWasAwayIsForgivenByTheNodeThatTakesOver() async throws {
        let server = try TemporaryPostgres()
        defer { server.stop() }
        let target = server.newTarget()
        let clock = ManualClock()
        let first = try await TestStore.open(TestPlace(target), clock: clock)
        let session = try await first.register()
        let job = try await first.submit(1)[0]
        try await first.claim(session)
        try await first.store.flushBeats()
        let second = try await TestStore.open(TestPlace(target), clock: clock)
        try server.crash()
        clock.advance(seconds: 300)
        await #expect(throws: StoreError.self) { try await first.store.flushBeats() }
        try server.start()
        try await Patience.until { (try? await first.store.flushBeats()) != nil }
        // The first is heard of no more.
        clock.advance(seconds: 6)
        try await Patience.until { (try? await second.store.flushBeats()) != nil }
        #expect(try await second.store.nodes().first { $0.isThis }?.isSweeping == true)
        try await second.store.sweep()
        #expect(try await second.job(job)?.status == .claimed)
        #expect(try await second.session(session)?.status.isLive == true)
        for _ in 0..<15 {
            clock.advance(seconds: 5)
            try await second.store.flushBeats()
            try await second.store.sweep()
        }
        #expect(try await second.job(job)?.status == .pending)
        await first.store.close()
        await second.store.close()
    }

    @Test func withoutAConnectionLeftTheWriterWaitsForOne() async throws {
        let server = try TemporaryPostgres(connections: 12)
        defer { server.stop() }
        let first = try await TestStore.open(TestPlace(server.newTarget()), clock: ManualClock())
        // Each store takes two or three; in the end one is refused, with a line that says why.
        var stores = [first]
        var refusal: StoreError?
        while refusal == nil, stores.count < 12 {
            do {
                stores.append(try await TestStore.open(TestPlace(server.newTarget()), clock: ManualClock()))
            } catch {
                refusal = error as? StoreError
            }
        }
        #expect(refusal?.code == .unavailable)
        try await first.submit(1)
        for store in stores { await store.store.close() }
    }

    /// The writer's connection is gone, and the server gives no other: writes are refused at once, reads go on, and
    /// the writer comes back as soon as there is room.
    @Test func aWriterThatGetsNoConnectionIsAwayUntilThereIsOne() async throws {
        let server = try TemporaryPostgres.shared()
        let (role, url) = try server.newRole()
        try server.execute("CREATE SCHEMA \(role) AUTHORIZATION \(role)")
        var limits = PostgresLimits()
        limits.readerCount = 1
        limits.listens = false
        let place = TestPlace(PostgresTarget(url: url, schema: role), limits: limits)
        let test = try await TestStore.open(place, clock: ManualClock())
        let job = try await test.submit(1)[0]
        let backend = try await test.store.write { try $0.row(Self.backend, [])?.int64(0) ?? 0 }
        // The one that reads has the only place.
        #expect(try await test.job(job) != nil)
        try server.execute("ALTER ROLE \(role) CONNECTION LIMIT 1; SELECT pg_terminate_backend(\(backend), 10000)")
        await #expect {
            try await test.submit(1)
        } throws: { error in
            let error = error as? StoreError
            return error?.code == .unavailable && error?.message.contains("no connection left") == true
        }
        #expect(try await test.job(job) != nil)
        try server.execute("ALTER ROLE \(role) CONNECTION LIMIT 8")
        try await Patience.until { (try? await test.submit(1)) != nil }
        try await test.store.read { try StoreLaws.check($0) }
        await test.store.close()
        try server.execute("DROP SCHEMA \(role) CASCADE; DROP ROLE \(role)")
    }

    private final class Load: Sendable {
        let answered = Mutex<[String: JobID]>([:])
        let isOver = Mutex(false)
    }

    private static let backend = Statement("test.backend", "SELECT pg_backend_pid()")

    private static func job(_ key: String) -> SubmitJobs.New {
        SubmitJobs.New(
            queue: "default", payload: "{}", requires: nil, priority: 0, runAt: nil, uniqueKey: key, label: nil,
            maximumAttempts: 5
        )
    }
}
