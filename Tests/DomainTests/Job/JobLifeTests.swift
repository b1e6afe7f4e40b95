import Domain
import Testing

@Suite struct JobLifeTests {
    private static let us = SessionID(number: 7)
    private static let other = SessionID(number: 8)
    private static let two = AttemptNumber(2)

    private static func life(
        _ status: JobStatus, counted: Int = 0, maximum: Int = 3, isCancelRequested: Bool = false
    ) -> JobLife {
        JobLife(
            status: status, attempt: two, holder: status == .pending ? nil : us, countedFailures: counted,
            maximumAttempts: maximum, isCancelRequested: isCancelRequested
        )
    }

    // MARK: - What the holder says

    struct Said: Sendable {
        let report: AttemptReport
        let next: JobStatus
        let outcome: AttemptOutcome?
        /// Where a person asked to cancel.
        let whenCancelled: JobStatus
    }

    static let reports: [Said] = [
        Said(report: .started, next: .running, outcome: nil, whenCancelled: .running),
        Said(report: .completed, next: .completed, outcome: .completed, whenCancelled: .completed),
        Said(report: .failed, next: .failed, outcome: .failed, whenCancelled: .failed),
        Said(report: .retryable, next: .pending, outcome: .retryable, whenCancelled: .cancelled),
        Said(report: .released, next: .pending, outcome: .released, whenCancelled: .cancelled),
        Said(report: .cancelled, next: .failed, outcome: .cancelled, whenCancelled: .cancelled),
    ]

    @Test(arguments: reports, [JobStatus.claimed, .running])
    func aReportOfTheHolderLeadsWhereTheTableSays(said: Said, status: JobStatus) throws {
        for isCancelRequested in [false, true] {
            var life = Self.life(status, isCancelRequested: isCancelRequested)
            let step = try life.report(said.report, by: Self.us, attempt: Self.two, why: "so")
            let next = isCancelRequested ? said.whenCancelled : said.next
            #expect(life.status == next)
            #expect(life.attempt == Self.two)
            if said.report == .started && status == .running {
                #expect(step == nil)
            } else {
                #expect(step == JobTransition(from: status, to: next, outcome: said.outcome, why: "so"))
            }
            #expect(life.holder == (next == .pending ? nil : Self.us))
            #expect(life.countedFailures == (said.outcome?.isCounted == true ? 1 : 0))
        }
    }

    @Test(arguments: reports, JobStatus.allCases)
    func aReportOfAnybodyElseChangesNothing(said: Said, status: JobStatus) {
        let strangers = [
            (Self.other, Self.two), (Self.us, AttemptNumber(1)), (Self.us, AttemptNumber(3)),
            (Self.other, AttemptNumber(3)),
        ]
        for (session, attempt) in strangers {
            var life = Self.life(status)
            #expect(throws: JobRefusal.leaseLost(attempt: attempt, current: Self.two, status: status)) {
                try life.report(said.report, by: session, attempt: attempt, why: "so")
            }
            #expect(life == Self.life(status))
        }
    }

    @Test(arguments: reports, [JobStatus.pending, .completed, .failed, .cancelled])
    func nobodyReportsOfWhatIsNotHeld(said: Said, status: JobStatus) {
        var life = Self.life(status)
        #expect(throws: JobRefusal.leaseLost(attempt: Self.two, current: Self.two, status: status)) {
            try life.report(said.report, by: Self.us, attempt: Self.two, why: "so")
        }
        #expect(life == Self.life(status))
    }

    // MARK: - Claim, loss, cancel, retry in every state

    @Test(arguments: JobStatus.allCases)
    func onlyWhatWaitsIsClaimed(status: JobStatus) throws {
        var life = Self.life(status, isCancelRequested: true)
        guard status == .pending else {
            #expect(throws: JobRefusal.notPending(status)) { try life.claim(by: Self.other) }
            #expect(life == Self.life(status, isCancelRequested: true))
            return
        }
        let step = try life.claim(by: Self.other)
        #expect(step == JobTransition(from: .pending, to: .claimed, outcome: nil, why: "claimed"))
        #expect(life.attempt == AttemptNumber(3))
        #expect(life.holder == Self.other)
        #expect(!life.isCancelRequested)
    }

    @Test(arguments: JobStatus.allCases)
    func onlyWhatIsHeldIsLost(status: JobStatus) {
        var life = Self.life(status)
        let step = life.lose(why: "silence")
        guard status.isHeld else {
            #expect(step == nil)
            #expect(life == Self.life(status))
            return
        }
        #expect(step == JobTransition(from: status, to: .pending, outcome: .lost, why: "silence"))
        #expect(life.holder == nil)
        #expect(life.countedFailures == 1)
        #expect(life.attempt == Self.two)
    }

    @Test(arguments: JobStatus.allCases)
    func aPersonCancelsWhatIsNotOver(status: JobStatus) throws {
        var life = Self.life(status)
        if status.isFinal {
            #expect(throws: JobRefusal.alreadyFinal(status)) { try life.cancel(why: "no") }
            #expect(life == Self.life(status))
        } else if status.isHeld {
            #expect(try life.cancel(why: "no") == nil)
            #expect(life.isCancelRequested)
            #expect(life.status == status)
            #expect(life.holder == Self.us)
        } else {
            #expect(try life.cancel(why: "no")?.to == .cancelled)
            #expect(life.status == .cancelled)
        }
    }

    @Test(arguments: JobStatus.allCases)
    func aPersonRetriesWhatFailedOrWasCancelled(status: JobStatus) throws {
        var life = Self.life(status, counted: 3, isCancelRequested: true)
        guard status == .failed || status == .cancelled else {
            #expect(throws: JobRefusal.notRetryable(status)) { try life.retry(why: "again") }
            #expect(life == Self.life(status, counted: 3, isCancelRequested: true))
            return
        }
        #expect(try life.retry(why: "again").to == .pending)
        #expect(life.countedFailures == 0)
        #expect(life.holder == nil)
        #expect(!life.isCancelRequested)
        #expect(life.attempt == Self.two)
    }

    // MARK: - Attempts that count

    @Test(arguments: AttemptOutcome.allCases)
    func onlyLossAndARetryableExitCount(outcome: AttemptOutcome) {
        #expect(outcome.isCounted == (outcome == .lost || outcome == .retryable))
    }

    @Test func theLastAttemptThatCountsFailsTheJob() throws {
        var life = Self.life(.running, counted: 2, maximum: 3)
        let step = try life.report(.retryable, by: Self.us, attempt: Self.two, why: "exit code 75")
        #expect(step?.to == .failed)
        #expect(step?.why == "exit code 75; gave up after 3 attempts")
        var lost = Self.life(.claimed, counted: 2, maximum: 3)
        #expect(lost.lose(why: "silence")?.to == .failed)
    }

    @Test func aJobGivenBackIsNeverUsedUp() throws {
        var life = Self.life(.running, counted: 2, maximum: 3)
        #expect(try life.report(.released, by: Self.us, attempt: Self.two, why: "drain")?.to == .pending)
        #expect(life.countedFailures == 2)
    }

    @Test func aCancelledJobThatIsLostIsCancelled() {
        var life = Self.life(.running, isCancelRequested: true)
        #expect(life.lose(why: "silence")?.to == .cancelled)
    }

    // MARK: - Any history

    /// Attempt numbers never fall, a job that is over has no holder change, what is held has a holder and what waits
    /// has none, and the same report is never taken twice.
    @Test(arguments: 0..<100)
    func theLawsHoldOverRandomHistories(seed: UInt64) {
        var random = RandomJSON(seed: seed)
        var life = JobLife(
            status: .pending, attempt: .none, holder: nil, countedFailures: 0,
            maximumAttempts: Int.random(in: 1...4, using: &random), isCancelRequested: false
        )
        var completions = 0
        for _ in 0..<300 {
            let before = life
            let step = Self.step(&life, &random)
            #expect(life.attempt >= before.attempt)
            #expect(life.attempt.value <= before.attempt.value + 1)
            #expect(life.attempt == before.attempt || before.status == .pending && life.status == .claimed)
            if before.status == .completed { #expect(life == before) }
            if before.status.isFinal && life.status.isFinal { #expect(life.holder == before.holder) }
            if life.status.isHeld { #expect(life.holder != nil) }
            if life.status == .pending { #expect(life.holder == nil && !life.isCancelRequested) }
            if let step {
                #expect(step.from == before.status && step.to == life.status)
                #expect((step.outcome != nil) == (before.status.isHeld && !life.status.isHeld))
                if step.to == .completed { completions += 1 }
            } else {
                #expect(life.status == before.status)
            }
        }
        #expect(completions <= 1)
    }

    private static func step(_ life: inout JobLife, _ random: inout RandomJSON) -> JobTransition? {
        let sessions = [us, other]
        let session = sessions[Int.random(in: 0..<2, using: &random)]
        let attempt = AttemptNumber(max(0, life.attempt.value - Int.random(in: 0...1, using: &random)))
        let reports: [AttemptReport] = [.started, .started, .completed, .failed, .retryable, .released, .cancelled]
        switch Int.random(in: 0..<10, using: &random) {
        case 0..<3: return try? life.claim(by: session)
        case 3..<7:
            let report = reports[Int.random(in: 0..<reports.count, using: &random)]
            // A completion would end the history: rarely.
            if report == .completed, Int.random(in: 0..<20, using: &random) > 0 { return nil }
            return try? life.report(report, by: session, attempt: attempt, why: "")
        case 7: return life.lose(why: "")
        case 8: return try? life.cancel(why: "")
        default: return try? life.retry(why: "")
        }
    }
}
