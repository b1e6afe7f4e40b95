import Domain
import Storage
import Synchronization
import TestKit
import Testing

/// Operations that meet in one group of the writer: the far engine sends their statements together and asks their
/// questions beforehand, the near one runs one after the other. Both must end with the same rows.
@Suite(.timeLimit(.minutes(5))) struct GroupHistoryTests {
    private enum Act: Sendable {
        case claim(ClaimJobs), beat(RecordHeartbeat), submit(SubmitJobs), change(ChangeJob), report(ApplyReports)
    }

    /// What the workers of one engine know, as their answers told them.
    private struct World: Sendable {
        var sessions: [SessionID] = []
        var held: [SessionID: [HeldKey]] = [:]
        var reportNumbers: [SessionID: Int64] = [:]
        var jobs: [JobID] = []
    }

    private final class Outcome: Sendable {
        let told = Mutex<[Int: String]>([:])
        let claimed = Mutex<[(SessionID, HeldKey)]>([])
        let submitted = Mutex<[Int: [JobID]]>([:])
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func aGroupLeavesTheSameRowsOnBothEngines(seed: UInt64) async throws {
        var dumps: [[String]] = []
        var tellings: [[String]] = []
        for engine in Engine.all {
            try await TestStore.with(engine) { test in
                var random = SeededGenerator(seed: seed)
                var world = World()
                var told: [String] = []
                for number in 0..<6 { world.sessions.append(try await Self.register(number, test)) }
                for _ in 0..<12 {
                    test.clock.advance(seconds: 1)
                    let acts = (0..<40).map { _ in Self.act(&world, &random) }
                    told += try await Self.run(acts, &world, test)
                }
                try await test.store.read { try StoreLaws.check($0) }
                tellings.append(told)
                dumps.append(
                    try await test.store.read { connection in
                        try TableDump.lines(connection).filter { !$0.hasPrefix("fact | ") }
                    }
                )
            }
        }
        #expect(tellings[0] == tellings[1])
        #expect(dumps[0] == dumps[1])
        // Something did happen: jobs were done, and some were tried again.
        #expect(dumps[0].contains { $0.hasPrefix("ended_attempt | ") && $0.contains("completed") })
        #expect(dumps[0].contains { $0.hasPrefix("ended_attempt | ") && $0.contains("retryable") })
    }

    private static func register(_ number: Int, _ test: TestStore) async throws -> SessionID {
        let registration = RegisterSession(
            machine: MachineRecord(
                id: MachineID("machine-1"), hostname: "lab", addresses: [], os: "linux", arch: "x86_64", cores: 8,
                memoryBytes: 1, gpus: [], bootID: "boot", firstSeenAt: test.clock.now, sequence: .zero
            ),
            workerName: "w\(number)", pid: number, version: "1", processKey: "p\(number)", predecessorEnded: false,
            queues: ["a", "b"], studies: [], slots: 4, capabilities: [:], connectors: [], tokenHash: "t\(number)"
        )
        return try await test.store.write { try registration.run($0) }
    }

    // MARK: - What is done

    private static func act(_ world: inout World, _ random: inout SeededGenerator) -> Act {
        let session = world.sessions[Int.random(in: 0..<world.sessions.count, using: &random)]
        let held = world.held[session] ?? []
        switch Int.random(in: 0..<10, using: &random) {
        case 0...2:
            // Some answers are lost: what it holds by them is handed out again.
            let known = Set(held.filter { _ in Int.random(in: 0..<8, using: &random) > 0 })
            return .claim(
                ClaimJobs(
                    session: session, count: Int.random(in: 1...4, using: &random), held: known, study: nil, index: nil,
                    reports: reports(session, &world, &random)
                )
            )
        case 3, 4:
            return .beat(
                RecordHeartbeat(
                    session: session, status: .running,
                    utilisation: Utilisation(cpu: Double(Int.random(in: 0...3, using: &random)) / 4), connectors: [],
                    held: held.map {
                        RecordHeartbeat.Held(
                            job: $0.job, attempt: $0.attempt, isRunning: true, progress: JobProgress(fraction: 0.5)
                        )
                    }
                )
            )
        case 5, 6:
            let jobs = (0..<Int.random(in: 1...5, using: &random)).map { number in
                SubmitJobs.New(
                    queue: Bool.random(using: &random) ? "a" : "b", payload: #"{"text":"\"{}\\, NULL"}"#,
                    requires: nil, priority: Int.random(in: 0...2, using: &random), runAt: nil, uniqueKey: nil,
                    label: number == 0 ? nil : "", maximumAttempts: 2
                )
            }
            return .submit(SubmitJobs(jobs: jobs, idempotency: nil))
        case 7 where !world.jobs.isEmpty:
            let job = world.jobs[Int.random(in: 0..<world.jobs.count, using: &random)]
            return .change(ChangeJob(job: job, action: Bool.random(using: &random) ? .cancel : .retry, actor: "op"))
        default:
            return .report(ApplyReports(session: session, entries: reports(session, &world, &random)))
        }
    }

    /// Of some jobs that the session holds, or held: an end, and sometimes a line before it.
    private static func reports(
        _ session: SessionID, _ world: inout World, _ random: inout SeededGenerator
    ) -> [ApplyReports.Entry] {
        var entries: [ApplyReports.Entry] = []
        for key in world.held[session] ?? [] where Bool.random(using: &random) {
            let line = ApplyReports.Line(at: nil, level: .warning, text: "almost \"done\"")
            let ends: [AttemptReport] = [.started, .completed, .failed, .retryable, .released]
            let end = ends[Int.random(in: 0..<ends.count, using: &random)]
            for content in [.lines([line]), .end(end, exitCode: 1, reason: nil, result: nil)] as [ApplyReports.Content]
            {
                world.reportNumbers[session, default: 0] += 1
                entries.append(
                    ApplyReports.Entry(number: world.reportNumbers[session] ?? 0, key: key, content: content)
                )
            }
            if end != .started { world.held[session]?.removeAll { $0 == key } }
        }
        return entries
    }

    // MARK: - In one group

    private static func run(_ acts: [Act], _ world: inout World, _ test: TestStore) async throws -> [String] {
        let gate = WriterGate()
        let outcome = Outcome()
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            defer { gate.open() }
            tasks.addTask {
                _ = try? await test.store.write { _ in gate.hold() }
                gate.giveUp()
            }
            try await Patience.until { gate.isHeld }
            for (position, act) in acts.enumerated() {
                tasks.addTask { await perform(act, position, outcome, test) }
                try await Patience.until { test.store.waitingWrites > position }
            }
            gate.open()
            try await tasks.waitForAll()
        }
        for (session, key) in outcome.claimed.withLock({ $0 }) where world.held[session]?.contains(key) != true {
            world.held[session, default: []].append(key)
        }
        for session in world.sessions {
            world.held[session]?.sort { ($0.job.number, $0.attempt.value) < ($1.job.number, $1.attempt.value) }
        }
        let submitted = outcome.submitted.withLock { $0 }
        world.jobs += submitted.keys.sorted().flatMap { submitted[$0] ?? [] }
        let told = outcome.told.withLock { $0 }
        return told.keys.sorted().map { "\($0): \(told[$0] ?? "")" }
    }

    private static func perform(_ act: Act, _ position: Int, _ outcome: Outcome, _ test: TestStore) async {
        let store = test.store
        do {
            let said: String
            switch act {
            case .claim(let claim):
                let answer = try await store.write(foreseeing: claim.foresight) { try claim.run($0) }
                outcome.claimed.withLock { $0 += answer.jobs.map { (claim.session, $0.key) } }
                said = "\(answer.jobs.map { "\($0.job) \($0.attempt) \($0.payload)" }) \(answer.reports?.lost ?? [])"
            case .beat(let beat):
                said = "\(try await store.write(foreseeing: beat.foresight) { try beat.run($0) }.cancel)"
            case .submit(let submit):
                let jobs = try await store.write { try submit.run($0) }.map(\.id)
                outcome.submitted.withLock { $0[position] = jobs }
                said = "\(jobs)"
            case .change(let change):
                said = "\(try await store.write { try change.run($0) })"
            case .report(let report):
                said = "\(try await store.write(foreseeing: report.foresight) { try report.run($0) }.lost)"
            }
            outcome.told.withLock { $0[position] = said }
        } catch {
            outcome.told.withLock { $0[position] = "\(error)" }
        }
    }
}
