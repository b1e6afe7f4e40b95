import Domain
import Storage

/// One worker process and its successors of the same name, as the real agent behaves: heartbeats that say the whole
/// state, claims that name what is held, numbered reports that are kept until they are acknowledged and sent again.
///
/// Decides and does nothing: the simulation carries its calls.
struct SimulatedAgent {
    struct Work {
        enum Stage: Equatable {
            case admitted
            case running
            case ended(report: Int64)
        }

        let claimed: ClaimJobs.Claimed
        let endsAt: Instant
        let end: AttemptReport
        var stage = Stage.admitted
        var isCancelled = false
    }

    enum Phase: Equatable {
        case off, registering, serving
        /// Takes no more and says goodbye when everything is delivered.
        case draining(until: Instant)
    }

    enum Kind: Hashable, CaseIterable { case register, beat, claim, reports }

    /// An end that the server has acknowledged: what the history must show.
    struct Acknowledged {
        let session: SessionID
        let key: HeldKey
        let end: AttemptReport
    }

    let number: Int
    let machine: Int
    let queues: [String]
    let studies: [String]
    let capabilities: JSON
    let slots: Int

    var phase = Phase.off
    /// Counts processes: what was meant for an earlier one is not heard by the next.
    var process = 0
    var boot = 0
    var predecessorEnded = false
    var session: SessionID?
    var frozenUntil: Instant?
    var cutUntil: Instant?
    /// Says only what it must and asks seldom: everything is to come to its end.
    var isCalm = false
    private(set) var work: [Work] = []
    private(set) var spool: [ApplyReports.Entry] = []
    private var nextReport: Int64 = 1
    private var nextLine = 0
    private var waiting: [Kind: Int] = [:]
    private var lastBeatAt: Instant?
    private var isDirty = true
    private var claimAfter = Instant(milliseconds: 0)
    /// The claim under way carries reports.
    private var isClaimReporting = false
    private var confirmedAt = Instant(milliseconds: 0)
    private var leaseMilliseconds: Int64 = 60_000
    private(set) var acknowledged: [Acknowledged] = []
    private(set) var acknowledgedLines: [String] = []

    init(number: Int, machine: Int, queues: [String], studies: [String], capabilities: JSON, slots: Int) {
        self.number = number
        self.machine = machine
        self.queues = queues
        self.studies = studies
        self.capabilities = capabilities
        self.slots = slots
    }

    var isAlive: Bool { phase != .off }
    var isQuiet: Bool { work.isEmpty && spool.isEmpty }
    private var busyCount: Int { work.count { if case .ended = $0.stage { false } else { true } } }

    // MARK: - Life

    mutating func start(predecessorEnded: Bool, at now: Instant) {
        phase = .registering
        process += 1
        self.predecessorEnded = predecessorEnded
        forgetSession(at: now)
    }

    /// The process dies. What it had in memory and in its spool is its own and dies with it.
    mutating func crash(at now: Instant) {
        phase = .off
        process += 1
        forgetSession(at: now)
    }

    private mutating func forgetSession(at now: Instant) {
        session = nil
        frozenUntil = nil
        work = []
        spool = []
        nextReport = 1
        waiting = [:]
        lastBeatAt = nil
        isDirty = true
        claimAfter = now
    }

    mutating func drain(at now: Instant, graceMilliseconds: Int64) {
        guard phase == .serving else { return }
        phase = .draining(until: now.adding(milliseconds: graceMilliseconds))
        isDirty = true
    }

    // MARK: - What it asks

    /// Everything that is due now, each with its kind; at most one call of a kind is under way.
    mutating func turn(at now: Instant, _ random: inout SeededGenerator) -> [(Kind, SimulatedCall)] {
        guard isAlive else { return [] }
        guard let session else {
            guard waiting[.register] == nil else { return [] }
            return [(.register, registration)]
        }
        carryOn(at: now, &random)
        var calls: [(Kind, SimulatedCall)] = []
        let isBeatDue = lastBeatAt.map { now.milliseconds(since: $0) >= 10_000 } ?? true
        if waiting[.beat] == nil, isBeatDue || isDirty { calls.append((.beat, beat(session, at: now))) }
        // A process that was frozen reports nothing and begins nothing before a fresh beat was answered.
        guard now.milliseconds(since: confirmedAt) < leaseMilliseconds else { return calls }
        // One batch at a time, by whichever call: a later one that arrives first would have the earlier one skipped.
        let mayReport = waiting[.reports] == nil && (waiting[.claim] == nil || !isClaimReporting) && !spool.isEmpty
        let mayClaim = waiting[.claim] == nil && phase == .serving && busyCount < slots && now >= claimAfter
        let batch = mayReport ? Array(spool.prefix(Int(random.number(1...8)))) : []
        let isTogether = mayReport && mayClaim && random.chance(0.5)
        if mayReport, !isTogether {
            calls.append((.reports, .reports(ApplyReports(session: session, entries: batch))))
        }
        if mayClaim {
            isClaimReporting = isTogether
            calls.append((.claim, claim(session, reports: isTogether ? batch : [], &random)))
        }
        return calls
    }

    private var registration: SimulatedCall {
        .register(
            RegisterSession(
                machine: MachineRecord(
                    id: MachineID("m\(machine)"), hostname: "m\(machine).lab", addresses: [], os: "linux",
                    arch: "x86_64", cores: 4, memoryBytes: nil, gpus: [], bootID: "boot-\(boot)",
                    firstSeenAt: Instant(milliseconds: 0), sequence: .zero
                ),
                workerName: "w\(number)", pid: process, version: "1", processKey: "\(number)-\(process)",
                predecessorEnded: predecessorEnded, queues: queues, studies: studies, slots: slots,
                capabilities: capabilities, connectors: [], tokenHash: "token-\(number)-\(process)"
            )
        )
    }

    private mutating func beat(_ session: SessionID, at now: Instant) -> SimulatedCall {
        lastBeatAt = now
        isDirty = false
        let status: SessionStatus = phase == .serving ? .running : .stopping
        let held = work.map { work in
            RecordHeartbeat.Held(
                job: work.claimed.job, attempt: work.claimed.attempt, isRunning: work.stage != .admitted,
                progress: JobProgress(fraction: work.stage == .admitted ? nil : 0.5)
            )
        }
        let said = held.map { "\($0.job)/\($0.attempt)/\($0.isRunning)" }.joined(separator: ",")
        let operation = RecordHeartbeat(
            session: session, status: status, utilisation: Utilisation(cpu: held.isEmpty ? 0.1 : 0.9),
            connectors: [], held: held
        )
        return .beat(operation, body: Array("\(status.rawValue) \(said)".utf8))
    }

    private func claim(
        _ session: SessionID, reports: [ApplyReports.Entry], _ random: inout SeededGenerator
    ) -> SimulatedCall {
        let held = Set(work.map(\.claimed.key))
        var claim = ClaimJobs(
            session: session, count: slots - busyCount, held: held, study: nil, index: nil, reports: reports
        )
        if let study = studies.first, random.chance(0.1) {
            claim.count = 1
            claim.study = study
            claim.index = random.index(below: 12)
        }
        return .claim(claim)
    }

    mutating func sent(_ kind: Kind, id: Int) { waiting[kind] = id }

    /// No answer came.
    mutating func timedOut(_ kind: Kind, id: Int) {
        guard waiting[kind] == id else { return }
        waiting[kind] = nil
        if kind == .beat { isDirty = true }
    }

    // MARK: - Work

    private mutating func carryOn(at now: Instant, _ random: inout SeededGenerator) {
        var isOverdue = false
        if case .draining(let until) = phase { isOverdue = now >= until }
        for position in work.indices {
            switch work[position].stage {
            case .admitted:
                work[position].stage = .running
                isDirty = true
                write(.end(.started, exitCode: nil, reason: nil, result: nil), of: work[position])
            case .running:
                if random.chance(0.1) { say(of: work[position], &random) }
                if work[position].isCancelled {
                    end(position, .cancelled)
                } else if now >= work[position].endsAt {
                    end(position, work[position].end)
                } else if isOverdue {
                    end(position, .released)
                }
            case .ended: break
            }
        }
        if !isCalm, random.chance(0.02) { writeLine() }
    }

    private mutating func end(_ position: Int, _ report: AttemptReport) {
        let exitCode: Int? = report == .completed ? 0 : report == .failed ? 1 : nil
        write(.end(report, exitCode: exitCode, reason: nil, result: nil), of: work[position])
        work[position].stage = .ended(report: nextReport - 1)
        isDirty = true
    }

    private mutating func say(of work: Work, _ random: inout SeededGenerator) {
        let progress = JobProgress(fraction: Double(random.number(0...100)) / 100, message: "step")
        write(.progress(progress, etaSeconds: 30), of: work)
        if random.chance(0.3) { write(.lines([.init(at: nil, level: .warning, text: "hot")]), of: work) }
    }

    private mutating func write(_ content: ApplyReports.Content, of work: Work) {
        spool.append(ApplyReports.Entry(number: nextReport, key: work.claimed.key, content: content))
        nextReport += 1
    }

    /// A line of the worker itself, with a text that is never written again.
    private mutating func writeLine() {
        nextLine += 1
        let line = ApplyReports.Line(at: nil, level: .info, text: "w\(number).\(nextLine)")
        spool.append(ApplyReports.Entry(number: nextReport, key: nil, content: .lines([line])))
        nextReport += 1
    }

    // MARK: - What it hears

    /// Takes the answer to a call that it still waits for. Returns true when the process is at its end.
    mutating func hear(
        _ answer: SimulatedAnswer, to kind: Kind, id: Int, at now: Instant, _ random: inout SeededGenerator
    ) -> Bool {
        guard waiting[kind] == id else { return false }
        waiting[kind] = nil
        switch answer {
        case .registered(let id):
            session = id
            phase = .serving
            confirmedAt = now
        case .beat(let wish):
            drop(wish.lost)
            for position in work.indices where wish.cancel.contains(work[position].claimed.key) {
                work[position].isCancelled = true
            }
            confirmedAt = lastBeatAt ?? now
            leaseMilliseconds = wish.leaseMilliseconds
            if wish.isDraining { drain(at: now, graceMilliseconds: 60_000) }
        case .claimed(let answer):
            if let reports = answer.reports { acknowledge(reports) }
            admit(answer.jobs, at: now, &random)
            let pause = isCalm ? random.number(20_000...60_000) : random.number(10_000...40_000)
            claimAfter = now.adding(milliseconds: answer.jobs.isEmpty ? pause : 0)
        case .reported(let answer):
            acknowledge(answer)
        case .gone:
            start(predecessorEnded: false, at: now)
        case .refused, .away:
            if kind == .claim { claimAfter = now.adding(milliseconds: random.number(500...5_000)) }
            if kind == .beat { isDirty = true }
        case .waits, .submitted, .created, .pruned, .done:
            break
        }
        if case .draining = phase { return isQuiet }
        return false
    }

    /// The last word: a heartbeat that says `stopped`.
    func goodbye() -> SimulatedCall? {
        session.map { session in
            .beat(
                RecordHeartbeat(
                    session: session, status: .stopped, utilisation: Utilisation(), connectors: [], held: []
                ), body: Array("stopped".utf8)
            )
        }
    }

    /// What was lost is killed before anything else. Its last report may be on its way already.
    private mutating func drop(_ lost: [HeldKey]) {
        work.removeAll { lost.contains($0.claimed.key) }
    }

    private mutating func admit(
        _ jobs: [ClaimJobs.Claimed], at now: Instant, _ random: inout SeededGenerator
    ) {
        for job in jobs where !work.contains(where: { $0.claimed.key == job.key }) {
            let long = random.chance(0.1)
            let milliseconds = random.number(long ? 60_000...400_000 : 500...20_000)
            let ends: [AttemptReport] = [.completed, .completed, .completed, .completed, .failed, .retryable]
            work.append(
                Work(
                    claimed: job, endsAt: now.adding(milliseconds: milliseconds),
                    end: ends[random.index(below: ends.count)]
                )
            )
            isDirty = true
        }
    }

    private mutating func acknowledge(_ answer: ApplyReports.Answer) {
        drop(answer.lost)
        while let entry = spool.first, entry.number <= answer.acknowledged {
            spool.removeFirst()
            if let session, let key = entry.key, case .end(let end, _, _, _) = entry.content, end != .started {
                acknowledged.append(Acknowledged(session: session, key: key, end: end))
            }
            if entry.key == nil, case .lines(let lines) = entry.content { acknowledgedLines += lines.map(\.text) }
        }
        work.removeAll { work in
            if case .ended(let report) = work.stage { report <= answer.acknowledged } else { false }
        }
    }

    /// What was acknowledged since it was asked last.
    mutating func takeAcknowledged() -> (ends: [Acknowledged], lines: [String]) {
        defer {
            acknowledged = []
            acknowledgedLines = []
        }
        return (acknowledged, acknowledgedLines)
    }
}
