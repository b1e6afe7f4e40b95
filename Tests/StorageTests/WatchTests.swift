import Domain
import Storage
import TestKit
import Testing

/// Catching up after a sequence: what a watcher that was away is told.
@Suite struct WatchTests {
    private func changes(
        _ test: TestStore, _ scope: Scope, since: SequenceNumber
    ) async throws -> [Change]? {
        let caughtUp = try await test.store.read { try WatchReads.changes(scope, since: since, $0) }
        switch caughtUp {
        case .changes(let changes, _): return changes
        case .reset: return nil
        }
    }

    private func sequence(_ test: TestStore) async throws -> SequenceNumber {
        try await test.store.read { try WatchReads.sequence($0) }
    }

    @Test(arguments: Engine.all)
    func onlyWhatChangedSinceIsTold(on engine: Engine) async throws {
        try await TestStore.with(engine) { test in
            let study = try await test.study(count: 3)
            let session = try await test.register(queues: [], studies: ["study"])
            let since = try await sequence(test)
            #expect(try await changes(test, .fleet, since: since)?.isEmpty == true)
            let claimed = try await test.claim(session).jobs[0]
            let fleet = try #require(try await changes(test, .fleet, since: since))
            #expect(Set(fleet.map(\.key)) == [.session(session), .study(study)])
            let inside = try #require(try await changes(test, .study(study), since: since))
            #expect(Set(inside.map(\.key)) == [.job(claimed.job), .study(study)])
            #expect(inside.map(\.sequence) == inside.map(\.sequence).sorted())
            #expect(try await changes(test, .job(claimed.job), since: since)?.map(\.key) == [.job(claimed.job)])
            #expect(try await changes(test, .session(session), since: since)?.map(\.key) == [.session(session)])
        }
    }

    @Test(arguments: Engine.all)
    func aDeletionIsToldByItsTombstone(on engine: Engine) async throws {
        try await TestStore.with(engine) { test in
            let jobs = try await test.submit(2)
            let since = try await sequence(test)
            try await test.store.write {
                _ = try ChangeJob(job: jobs[0], action: .delete, actor: "operator").run($0)
            }
            let told = try #require(try await changes(test, .queue("default"), since: since))
            #expect(told.first { $0.key == .job(jobs[0]) }?.kind == .delete)
            #expect(try await changes(test, .job(jobs[0]), since: since)?.map(\.kind) == [.delete])
            // Nobody else hears of it but through the queue's counters.
            #expect(try await changes(test, .fleet, since: since)?.map(\.key) == [.queue("default")])
        }
    }

    @Test(arguments: Engine.all)
    func aReplacedSessionLeavesTheFleetAndStaysInItsOwnScope(on engine: Engine) async throws {
        try await TestStore.with(engine) { test in
            let old = try await test.register()
            let since = try await sequence(test)
            let new = try await test.register(predecessorEnded: true)
            let fleet = try #require(try await changes(test, .fleet, since: since))
            #expect(fleet.first { $0.key == .session(old) }?.kind == .leave)
            #expect(fleet.first { $0.key == .session(new) }?.kind == .put)
            #expect(try await changes(test, .session(old), since: since)?.map(\.kind) == [.put])
            let snapshot = try await test.store.read { try WatchReads.snapshot(.fleet, $0) }
            #expect(!snapshot.records.contains { $0.key == .session(old) })
        }
    }

    @Test(arguments: Engine.all)
    func whatComesLateOfAReplacedSessionDoesNotBringItBack(on engine: Engine) async throws {
        try await TestStore.with(engine) { test in
            let old = try await test.register()
            let new = try await test.register(predecessorEnded: true)
            let since = try await sequence(test)
            // A goodbye that was long on its way, and a frozen process that wakes.
            try await test.beat(old, status: .stopped)
            await #expect(throws: SessionRefusal.ended(.stale)) { try await test.beat(old) }
            try await test.beat(new, status: .stopped)
            await #expect(throws: SessionRefusal.ended(.stale)) { try await test.beat(old) }
            let fleet = try #require(try await changes(test, .fleet, since: since))
            #expect(fleet.map(\.key) == [.session(new)])
            #expect(!test.observer.changes.contains { $0.key == .session(old) && $0.sequence > since })
        }
    }

    @Test(arguments: Engine.all)
    func aDeletedSessionGivesItsPlaceToTheOneBefore(on engine: Engine) async throws {
        try await TestStore.with(engine) { test in
            let first = try await test.register()
            let second = try await test.register()
            let third = try await test.register()
            func delete(_ session: SessionID) async throws {
                try await test.store.write {
                    try ChangeSession(session: session, action: .delete(force: true), actor: "operator").run($0)
                }
            }
            func current() async throws -> [EntityKey] {
                try await test.store.read { try WatchReads.snapshot(.fleet, $0) }.records.map(\.key)
                    .filter { $0.kind == .session }
            }
            // One that was history already changes nothing of who is current.
            try await delete(first)
            #expect(try await current() == [.session(third)])
            try await delete(third)
            #expect(try await current() == [.session(second)])
        }
    }

    @Test(arguments: Engine.all)
    func aNumberFromAnotherTimeBeginsAnew(on engine: Engine) async throws {
        try await TestStore.with(engine) { test in
            try await test.submit(1)
            let now = try await sequence(test)
            #expect(try await changes(test, .fleet, since: SequenceNumber(now.value + 1)) == nil)
            #expect(try await changes(test, .fleet, since: now) != nil)
        }
    }

    @Test(arguments: Engine.all)
    func whatWasForgottenBeginsAnew(on engine: Engine) async throws {
        try await TestStore.with(engine) { test in
            let jobs = try await test.submit(2)
            let before = try await sequence(test)
            try await test.store.write {
                _ = try ChangeJob(job: jobs[0], action: .delete, actor: "operator").run($0)
            }
            let after = try await sequence(test)
            test.clock.advance(milliseconds: Timing().tombstoneMilliseconds + 1)
            _ = try await test.store.write {
                try Prune(retention: Retention(), jobCursor: JobID(number: 0)).run($0)
            }
            #expect(try await changes(test, .queue("default"), since: before) == nil)
            #expect(try await changes(test, .queue("default"), since: after) != nil)
        }
    }

    @Test(arguments: Engine.all)
    func aPinnedReadSeesExactlyTheMomentOfItsEntry(on engine: Engine) async throws {
        try await TestStore.with(engine) { test in
            try await test.submit(1)
            let now = try await sequence(test)
            let (entered, snapshot) = try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<20 { group.addTask { try await test.submit(1) } }
                let observer = test.observer
                let mark = Mark()
                let snapshot = try await test.store.readPinned(
                    enter: { mark.set(observer.all.last?.sequence ?? .zero) },
                    { try WatchReads.snapshot(.queue("default"), $0) }
                )
                try await group.waitForAll()
                return (mark.value, snapshot)
            }
            #expect(snapshot.sequence == entered)
            #expect(snapshot.sequence >= now)
        }
    }
}
