import Domain
import Storage
import TestKit
import Testing

@Suite struct ClaimTests {
    @Test(arguments: Engine.all)
    func manyClaimersGetEachJobOnce(on engine: Engine) async throws {
        try await TestStore.with(engine) { test in
            var sessions: [SessionID] = []
            for number in 0..<20 { sessions.append(try await test.register("pc-\(number)")) }
            let jobs = try await test.submit(200)
            let claimed = try await withThrowingTaskGroup(of: [JobID].self) { group in
                for session in sessions {
                    group.addTask {
                        var mine: [ClaimJobs.Claimed] = []
                        while true {
                            let more = try await test.claim(session, count: 3, held: Set(mine.map(\.key))).jobs
                            if more.isEmpty { return mine.map(\.job) }
                            mine += more
                        }
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(claimed.count == 200)
            #expect(Set(claimed) == Set(jobs))
        }
    }

    @Test(arguments: Engine.all)
    func theOrderIsPriorityThenTimeThenID(on engine: Engine) async throws {
        try await TestStore.with(engine) { test in
            let session = try await test.register()
            let first = try await test.submit(2)
            let urgent = try await test.submit(1, priority: 5)
            let idle = try await test.submit(1, priority: -1)
            let order = try await test.claim(session, count: 10).jobs.map(\.job)
            #expect(order == urgent + first + idle)
        }
    }

    @Test(arguments: Engine.all)
    func aLostAnswerIsGivenAgainAsTheSameAttempt(on engine: Engine) async throws {
        try await TestStore.with(engine) { test in
            let session = try await test.register()
            try await test.submit(3)
            let first = try await test.claim(session, count: 2).jobs
            let again = try await test.claim(session, count: 2).jobs
            #expect(again.map(\.key) == first.map(\.key))
            let next = try await test.claim(session, count: 2, held: Set(first.map(\.key))).jobs
            #expect(next.count == 1)
            #expect(!first.map(\.job).contains(next[0].job))
        }
    }

    @Test(arguments: Engine.all)
    func onlyWhatTheCapabilitiesHaveIsHandedOut(on engine: Engine) async throws {
        try await TestStore.with(engine) { test in
            let small = try await test.register("small", capabilities: ["gpuMemoryGb": 8])
            let large = try await test.register("large", capabilities: ["gpuMemoryGb": 24])
            let heavy = try await test.submit(1, requires: ["gpuMemoryGb": 16])
            let light = try await test.submit(1)
            #expect(try await test.claim(small, count: 5).jobs.map(\.job) == light)
            #expect(try await test.claim(large, count: 5).jobs.map(\.job) == heavy)
        }
    }

    @Test(arguments: Engine.all)
    func aRequirementThatIsNewIsSeenByASessionThatClaimedBefore(on engine: Engine) async throws {
        try await TestStore.with(engine) { test in
            let session = try await test.register(capabilities: ["model": "sdxl"])
            #expect(try await test.claim(session).jobs.isEmpty)
            let jobs = try await test.submit(1, requires: ["model": "sdxl"])
            #expect(try await test.claim(session).jobs.map(\.job) == jobs)
        }
    }

    @Test(arguments: Engine.all)
    func anAssignmentIsClaimedByItsIndexOnce(on engine: Engine) async throws {
        try await TestStore.with(engine) { test in
            let study = try await test.study(count: 4)
            let one = try await test.register("one", queues: [])
            let two = try await test.register("two", queues: [])
            let claimed = try await test.claim(one, study: "study", index: 2).jobs
            #expect(claimed.map(\.index) == [2])
            #expect(claimed.map(\.payload) == [#"{"items":[2],"solver":{"dt":1.0}}"#])
            await #expect(throws: JobRefusal.notPending(.claimed)) {
                try await test.claim(two, study: study.description, index: 2)
            }
            await #expect(throws: StoreError.self) { try await test.claim(two, study: "study", index: 4) }
            await #expect(throws: StoreError.self) { try await test.claim(two, study: "nothing", index: 0) }
        }
    }

    @Test(arguments: Engine.all)
    func theNextOfAStudyComesInIndexOrderAndTheEndIsTold(on engine: Engine) async throws {
        try await TestStore.with(engine) { test in
            _ = try await test.study(count: 3)
            let session = try await test.register(queues: [], studies: ["study"])
            var held: Set<HeldKey> = []
            for index in 0..<3 {
                let answer = try await test.claim(session, held: held)
                #expect(answer.jobs.map(\.index) == [index])
                held.formUnion(answer.jobs.map(\.key))
                try await test.report(session, Int64(index + 1), answer.jobs[0], .completed)
                held.removeAll()
            }
            let end = try await test.claim(session)
            #expect(end.jobs.isEmpty)
            #expect(end.isFinished)
        }
    }

    @Test(arguments: Engine.all)
    func aScheduledJobWaitsForItsTime(on engine: Engine) async throws {
        try await TestStore.with(engine) { test in
            let session = try await test.register()
            let jobs = try await test.submit(1, runAt: test.clock.now.adding(milliseconds: 5_000))
            #expect(try await test.job(jobs[0])?.isScheduled == true)
            #expect(try await test.claim(session).jobs.isEmpty)
            test.clock.advance(seconds: 5)
            try await test.store.sweep()
            #expect(try await test.claim(session).jobs.map(\.job) == jobs)
        }
    }

    @Test(arguments: Engine.all)
    func aDrainingSessionGetsNothing(on engine: Engine) async throws {
        try await TestStore.with(engine) { test in
            let session = try await test.register()
            try await test.submit(1)
            try await test.store.write {
                try ChangeSession(session: session, action: .drain, actor: "operator").run($0)
            }
            await #expect(throws: SessionRefusal.notServing(.stopping)) { try await test.claim(session) }
        }
    }

    @Test(arguments: Engine.all)
    func theSchemaHoldsWhatCodeMightForget(on engine: Engine) async throws {
        try await TestStore.with(engine) { test in
            let session = try await test.register()
            let jobs = try await test.submit(1)
            let held = try await test.claim(session).jobs[0]
            for column in ["holder", "holder_name", "claimed_at"] {
                let losing = Statement("test.lose_\(column)", "UPDATE job SET \(column) = NULL WHERE id = $1")
                await #expect(throws: StoreError.self) {
                    try await test.store.write { try $0.run(losing, [.id(jobs[0])]) }
                }
            }
            try await test.report(session, 1, held, .completed)
            let secondEnd = Statement(
                "test.second_end",
                """
                INSERT INTO ended_attempt (job_id, number, session_id, worker_name, claimed_at, ended_at, outcome)
                VALUES ($1, 1, $2, 'x', 0, 1, 'failed')
                """
            )
            await #expect(throws: StoreError.self) {
                try await test.store.write { try $0.run(secondEnd, [.id(jobs[0]), .id(session)]) }
            }
            let twin = Statement(
                "test.twin",
                """
                INSERT INTO session (id, machine_id, hostname, worker_name, pid, version, process_key, token_hash,
                    status, status_since, queues, studies, slots, capabilities, started_at, utilisation, connectors, seq)
                SELECT 999999, machine_id, hostname, worker_name, pid, version, 'other', 'other', 'running', 0, queues,
                    studies, slots, capabilities, started_at, utilisation, connectors, seq FROM session WHERE id = $1
                """
            )
            await #expect(throws: StoreError.self) {
                try await test.store.write { try $0.run(twin, [.id(session)]) }
            }
        }
    }
}
