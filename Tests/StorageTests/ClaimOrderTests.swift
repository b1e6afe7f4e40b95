import Domain
import TestKit
import Testing

@testable import Storage

/// Whoever claims gets the first that wait, whatever servers remember of where the line begins: against the table
/// itself, over random work of two servers whose clocks differ.
@Suite(.timeLimit(.minutes(15))) struct ClaimOrderTests {
    /// All that wait, in their order.
    private static let line = Statement(
        "test.line",
        """
        SELECT id FROM job WHERE status = 'pending' AND is_ready = 1
        ORDER BY requirement_id, priority DESC, ready_at, id
        """
    )

    private static let forgetNotes = Statement("test.forget_notes", "DELETE FROM commit_note")

    /// One worker that speaks to any of the servers.
    private final class Play {
        var random: SeededGenerator
        let nodes: [TestStore]
        let sessions: [SessionID]
        var held: [(session: SessionID, job: ClaimJobs.Claimed)] = []
        private var reportNumber: Int64 = 0

        init(seed: UInt64, nodes: [TestStore]) async throws {
            random = SeededGenerator(seed: seed)
            self.nodes = nodes
            sessions = [try await nodes[0].register("one"), try await nodes[0].register("two")]
        }

        var node: TestStore { nodes[random.index(below: nodes.count)] }

        func submit() async throws {
            let node = node
            // Mostly behind all that wait; some in front, by their priority or by their time; some later.
            let priority = random.chance(0.2) ? Int(random.number(-1...1)) : 0
            var runAt: Instant?
            if random.chance(0.2) { runAt = node.clock.now.adding(milliseconds: random.number(-5_000...5_000)) }
            try await node.submit(Int(random.number(1...6)), priority: priority, runAt: runAt)
        }

        func makeDueReady() async throws {
            var findings = Sweep.Findings()
            findings.isAnythingDue = true
            let sweep = Sweep(findings: findings, heard: { _ in nil }, silenceForgivenUntil: nil)
            try await node.store.write { try sweep.run($0) }
        }

        func end() async throws {
            guard !held.isEmpty else { return }
            let (session, job) = held.remove(at: random.index(below: held.count))
            let reports: [AttemptReport] = [.completed, .failed, .retryable, .released]
            reportNumber += 1
            try await node.report(session, reportNumber, job, reports[random.index(below: reports.count)])
        }

        /// Two workers ask at once, each its server.
        func claim() async throws {
            let line: [JobID] = try await nodes[0].store.read { connection in
                try connection.rows(ClaimOrderTests.line, []).map { $0.id(0) }
            }
            let counts = sessions.map { _ in Int(random.number(1...4)) }
            let (first, second, sessions, held) = (node, node, sessions, held)
            async let one = Self.claim(first, sessions[0], counts[0], holding: held)
            async let two = Self.claim(second, sessions[1], counts[1], holding: held)
            let answers = try await [one, two]
            for (session, jobs) in zip(sessions, answers) { self.held += jobs.map { (session, $0) } }
            let taken = answers.flatMap { $0.map(\.job) }
            #expect(Set(taken) == Set(line.prefix(counts[0] + counts[1])), "of \(line.count) that waited")
            for jobs in answers {
                let places = jobs.map { line.firstIndex(of: $0.job) ?? -1 }
                #expect(places == places.sorted())
            }
        }

        private static func claim(
            _ node: TestStore, _ session: SessionID, _ count: Int,
            holding held: [(session: SessionID, job: ClaimJobs.Claimed)]
        ) async throws -> [ClaimJobs.Claimed] {
            let keys = held.filter { $0.session == session }.map { HeldKey(job: $0.job.job, attempt: $0.job.attempt) }
            let claim = ClaimJobs(session: session, count: count, held: Set(keys), study: nil, index: nil)
            return try await node.store.write(foreseeing: claim.foresight) { try claim.run($0) }.jobs
        }
    }

    private func play(seed: UInt64, _ nodes: [TestStore], steps: Int) async throws {
        let play = try await Play(seed: seed, nodes: nodes)
        for _ in 0..<steps {
            switch play.random.index(below: 11) {
            case 0...2: try await play.submit()
            case 3...6: try await play.claim()
            case 7, 8: try await play.end()
            case 9:
                // An operation that gives up after it has claimed and brought something, beside whoever comes with it.
                let session = play.sessions[0]
                try? await play.node.store.write { transaction in
                    let claim = ClaimJobs(session: session, count: 3, held: [], study: nil, index: nil)
                    _ = try claim.run(transaction)
                    throw StoreError(.conflict, "It gives up.")
                }
                // The others no longer know all that was done.
                if nodes.count > 1, play.random.chance(0.3) {
                    _ = try await play.node.store.write { try $0.run(Self.forgetNotes, []) }
                }
            default:
                for node in nodes { node.clock.advance(milliseconds: play.random.number(0...2_000)) }
                try await play.makeDueReady()
            }
        }
        #expect(!play.held.isEmpty)
    }

    @Test(arguments: [1, 2, 3] as [UInt64]) func theFirstThatWaitAreTakenOnOneServer(seed: UInt64) async throws {
        for engine in Engine.all {
            try await TestStore.with(engine) { try await play(seed: seed, [$0], steps: 150) }
        }
    }

    @Test(arguments: [4, 5, 6, 7] as [UInt64]) func theFirstThatWaitAreTakenOnTwoServers(seed: UInt64) async throws {
        let server = try TemporaryPostgres.shared()
        let target = server.newTarget()
        defer { server.drop(target) }
        let clocks = [ManualClock(), ManualClock()]
        clocks[0].advance(milliseconds: 700)
        var nodes: [TestStore] = []
        for clock in clocks { nodes.append(try await TestStore.open(TestPlace(target), clock: clock)) }
        do {
            try await play(seed: seed, nodes, steps: 300)
        } catch {
            for node in nodes { await node.store.close() }
            throw error
        }
        for node in nodes { await node.store.close() }
    }
}
