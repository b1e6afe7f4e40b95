import Connectors
import Domain
import Testing
import Wire

@testable import Agent

@Suite struct DeliveryTests {
    private let frames = [3, 4].map { number in
        SpoolFrame(
            number: number,
            json: Report(number: number, kind: .completed, ref: someRef(7), result: ["big": true]).body
        )
    }
    private func problem(_ status: Int, _ code: String, acknowledged: Int64? = nil) -> Problem {
        Problem(code: code, title: code, status: status, detail: "why", lost: [someRef(7)], acknowledged: acknowledged)
    }

    @Test func putsABatchTogetherAsTheServerReadsIt() throws {
        let batch = try ReportBatch(body: Delivery.body(of: frames), isStrict: true)
        #expect(batch.reports.map(\.number) == [3, 4])
    }

    @Test func takesWhatWasAcknowledgedAlsoFromARefusal() {
        var delivery = Delivery()
        let step = delivery.failed(.refused(problem(409, "lease-lost", acknowledged: 4)), frames: frames)
        #expect(step == .delivered(upTo: 4, lost: [someRef(7)]))
    }

    @Test func findsTheReportAtFaultSaysItSimplerAndThenGivesItUp() throws {
        var delivery = Delivery()
        #expect(
            delivery.failed(.refused(problem(422, "invalid")), frames: frames)
                == .retry(atLeastMilliseconds: 0, away: nil))
        #expect(delivery.countLimit == 1)
        guard case .simplify(let simple) = delivery.failed(.refused(problem(422, "invalid")), frames: [frames[0]])
        else {
            Issue.record("not simplified")
            return
        }
        let report = try Report(body: simple.json, isStrict: true)
        #expect(report.number == 3)
        #expect(report.kind == .failed)
        #expect(report.result == nil)
        #expect(
            delivery.failed(.refused(problem(422, "invalid")), frames: [simple]) == .giveUp(number: 3, reason: "why"))
        _ = delivery.answered(ReportReply(acknowledged: 4, lost: []))
        #expect(delivery.countLimit == Delivery.countLimit)
    }

    @Test func doesWithEachErrorWhatIsToBeDone() {
        var delivery = Delivery()
        #expect(delivery.failed(.away("x"), frames: frames) == .retry(atLeastMilliseconds: 0, away: "x"))
        #expect(delivery.failed(.unauthorised(problem(401, "x")), frames: frames) == .renewToken)
        let gone = problem(410, "session-ended")
        #expect(delivery.failed(.gone(gone), frames: frames) == .sessionGone(gone))
    }
}

@Suite struct ServerErrorTests {
    private func error(_ status: Int, _ code: String?, retryAfter: String? = nil) -> ServerError {
        let body = code.map { Problem(code: $0, title: "t", status: status, detail: "d").body } ?? Array("<html>".utf8)
        return ServerError(status: status, body: body, retryAfter: retryAfter)
    }

    @Test func knowsGoneOnlyFromMusterItself() {
        guard case .gone = error(404, "unknown-session"), case .gone = error(410, "session-ended"),
            case .away = error(404, nil), case .away = error(410, nil), case .refused = error(404, "unknown-study"),
            case .unauthorised = error(401, "unauthorised"), case .unauthorised = error(403, "forbidden"),
            case .away = error(401, nil), case .refused = error(409, "lease-lost"),
            case .refused = error(422, "invalid")
        else {
            Issue.record("read wrongly")
            return
        }
    }

    @Test func keepsThePatienceItIsAskedFor() {
        #expect(error(503, "overloaded", retryAfter: "7") == .busy(retryMilliseconds: 7_000))
        #expect(error(503, nil) == .busy(retryMilliseconds: 1_000))
        #expect(error(429, nil, retryAfter: "-5") == .busy(retryMilliseconds: 0))
        #expect(error(503, nil, retryAfter: "1e99") == .busy(retryMilliseconds: 300_000))
        #expect(error(503, nil, retryAfter: "Wed, 21 Oct") == .busy(retryMilliseconds: 1_000))
        guard case .away = error(500, "internal"), case .away = error(502, nil) else {
            Issue.record("not away")
            return
        }
    }
}

func someSession(
    status: SessionStatus = .running, isDraining: Bool = false, held: [HeldJob] = []
) -> SessionRecord {
    SessionRecord(
        id: SessionID(number: 1), machine: MachineID("m"), hostname: "lab", workerName: "lab", pid: 1, version: "v",
        status: status, statusSince: Instant(milliseconds: 0), queues: ["default"], studies: [], slots: 1,
        isDraining: isDraining, startedAt: Instant(milliseconds: 0), endedAt: nil, endReason: nil,
        utilisation: Utilisation(cpu: 0.7), connectors: [], held: held, lastAttemptFailed: false, completedCount: 0,
        failedCount: 0, previous: nil, sequence: SequenceNumber(9)
    )
}

func someHeld(_ job: Int64, isCancelRequested: Bool = false) -> HeldJob {
    HeldJob(
        job: JobID(number: job), attempt: AttemptNumber(1), study: nil, studyName: nil, index: nil, label: nil,
        status: .running, progress: JobProgress(fraction: 0.5), claimedAt: Instant(milliseconds: 0), startedAt: nil,
        isCancelRequested: isCancelRequested
    )
}

@Suite struct WatchNewsTests {
    private func isNews(_ session: SessionRecord, wish: WorkLedger.Wish = .goOn, isServing: Bool = true) -> Bool {
        var ledger = WorkLedger(slots: 1)
        _ = ledger.admit([someJob(7)])
        ledger.began(someRef(7))
        if wish != .goOn { _ = ledger.want(wish, someRef(7)) }
        return WatchNews.isNews(session, ledger: ledger, isServing: isServing)
    }

    @Test func isNoNewsWhatWeSaidOurselves() {
        #expect(!isNews(someSession(held: [someHeld(7)])))
    }

    @Test func isNewsWhatTheServerWants() {
        let cancel = someSession(held: [someHeld(7, isCancelRequested: true)])
        #expect(isNews(cancel))
        #expect(!isNews(cancel, wish: .cancel))
        let draining = someSession(isDraining: true, held: [someHeld(7)])
        #expect(isNews(draining))
        #expect(!isNews(draining, isServing: false))
        #expect(isNews(someSession()))
        #expect(isNews(someSession(status: .stale, held: [someHeld(7)])))
        #expect(isNews(someSession(status: .stopped)))
    }
}

@Suite struct OutboxTests {
    private func reports(_ spool: Spool) -> [Report] {
        spool.next(countLimit: 10_000, bytesLimit: .max).compactMap { try? Report(body: $0.json, isStrict: true) }
    }

    private func withOutbox(
        limitBytes: Int64 = 1 << 30, _ body: (Outbox, Spool, JumpingClock) -> Void
    ) async throws {
        try await withFolder { folder in
            let policy = SpoolPolicy(limitBytes: limitBytes, reserveBytes: 0, diskFloorBytes: 0)
            let spool = try Spool(folder: folder.path, policy: policy)
            let jump = JumpingClock()
            body(Outbox(spool: spool, clock: jump.clock, logger: quietLogger()), spool, jump)
        }
    }

    @Test func gathersLinesAndKeepsTheirOrder() async throws {
        try await withOutbox { outbox, spool, _ in
            for number in 0..<450 { outbox.line(someRef(7), .info, "\(number)") }
            #expect(outbox.flush(isAway: false) == nil)
            let reports = reports(spool)
            #expect(reports.map(\.lines.count) == [200, 200, 50])
            #expect(reports.flatMap(\.lines).map(\.text) == (0..<450).map(String.init))
        }
    }

    @Test func tellsTheNewestProgressFiveTimesASecondAndNeverLosesTheLast() async throws {
        try await withOutbox { outbox, spool, jump in
            for step in 1...50 { outbox.progress(someRef(7), ProgramProgress(fraction: Double(step) / 100)) }
            #expect(outbox.flush(isAway: false) == nil)
            outbox.progress(someRef(7), ProgramProgress(fraction: 0.6))
            let due = outbox.flush(isAway: false)
            #expect(due.map { $0 > 0 && $0 <= Outbox.progressGapMilliseconds } == true)
            #expect(reports(spool).map(\.fraction) == [0.5])
            jump.jump(Outbox.progressGapMilliseconds)
            _ = outbox.flush(isAway: false)
            outbox.progress(someRef(7), ProgramProgress(fraction: 0.7, stage: "last"))
            _ = outbox.ended(someRef(7), Verdict(kind: .completed, reason: nil, exitCode: 0), result: nil)
            #expect(reports(spool).map(\.fraction) == [0.5, 0.6, 0.7, nil])
            #expect(reports(spool).map(\.kind) == [.progress, .progress, .progress, .completed])
        }
    }

    @Test func keepsOnlyTheNewestProgressWhileTheServerIsAway() async throws {
        try await withOutbox { outbox, spool, jump in
            for step in 0..<100 {
                outbox.progress(someRef(7), ProgramProgress(fraction: Double(step) / 100))
                jump.jump(1_000)
                _ = outbox.flush(isAway: true)
            }
            #expect(reports(spool) == [])
            _ = outbox.flush(isAway: false)
            #expect(reports(spool).map(\.fraction) == [0.99])
        }
    }

    @Test func doesWithoutTheLightestFirstAndSaysSo() async throws {
        try await withOutbox(limitBytes: 20_000) { outbox, spool, jump in
            func fill(_ level: LogLevel) {
                for _ in 0..<40 { outbox.line(someRef(7), level, String(repeating: "x", count: 200)) }
                _ = outbox.flush(isAway: false)
            }
            fill(.info)
            fill(.debug)
            let before = reports(spool).flatMap(\.lines).count { $0.level == .debug }
            #expect(before == 40)
            fill(.debug)
            fill(.info)
            fill(.info)
            _ = outbox.ended(someRef(7), Verdict(kind: .completed, reason: nil, exitCode: 0), result: ["r": 1])
            let told = reports(spool)
            #expect(told.last?.kind == .completed)
            let said = told.filter { $0.ref == nil }.flatMap(\.lines).map(\.text)
            #expect(said.contains { $0.hasPrefix("The spool is filling up") || $0.hasPrefix("The spool is full") })
            spool.acknowledge(upTo: told.last?.number ?? 0)
            jump.jump(60_000)
            _ = outbox.flush(isAway: false)
            let after = reports(spool).flatMap(\.lines).map(\.text)
            #expect(after.count == 1)
            #expect(after.first?.contains("lines were dropped") == true)
        }
    }
}

@Suite struct BellTests {
    @Test func missesNothingThatRangBefore() async {
        let bell = Bell()
        bell.ring()
        await bell.wait()
        let seen = bell.count
        bell.ring()
        await bell.wait(past: seen)
    }

    @Test func wakesAllWhoWait() async {
        let bell = Bell()
        await withDiscardingTaskGroup { group in
            for _ in 0..<50 { group.addTask { await bell.wait() } }
            group.addTask { bell.ring() }
        }
    }

    @Test func endsAWaitThatIsCancelled() async {
        let bell = Bell()
        await withTaskGroup { group in
            group.addTask { await bell.wait() }
            group.cancelAll()
        }
    }

    @Test func interruptsWorkButNotWhatIsDone() async {
        let (bell, never) = (Bell(), Bell())
        async let interrupted: Int? =
            bell.interrupting {
                await never.wait()
                return Task.isCancelled ? nil : 1
            } ?? nil
        bell.ring()
        #expect(await interrupted == nil)
        #expect(await Bell().interrupting { 2 } == 2)
        #expect(await bell.interrupting { 3 } == nil)
    }
}
