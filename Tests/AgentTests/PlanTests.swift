import Connectors
import Domain
import Testing
import Wire

@testable import Agent

@Suite struct BackoffTests {
    @Test func doublesUpToItsLimitAndBeginsAnewWhenAllIsWell() {
        var backoff = Backoff(firstMilliseconds: 100, limitMilliseconds: 1_000)
        #expect((0..<6).map { _ in backoff.wait(chance: 0) } == [50, 100, 200, 400, 500, 500])
        #expect(backoff.wait(chance: 0.999) == 999)
        backoff.reset()
        #expect(backoff.wait(chance: 0.5) == 75)
        #expect(backoff.wait(chance: 0, atLeastMilliseconds: 30_000) == 30_000)
    }
}

@Suite struct BeatPlanTests {
    @Test func beatsAtOnceAndThenEveryInterval() {
        var plan = BeatPlan(intervalMilliseconds: 1_000, now: 0)
        #expect(plan.due(now: 0) == .send)
        #expect(plan.due(now: 5) == .nothing)
        #expect(plan.answered(now: 30) == .wait(milliseconds: 970))
        #expect(plan.due(now: 900) == .wait(milliseconds: 100))
        #expect(plan.due(now: 1_000) == .send)
        // An answer that took longer than the interval is followed at once.
        #expect(plan.answered(now: 2_500) == .send)
    }

    @Test func saysAChangeAtOnceButNotTwiceInAMoment() {
        var plan = BeatPlan(intervalMilliseconds: 10_000, now: 0)
        #expect(plan.due(now: 0) == .send)
        #expect(plan.poke(now: 1) == .nothing)
        #expect(plan.poke(now: 2) == .nothing)
        #expect(plan.answered(now: 3) == .wait(milliseconds: BeatPlan.gapMilliseconds - 3))
        #expect(plan.due(now: BeatPlan.gapMilliseconds) == .send)
        #expect(plan.answered(now: 60) == .wait(milliseconds: 10_000 - 10))
        #expect(plan.poke(now: 5_000) == .send)
    }

    @Test func triesAgainSoonWhenOneFailed() {
        var plan = BeatPlan(intervalMilliseconds: 10_000, now: 0)
        #expect(plan.due(now: 0) == .send)
        #expect(plan.failed(now: 10, chance: 0) == .wait(milliseconds: 125))
        #expect(plan.due(now: 135) == .send)
        #expect(plan.failed(now: 140, chance: 0) == .wait(milliseconds: 250))
        #expect(plan.poke(now: 200) == .send)
        for _ in 0..<10 {
            if case .wait(let wait) = plan.failed(now: 1_000_000, chance: 0.99) { #expect(wait <= 2_000) }
            _ = plan.due(now: 2_000_000)
        }
    }

    @Test func isSilentWhenStopped() {
        var plan = BeatPlan(intervalMilliseconds: 10, now: 0)
        _ = plan.due(now: 0)
        plan.stop()
        #expect(plan.answered(now: 1) == .nothing)
        #expect(plan.poke(now: 50) == .nothing)
        #expect(plan.due(now: 100) == .nothing)
    }
}

@Suite struct LeaseGateTests {
    @Test func isOpenAsLongAsTheLeaseFromTheSendingOfTheLastAnsweredBeat() {
        var gate = LeaseGate(confirmedAt: 0, leaseMilliseconds: 100)
        #expect(gate.isOpen(now: 99))
        #expect(!gate.isOpen(now: 100))
        gate.confirm(sentAt: 90, leaseMilliseconds: 50)
        #expect(gate.isOpen(now: 139))
        #expect(!gate.isOpen(now: 140))
        // An older answer that comes late opens nothing.
        gate.confirm(sentAt: 10, leaseMilliseconds: 50)
        #expect(!gate.isOpen(now: 140))
    }
}

@Suite struct DrainPlanTests {
    private let timing = DrainPlan.Timing(graceMilliseconds: 1_000)

    @Test func drainsInOrder() {
        var plan = DrainPlan(timing: timing)
        #expect(plan.status == .running)
        #expect(plan.drain(now: 0) == [.stopClaiming, .announce])
        #expect(plan.status == .stopping)
        #expect(plan.drain(now: 5) == [])
        #expect(plan.advance(now: 500, isIdle: false, isDelivered: false) == [])
        #expect(plan.deadline == 1_000)
        #expect(plan.advance(now: 600, isIdle: true, isDelivered: false) == [])
        #expect(plan.deadline == 600 + timing.deliverMilliseconds)
        #expect(plan.advance(now: 700, isIdle: true, isDelivered: true) == [.goodbye])
        #expect(plan.advance(now: 800, isIdle: true, isDelivered: true) == [])
    }

    @Test func givesBackWhenTheGraceIsOver() {
        var plan = DrainPlan(timing: timing)
        _ = plan.drain(now: 0)
        #expect(plan.advance(now: 1_000, isIdle: false, isDelivered: false) == [.release(isAtOnce: false)])
        #expect(plan.deadline == nil)
        #expect(plan.advance(now: 2_000, isIdle: false, isDelivered: false) == [])
        #expect(plan.advance(now: 3_000, isIdle: true, isDelivered: true) == [.goodbye])
    }

    @Test func givesBackAtOnceWhenToldAgain() {
        var plan = DrainPlan(timing: timing)
        _ = plan.drain(now: 0)
        #expect(plan.stopNow(now: 10) == [.release(isAtOnce: true)])
        #expect(plan.stopNow(now: 20) == [])
        #expect(plan.advance(now: 30, isIdle: true, isDelivered: false) == [])
        #expect(plan.deadline == 30 + timing.deliverNowMilliseconds)
        #expect(plan.advance(now: 30 + timing.deliverNowMilliseconds, isIdle: true, isDelivered: false) == [.leave])
    }

    @Test func stopsWithoutADrainBefore() {
        var plan = DrainPlan(timing: timing)
        #expect(plan.stopNow(now: 10) == [.stopClaiming, .announce, .release(isAtOnce: true)])
        #expect(plan.drain(now: 11) == [])
    }

    @Test func waitsWithoutALimitToDeliverWhatIsFinishedUnlessSomebodyWaits() {
        var plan = DrainPlan(timing: timing)
        #expect(plan.finish() == [.stopClaiming, .announce])
        #expect(plan.finish() == [])
        #expect(plan.advance(now: 10, isIdle: true, isDelivered: false) == [])
        #expect(plan.advance(now: 1_000_000_000, isIdle: true, isDelivered: false) == [])
        #expect(plan.deadline == nil)
        #expect(plan.drain(now: 0) == [])
        #expect(plan.deadline == timing.deliverMilliseconds)
        #expect(plan.stopNow(now: 5) == [])
        #expect(plan.deadline == 5 + timing.deliverNowMilliseconds)
        #expect(plan.advance(now: 6, isIdle: true, isDelivered: true) == [.goodbye])
    }
}

@Suite struct WorkLedgerTests {
    private func ledger(_ jobs: Int64..., slots: Int = 4) -> WorkLedger {
        var ledger = WorkLedger(slots: slots)
        _ = ledger.admit(jobs.map { someJob($0) })
        return ledger
    }

    private func reply(lost: [AttemptRef] = [], cancel: [AttemptRef] = []) -> HeartbeatReply {
        HeartbeatReply(lost: lost, cancel: cancel, isDraining: false, leaseMilliseconds: 1)
    }

    @Test func startsNothingTwice() {
        var ledger = WorkLedger(slots: 2)
        #expect(ledger.admit([someJob(1), someJob(2)]).map(\.ref) == [someRef(1), someRef(2)])
        #expect(ledger.admit([someJob(2), someJob(3)]).map(\.ref) == [someRef(3)])
        #expect(ledger.freeSlots == 0)
        #expect(ledger.heldRefs == [someRef(1), someRef(2), someRef(3)])
    }

    @Test func namesAnEndedAttemptUntilItsEndIsAcknowledged() {
        var ledger = ledger(1, 2)
        ledger.began(someRef(1))
        ledger.ended(someRef(1), report: 9)
        // For the server its slot is taken until then.
        #expect(ledger.freeSlots == 2)
        #expect(ledger.heldRefs == [someRef(1), someRef(2)])
        #expect(ledger.heldStates.map(\.isRunning) == [true, false])
        ledger.acknowledged(upTo: 8)
        #expect(ledger.heldRefs.count == 2)
        ledger.acknowledged(upTo: 9)
        #expect(ledger.freeSlots == 3)
        #expect(ledger.heldRefs == [someRef(2)])
        #expect(!ledger.isIdle)
    }

    @Test func forgetsAnEndThatWasAcknowledgedBeforeItWasNoted() {
        var ledger = ledger(1, 2)
        ledger.acknowledged(upTo: 9)
        ledger.ended(someRef(1), report: 9)
        #expect(ledger.heldRefs == [someRef(2)])
        ledger.ended(someRef(2), report: 10)
        #expect(ledger.heldRefs == [someRef(2)])
    }

    @Test func doesWhatTheServerWantsOnce() {
        var ledger = ledger(1, 2, 3)
        #expect(ledger.apply(reply(lost: [someRef(1)], cancel: [someRef(2)])) == [.kill(someRef(1)), .end(someRef(2))])
        #expect(ledger.apply(reply(lost: [someRef(1)], cancel: [someRef(1), someRef(2)])) == [])
        #expect(ledger.apply(reply(lost: [someRef(2)])) == [.kill(someRef(2))])
        #expect(ledger.heldRefs == [someRef(3)])
        // The slots are theirs until nothing of them runs.
        #expect(ledger.freeSlots == 1)
        ledger.forget(someRef(1))
        #expect(ledger.freeSlots == 2)
        #expect(ledger.apply(reply(lost: [someRef(77)])) == [])
    }

    @Test func forgetsAnEndedAttemptThatWasLost() {
        var ledger = ledger(1)
        ledger.ended(someRef(1), report: 3)
        #expect(ledger.lose([someRef(1)]) == [])
        #expect(ledger.isEmpty)
    }

    @Test func givesBackWhatRuns() {
        var ledger = ledger(1, 2, 3, 4)
        ledger.ended(someRef(1), report: 3)
        _ = ledger.apply(reply(lost: [someRef(2)], cancel: [someRef(3)]))
        #expect(ledger.releaseAll(isAtOnce: false) == [.end(someRef(4))])
        #expect(ledger.releaseAll(isAtOnce: true) == [.kill(someRef(3)), .kill(someRef(4))])
        #expect(ledger[someRef(3)]?.wish == .cancel)
        #expect(ledger[someRef(4)]?.wish == .release)
    }

    @Test func tellsTheSameOfTheSame() {
        var ledger = ledger(3, 1, 2)
        ledger.progressed(someRef(1), ProgramProgress(fraction: 0.5, stage: "a"))
        ledger.progressed(someRef(1), ProgramProgress(stageFraction: 0.1))
        #expect(ledger.heldStates == ledger.heldStates)
        #expect(
            ledger.heldStates[1]
                == HeldState(ref: someRef(1), isRunning: false, fraction: 0.5, stage: "a", stageFraction: 0.1)
        )
    }
}

@Suite struct VerdictTests {
    private static let failed = AttemptEnd.failed(reason: "exit code 3", exitCode: 3)
    private static let retryable = AttemptEnd.retryable(reason: "again", exitCode: 42)

    @Test(arguments: [
        (AttemptEnd.completed, WorkLedger.Wish.goOn, ReportKind.completed),
        (failed, .goOn, .failed), (retryable, .goOn, .retryable),
        (.stopped(exitCode: 143), .goOn, .released), (.stopped(exitCode: 143), .release, .released),
        (.stopped(exitCode: 143), .cancel, .cancelled), (.notStarted(reason: "x"), .goOn, .released),
        // It ended by itself before it was ended.
        (.completed, .release, .completed), (.completed, .cancel, .completed), (failed, .cancel, .failed),
    ])
    func tellsTheTruth(end: AttemptEnd, wish: WorkLedger.Wish, kind: ReportKind) {
        #expect(Verdict.of(end, wish: wish)?.kind == kind)
    }

    @Test(arguments: [AttemptEnd.completed, failed, retryable, .stopped(exitCode: nil), .notStarted(reason: "x")])
    func tellsNothingOfWhatIsLost(end: AttemptEnd) {
        #expect(Verdict.of(end, wish: .lost) == nil)
    }

    @Test func doesNotCallItASuccessWhoseResultCouldNotBeStored() {
        #expect(
            Verdict.of(.completed, wish: .goOn, lostResult: "no room")
                == Verdict(kind: .failed, reason: "no room", exitCode: 0))
        #expect(Verdict.of(Self.failed, wish: .goOn, lostResult: "no room")?.reason == "exit code 3")
    }
}

@Suite struct ClaimPlanTests {
    @Test func asksForAsManyAsThereIsRoomFor() {
        let plan = ClaimPlan()
        #expect(plan.next(freeSlots: 0, held: []) == nil)
        #expect(
            plan.next(freeSlots: 3, held: [someRef(1)])
                == ClaimRequest(count: 3, held: [someRef(1)], waitMilliseconds: ClaimPlan.waitMilliseconds))
        #expect(plan.next(freeSlots: 9_000, held: [])?.count == 1_000)
        #expect(!plan.isDone)
    }

    @Test func asksForEachIndexOnceAndForThoseThatWantIt() {
        var plan = ClaimPlan(study: "heads", indices: [5, 3, 5])
        #expect(plan.next(freeSlots: 2, held: []) == ClaimRequest(count: 1, study: "heads", index: 5))
        plan.answered([])
        #expect(plan.next(freeSlots: 2, held: [])?.index == 5)
        plan.answered([someJob(1, index: 5)])
        #expect(plan.next(freeSlots: 2, held: [])?.index == 3)
        #expect(plan.refused(3) == false)
        #expect(plan.next(freeSlots: 2, held: []) == nil)
        #expect(!plan.isDone)
        plan.ended(index: 5, isToBeTriedAgain: true)
        #expect(plan.next(freeSlots: 2, held: [])?.index == 5)
        #expect(plan.refused(5) == true)
        #expect(plan.isDone)
    }

    @Test func asksAgainForWhatIsToBeTriedAgainBeforeTheOthers() {
        var plan = ClaimPlan(study: "heads", indices: [0, 1, 2])
        plan.answered([someJob(1, index: 0)])
        // The next is asked for already when the first wants another try: its refusal is its own.
        #expect(plan.next(freeSlots: 1, held: [])?.index == 1)
        plan.ended(index: 0, isToBeTriedAgain: true)
        #expect(plan.refused(1) == false)
        #expect(plan.next(freeSlots: 1, held: [])?.index == 0)
        plan.answered([someJob(2, index: 0)])
        plan.ended(index: 0, isToBeTriedAgain: false)
        #expect(plan.next(freeSlots: 1, held: [])?.index == 2)
    }
}
