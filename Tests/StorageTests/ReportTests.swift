import Domain
import Storage
import TestKit
import Testing

@Suite struct ReportTests {
    @Test(arguments: Engine.all)
    func aReplayedBatchChangesNothing(on engine: Engine) async throws {
        try await TestStore.with(engine) { test in
            let session = try await test.register()
            let job = try await test.submit(1)[0]
            let claimed = try await test.claim(session).jobs[0]
            let batch = [
                ApplyReports.Entry(
                    number: 1, key: claimed.key, content: .end(.started, exitCode: nil, reason: nil, result: nil)
                ),
                ApplyReports.Entry(
                    number: 2, key: claimed.key,
                    content: .lines([ApplyReports.Line(at: nil, level: .warning, text: "hot")])
                ),
                ApplyReports.Entry(
                    number: 3, key: claimed.key,
                    content: .end(.completed, exitCode: 0, reason: nil, result: "{\"a\":1}")
                ),
            ]
            #expect(try await test.reports(session, batch).acknowledged == 3)
            let once = try await test.job(job)
            let sequence = test.observer.all.last?.sequence
            let replay = try await test.reports(session, batch)
            #expect(replay.acknowledged == 3)
            #expect(replay.lost.isEmpty)
            #expect(try await test.job(job) == once)
            #expect(once?.status == .completed)
            #expect(once?.warningCount == 1)
            #expect(test.observer.all.last?.sequence == sequence)
        }
    }

    @Test(arguments: Engine.all)
    func twoCopiesOfABatchInOneGroupCountOnce(on engine: Engine) async throws {
        try await TestStore.with(engine) { test in
            let session = try await test.register()
            _ = try await test.submit(1)
            let claimed = try await test.claim(session).jobs[0]
            async let first = test.report(session, 1, claimed, .completed)
            async let second = test.report(session, 1, claimed, .completed)
            _ = try await (first, second)
            #expect(try await test.session(session)?.completedCount == 1)
        }
    }

    @Test(arguments: Engine.all)
    func aLateReportChangesNothingAndIsKeptAsEvidence(on engine: Engine) async throws {
        try await TestStore.with(engine) { test in
            let slow = try await test.register("slow")
            let quick = try await test.register("quick")
            let job = try await test.submit(1)[0]
            let lost = try await test.claim(slow).jobs[0]
            // Only the quick one is heard from now on.
            for _ in 0..<7 {
                test.clock.advance(seconds: 10)
                test.store.heard(quick)
            }
            try await test.store.sweep()
            let taken = try await test.claim(quick).jobs[0]
            #expect(taken.attempt == AttemptNumber(2))
            let answer = try await test.report(slow, 1, lost, .completed, exitCode: 0)
            #expect(answer.lost == [lost.key])
            #expect(answer.acknowledged == 1)
            let record = try await test.job(job)
            #expect(record?.status == .claimed)
            #expect(record?.holder == quick)
            let evidence = Statement(
                "test.evidence", "SELECT attempt, session_id, kind FROM late_report WHERE job_id = $1")
            let kept = try await test.store.read { try $0.rows(evidence, [.id(job)]) }
            #expect(kept.count == 1)
            #expect(kept.first?.int(0) == 1)
            try await test.report(quick, 1, taken, .completed)
            #expect(try await test.job(job)?.status == .completed)
        }
    }

    static let endings: [(AttemptReport, JobStatus)] = [
        (.completed, .completed), (.failed, .failed), (.retryable, .pending), (.released, .pending),
        (.cancelled, .failed),
    ]

    @Test(arguments: Engine.all, endings)
    func eachEndingLeadsWhereTheRuleSays(on engine: Engine, ending: (AttemptReport, JobStatus)) async throws {
        let (report, status) = ending
        try await TestStore.with(engine) { test in
            let session = try await test.register()
            let job = try await test.submit(1)[0]
            let claimed = try await test.claim(session).jobs[0]
            try await test.report(session, 1, claimed, .started)
            try await test.report(session, 2, claimed, report, exitCode: 42)
            let record = try await test.job(job)
            #expect(record?.status == status)
            #expect(record?.attempt == AttemptNumber(1))
            if status == .pending { #expect(record?.holder == nil) }
        }
    }

    @Test(arguments: Engine.all)
    func aJobThatBreaksItsWorkersIsGivenUp(on engine: Engine) async throws {
        try await TestStore.with(engine) { test in
            let session = try await test.register()
            let job = try await test.submit(1, maximumAttempts: 2)[0]
            for number in 1...2 {
                let claimed = try await test.claim(session).jobs[0]
                try await test.report(session, Int64(number), claimed, .retryable, exitCode: 42)
            }
            let record = try await test.job(job)
            #expect(record?.status == .failed)
            #expect(record?.reason?.contains("gave up after 2 attempts") == true)
            #expect(try await test.claim(session).jobs.isEmpty)
        }
    }

    @Test(arguments: Engine.all)
    func countersAreWhatCountingWouldSay(on engine: Engine) async throws {
        try await TestStore.with(engine) { test in
            let session = try await test.register()
            try await test.submit(6)
            let claimed = try await test.claim(session, count: 4).jobs
            try await test.report(session, 1, claimed[0], .completed)
            try await test.report(session, 2, claimed[1], .failed)
            try await test.report(session, 3, claimed[2], .started)
            let counts = try await test.store.read { try RecordReads.queue(named: "default", $0) }?.counts
            #expect(counts?.pending == 2)
            #expect(counts?.claimed == 1)
            #expect(counts?.running == 1)
            #expect(counts?.completed == 1)
            #expect(counts?.failed == 1)
            #expect(counts?.total == 6)
        }
    }
}
