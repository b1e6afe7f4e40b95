package import Domain

/// What a person does to a whole study.
package struct ChangeStudy: Sendable {
    package enum Action: Sendable, Hashable {
        case pause, resume, cancel, retryFailed, delete
    }

    /// What came of it.
    package struct Answer: Sendable {
        package var study: StudyID
        /// Jobs that were changed.
        package var count = 0
        /// Files whose rows are gone, to be removed from the store.
        package var orphanedArtifacts: [ArtifactID] = []
    }

    /// Id or name.
    package var study: String
    package var action: Action
    package var actor: String

    package init(study: String, action: Action, actor: String) {
        self.study = study
        self.action = action
        self.actor = actor
    }

    package func run(_ transaction: WriteTransaction) throws -> Answer {
        guard let id = try transaction.study(named: study),
            let row = try transaction.row(StudyStatements.brief, [.integer(id.number)]),
            let queue = try transaction.queue(ofStudy: id)
        else { throw StoreError(.notFound, "There is no study \(study).", reason: "unknown-study") }
        let status: StudyStatus = try row.word(1)
        var answer = Answer(study: id)
        switch action {
        case .pause:
            try move(id, queue.id, from: status, to: .paused, isPaused: true, transaction)
        case .resume:
            try move(id, queue.id, from: status, to: .active, isPaused: false, transaction)
            try wakeAll(queue.id, transaction)
        case .cancel:
            try move(id, queue.id, from: status, to: .cancelled, isPaused: true, transaction)
            answer.count = try cancelJobs(of: id, transaction)
        case .retryFailed:
            if status == .cancelled { try move(id, queue.id, from: status, to: .active, isPaused: false, transaction) }
            answer.count = try retry(id, .failed, transaction)
            if status == .cancelled { answer.count += try retry(id, .cancelled, transaction) }
        case .delete:
            try delete(id, row.text(0), &answer, transaction)
            return answer
        }
        transaction.touch(queue: queue.id)
        return answer
    }

    private func move(
        _ id: StudyID, _ queue: QueueID, from: StudyStatus, to: StudyStatus, isPaused: Bool,
        _ transaction: WriteTransaction
    ) throws {
        guard from != to else { return }
        if from == .cancelled, to != .active {
            throw StoreError(.conflict, "Study \(study) is cancelled. Resume it first.", reason: "study-cancelled")
        }
        try transaction.run(StudyStatements.move, [.word(to), .integer(id.number)])
        try transaction.run(QueueStatements.pause, [.flag(isPaused), .integer(queue.number)])
        try transaction.transition(
            .study, id.number, from: from.rawValue, to: to.rawValue, actor: actor, why: "\(action)",
            sequence: transaction.nextSequence()
        )
    }

    private func wakeAll(_ queue: QueueID, _ transaction: WriteTransaction) throws {
        let pending = try RecordReads.counts(queue.number, transaction).pending
        for requirement in try transaction.requirements(of: queue) where pending > 0 {
            let home = JobHome(queue: queue, requirement: requirement.id, study: nil, queueName: nil)
            transaction.becameReady(home, count: pending)
        }
    }

    /// Walks a study's jobs of one state in bites, so that memory stays small.
    private func walk(
        _ id: StudyID, _ status: JobStatus, _ transaction: WriteTransaction, _ body: (inout JobRow) throws -> Void
    ) throws -> Int {
        var after = -1
        var count = 0
        while true {
            let rows = try transaction.rows(
                JobStatements.lifesOfStudy, [.integer(id.number), .int(after), .word(status), .int(500)]
            )
            guard !rows.isEmpty else { return count }
            for row in rows {
                var job = try JobRow(row, transaction)
                after = job.index ?? after + 1
                try body(&job)
                count += 1
            }
        }
    }

    private func cancelJobs(of id: StudyID, _ transaction: WriteTransaction) throws -> Int {
        var count = 0
        for row in try transaction.rows(JobStatements.lifesHeldOfStudy, [.integer(id.number)]) {
            var job = try JobRow(row, transaction)
            try job.cancel(why: "study cancelled", actor: actor, transaction)
            count += 1
        }
        return try count
            + walk(id, .pending, transaction) { job in
                try job.cancel(why: "study cancelled", actor: actor, transaction)
            }
    }

    private func retry(_ id: StudyID, _ status: JobStatus, _ transaction: WriteTransaction) throws -> Int {
        try walk(id, status, transaction) { job in
            let step = try job.life.retry(why: "retried by \(actor)")
            try job.write(step, holder: nil, actor: actor, transaction)
        }
    }

    /// Nothing finds the study from here on, and its name is free; what is left of it goes bite by bite
    /// (`RemoveStudies`), so that a study of a million assignments is deleted as quickly as one of ten.
    ///
    /// What is held of it goes at once, since leases are looked up by who holds them: there are as many as slots, not
    /// as assignments. Its workers are told at their next word that it is lost, and stop.
    private func delete(
        _ id: StudyID, _ name: String, _ answer: inout Answer, _ transaction: WriteTransaction
    ) throws {
        for row in try transaction.rows(JobStatements.lifesHeldOfStudy, [.integer(id.number)]) {
            let job = try JobRow(row, transaction)
            if let holder = job.life.holder {
                try transaction.touch(holder: holder)
                transaction.wishChanged(holder)
            }
            answer.orphanedArtifacts += try job.remove(transaction)
            answer.count += 1
        }
        try transaction.run(QueueStatements.uncountStudy, [.integer(id.number)])
        try transaction.run(
            StudyStatements.bury,
            [.instant(transaction.now), .sequence(transaction.nextSequence()), .integer(id.number)]
        )
        transaction.interned.forget()
        transaction.deleted(.study(id), scopes: [.fleet, .study(id)])
        transaction.effects.endedStudies.insert(id)
        try transaction.transition(
            .study, id.number, from: nil, to: "deleted", actor: actor, why: "study \(name) deleted",
            sequence: transaction.nextSequence()
        )
    }
}

extension JobRow {
    /// A person cancels: a waiting job at once, a held one through its worker.
    mutating func cancel(why: String, actor: String, _ transaction: WriteTransaction) throws {
        if let step = try life.cancel(why: why) {
            try write(step, holder: nil, actor: actor, transaction)
            return
        }
        let sequence = transaction.nextSequence()
        try transaction.run(
            JobStatements.requestCancel,
            [.text(why), .sequence(sequence), .integer(id.number), .int(life.attempt.value)]
        )
        transaction.changed(job: id, sequence: sequence, home: home)
        if let holder = life.holder {
            try transaction.touch(holder: holder)
            transaction.wishChanged(holder)
        }
    }
}
