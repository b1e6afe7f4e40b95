import Domain
import Foundation
import NIOHTTP1
import Storage
import TestKit
import Testing
import Wire

/// Snapshot and watch never disagree: for any r < s, the snapshot at r with the changes up to s is the snapshot at s.
@Suite("Snapshot and watch", .timeLimit(.minutes(15)))
struct LawTests {
    /// Short lives, so that silence shows within a turn of the sweep and no turn looks like a frozen server.
    private static var timing: Timing {
        var timing = Timing()
        timing.staleMilliseconds = 3_000
        timing.jobLeaseMilliseconds = 2_000
        timing.assignmentLeaseMilliseconds = 2_500
        return timing
    }

    @Test("Any two snapshots differ by exactly what was told between them", arguments: [UInt64(1), 2, 3])
    func anyTwoSnapshots(seed: UInt64) async throws {
        try await TestServer.with(timing: Self.timing) { server in
            var play = Play(server: server, seed: seed)
            try await play.begin()
            let study = "study:\(play.mainStudy)"
            let fleet = WatchedState(try await server.snapshot("fleet"))
            let assignments = WatchedState(try await server.snapshot(study))
            let request = TestRequest(.GET, "/api/v1/watch?scope=fleet&since=\(fleet.sequence)")
            let studyRequest = TestRequest(.GET, "/api/v1/watch?scope=\(study)&since=\(assignments.sequence)")
            try await server.client.watching(request) { fleetLog in
                try await server.client.watching(studyRequest) { studyLog in
                    let reconnecting = Reconnecting(server: server, scope: "fleet", since: fleet)
                    async let broken = reconnecting.run()
                    var fleets = [fleet]
                    var studies = [assignments]
                    for _ in 0..<30 {
                        for _ in 0..<20 { try await play.step() }
                        fleets.append(WatchedState(try await server.snapshot("fleet")))
                        studies.append(WatchedState(try await server.snapshot(study)))
                    }
                    // Silence, seen by the sweep, and then one last change of each scope, which all must reach.
                    server.clock.advance(milliseconds: 4_000)
                    #expect(try await fleetLog.wait { $0.contains { Self.text($0).contains(#""status":"stale""#) } })
                    try await play.end()
                    let last = WatchedState(try await server.snapshot("fleet"))
                    let lastStudy = WatchedState(try await server.snapshot(study))
                    reconnecting.end(at: last.newest)
                    #expect(try await fleetLog.wait { Change.newest($0) >= last.newest })
                    #expect(try await studyLog.wait { Change.newest($0) >= lastStudy.newest })
                    Self.compare(fleets + [last], Change.all(fleetLog.events), "fleet")
                    Self.compare(studies + [lastStudy], Change.all(studyLog.events), study)
                    let (changes, count) = try await broken
                    #expect(count > 3)
                    let folded = fleet.applying(changes, upTo: last.sequence)
                    #expect(folded.difference(from: last) == [])
                    #expect(play.failures == [])
                    #expect(play.refusals < play.steps / 2)
                }
            }
        }
    }

    private static func text(_ event: ServerSentEvent) -> String { String(decoding: event.data, as: UTF8.self) }

    private static func compare(_ states: [WatchedState], _ changes: [Change], _ scope: String) {
        #expect(zip(changes, changes.dropFirst()).allSatisfy { $0.sequence < $1.sequence }, "\(scope): order")
        var pairs = 0
        for (first, earlier) in states.enumerated() {
            for later in states[(first + 1)...] {
                let difference = earlier.applying(changes, upTo: later.sequence).difference(from: later)
                #expect(difference == [], "\(scope) from \(earlier.sequence) to \(later.sequence)")
                pairs += 1
            }
        }
        #expect(pairs > 400)
        // The comparison sees what is missing: without its last change no scope comes out right.
        if let first = states.first, let last = states.last {
            // The sweep may have gone on after the last snapshot; what it told is not the last's.
            let told = changes.filter { $0.sequence <= last.sequence }
            let short = first.applying(told.dropLast(), upTo: last.sequence)
            #expect(short.difference(from: last) != [], "\(scope)")
        }
        #expect(changes.count > 50, "\(scope)")
    }

    @Test("A reader that falls far behind is told less, and ends with the same")
    func slowReader() async throws {
        try await TestServer.with { server in
            let worker = try await server.worker(queues: ["slow"])
            let jobs = JSON.array((0..<1_000).map { ["queue": "slow", "payload": ["n": JSON($0)]] })
            #expect(try await server.post("/api/v1/jobs", ["jobs": jobs] as JSON).status == 201)
            let start = WatchedState(try await server.snapshot("queue:slow"))
            let request = TestRequest(.GET, "/api/v1/watch?scope=queue:slow&since=\(start.sequence)")
            try await server.client.open(request) { _, incoming in
                // Nothing is read while every job goes out and back, again and again.
                var number = 0
                let rounds = 25
                for _ in 0..<rounds {
                    let claimed = try #require(try await worker.claim(count: 1_000).json()["jobs"]?.arrayValue)
                    #expect(claimed.count == 1_000)
                    let reports = claimed.map { job -> JSON in
                        number += 1
                        return [
                            "number": JSON(number), "type": "released", "job": job["job"] ?? .null,
                            "attempt": job["attempt"] ?? .null,
                        ]
                    }
                    #expect(try await worker.post("reports", ["reports": .array(reports)]).status == 200)
                }
                let last = WatchedState(try await server.snapshot("queue:slow"))
                var decoder = EventStreamDecoder()
                var events: [ServerSentEvent] = []
                while Change.newest(events) < last.newest, let bytes = try await incoming.next() {
                    events += try decoder.append(bytes)
                }
                let changes = Change.all(events)
                #expect(!events.contains { $0.event == "reset" })
                #expect(changes.count < rounds * 2_000)
                #expect(start.applying(changes, upTo: last.sequence).difference(from: last) == [])
            }
        }
    }

    @Test(
        "A position that can't be continued is answered with a reset, and the stream ends",
        arguments: [
            "since=1&epoch=another", "since=999999999", "since=-1",
        ])
    func noSuchPosition(query: String) async throws {
        try await TestServer.with { server in
            _ = try await server.job()
            let request = TestRequest(.GET, "/api/v1/watch?scope=fleet&\(query)")
            if query.contains("-1") {
                #expect(try await server.client.send(request).status == 422)
                return
            }
            try await server.client.watching(request) { (log) async throws in
                #expect(try await log.wait { _ in false } == false)
                #expect(log.events.compactMap(\.event) == ["reset"])
            }
        }
    }

    @Test(
        "A Last-Event-ID of another epoch, or one that can't be read, is answered with a reset",
        arguments: [
            "another-1", "nonsense", "", "-5",
        ])
    func strangeLastEventID(id: String) async throws {
        try await TestServer.with { server in
            let request = TestRequest(.GET, "/api/v1/watch?scope=fleet", headers: [("Last-Event-ID", id)])
            try await server.client.watching(request) { (log) async throws in
                #expect(try await log.wait { _ in false } == false)
                #expect(log.events.compactMap(\.event) == ["reset"])
            }
        }
    }

    @Test("Whoever comes back from before what was forgotten is told to begin anew")
    func forgotten() async throws {
        try await TestServer.with { outer in
            // A folder of its own, since it is opened twice.
            let folder = outer.folder.appendingPathComponent("twice")
            let clock = ManualClock()
            let test = try await TestStore.open(folder: folder, clock: clock)
            let jobs = try await test.submit(2)
            let before = try await test.store.read { try WatchReads.sequence($0) }
            _ = try await test.store.write { try ChangeJob(job: jobs[0], action: .delete, actor: "test").run($0) }
            let after = try await test.store.read { try WatchReads.sequence($0) }
            clock.advance(seconds: 2 * 86_400)
            _ = try await test.store.write {
                try Prune(retention: Retention(), jobCursor: JobID(number: 0)).run($0)
            }
            await test.store.close()
            try await TestServer.with(clock: clock, folder: folder) { server in
                let old = TestRequest(.GET, "/api/v1/watch?scope=queue:default&since=\(before)")
                try await server.client.watching(old) { (log) async throws in
                    #expect(try await log.wait { _ in false } == false)
                    #expect(log.events.compactMap(\.event) == ["reset"])
                }
                let new = TestRequest(.GET, "/api/v1/watch?scope=queue:default&since=\(after)")
                try await server.client.watching(new) { log in
                    _ = try await server.job()
                    #expect(try await log.wait { !Change.all($0).isEmpty })
                    #expect(!log.events.contains { $0.event == "reset" })
                }
            }
        }
    }

    @Test("A study that is deleted is gone from its own scope with all that was in it")
    func deletedStudy() async throws {
        try await TestServer.with { server in
            let id = try #require(try await server.study("gone", count: 3)["id"]?.stringValue)
            let before = WatchedState(try await server.snapshot("study:\(id)"))
            #expect(before.items.count == 4)
            try await server.client.watching(
                TestRequest(.GET, "/api/v1/watch?scope=study:\(id)&since=\(before.sequence)")
            ) { log in
                #expect(try await server.delete("/api/v1/studies/gone").status == 204)
                #expect(try await log.wait { $0.contains { $0.event == "delete" } })
                let after = WatchedState(try await server.snapshot("study:\(id)"))
                #expect(after.items.isEmpty)
                #expect(before.applying(Change.all(log.events), upTo: after.sequence).difference(from: after) == [])
            }
        }
    }
}
