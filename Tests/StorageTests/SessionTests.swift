import Domain
import Storage
import TestKit
import Testing

@Suite struct SessionTests {
    @Test(arguments: Engine.all)
    func aRegistrationSentTwiceIsOneSession(on engine: Engine) async throws {
        try await TestStore.with(engine) { test in
            let first = try await test.register(processKey: "same")
            let second = try await test.register(processKey: "same")
            #expect(first == second)
        }
    }

    @Test(arguments: Engine.all)
    func aNewProcessOfTheSameNameEndsTheOldOneAndFreesItsWorkAtOnce(on engine: Engine) async throws {
        try await TestStore.with(engine) { test in
            let old = try await test.register()
            let job = try await test.submit(1)[0]
            try await test.claim(old)
            let new = try await test.register(predecessorEnded: true)
            #expect(new != old)
            let record = try await test.session(old)
            #expect(record?.status == .stale)
            #expect(record?.endReason == "reaped")
            #expect(try await test.session(new)?.previous == old)
            #expect(try await test.job(job)?.status == .pending)
            let again = try await test.claim(new).jobs
            #expect(again.map(\.attempt) == [AttemptNumber(2)])
        }
    }

    @Test(arguments: Engine.all)
    func twoWorkersOfOneMachineAreTwo(on engine: Engine) async throws {
        try await TestStore.with(engine) { test in
            let one = try await test.register("pc")
            let two = try await test.register("pc-2")
            #expect(one != two)
            #expect(try await test.session(one)?.status.isLive == true)
            #expect(try await test.session(two)?.status.isLive == true)
        }
    }

    @Test(arguments: Engine.all)
    func aRebootEndsEverySessionOfTheMachine(on engine: Engine) async throws {
        try await TestStore.with(engine) { test in
            let one = try await test.register("pc")
            let two = try await test.register("pc-2")
            let job = try await test.submit(1)[0]
            try await test.claim(two)
            try await test.register("pc", boot: "boot-2")
            #expect(try await test.session(one)?.status == .stale)
            #expect(try await test.session(two)?.status == .stale)
            #expect(try await test.job(job)?.status == .pending)
        }
    }

    @Test(arguments: Engine.all)
    func silenceMakesStaleAndTheWorkGoesOnOnlyWhenTheLeaseEnds(on engine: Engine) async throws {
        try await TestStore.with(engine) { test in
            let study = try await test.study(count: 1)
            let session = try await test.register(queues: [], studies: ["study"])
            let claimed = try await test.claim(session).jobs[0]
            test.clock.advance(seconds: 60)
            try await test.store.sweep()
            #expect(try await test.session(session)?.status == .stale)
            #expect(try await test.job(claimed.job)?.status == .claimed)
            test.clock.advance(seconds: 239)
            try await test.store.sweep()
            #expect(try await test.job(claimed.job)?.status == .claimed)
            test.clock.advance(seconds: 1)
            try await test.store.sweep()
            #expect(try await test.job(claimed.job)?.status == .pending)
            #expect(try await test.study(study)?.counts.pending == 1)
        }
    }

    @Test(arguments: Engine.all)
    func aSessionThatComesBackResumesAndKeepsWhatNobodyTook(on engine: Engine) async throws {
        try await TestStore.with(engine) { test in
            _ = try await test.study(count: 2)
            let session = try await test.register(queues: [], studies: ["study"])
            let claimed = try await test.claim(session).jobs[0]
            try await test.beat(session, held: [claimed.key])
            test.clock.advance(seconds: 100)
            try await test.store.sweep()
            #expect(try await test.session(session)?.status == .stale)
            let wish = try await test.beat(session, held: [claimed.key])
            #expect(wish.lost.isEmpty)
            #expect(try await test.session(session)?.status == .running)
            #expect(try await test.job(claimed.job)?.holder == session)
        }
    }

    @Test(arguments: Engine.all)
    func whatWasTakenMeanwhileIsToldAsLost(on engine: Engine) async throws {
        try await TestStore.with(engine) { test in
            let session = try await test.register("one")
            let other = try await test.register("two")
            try await test.submit(1)
            let claimed = try await test.claim(session).jobs[0]
            test.clock.advance(seconds: 61)
            try await test.store.sweep()
            try await test.beat(other)
            try await test.claim(other)
            #expect(try await test.beat(session, held: [claimed.key]).lost == [claimed.key])
        }
    }

    @Test(arguments: Engine.all)
    func beatsRenewALeaseForEver(on engine: Engine) async throws {
        try await TestStore.with(engine) { test in
            let session = try await test.register()
            try await test.submit(1)
            let claimed = try await test.claim(session).jobs[0]
            for _ in 0..<100 {
                test.clock.advance(seconds: 10)
                try await test.beat(session, held: [claimed.key])
                try await test.store.sweep()
            }
            #expect(try await test.job(claimed.job)?.status == .running)
            #expect(try await test.job(claimed.job)?.attempt == AttemptNumber(1))
        }
    }

    @Test(arguments: Engine.all)
    func aJobThatItsHolderNoLongerNamesIsFreedAfterOneLease(on engine: Engine) async throws {
        try await TestStore.with(engine) { test in
            let session = try await test.register()
            try await test.submit(1)
            let claimed = try await test.claim(session).jobs[0]
            for _ in 0..<7 {
                try await test.beat(session, held: [])
                test.clock.advance(seconds: 10)
            }
            try await test.store.sweep()
            #expect(try await test.session(session)?.status == .running)
            #expect(try await test.job(claimed.job)?.status == .pending)
        }
    }

    @Test(arguments: Engine.all)
    func aJobNamedAgainKeepsItsLease(on engine: Engine) async throws {
        try await TestStore.with(engine) { test in
            let session = try await test.register()
            try await test.submit(1)
            let claimed = try await test.claim(session).jobs[0]
            try await test.beat(session, held: [])
            for _ in 0..<12 {
                test.clock.advance(seconds: 10)
                try await test.beat(session, held: [claimed.key])
                try await test.store.sweep()
            }
            #expect(try await test.job(claimed.job)?.holder == session)
        }
    }

    @Test(arguments: Engine.all)
    func aGoodbyeFreesTheWorkAtOnce(on engine: Engine) async throws {
        try await TestStore.with(engine) { test in
            let session = try await test.register()
            let job = try await test.submit(1)[0]
            try await test.claim(session)
            try await test.beat(session, status: .stopped)
            #expect(try await test.session(session)?.status == .stopped)
            #expect(try await test.job(job)?.status == .pending)
        }
    }

    @Test(arguments: Engine.all)
    func aServerThatWasAwayMakesNobodyStaleAndLeasesStartAnew(on engine: Engine) async throws {
        try await TestStore.with(engine) { test in
            let session = try await test.register()
            let job = try await test.submit(1)[0]
            try await test.claim(session)
            try await test.store.flushBeats()
            await test.store.close()
            test.clock.advance(seconds: 3_600)
            let again = try await TestStore.open(test.place, clock: test.clock)
            try await again.store.sweep()
            #expect(try await again.session(session)?.status.isLive == true)
            #expect(try await again.job(job)?.status == .claimed)
            test.clock.advance(seconds: 59)
            try await again.store.sweep()
            #expect(try await again.job(job)?.status == .claimed)
            test.clock.advance(seconds: 2)
            try await again.store.sweep()
            #expect(try await again.job(job)?.status == .pending)
            await again.store.close()
        }
    }

    @Test(arguments: Engine.all)
    func aBeatThatSaysNothingNewIsNoWrite(on engine: Engine) async throws {
        try await TestStore.with(engine) { test in
            let session = try await test.register()
            let body = Array("same".utf8)
            let operation = RecordHeartbeat(
                session: session, status: .running, utilisation: Utilisation(), connectors: [], held: []
            )
            func beat() async throws -> [UInt8] {
                try await test.store.heartbeat(session, body: body, operation: { operation }) { _ in [1, 2, 3] }
            }
            #expect(try await beat() == [1, 2, 3])
            #expect(try await beat() == [1, 2, 3])
            let commits = test.observer.all.count
            test.clock.advance(seconds: 10)
            #expect(try await beat() == [1, 2, 3])
            #expect(test.observer.all.count == commits)
            #expect(test.store.lastHeard(session) == test.clock.now)
            // A wish makes the next one be looked at again.
            try await test.store.write {
                try ChangeSession(session: session, action: .drain, actor: "operator").run($0)
            }
            let before = test.observer.all.count
            _ = try await beat()
            #expect(test.observer.all.count > before)
        }
    }

    @Test(arguments: Engine.all)
    func aLiveSessionIsDeletedOnlyByForce(on engine: Engine) async throws {
        try await TestStore.with(engine) { test in
            let session = try await test.register()
            let job = try await test.submit(1)[0]
            try await test.claim(session)
            await #expect(throws: StoreError.self) {
                try await test.store.write {
                    try ChangeSession(session: session, action: .delete(force: false), actor: "operator").run($0)
                }
            }
            #expect(try await test.session(session) != nil)
            try await test.store.write {
                try ChangeSession(session: session, action: .delete(force: true), actor: "operator").run($0)
            }
            #expect(try await test.session(session) == nil)
            #expect(try await test.job(job)?.status == .pending)
            await #expect(throws: StoreError.self) { try await test.beat(session) }
        }
    }
}
