import Connectors
import Domain
import Logging
import Synchronization
import Wire

/// What the loops of one session share: the plans, and the few ways in which they change.
///
/// The plans decide under one lock; what they decide is done outside it. Calls come from the heartbeat's loop, from
/// the threads of children and from tasks, and none of them waits for another.
final class SessionCore: Sendable {
    struct State {
        var token: String
        var ledger: WorkLedger
        var drain: DrainPlan
        var gate: LeaseGate
        var claims: ClaimPlan
        var handles: [AttemptRef: AttemptHandle] = [:]
        var utilisation = Utilisation()
        var summary = AgentSummary()
        var isClaiming = true
        /// A claim is on its way, from whichever loop: one at a time, each for the slots that are free.
        var isClaimUnderWay = false
        /// Taken together with reports, and not yet begun.
        var handedOver: [ClaimedJob] = []
        var isAway = false
        /// The server ended the session.
        var gone: Problem?
    }

    /// How one attempt is reached from outside.
    struct AttemptHandle: Sendable {
        let stop: StopControl
        /// Rings when it is to end before its program or its uploads do.
        let wished: Bell
    }

    let session: SessionID
    let connector: any Connector
    let spool: Spool
    let outbox: Outbox
    let clock: AgentClock
    let logger: Logger
    let killGraceMilliseconds: Int64
    private let state: Mutex<State>
    private let pokeBeat = Mutex<(@Sendable () -> Void)?>(nil)

    /// Something of the state has changed: whoever conducts looks again.
    let changed = Bell()
    /// A heartbeat was answered.
    let confirmed = Bell()
    /// No more work is to be claimed. Rings once.
    let closing = Bell()
    /// The token was refused.
    let tokenRefused = Bell()

    /// Until the first heartbeat says how long leases are good for.
    private static let assumedLeaseMilliseconds: Int64 = 60_000

    init(
        reply: RegisterReply, settings: AgentSettings, connector: any Connector, spool: Spool, clock: AgentClock,
        logger: Logger
    ) {
        session = reply.session
        self.connector = connector
        self.spool = spool
        self.clock = clock
        self.logger = logger
        killGraceMilliseconds = settings.killGraceMilliseconds
        outbox = Outbox(spool: spool, clock: clock, logger: logger)
        let timing = DrainPlan.Timing(graceMilliseconds: settings.drainGraceMilliseconds)
        state = Mutex(
            State(
                token: reply.token, ledger: WorkLedger(slots: settings.slots), drain: DrainPlan(timing: timing),
                gate: LeaseGate(
                    confirmedAt: clock.milliseconds(), leaseMilliseconds: Self.assumedLeaseMilliseconds
                ), claims: ClaimPlan(study: settings.studies.first, indices: settings.indices)
            )
        )
    }

    /// Reads the state; short, and nothing is called from within.
    func read<Value: Sendable>(_ look: (borrowing State) -> Value) -> Value {
        state.withLock { look($0) }
    }

    /// Changes the state without a word to those who wait for a change.
    func decide<Value: Sendable>(_ decision: (inout State) -> Value) -> Value {
        state.withLock { decision(&$0) }
    }

    // MARK: - The heartbeat

    func connectBeat(_ poke: (@Sendable () -> Void)?) {
        pokeBeat.withLock { $0 = poke }
    }

    /// The server should hear of us now.
    func poke() {
        pokeBeat.withLock { $0 }?()
    }

    func composeBeat() -> Heartbeat.Message {
        let connector = connector.state
        return state.withLock { state in
            let request = HeartbeatRequest(
                status: state.drain.status, utilisation: state.utilisation, connectors: [connector],
                held: state.ledger.heldStates
            )
            return Heartbeat.Message(session: session, token: state.token, request: request)
        }
    }

    func heard(_ outcome: BeatOutcome) {
        switch outcome {
        case .answered(let reply, let sentAt):
            perform { state in
                let actions = state.ledger.apply(reply)
                let lease = state.ledger.shortestLeaseMilliseconds.map { min($0, reply.leaseMilliseconds) }
                state.gate.confirm(sentAt: sentAt, leaseMilliseconds: Int64(lease ?? reply.leaseMilliseconds))
                return actions
            }
            noteHere()
            confirmed.ring()
            if reply.isDraining { drain(why: "the server asks it to") }
        case .failed(.gone(let problem)): end(problem)
        case .failed(.unauthorised): tokenRefused.ring()
        case .failed(let error): noteAway(error)
        }
    }

    /// Returns when the server's word about our leases is fresh, or the session is at its end.
    func waitUntilConfirmed() async {
        while !Task.isCancelled {
            let seen = confirmed.count
            let now = clock.milliseconds()
            if state.withLock({ $0.gate.isOpen(now: now) || $0.gone != nil }) { return }
            poke()
            await confirmed.wait(past: seen)
        }
    }

    func noteAway(_ error: ServerError) {
        // Given up by ourselves: that says nothing of the server.
        guard !Task.isCancelled else { return }
        let isNew = state.withLock { state in
            defer { state.isAway = true }
            return !state.isAway
        }
        if isNew { logger.warning("the server does not answer; work goes on", metadata: ["reason": "\(error)"]) }
    }

    func noteHere() {
        let isNew = state.withLock { state in
            defer { state.isAway = false }
            return state.isAway
        }
        guard isNew else { return }
        logger.info("the server answers again")
        outbox.filled.ring()
    }

    // MARK: - Work

    /// Takes what the server gave. What comes when the session is closing goes back at once.
    func admit(_ jobs: [ClaimedJob]) -> [ClaimedJob] {
        let (new, isServing) = state.withLock { state in
            state.claims.answered(jobs)
            let new = state.ledger.admit(jobs)
            for job in new { state.handles[job.ref] = AttemptHandle(stop: StopControl(), wished: Bell()) }
            return (new, state.drain.isServing && state.gone == nil)
        }
        guard !isServing else { return new }
        giveBack(new)
        return []
    }

    /// Returns what has not begun to the server.
    func giveBack(_ jobs: [ClaimedJob]) {
        for job in jobs { finish(job.ref, Verdict.of(.stopped(exitCode: nil), wish: .release), result: nil) }
    }

    func handle(_ ref: AttemptRef) -> AttemptHandle? { state.withLock { $0.handles[ref] } }

    func wish(_ ref: AttemptRef) -> WorkLedger.Wish { state.withLock { $0.ledger[ref]?.wish ?? .lost } }

    func began(_ ref: AttemptRef) {
        state.withLock { $0.ledger.began(ref) }
        outbox.started(ref)
        poke()
    }

    func progressed(_ ref: AttemptRef, _ progress: ProgramProgress) {
        state.withLock { $0.ledger.progressed(ref, progress) }
        outbox.progress(ref, progress)
    }

    /// An attempt is over and nothing of it runs. Without a verdict it is not ours to tell of.
    func finish(_ ref: AttemptRef, _ verdict: Verdict?, result: JSON?) {
        let index = state.withLock { state in
            state.handles[ref] = nil
            return state.ledger[ref]?.job.index
        }
        if let verdict {
            let number = outbox.ended(ref, verdict, result: result)
            state.withLock { state in
                state.ledger.ended(ref, report: number)
                state.summary.count(verdict.kind)
                state.claims.ended(index: index, isToBeTriedAgain: verdict.kind == .retryable)
            }
        } else {
            outbox.drop(ref)
            state.withLock { state in
                state.ledger.forget(ref)
                state.summary.lost += 1
                state.claims.ended(index: index, isToBeTriedAgain: false)
            }
        }
        changed.ring()
        poke()
    }

    func lose(_ refs: [AttemptRef]) {
        perform { $0.ledger.lose(refs) }
    }

    func acknowledged(upTo number: Int64) {
        spool.acknowledge(upTo: number)
        state.withLock { $0.ledger.acknowledged(upTo: number) }
        changed.ring()
    }

    func change(_ change: (inout State) -> Void) {
        state.withLock { change(&$0) }
        changed.ring()
    }

    /// Changes the ledger and does to the processes what it says, on the spot.
    private func perform(_ decide: (inout State) -> [WorkLedger.Action]) {
        let todo = state.withLock { state in
            decide(&state).compactMap { action in
                switch action {
                case .end(let ref), .kill(let ref): state.handles[ref].map { (action, $0) }
                }
            }
        }
        for (action, handle) in todo {
            switch action {
            case .kill: handle.stop.kill()
            case .end: handle.stop.end(graceMilliseconds: killGraceMilliseconds)
            }
            handle.wished.ring()
        }
        if !todo.isEmpty { changed.ring() }
    }

    // MARK: - The end

    func drain(why: String) {
        let now = clock.milliseconds()
        let wasServing = state.withLock { $0.drain.isServing }
        if wasServing { logger.info("draining: \(why)") }
        perform(drainStep: { $0.drain(now: now) })
        // A limit may have come to a drain that had none.
        changed.ring()
    }

    func stopNow() {
        logger.info("giving jobs back and stopping now")
        let now = clock.milliseconds()
        perform(drainStep: { $0.stopNow(now: now) })
        changed.ring()
    }

    /// No more work will come.
    func finishServing() {
        change { $0.summary.isFinished = true }
        perform(drainStep: { $0.finish() })
    }

    /// The session is no more for the server: nothing that runs is ours, and nothing of it will be heard.
    func end(_ problem: Problem) {
        perform { state in
            if state.gone == nil { state.gone = problem }
            return state.ledger.loseAll()
        }
        closing.ring()
        confirmed.ring()
        changed.ring()
    }

    /// How a session comes to its end.
    enum Ending: Sendable {
        case goodbye
        /// Without having delivered everything.
        case leave
        case gone(Problem)
    }

    /// Looks whether the end has come, and takes the steps towards it that are due.
    func settle() -> Ending? {
        let now = clock.milliseconds()
        let (isIdle, isEmpty, gone, isServing) = state.withLock { state in
            (state.ledger.isIdle && !state.isClaiming, state.ledger.isEmpty, state.gone, state.drain.isServing)
        }
        if let gone { return isIdle ? .gone(gone) : nil }
        if isIdle, !isServing { _ = outbox.flush(isAway: false) }
        let isDelivered = isEmpty && spool.isEmpty
        let steps = perform(drainStep: { $0.advance(now: now, isIdle: isIdle, isDelivered: isDelivered) })
        if steps.contains(.goodbye) { return .goodbye }
        return steps.contains(.leave) ? .leave : nil
    }

    @discardableResult
    private func perform(drainStep decide: (inout DrainPlan) -> [DrainPlan.Step]) -> [DrainPlan.Step] {
        let steps = state.withLock { decide(&$0.drain) }
        for step in steps {
            switch step {
            case .announce: poke()
            case .stopClaiming: closing.ring()
            case .release(let isAtOnce): perform { $0.ledger.releaseAll(isAtOnce: isAtOnce) }
            case .goodbye, .leave: break
            }
        }
        if !steps.isEmpty { changed.ring() }
        return steps
    }
}
