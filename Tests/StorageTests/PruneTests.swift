import Domain
import Storage
import TestKit
import Testing

@Suite struct PruneTests {
    private static let day: Int64 = 86_400_000

    private func prune(_ test: TestStore, _ retention: Retention = Retention()) async throws -> [Int] {
        var counts: [Int] = []
        var cursor = JobID(number: 0)
        repeat {
            let bite = Prune(retention: retention, jobCursor: cursor)
            let answer = try await test.store.write { try bite.run($0) }
            cursor = answer.jobCursor
            counts.append(answer.count)
        } while counts.last != 0
        return counts
    }

    @Test(arguments: Engine.all)
    func whatIsYoungStays(on engine: Engine) async throws {
        try await TestStore.with(engine) { test in
            let session = try await test.register()
            try await test.submit(3)
            let claimed = try await test.claim(session).jobs[0]
            try await test.report(session, 1, claimed, .completed)
            #expect(try await prune(test) == [0])
        }
    }

    @Test(arguments: Engine.all)
    func finishedJobsGoInBitesAndTheRestStays(on engine: Engine) async throws {
        try await TestStore.with(engine) { test in
            let session = try await test.register()
            let jobs = try await test.submit(450)
            let kept = try await test.submit(1, runAt: test.clock.now.adding(milliseconds: 400 * Self.day))
            for number in 0..<9 {
                let claimed = try await test.claim(session, count: 50).jobs
                try await test.reports(
                    session,
                    claimed.enumerated().map { position, job in
                        ApplyReports.Entry(
                            number: Int64(number * 50 + position + 1), key: job.key,
                            content: .end(.completed, exitCode: 0, reason: nil, result: nil)
                        )
                    }
                )
            }
            test.clock.advance(milliseconds: 91 * Self.day)
            let counts = try await prune(test)
            #expect(counts.reduce(0, +) == jobs.count)
            #expect(counts.allSatisfy { $0 <= 200 })
            #expect(try await test.job(kept[0]) != nil)
            let queue = try await test.store.read { try RecordReads.queue(named: "default", $0) }
            #expect(queue?.counts.total == 1)
            try await test.store.read { try StoreLaws.check($0) }
        }
    }

    @Test(arguments: Engine.all)
    func linesAndKeysGoWithTheirTime(on engine: Engine) async throws {
        try await TestStore.with(engine) { test in
            let session = try await test.register()
            let lines = (0..<250).map { ApplyReports.Line(at: nil, level: .info, text: "line \($0)") }
            try await test.reports(session, [ApplyReports.Entry(number: 1, key: nil, content: .lines(lines))])
            test.clock.advance(milliseconds: 15 * Self.day)
            try await test.reports(session, [ApplyReports.Entry(number: 2, key: nil, content: .lines([lines[0]]))])
            #expect(try await prune(test) == [200, 50, 0])
            let left = try await test.store.read { try ListReads.lines(of: session, after: 0, limit: 10, $0) }
            #expect(left.count == 1)
        }
    }

    @Test(arguments: Engine.all)
    func theOldestLinesGoWhereTheyAreTooMuch(on engine: Engine) async throws {
        try await TestStore.with(engine) { test in
            let session = try await test.register()
            let size = Retention.logLineOverhead + 400
            let line = ApplyReports.Line(at: nil, level: .info, text: String(repeating: "é", count: 200))
            for number in 1...5 {
                let lines = Array(repeating: line, count: 100)
                try await test.reports(
                    session, [ApplyReports.Entry(number: Int64(number), key: nil, content: .lines(lines))]
                )
            }
            var retention = Retention()
            retention.logBytes = Int64(size * 500)
            #expect(try await prune(test, retention) == [0])
            retention.logBytes = Int64(size * 120)
            #expect(try await prune(test, retention) == [200, 180, 0])
            // What is left counts on from where it was, and a restart changes nothing.
            try await test.reports(session, [ApplyReports.Entry(number: 6, key: nil, content: .lines([line]))])
            #expect(try await prune(test, retention) == [1, 0])
            let left = try await test.store.read { try ListReads.lines(of: session, after: 0, limit: 500, $0) }
            #expect(left.count == 120)
        }
    }

    @Test(arguments: Engine.all)
    func anEndedSessionGoesAndALiveOneStays(on engine: Engine) async throws {
        try await TestStore.with(engine) { test in
            let old = try await test.register("old")
            let live = try await test.register("live")
            try await test.beat(old, status: .stopped)
            test.clock.advance(milliseconds: 31 * Self.day)
            try await test.beat(live)
            #expect(try await prune(test) == [1, 0])
            #expect(try await test.session(old) == nil)
            #expect(try await test.session(live) != nil)
            #expect(test.observer.changes.contains { $0.key == .session(old) && $0.kind == .delete })
        }
    }

    @Test(arguments: Engine.all)
    func anIndexOfAStudyIsNeverForgotten(on engine: Engine) async throws {
        try await TestStore.with(engine) { test in
            let study = try await test.study(count: 1)
            let session = try await test.register(queues: [], studies: ["study"])
            try await test.report(session, 1, try await test.claim(session).jobs[0], .completed)
            test.clock.advance(milliseconds: 400 * Self.day)
            #expect(try await prune(test) == [0])
            #expect(try await test.study(study)?.counts.completed == 1)
        }
    }
}
