import Domain

/// A job as the rules and the statements that change it need it: read once, decided upon, written back under its guard.
struct JobRow {
    let id: JobID
    var life: JobLife
    let home: JobHome
    let claimedAt: Instant?
    private(set) var startedAt: Instant?
    var progress: JobProgress
    let frozenUntil: Instant?
    let index: Int?
    private var storedStatus: JobStatus
    private let storedAttempt: AttemptNumber
    private let storedHolder: SessionID?
    private let holderName: String?

    /// - Parameter row: the columns `JobStatements.lifeColumns`.
    init(_ row: SQLRow, _ transaction: WriteTransaction) throws {
        id = row.id(0)
        storedStatus = try row.word(1)
        storedAttempt = AttemptNumber(row.int(2))
        life = JobLife(
            status: storedStatus, attempt: storedAttempt, holder: row.optionalID(3), countedFailures: row.int(4),
            maximumAttempts: row.int(5), isCancelRequested: row.flag(6)
        )
        let queue: QueueID = row.id(7)
        home = JobHome(
            queue: queue, requirement: row.int64(8), study: row.optionalID(9),
            queueName: try transaction.queue(queue)?.name
        )
        claimedAt = row.optionalInstant(10)
        startedAt = row.optionalInstant(11)
        progress = JobProgress(
            fraction: row.optionalDouble(12), stage: row.optionalText(13), stageFraction: row.optionalDouble(14),
            etaAt: row.optionalInstant(17), message: row.optionalText(18)
        )
        frozenUntil = row.optionalInstant(15)
        index = row.optionalInt(16)
        storedHolder = life.holder
        holderName = row.optionalText(19)
    }

    static func find(_ id: JobID, _ transaction: WriteTransaction) throws -> JobRow {
        guard let row = try transaction.row(JobStatements.life, [.integer(id.number)]) else {
            throw unknown(id)
        }
        let job = try JobRow(row, transaction)
        // A job whose study is deleted has no queue: its row only waits to be removed.
        guard try transaction.queue(job.home.queue) != nil else { throw unknown(id) }
        return job
    }

    /// What whoever gets it is given beside: not read with the rest, since few ask for it and it may be long.
    func content(_ transaction: WriteTransaction) throws(StoreError) -> (label: String?, payload: String?) {
        let row = try transaction.row(JobStatements.content, [.integer(id.number)])
        return (row?.optionalText(0), row?.optionalText(1))
    }

    private static func unknown(_ id: JobID) -> StoreError {
        StoreError(.notFound, "There is no job \(id).", reason: "unknown-job")
    }

    static func heldBy(_ session: SessionID, _ transaction: WriteTransaction) throws -> [JobRow] {
        try transaction.rows(JobStatements.lifesHeldBy, [.integer(session.number)]).map { try JobRow($0, transaction) }
    }

    /// How long the lease lasts from its last renewal.
    func leaseMilliseconds(_ timing: Timing) -> Int64 {
        timing.leaseMilliseconds(isAssignment: home.study != nil)
    }

    func lease(_ timing: Timing) -> Lease {
        Lease(
            grantedAt: claimedAt ?? Instant(milliseconds: 0), lengthMilliseconds: leaseMilliseconds(timing),
            frozenUntil: frozenUntil
        )
    }

    /// What a step brings with it, beside the states.
    struct Ending {
        var exitCode: Int?
        var reason: String?
        var result: String?
    }

    /// Writes a decided step: the job under its guard, its attempt, the history, the counters, and who is to hear.
    mutating func write(
        _ step: JobTransition, holder before: SessionID?, actor: String, ending: Ending = Ending(),
        _ transaction: WriteTransaction
    ) throws(StoreError) {
        let now = transaction.now
        let sequence = transaction.nextSequence()
        let changed: Int
        if step.to == .running {
            changed = try transaction.run(
                JobStatements.start,
                [
                    .instant(now), .sequence(sequence), .integer(id.number), .word(step.from),
                    .int(life.attempt.value),
                ],
                expecting: 1
            )
        } else {
            changed = try writeStep(step, ending: ending, sequence: sequence, transaction)
        }
        guard changed == 1 else {
            throw StoreError(.conflict, "Job \(id) changed while it was being changed. Try again.")
        }
        try transaction.transition(
            .job, id.number, from: step.from.rawValue, to: step.to.rawValue, actor: actor, why: step.why,
            attempt: life.attempt == .none ? nil : life.attempt, sequence: sequence
        )
        transaction.changed(job: id, sequence: sequence, home: home)
        transaction.count(home, from: step.from, to: step.to)
        if let before { transaction.touch(session: before) }
        if step.to == .pending { transaction.becameReady(home) }
        if step.to == .completed, let study = home.study, let began = startedAt ?? claimedAt {
            transaction.measured(study, milliseconds: max(1, now.milliseconds(since: began)))
        }
        storedStatus = step.to
        if step.to == .running { startedAt = now }
    }

    private func writeStep(
        _ step: JobTransition, ending: Ending, sequence: SequenceNumber, _ transaction: WriteTransaction
    ) throws(StoreError) -> Int {
        let isFinal = step.to.isFinal
        let keepsProgress = isFinal
        if let outcome = step.outcome {
            try transaction.run(
                HistoryStatements.endAttempt,
                [
                    .integer(id.number), .int(storedAttempt.value), .id(storedHolder), .optional(holderName),
                    .instant(claimedAt), .instant(startedAt), .instant(transaction.now), .word(outcome),
                    .int(ending.exitCode), .text(step.why),
                ]
            )
        }
        return try transaction.run(
            JobStatements.step,
            [
                .word(step.to), .id(life.holder), .int(life.countedFailures), .flag(life.isCancelRequested),
                .int(ending.exitCode), .optional(ending.reason ?? (isFinal ? step.why : nil)),
                .instant(isFinal ? transaction.now : nil),
                .optional(step.to == .completed ? 1 : keepsProgress ? progress.fraction : nil),
                .optional(keepsProgress ? progress.stage : nil),
                .optional(step.to == .completed ? nil : keepsProgress ? progress.stageFraction : nil),
                .optional(ending.result), .sequence(sequence), .integer(id.number), .word(storedStatus),
                .int(storedAttempt.value),
            ],
            expecting: 1
        )
    }

    /// The lease is gone: the job goes on elsewhere, and its former holder is told at its next word.
    mutating func lose(why: String, actor: String, _ transaction: WriteTransaction) throws(StoreError) {
        let holder = life.holder
        guard let step = life.lose(why: why) else { return }
        try write(
            step, holder: holder, actor: actor, ending: Ending(reason: step.to == .pending ? nil : step.why),
            transaction)
        if let holder {
            try transaction.touch(holder: holder)
            transaction.wishChanged(holder)
        }
    }
}
