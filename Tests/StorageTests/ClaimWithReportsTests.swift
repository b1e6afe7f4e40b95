import Domain
import Storage
import TestKit
import Testing

@Suite struct ClaimWithReportsTests {
    private func end(_ number: Int64, _ job: ClaimJobs.Claimed, _ end: AttemptReport) -> ApplyReports.Entry {
        ApplyReports.Entry(
            number: number, key: job.key, content: .end(end, exitCode: nil, reason: nil, result: nil)
        )
    }

    private func claim(
        _ test: TestStore, _ session: SessionID, _ reports: [ApplyReports.Entry], held: Set<HeldKey> = [],
        study: String? = nil, index: Int? = nil
    ) async throws -> ClaimJobs.Answer {
        let claim = ClaimJobs(session: session, count: 1, held: held, study: study, index: index, reports: reports)
        return try await test.store.write { try claim.run($0) }
    }

    @Test(arguments: Engine.all)
    func oneCallEndsAJobAndTakesTheNext(on engine: Engine) async throws {
        try await TestStore.with(engine) { test in
            let session = try await test.register()
            let jobs = try await test.submit(2)
            let first = try await test.claim(session).jobs[0]
            let answer = try await claim(test, session, [end(1, first, .completed)])
            #expect(answer.jobs.map(\.job) == [jobs[1]])
            #expect(answer.reports?.acknowledged == 1)
            #expect(answer.reports?.lost == [])
            #expect(try await test.job(jobs[0])?.status == .completed)
            #expect(try await test.session(session)?.completedCount == 1)
            // The answer was lost: the same call ends nothing twice, and gives the same attempt again.
            let again = try await claim(test, session, [end(1, first, .completed)])
            #expect(again.jobs.map(\.key) == answer.jobs.map(\.key))
            #expect(again.reports?.acknowledged == 1)
            #expect(try await test.session(session)?.completedCount == 1)
        }
    }

    @Test(arguments: Engine.all)
    func aJobThatIsToBeTriedAgainMayComeBackAtOnceAsItsNextAttempt(on engine: Engine) async throws {
        try await TestStore.with(engine) { test in
            let session = try await test.register()
            let job = try await test.submit(1)[0]
            let first = try await test.claim(session).jobs[0]
            let answer = try await claim(test, session, [end(1, first, .retryable)])
            #expect(answer.jobs.map(\.key) == [HeldKey(job: job, attempt: AttemptNumber(2))])
        }
    }

    @Test(arguments: Engine.all)
    func aRefusedClaimKeepsNoReport(on engine: Engine) async throws {
        try await TestStore.with(engine) { test in
            _ = try await test.study(count: 2)
            let session = try await test.register("one", queues: [], studies: ["study"])
            let first = try await test.claim(session, study: "study", index: 0).jobs[0]
            let sequence = test.observer.all.last?.sequence
            await #expect(throws: StoreError.self) {
                try await claim(test, session, [end(1, first, .completed)], study: "study", index: 2)
            }
            // Completed by this very call, and so not there to be claimed: both are undone.
            await #expect(throws: JobRefusal.notPending(.completed)) {
                try await claim(test, session, [end(1, first, .completed)], study: "study", index: 0)
            }
            #expect(try await test.job(first.job)?.status == .claimed)
            #expect(test.observer.all.last?.sequence == sequence)
            #expect(try await test.reports(session, [end(1, first, .completed)]).acknowledged == 1)
        }
    }

    @Test(arguments: Engine.all)
    func aLateReportIsToldOfAndDoesNotKeepTheNextJobBack(on engine: Engine) async throws {
        try await TestStore.with(engine) { test in
            let session = try await test.register()
            let jobs = try await test.submit(2)
            let other = HeldKey(job: jobs[1], attempt: AttemptNumber(1))
            let first = try await test.claim(session).jobs[0]
            let foreign = ApplyReports.Entry(
                number: 1, key: other, content: .end(.completed, exitCode: 0, reason: nil, result: nil)
            )
            let answer = try await claim(test, session, [foreign], held: [first.key])
            #expect(answer.reports?.lost == [other])
            #expect(answer.reports?.acknowledged == 1)
            #expect(answer.jobs.map(\.key) == [other])
        }
    }
}
