import Domain
import Storage
import TestKit
import Testing

/// What time does to clients that name no session.
@Suite("GOLIAT's clients: life and death")
struct LegacyLifeTests {
    private func study(_ test: TestStore, count: Int = 4) async throws -> (StudyID, [JobID]) {
        let assignments = (0..<count).map {
            CreateStudy.PreparedAssignment(label: nil, payload: #"{"phantoms":["p\#($0)"],"frequencies_mhz":[700]}"#)
        }
        let create = CreateStudy(
            name: "lab", content: .prepared(configuration: "{}", dimensions: [], assignments: assignments),
            requires: nil,
            priority: 0, maximumAttempts: 5
        )
        let id = try await test.store.write { try create.run($0) }
        let jobs = try await test.store.read {
            try ListReads.assignments(of: id, after: -1, status: nil, limit: 100, $0)
        }
        return (id, jobs.map(\.id))
    }

    @discardableResult
    private func claim(_ test: TestStore, _ job: JobID, _ address: String) async throws -> SessionID {
        try await hear(test) { try ClaimLegacy(job: job, origin: LegacyOrigin(address: address)).run($0) }
    }

    @discardableResult
    private func beat(_ test: TestStore, _ hostname: String, _ address: String) async throws -> SessionID {
        try await hear(test) {
            try HearLegacyBeat(
                origin: LegacyOrigin(address: address, hostname: hostname), cores: nil, memoryBytes: nil, gpu: nil
            ).run($0)
        }
    }

    @discardableResult
    private func say(_ test: TestStore, _ message: WindowMessage, _ address: String) async throws -> SessionID {
        try await hear(test) {
            try ApplyWindowMessage(sender: .legacy(LegacyOrigin(address: address)), message: message, sentAt: nil).run(
                $0)
        }
    }

    private func hear(
        _ test: TestStore, _ body: @escaping @Sendable (WriteTransaction) throws -> SessionID
    ) async throws -> SessionID {
        let id = try await test.store.write(body)
        test.store.heard(id)
        return id
    }

    /// Time goes by, and the server looks at what it ended.
    private func pass(_ seconds: Int64, _ test: TestStore) async throws {
        test.clock.advance(seconds: seconds)
        try await test.store.sweep()
    }

    @Test(
        "A claim that nothing follows is not stale for a quarter of an hour, and then its assignment is free",
        arguments: Engine.all)
    func silentClaim(_ engine: Engine) async throws {
        try await TestStore.with(engine) { test in
            let (_, jobs) = try await study(test)
            let id = try await claim(test, jobs[0], "a")
            try await pass(899, test)
            #expect(try await test.session(id)?.status == .starting)
            #expect(try await test.job(jobs[0])?.status == .claimed)
            try await pass(1, test)
            #expect(try await test.session(id)?.status == .stale)
            #expect(try await test.job(jobs[0])?.status == .pending)
        }
    }

    @Test(
        "A window is stale 75 s after its last word, its assignment free when the lease ends, claimable before",
        arguments: Engine.all)
    func silentWindow(_ engine: Engine) async throws {
        try await TestStore.with(engine) { test in
            let (_, jobs) = try await study(test)
            try await claim(test, jobs[0], "a")
            try await claim(test, jobs[1], "c")
            try await beat(test, "C", "c")
            let id = try await beat(test, "H", "a")
            try await pass(74, test)
            #expect(try await test.session(id)?.status == .running)
            try await pass(1, test)
            #expect(try await test.session(id)?.status == .stale)
            #expect(try await test.job(jobs[0])?.status == .running)
            // Another machine may have what a stale one held.
            try await claim(test, jobs[0], "z")
            #expect(try await test.job(jobs[0])?.attempt == AttemptNumber(2))
            try await pass(224, test)
            #expect(try await test.job(jobs[1])?.status == .running)
            try await pass(1, test)
            #expect(try await test.job(jobs[1])?.status == .pending)
        }
    }

    @Test(
        "A window that was cut off and is heard again goes on with the same attempt, as a new session",
        arguments: Engine.all)
    func resumes(_ engine: Engine) async throws {
        try await TestStore.with(engine) { test in
            let (_, jobs) = try await study(test)
            try await claim(test, jobs[0], "a")
            let first = try await beat(test, "H", "a")
            try await pass(120, test)
            let second = try await beat(test, "H", "b")
            #expect(second != first)
            let job = try #require(try await test.job(jobs[0]))
            #expect(job.holder == second && job.attempt == AttemptNumber(1) && job.status == .running)
            #expect(try await test.session(first)?.status == .stale)
        }
    }

    @Test("Another machine at the same address takes up nothing", arguments: Engine.all)
    func takesNothing(_ engine: Engine) async throws {
        try await TestStore.with(engine) { test in
            let (_, jobs) = try await study(test)
            try await claim(test, jobs[0], "a")
            let first = try await beat(test, "H", "a")
            try await pass(120, test)
            try await beat(test, "G", "a")
            try await say(test, .overall(0.5), "a")
            let job = try #require(try await test.job(jobs[0]))
            #expect(job.holder == first && job.progress.fraction == nil)
        }
    }

    @Test("After its last word a session is over in seconds; what comes later is a new one", arguments: Engine.all)
    func ending(_ engine: Engine) async throws {
        try await TestStore.with(engine) { test in
            let (_, jobs) = try await study(test)
            try await claim(test, jobs[0], "a")
            let id = try await beat(test, "H", "a")
            try await say(test, .finished(isSuccess: true, message: "Study finished successfully"), "a")
            #expect(try await test.job(jobs[0])?.status == .completed)
            test.clock.advance(seconds: 5)
            #expect(try await say(test, .printed("late", isError: false), "a") == id)
            try await pass(5, test)
            #expect(try await test.session(id)?.status == .stopped)
            let next = try await beat(test, "H", "a")
            #expect(next != id)
            #expect(try await test.session(next)?.previous == id)
            #expect(try await test.job(jobs[0])?.holder == id)
        }
    }

    @Test("A headless run is stale, its results show that it lives, and it goes on", arguments: Engine.all)
    func headless(_ engine: Engine) async throws {
        try await TestStore.with(engine) { test in
            let (_, jobs) = try await study(test)
            let id = try await claim(test, jobs[0], "a")
            try await pass(600, test)
            let files = [
                KeepLegacyResults.File(name: "x/config.json", mediaType: "application/json", byteCount: 2, sha256: "ab")
            ]
            let keep = KeepLegacyResults(job: jobs[0], peer: nil, files: files)
            let answer = try await test.store.write { try keep.run($0) }
            #expect(answer.session == id)
            test.store.heard(id)
            #expect(try await test.session(id)?.status == .running)
            #expect(try await test.job(jobs[0])?.status == .running)
            // The same file again replaces.
            let again = try await test.store.write { try keep.run($0) }
            #expect(again.replaced == answer.artifacts)
            #expect(try await test.job(jobs[0])?.artifactCount == 1)
        }
    }

    @Test("Results from a window's own connection tell which claim is its own", arguments: Engine.all)
    func joinedByPeer(_ engine: Engine) async throws {
        try await TestStore.with(engine) { test in
            let (_, jobs) = try await study(test)
            try await claim(test, jobs[0], "a1")
            try await claim(test, jobs[1], "a2")
            var windows: [SessionID] = []
            for (host, address) in [("H1", "b1"), ("H2", "b2")] {
                let origin = LegacyOrigin(address: address, hostname: host, peer: "peer-\(host)")
                let beat = HearLegacyBeat(origin: origin, cores: nil, memoryBytes: nil, gpu: nil)
                windows.append(try await hear(test) { try beat.run($0) })
            }
            let file = KeepLegacyResults.File(name: "x", mediaType: "text/plain", byteCount: 1, sha256: "ab")
            let keep = KeepLegacyResults(job: jobs[1], peer: "peer-H2", files: [file])
            #expect(try await test.store.write { try keep.run($0) }.session == windows[1])
            #expect(try await test.job(jobs[1])?.holder == windows[1])
            #expect(try await test.session(windows[0])?.held.isEmpty == true)
        }
    }

    @Test(
        "Results from an address from which others speak, or spoke before the claim, tell nothing",
        arguments: Engine.all)
    func notJoinedByPeer(_ engine: Engine) async throws {
        try await TestStore.with(engine) { test in
            let (_, jobs) = try await study(test)
            let proxy = "proxy"
            @discardableResult
            func beat(_ host: String, _ address: String, from peer: String) async throws -> SessionID {
                let origin = LegacyOrigin(address: address, hostname: host, peer: peer)
                return try await hear(test) {
                    try HearLegacyBeat(origin: origin, cores: nil, memoryBytes: nil, gpu: nil).run($0)
                }
            }
            func claim(_ job: JobID, _ address: String, from peer: String) async throws -> SessionID {
                try await hear(test) {
                    try ClaimLegacy(job: job, origin: LegacyOrigin(address: address, peer: peer)).run($0)
                }
            }
            func results(of job: JobID, from peer: String) async throws -> SessionID? {
                let file = KeepLegacyResults.File(name: "x", mediaType: "text/plain", byteCount: 1, sha256: "ab")
                let keep = KeepLegacyResults(job: job, peer: peer, files: [file])
                return try await test.store.write { try keep.run($0) }.session
            }
            // A window that was there before: of another process.
            let before = try await beat("H0", "b0", from: "p0")
            let late = try await claim(jobs[0], "a0", from: "q0")
            #expect(try await results(of: jobs[0], from: "p0") == late)
            #expect(try await test.session(before)?.held.isEmpty == true)
            // Two machines behind one proxy: one without a window, one whose claim is not known to be its own.
            let headless = try await claim(jobs[1], "a1", from: proxy)
            _ = try await claim(jobs[2], "a2", from: proxy)
            let window = try await beat("H2", "b2", from: proxy)
            #expect(try await results(of: jobs[1], from: proxy) == headless)
            #expect(try await test.session(window)?.held.isEmpty == true)
        }
    }

    @Test("A server that was away for an hour makes nobody stale", arguments: Engine.all)
    func restart(_ engine: Engine) async throws {
        let place = try TestPlace(engine)
        defer { place.remove() }
        let clock = ManualClock()
        let before = try await TestStore.open(place, clock: clock)
        let (_, jobs) = try await study(before)
        try await claim(before, jobs[0], "a")
        let id = try await beat(before, "H", "a")
        await before.store.close()
        clock.advance(seconds: 3_600)
        let after = try await TestStore.open(place, clock: clock)
        try await after.store.sweep()
        #expect(try await after.session(id)?.status == .running)
        #expect(try await after.job(jobs[0])?.status == .running)
        #expect(try await beat(after, "H", "a") == id)
        try await pass(75, after)
        #expect(try await after.session(id)?.status == .stale)
        await after.store.close()
    }

    @Test(
        "A deleted session is gone with its window, its addresses and its pictures; its assignment is free",
        arguments: Engine.all)
    func deleted(_ engine: Engine) async throws {
        try await TestStore.with(engine) { test in
            let (_, jobs) = try await study(test)
            try await claim(test, jobs[0], "a")
            let id = try await beat(test, "H", "a")
            try await say(test, .overall(0.5), "a")
            let delete = ChangeSession(session: id, action: .delete(force: false), actor: "me")
            await #expect(throws: StoreError.self) { try await test.store.write { try delete.run($0) } }
            let force = ChangeSession(session: id, action: .delete(force: true), actor: "me")
            try await test.store.write { try force.run($0) }
            #expect(try await test.session(id) == nil)
            #expect(try await test.job(jobs[0])?.status == .pending)
            // What its process says from now on is of nobody that was deleted.
            let next = try await beat(test, "H", "a")
            #expect(next != id)
            #expect(try await test.session(next)?.held.isEmpty == true)
        }
    }
}
