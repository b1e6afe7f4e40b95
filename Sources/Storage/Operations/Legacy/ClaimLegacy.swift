package import Domain

/// An assignment is claimed by a client that says nothing but an address. A process claims once, at its start: each
/// claim is a new session.
package struct ClaimLegacy: Sendable {
    package var job: JobID
    package var origin: LegacyOrigin

    package init(job: JobID, origin: LegacyOrigin) {
        self.job = job
        self.origin = origin
    }

    /// - Throws: `notFound`; `conflict` (`assignment-taken`) where somebody else's live session has it.
    package func run(_ transaction: WriteTransaction) throws -> SessionID {
        var job = try JobRow.find(job, transaction)
        guard let study = job.home.study else {
            throw StoreError(.notFound, "Job \(job.id) is no assignment of a study.", reason: "unknown-assignment")
        }
        try requireOpen(study, transaction)
        try free(&job, transaction)
        let row = try LegacySession.make(
            origin, claim: LegacySession.Claim(job: job.id, at: transaction.now),
            why: "claimed assignment \(job.index ?? 0) from \(origin.address)", transaction
        )
        try take(job, row, transaction)
        return row.id
    }

    private func requireOpen(_ study: StudyID, _ transaction: WriteTransaction) throws {
        guard let brief = try transaction.row(StudyStatements.brief, [.integer(study.number)]),
            let status = StudyStatus(rawValue: brief.text(1)), status != .active
        else { return }
        throw StoreError(
            .conflict, "The study \(brief.text(0)) is \(status.rawValue): nothing of it is handed out.",
            reason: "study-\(status.rawValue)"
        )
    }

    /// Takes the assignment from where it is, if this claim may have it.
    private func free(_ job: inout JobRow, _ transaction: WriteTransaction) throws {
        if job.life.status.isHeld, let holder = job.life.holder {
            try takeFrom(holder, &job, transaction)
        }
        switch job.life.status {
        case .pending: break
        case .failed, .cancelled, .completed:
            let step = try job.life.reopen(why: "claimed again from \(origin.address)")
            try job.write(step, holder: nil, actor: origin.actor, transaction)
        case .claimed, .running: break
        }
        job = try JobRow.find(job.id, transaction)
    }

    private func takeFrom(_ holder: SessionID, _ job: inout JobRow, _ transaction: WriteTransaction) throws {
        let brief = try transaction.row(SessionStatements.brief, [.integer(holder.number)])
        let status: SessionStatus = try brief?.word(0) ?? .stale
        let legacy = try LegacyRow.find(holder, transaction)
        let isSameAddress = legacy.map { $0.address == origin.address } ?? false
        guard !status.isLive || isSameAddress else {
            let name = try transaction.facts(of: holder).workerName
            throw StoreError(
                .conflict,
                "Assignment \(job.index ?? 0) is running on \(name) (\(holder)).",
                reason: "assignment-taken"
            )
        }
        if status.isLive, let brief {
            // The restart after a crash: the process before it is gone.
            var session = SessionRow(id: holder, status: status, since: brief.instant(1), kind: .legacy)
            if let step = session.life.die(.replaced, at: transaction.now) {
                let told = SessionTransition(
                    from: step.from, to: step.to, why: "its assignment was claimed again from its address"
                )
                try session.write(told, actor: origin.actor, transaction)
            }
        }
        try job.lose(why: "claimed again from \(origin.address)", actor: origin.actor, transaction)
    }

    private func take(_ job: JobRow, _ row: LegacyRow, _ transaction: WriteTransaction) throws {
        let attempt = try transaction.take(
            job.id, after: job.life.attempt, home: job.home, for: row.id, named: row.workerName, actor: origin.actor
        )
        guard let attempt else {
            throw StoreError(.conflict, "Assignment \(job.index ?? 0) was just claimed.", reason: "assignment-taken")
        }
        // Nothing is heard while its simulator starts: the lease lasts as long as that may take.
        let end = transaction.now.adding(milliseconds: transaction.timing.legacyClaimMilliseconds)
        try transaction.run(
            JobStatements.freeze,
            [.instant(end), .integer(job.id.number), .int(attempt.value), .word(JobStatus.claimed)]
        )
    }
}
