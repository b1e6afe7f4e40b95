import Domain
import Storage
import Synchronization
import TestKit
import Testing

@Suite struct FollowUpTests {
    private struct Undo: Error {}

    /// What was asked of the observer, and how the claims that followed were answered.
    private final class Followers: Sendable {
        let askedCount = Mutex(0)
        let answers = Mutex<[Result<[JobID], any Error>]>([])

        /// Lets `sessions` claim one job each in the first group that makes some ready.
        func follow(
            _ test: TestStore, _ sessions: [SessionID],
            first: @escaping @Sendable () throws -> Void = {},
            then: @escaping @Sendable (WriteTransaction) throws -> Void = { _ in }
        ) {
            test.observer.follow { _ in
                let isFirst = self.askedCount.withLock { count in
                    count += 1
                    return count == 1
                }
                guard isFirst else { return [] }
                return sessions.map { session in
                    let claim = ClaimJobs(session: session, count: 1, held: [], study: nil, index: nil)
                    return FollowUp(foreseeing: claim.foresight) { transaction in
                        try first()
                        let jobs = try claim.run(transaction).jobs.map(\.job)
                        try then(transaction)
                        return jobs
                    } answer: { result in
                        self.answers.withLock { $0.append(result) }
                    }
                }
            }
        }
    }

    @Test(arguments: Engine.all)
    func whoWaitedHasTheJobInTheGroupThatBroughtIt(on engine: Engine) async throws {
        try await TestStore.with(engine) { test in
            let sessions = [try await test.register("one"), try await test.register("two")]
            let followers = Followers()
            followers.follow(test, sessions)
            let before = test.observer.all.count
            let jobs = try await test.submit(3)
            #expect(test.observer.all.count == before + 1)
            let commit = try #require(test.observer.all.last)
            // One is left for whoever asks next.
            #expect(commit.ready.values.reduce(0, +) == 1)
            let answers = try followers.answers.withLock { try $0.flatMap { try $0.get() } }
            #expect(answers == Array(jobs.prefix(2)))
            let told = commit.changes.compactMap { change -> JobRecord? in
                if case .job(let job)? = change.record { job } else { nil }
            }
            #expect(Set(told.filter { $0.status == .claimed }.compactMap(\.holder)) == Set(sessions))
            #expect(told.count == 3)
            let queue = try await test.store.read { try RecordReads.queue(named: "default", $0) }
            #expect(queue?.counts.claimed == 2)
            #expect(queue?.counts.pending == 1)
            try await test.store.read { try StoreLaws.check($0) }
        }
    }

    /// It has written by then, so the whole group is run again: the follower fails alone, once more, and is not asked
    /// for a second time.
    @Test(arguments: Engine.all)
    func oneThatFailsLeavesTheGroupAndItsJobToOthers(on engine: Engine) async throws {
        try await TestStore.with(engine) { test in
            let session = try await test.register()
            let followers = Followers()
            followers.follow(test, [session], then: { _ in throw Undo() })
            let jobs = try await test.submit(1)
            #expect(followers.askedCount.withLock { $0 } == 1)
            let answers = followers.answers.withLock { $0 }
            #expect(answers.count == 1)
            #expect(throws: Undo.self) { try answers.first?.get() }
            // The job is there for whoever waits still: it is told as ready.
            #expect(test.observer.all.last?.ready.values.reduce(0, +) == 1)
            #expect(try await test.claim(session).jobs.map(\.job) == jobs)
            try await test.store.read { try StoreLaws.check($0) }
        }
    }

    @Test(arguments: Engine.all)
    func aJobWhoseFollowerIsRefusedIsToldAsReady(on engine: Engine) async throws {
        try await TestStore.with(engine) { test in
            let session = try await test.register()
            let followers = Followers()
            followers.follow(test, [session], first: { throw Undo() })
            try await test.submit(2)
            #expect(followers.answers.withLock { $0.count } == 1)
            #expect(test.observer.all.last?.ready.values.reduce(0, +) == 2)
        }
    }

    /// Whoever waits in one queue alone still has to hear of the job that was left there.
    @Test(arguments: Engine.all)
    func aJobThatItsFollowerLeftForABetterOneIsToldAsReady(on engine: Engine) async throws {
        try await TestStore.with(engine) { test in
            let session = try await test.register(queues: ["good", "better"])
            let followers = Followers()
            followers.follow(test, [session])
            let jobs = ["good", "better"].map { queue in
                SubmitJobs.New(
                    queue: queue, payload: "{}", requires: nil, priority: queue == "better" ? 5 : 0, runAt: nil,
                    uniqueKey: nil, label: nil, maximumAttempts: 5
                )
            }
            _ = try await test.store.write { try SubmitJobs(jobs: jobs, idempotency: nil).run($0) }
            let ready = try #require(test.observer.all.last?.ready)
            #expect(ready.values.reduce(0, +) == 1)
            let good = [
                try await test.register("first", queues: ["good"]), try await test.register("second", queues: ["good"]),
            ]
            #expect(try await test.claim(good[0]).jobs.count == 1)
            #expect(try await test.claim(good[1]).waitsFor.isSuperset(of: ready.keys))
        }
    }

    /// A session that asks twice at once, since the first call was cut and nobody has noticed yet, is handed the same
    /// job twice: the second job is still there for others.
    @Test(arguments: Engine.all)
    func aJobWhoseFollowerHadOneHandedOutAgainIsToldAsReady(on engine: Engine) async throws {
        try await TestStore.with(engine) { test in
            let session = try await test.register()
            let followers = Followers()
            followers.follow(test, [session, session])
            let jobs = try await test.submit(2)
            let answers = try followers.answers.withLock { try $0.map { try $0.get() } }
            #expect(answers == [[jobs[0]], [jobs[0]]])
            #expect(test.observer.all.last?.ready.values.reduce(0, +) == 1)
        }
    }

    @Test func aCommitThatFailsTellsTheFollowerToo() async throws {
        try await TestStore.with { test in
            // A constraint that is asked only at the commit.
            let deferKeys = Statement("test.defer_follow", "PRAGMA defer_foreign_keys = ON")
            let orphan = Statement("test.orphan_follow", "INSERT INTO beat (session_id, heard_at) VALUES (424242, 1)")
            let session = try await test.register()
            let followers = Followers()
            followers.follow(
                test, [session],
                then: { transaction in
                    _ = try transaction.rows(deferKeys, [])
                    try transaction.run(orphan, [])
                })
            await #expect(throws: StoreError.self) { try await test.submit(1) }
            let answers = followers.answers.withLock { $0 }
            #expect(answers.count == 1)
            #expect(throws: StoreError.self) { try answers.first?.get() }
            #expect(try await test.claim(session).jobs.isEmpty)
        }
    }
}
