import Domain
import Storage
import TestKit
import Testing

/// Heartbeats of clients that name no session: what says nothing new is no write, and nothing is lost by that.
@Suite("GOLIAT's clients: quiet heartbeats")
struct LegacyBeatTests {
    private let home = LegacyOrigin(address: "a", hostname: "H")

    private func beat(_ origin: LegacyOrigin, gpu: String = "RTX A4000") -> HearLegacyBeat {
        HearLegacyBeat(origin: origin, cores: 12, memoryBytes: 16_000_000_000, gpu: gpu)
    }

    /// A machine whose heartbeat is known.
    private func quiet(
        _ engine: Engine, _ body: (TestStore, HearLegacyBeat, SessionID) async throws -> Void
    ) async throws {
        try await TestStore.with(engine) { test in
            let beat = beat(home)
            let session = try await test.store.heartbeat(beat)
            #expect(try await test.store.heartbeat(beat) == session)
            #expect(test.store.isKnown(beat))
            try await body(test, beat, session)
        }
    }

    private func job(_ test: TestStore) async throws -> JobID {
        let create = CreateStudy(
            name: "lab", content: .assignments(["{}"]), requires: nil, priority: 0, maximumAttempts: 5
        )
        let study = try await test.store.write { try create.run($0) }
        let jobs = try await test.store.read {
            try ListReads.assignments(of: study, after: -1, status: nil, limit: 1, $0)
        }
        return try #require(jobs.first).id
    }

    private func say(_ test: TestStore, _ message: WindowMessage, _ origin: LegacyOrigin) async throws {
        let apply = ApplyWindowMessage(sender: .legacy(origin), message: message, sentAt: nil)
        _ = try await test.store.write { try apply.run($0) }
    }

    @Test("One that repeats the last asks the writer nothing, and its session lives", arguments: Engine.all)
    func repeated(_ engine: Engine) async throws {
        try await quiet(engine) { test, beat, session in
            let commits = test.observer.all.count
            for _ in 0..<19 {
                test.clock.advance(seconds: 30)
                #expect(try await test.store.heartbeat(beat) == session)
                #expect(test.store.lastHeard(session) == test.clock.now)
            }
            #expect(test.observer.all.count == commits)
            try await test.store.sweep()
            #expect(try await test.session(session)?.status == .running)
        }
    }

    @Test("Its window's own words take nothing from that", arguments: Engine.all)
    func words(_ engine: Engine) async throws {
        try await quiet(engine) { test, beat, _ in
            try await say(test, .overall(0.5), LegacyOrigin(address: "a"))
            try await say(
                test, .lines([WindowMessage.Line(text: "x", type: "info", at: nil)], batch: 0),
                LegacyOrigin(address: "a"))
            #expect(test.store.isKnown(beat))
        }
    }

    @Test("What is another beat is looked at: other hardware, another connection, no hostname")
    func others() async throws {
        try await quiet(.sqlite) { test, _, _ in
            #expect(!test.store.isKnown(beat(home, gpu: "RTX 4090")))
            #expect(!test.store.isKnown(beat(LegacyOrigin(address: "a", hostname: "H", peer: "p"))))
            #expect(!test.store.isKnown(beat(LegacyOrigin(address: "a"))))
            #expect(!test.store.isKnown(beat(LegacyOrigin(address: "b", hostname: "H"))))
        }
    }

    @Test("Every ten minutes it is looked at: its address stays known for a fortnight", arguments: Engine.all)
    func addressStaysKnown(_ engine: Engine) async throws {
        try await quiet(engine) { test, beat, session in
            // Every second one asks the writer.
            for _ in 0..<(15 * 24 * 9) {
                test.clock.advance(seconds: 400)
                try await test.store.heartbeat(beat)
            }
            let job = try await job(test)
            let claim = try await test.store.write {
                try ClaimLegacy(job: job, origin: LegacyOrigin(address: "a")).run($0)
            }
            // Heard elsewhere for the first time: the claim from the address that it had is its own.
            try await say(test, .finished(isSuccess: true, message: "Study finished successfully"), home)
            let moved = try await test.store.heartbeat(self.beat(LegacyOrigin(address: "b", hostname: "H")))
            #expect(moved == claim)
            #expect(moved != session)
        }
    }

    @Test("Whoever comes to its address is weighed against it", arguments: Engine.all)
    func company(_ engine: Engine) async throws {
        try await quiet(engine) { test, beat, session in
            let job = try await job(test)
            let claim = try await test.store.write {
                try ClaimLegacy(job: job, origin: LegacyOrigin(address: "a")).run($0)
            }
            #expect(!test.store.isKnown(beat))
            #expect(try await test.store.heartbeat(beat) == session)
            // The process of the claim speaks: from here on it is the one that last spoke from there.
            try await say(
                test, .lines([WindowMessage.Line(text: "x", type: "info", at: nil)], batch: 0),
                LegacyOrigin(address: "a"))
            #expect(try await test.session(claim) != nil)
            #expect(!test.store.isKnown(beat))
        }
        try await quiet(engine) { test, beat, _ in
            try await test.store.heartbeat(self.beat(LegacyOrigin(address: "a", hostname: "G")))
            #expect(!test.store.isKnown(beat))
        }
        try await quiet(engine) { test, beat, _ in
            // A stranger moves to its address.
            try await test.store.heartbeat(self.beat(LegacyOrigin(address: "b", hostname: "G")))
            try await test.store.heartbeat(self.beat(LegacyOrigin(address: "a", hostname: "G")))
            #expect(!test.store.isKnown(beat))
        }
    }

    @Test("A session that is over is not spoken for", arguments: Engine.all)
    func over(_ engine: Engine) async throws {
        try await quiet(engine) { test, beat, session in
            test.clock.advance(seconds: 75)
            try await test.store.sweep()
            #expect(!test.store.isKnown(beat))
            #expect(try await test.store.heartbeat(beat) != session)
        }
        try await quiet(engine) { test, beat, session in
            try await say(test, .finished(isSuccess: true, message: "Study finished successfully"), home)
            #expect(!test.store.isKnown(beat))
            test.clock.advance(seconds: 11)
            try await test.store.sweep()
            #expect(try await test.store.heartbeat(beat) != session)
        }
        try await quiet(engine) { test, beat, session in
            let delete = ChangeSession(session: session, action: .delete(force: true), actor: "me")
            try await test.store.write { try delete.run($0) }
            #expect(!test.store.isKnown(beat))
            #expect(try await test.store.heartbeat(beat) != session)
        }
    }

    @Test("Two processes of one machine that tell of it otherwise are both heard", arguments: Engine.all)
    func hardware(_ engine: Engine) async throws {
        try await quiet(engine) { test, beat, session in
            let other = self.beat(LegacyOrigin(address: "b", hostname: "H"), gpu: "RTX 4090")
            try await test.store.heartbeat(other)
            try await test.store.heartbeat(other)
            let machine = try #require(try await test.session(session)?.machine)
            func gpus() async throws -> [String]? {
                try await test.store.read { try RecordReads.machine(machine, $0)?.gpus }
            }
            #expect(try await gpus() == ["RTX 4090"])
            try await test.store.heartbeat(beat)
            #expect(try await gpus() == ["RTX A4000"])
        }
    }

    @Test("What another server hears of its address counts here, too")
    func nodes() async throws {
        let place = try TestPlace(.postgres)
        defer { place.remove() }
        let clock = ManualClock()
        let here = try await TestStore.open(place, clock: clock)
        let there = try await TestStore.open(place, clock: clock)
        let beat = beat(home)
        let session = try await here.store.heartbeat(beat)
        try await here.store.heartbeat(beat)
        try await Patience.until {
            try await here.store.heartbeat(beat)
            return here.store.isKnown(beat)
        }
        let job = try await job(there)
        _ = try await there.store.write { try ClaimLegacy(job: job, origin: LegacyOrigin(address: "a")).run($0) }
        try await Patience.until { !here.store.isKnown(beat) }
        #expect(try await here.store.heartbeat(beat) == session)
        await here.store.close()
        await there.store.close()
    }
}
