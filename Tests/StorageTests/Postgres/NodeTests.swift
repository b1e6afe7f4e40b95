import Domain
import Storage
import StoragePostgres
import Synchronization
import TestKit
import Testing

/// Several servers on one database, as far as their stores go.
@Suite(.timeLimit(.minutes(15))) struct NodeTests {
    /// Stores of one schema, each as a server of its own would have it.
    private func nodes(
        _ count: Int, limits: PostgresLimits = PostgresLimits(), _ body: ([TestStore]) async throws -> Void
    ) async throws {
        let server = try TemporaryPostgres.shared()
        let target = server.newTarget()
        defer { server.drop(target) }
        let clock = ManualClock()
        var nodes: [TestStore] = []
        for _ in 0..<count {
            nodes.append(try await TestStore.open(TestPlace(target, limits: limits), clock: clock))
        }
        do {
            try await body(nodes)
        } catch {
            for node in nodes { await node.store.close() }
            throw error
        }
        for node in nodes { await node.store.close() }
    }

    private static func submit(_ key: String) -> SubmitJobs {
        let job = SubmitJobs.New(
            queue: "default", payload: "{}", requires: nil, priority: 0, runAt: nil, uniqueKey: key, label: nil,
            maximumAttempts: 5
        )
        return SubmitJobs(jobs: [job], idempotency: nil)
    }

    @Test func whatOneNodeCommitsTheOtherTellsItsWatchers() async throws {
        try await nodes(2) { nodes in
            let (a, b) = (nodes[0], nodes[1])
            let job = try await a.submit(1)[0]
            await b.observer.wait { $0.contains { $0.changes.contains { $0.key == .job(job) } } }
            let told = b.observer.changes.first { $0.key == .job(job) }
            let record = try await b.job(job)
            #expect(told?.record == record.map(EntityRecord.job))
            // Who waits for work there hears of it.
            #expect(b.observer.all.contains { !$0.ready.isEmpty })
        }
    }

    /// The test that decides how the sequence is kept: the first number is committed last.
    @Test func aCommitThatIsLongOnItsWayIsMissedByNobody() async throws {
        try await nodes(3) { nodes in
            let (before, jobs) = try await Self.overtaking(nodes)
            let last = try await nodes[0].store.read { try WatchReads.sequence($0) }
            await nodes[2].observer.wait { $0.contains { $0.sequence >= last } }
            let told = nodes[2].observer.changes.filter { $0.key.kind == .job }
            #expect(told.map(\.key) == jobs.sorted { $0.number < $1.number }.map(EntityKey.job))
            #expect(told.allSatisfy { $0.sequence > before.sequence })
            let sequences = nodes[2].observer.all.map(\.sequence)
            #expect(sequences == sequences.sorted())
        }
    }

    /// A write of the first node that stays in its transaction while writes of the second are made and a watcher of
    /// the third takes its picture.
    private static func overtaking(_ nodes: [TestStore]) async throws -> (WatchReads.Snapshot, [JobID]) {
        let gate = WriterGate()
        let (first, second, third) = (nodes[0].store, nodes[1].store, nodes[2].store)
        return try await withThrowingTaskGroup(of: JobID.self) { group in
            defer { gate.open() }
            group.addTask {
                defer { gate.giveUp() }
                return try await first.write { transaction in
                    let answer = try submit("slow").run(transaction)
                    gate.hold()
                    return answer[0].id
                }
            }
            try await Patience.until { gate.isHeld }
            for number in 0..<20 {
                group.addTask { try await second.write { try submit("other-\(number)").run($0)[0].id } }
            }
            let before = try await third.readPinned(enter: {}) { try WatchReads.snapshot(.fleet, $0) }
            gate.open()
            return (before, try await group.reduce(into: []) { $0.append($1) })
        }
    }

    @Test func aWishOfOneNodeVoidsTheQuietAnswerOfAnother() async throws {
        try await nodes(2) { nodes in
            let (a, b) = (nodes[0], nodes[1])
            let session = try await a.register()
            func beat(_ node: TestStore) async throws -> [UInt8] {
                let operation = RecordHeartbeat(
                    session: session, status: .running, utilisation: Utilisation(), connectors: [], held: []
                )
                return try await node.store.heartbeat(session, body: [1], operation: { operation }) { wish in
                    [wish.isDraining ? 1 : 0]
                }
            }
            #expect(try await beat(b) == [0])
            #expect(try await beat(b) == [0])
            try await a.store.write { try ChangeSession(session: session, action: .drain, actor: "op").run($0) }
            await b.observer.wait { $0.contains { $0.wishes.contains(session) } }
            #expect(try await beat(b) == [1])
        }
    }

    @Test func withoutNotificationsTheNextBeatBringsTheNews() async throws {
        var deaf = PostgresLimits()
        deaf.listens = false
        try await nodes(2, limits: deaf) { nodes in
            let job = try await nodes[0].submit(1)[0]
            try await nodes[1].store.flushBeats()
            #expect(nodes[1].observer.changes.contains { $0.key == .job(job) })
        }
    }

    @Test func notesThatAreGoneAreAGapAndNoSilence() async throws {
        var deaf = PostgresLimits()
        deaf.listens = false
        try await nodes(2, limits: deaf) { nodes in
            try await nodes[0].submit(1)
            let drop = Statement("test.drop_notes", "DELETE FROM commit_note")
            _ = try await nodes[0].store.write { try $0.run(drop, []) }
            try await nodes[1].store.flushBeats()
            #expect(nodes[1].observer.all.contains { $0.isGap })
            // From there on it is told piece by piece again.
            let job = try await nodes[0].submit(1)[0]
            try await nodes[1].store.flushBeats()
            #expect(nodes[1].observer.changes.contains { $0.key == .job(job) })
        }
    }

    @Test func manyClaimersOfTwoNodesGetEachJobOnce() async throws {
        try await nodes(2) { nodes in
            var sessions: [SessionID] = []
            for number in 0..<8 { sessions.append(try await nodes[number % 2].register("pc-\(number)")) }
            let jobs = try await nodes[0].submit(120)
            let claimed = try await withThrowingTaskGroup(of: [JobID].self) { group in
                for (position, session) in sessions.enumerated() {
                    group.addTask {
                        var mine: [ClaimJobs.Claimed] = []
                        var turn = position
                        while true {
                            turn += 1
                            let held = Set(mine.map(\.key))
                            let more = try await nodes[turn % 2].claim(session, count: 2, held: held).jobs
                            if more.isEmpty { return mine.map(\.job) }
                            mine += more
                        }
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(claimed.count == 120)
            #expect(Set(claimed) == Set(jobs))
            try await nodes[1].store.read { try StoreLaws.check($0) }
        }
    }

    @Test func oneNodeSweepsAndAnotherFollowsIt() async throws {
        try await nodes(2) { nodes in
            func sweeping() async throws -> [Bool] {
                try await nodes[0].store.nodes().map(\.isSweeping)
            }
            #expect(try await sweeping().filter { $0 }.count == 1)
            #expect(try await nodes[0].store.nodes().first { $0.isThis }?.isSweeping == true)
            // The first says nothing more.
            nodes[0].clock.advance(seconds: 6)
            try await nodes[1].store.flushBeats()
            #expect(try await nodes[1].store.nodes().first { $0.isThis }?.isSweeping == true)
        }
    }

    @Test func whatOneNodeHearsKeepsALeaseFromTheSweepOfAnother() async throws {
        try await nodes(2) { nodes in
            let (a, b) = (nodes[0], nodes[1])
            let session = try await a.register()
            let job = try await a.submit(1)[0]
            try await a.claim(session)
            for _ in 0..<20 {
                a.clock.advance(seconds: 5)
                b.store.heard(session)
                try await b.store.flushBeats()
                try await a.store.flushBeats()
                try await a.store.sweep()
            }
            #expect(try await a.job(job)?.status == .claimed)
            // Nobody hears it any more.
            for _ in 0..<15 {
                a.clock.advance(seconds: 5)
                try await a.store.flushBeats()
                try await a.store.sweep()
            }
            #expect(try await a.job(job)?.status == .pending)
        }
    }

    /// Ten thousand agents cost each node one small transaction a second: a number of the database's own tells.
    @Test func tenThousandBeatsAreOneTransactionASecond() async throws {
        try await nodes(2) { nodes in
            let count: Int64 = 10_000
            let fill = Statement(
                "test.fill_sessions",
                """
                INSERT INTO session
                    (id, machine_id, hostname, worker_name, pid, version, process_key, token_hash, status,
                     status_since, queues, studies, slots, capabilities, started_at, utilisation, connectors, seq)
                SELECT 1000000 + n, 'machine-1', 'h', 'w' || n, 1, 'v', 'k' || n, 't' || n, 'running', 0, '[]', '[]',
                    1, '{}', 0, '{}', '[]', 1 FROM generate_series(1, $1) AS n
                """
            )
            // Which transactions wrote the rows as they are.
            let writers = Statement(
                "test.writers",
                "SELECT COUNT(*), COUNT(DISTINCT CAST(xmin AS TEXT)) FROM beat WHERE session_id > 1000000"
            )
            try await nodes[0].register()
            try await nodes[0].store.write { _ = try $0.run(fill, [.integer(count)]) }
            for _ in 0..<3 {
                nodes[0].clock.advance(seconds: 1)
                for node in nodes {
                    for number in 1...count { node.store.heard(SessionID(number: 1_000_000 + number)) }
                    try await node.store.flushBeats()
                    try await node.store.sweep()
                    let row = try await node.store.read { try $0.row(writers, []) }
                    #expect(row?.int64(0) == count)
                    #expect(row?.int(1) == 1)
                }
            }
        }
    }

    @Test func aTokenRevokedOnOneNodeIsForgottenByAll() async throws {
        try await nodes(2) { nodes in
            let token = try await nodes[0].store.write {
                try Tokens.create(name: "x", role: "viewer", hash: "h", $0)
            }
            try await nodes[0].store.write { try Tokens.revoke(token, $0) }
            await nodes[1].observer.wait { $0.contains { $0.changesAccess } }
        }
    }
}
