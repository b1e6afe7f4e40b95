package import Domain

/// A session says its whole state; the answer is the whole wish (level-triggered, section 6).
package struct RecordHeartbeat: Sendable {
    /// A held job as its worker sees it.
    package struct Held: Sendable {
        package var job: JobID
        package var attempt: AttemptNumber
        package var isRunning: Bool
        package var progress: JobProgress

        package init(job: JobID, attempt: AttemptNumber, isRunning: Bool, progress: JobProgress) {
            self.job = job
            self.attempt = attempt
            self.isRunning = isRunning
            self.progress = progress
        }
    }

    /// What the server wants of the session.
    package struct Wish: Sendable, Hashable {
        package var lost: [HeldKey] = []
        package var cancel: [HeldKey] = []
        package var isDraining = false
        package var leaseMilliseconds: Int64 = 0

        package init() {}
    }

    package var session: SessionID
    package var status: SessionStatus
    package var utilisation: Utilisation
    package var connectors: [ConnectorState]
    package var held: [Held]

    package init(
        session: SessionID, status: SessionStatus, utilisation: Utilisation, connectors: [ConnectorState],
        held: [Held]
    ) {
        self.session = session
        self.status = status
        self.utilisation = utilisation
        self.connectors = connectors
        self.held = held
    }

    package var foresight: Foresight {
        var foresight = Foresight()
        foresight.questions.append(Question(SessionStatements.brief, [.integer(session.number)]))
        if !held.isEmpty {
            foresight.questions.append(Question(JobStatements.lifesHeldBy, [.integer(session.number)]))
        }
        return foresight
    }

    package func run(_ transaction: WriteTransaction) throws -> Wish {
        var row = try SessionRow.find(session, transaction)
        if status == .stopped {
            try sayGoodbye(row, transaction)
            return Wish()
        }
        if let step = try row.life.hear(status, at: transaction.now) {
            try row.write(step, actor: row.actor, transaction)
        }
        try say(row, transaction)
        return try settle(row, transaction)
    }

    private func sayGoodbye(_ row: SessionRow, _ transaction: WriteTransaction) throws {
        var row = row
        guard let step = row.life.die(.goodbye, at: transaction.now) else { return }
        // Its last word is told with its end: nobody is told of beats of those that have ended.
        try transaction.run(SessionStatements.beat, [.instant(transaction.now), .integer(session.number)])
        transaction.effects.heard[session] = transaction.now
        try row.write(step, actor: row.actor, frees: .goodbye, transaction)
    }

    private func say(_ row: SessionRow, _ transaction: WriteTransaction) throws {
        let utilisation = StoredText.utilisation(utilisation)
        let connectors = StoredText.connectors(connectors)
        // Byte by byte: to Swift two spellings of a letter are one.
        if [utilisation, connectors].elementsEqual(row.said, by: { $0.utf8.elementsEqual($1.utf8) }) { return }
        let sequence = transaction.nextSequence()
        _ = try transaction.run(
            SessionStatements.say,
            [.text(utilisation), .text(connectors), .sequence(sequence), .integer(session.number)], expecting: 1
        )
        transaction.changed(session: session, sequence: sequence)
    }

    /// Compares what the worker holds with what the leases say.
    private func settle(_ row: SessionRow, _ transaction: WriteTransaction) throws -> Wish {
        var wish = Wish()
        wish.isDraining = row.isDraining
        wish.leaseMilliseconds = transaction.timing.jobLeaseMilliseconds
        var leases: [HeldKey: JobRow] = [:]
        for job in row.holdsJobs ? try JobRow.heldBy(session, transaction) : [] {
            leases[HeldKey(job: job.id, attempt: job.life.attempt)] = job
        }
        for said in held {
            let key = HeldKey(job: said.job, attempt: said.attempt)
            guard let job = leases.removeValue(forKey: key) else {
                wish.lost.append(key)
                continue
            }
            if job.life.isCancelRequested { wish.cancel.append(key) }
            wish.leaseMilliseconds = max(wish.leaseMilliseconds, job.leaseMilliseconds(transaction.timing))
            try renew(job, said, actor: row.actor, transaction)
        }
        for job in leases.values where job.frozenUntil == nil {
            // The worker does not name it: its answer was lost, or the worker lost it. It keeps its lease once more.
            let end = transaction.now.adding(milliseconds: job.leaseMilliseconds(transaction.timing))
            try transaction.run(
                JobStatements.freeze,
                [.instant(end), .integer(job.id.number), .int(job.life.attempt.value), .word(job.life.status)]
            )
        }
        return wish
    }

    private func renew(
        _ job: JobRow, _ said: Held, actor: String, _ transaction: WriteTransaction
    ) throws {
        var job = job
        try job.thaw(transaction)
        if said.isRunning,
            let step = try job.life.report(.started, by: session, attempt: said.attempt, why: "started")
        {
            try job.write(step, holder: session, actor: actor, transaction)
        }
        let progress = job.progress.merging(said.progress)
        guard progress != job.progress else { return }
        try job.writeProgress(progress, transaction)
        transaction.touch(session: session)
    }
}

/// An attempt by name.
package struct HeldKey: Sendable, Hashable {
    package let job: JobID
    package let attempt: AttemptNumber

    package init(job: JobID, attempt: AttemptNumber) {
        self.job = job
        self.attempt = attempt
    }
}

extension JobRow {
    /// Its worker speaks of it: from here on words renew its lease again.
    func thaw(_ transaction: WriteTransaction) throws(StoreError) {
        guard frozenUntil != nil else { return }
        try transaction.run(
            JobStatements.freeze, [.null, .integer(id.number), .int(life.attempt.value), .word(life.status)]
        )
    }

    func writeProgress(_ progress: JobProgress, _ transaction: WriteTransaction) throws(StoreError) {
        let sequence = transaction.nextSequence()
        try transaction.run(
            JobStatements.progress,
            [
                .optional(progress.fraction), .optional(progress.stage), .optional(progress.stageFraction),
                .instant(progress.etaAt), .optional(progress.message), .sequence(sequence), .integer(id.number),
                .int(life.attempt.value), .word(life.status),
            ]
        )
        transaction.changed(job: id, sequence: sequence, home: home)
    }
}
