package import Domain

/// Hands out up to `count` jobs, or one assignment by index, after it has applied the reports that came along.
package struct ClaimJobs: Sendable {
    /// A job in a worker's hands.
    package struct Claimed: Sendable {
        package var job: JobID
        package var attempt: AttemptNumber
        package var study: StudyID?
        package var studyName: String?
        package var index: Int?
        package var label: String?
        package var queue: String?
        /// The configuration as text.
        package var payload: String
        package var leaseMilliseconds: Int64
    }

    package struct Answer: Sendable {
        package var jobs: [Claimed] = []
        /// Every study asked is finished, cancelled or gone.
        package var isFinished = false
        /// Where the jobs come from that it took, and how many: what was handed out again is not among them.
        package var taken: [ReadyJobs: Int] = [:]
        /// Where to wait: jobs of these queues and requirements would be taken.
        package var waitsFor: Set<ReadyJobs> = []
        package var studies: Set<StudyID> = []
        /// What became of the reports; absent where none came along.
        package var reports: ApplyReports.Answer?

        package init() {}
    }

    package var session: SessionID
    package var count: Int
    /// What the worker knows that it holds.
    package var held: Set<HeldKey>
    /// Only from this study (id or name).
    package var study: String?
    package var index: Int?
    /// Of the same session. They are applied first, and with the claim or not at all: a refused claim keeps nothing.
    package var reports: [ApplyReports.Entry]

    package init(
        session: SessionID, count: Int, held: Set<HeldKey>, study: String?, index: Int?,
        reports: [ApplyReports.Entry] = []
    ) {
        self.session = session
        self.count = count
        self.held = held
        self.study = study
        self.index = index
        self.reports = reports
    }

    package var foresight: Foresight {
        var foresight = ApplyReports(session: session, entries: reports).foresight
        foresight.questions.append(Question(JobStatements.keysHeldBy, [.integer(session.number)]))
        foresight.claimCount = index == nil ? count : 0
        return foresight
    }

    package func run(_ transaction: WriteTransaction) throws -> Answer {
        let row = try SessionRow.find(session, transaction)
        try row.life.requireServing(isDraining: row.isDraining)
        let facts = try transaction.facts(of: session)
        var answer = Answer()
        let heldRows = row.holdsJobs ? try transaction.rows(JobStatements.keysHeldBy, [.integer(session.number)]) : []
        if !reports.isEmpty {
            answer.reports = try ApplyReports(session: session, entries: reports).run(row, transaction)
        }
        // What was handed out before and never arrived is handed out again: the same attempt, no new one. What the
        // reports have ended was held a moment ago.
        let ended = Set(reports.compactMap(\.endedKey))
        for row in heldRows {
            let key = HeldKey(job: row.id(0), attempt: AttemptNumber(row.int(1)))
            guard !held.contains(key), !ended.contains(key), answer.jobs.count < count else { continue }
            let job = try JobRow.find(key.job, transaction)
            let content = try job.content(transaction)
            answer.jobs.append(
                try hand(
                    job.id, attempt: job.life.attempt, home: job.home, index: job.index,
                    label: content.label, payload: content.payload, transaction
                )
            )
        }
        if let index {
            try claim(index: index, facts: facts, &answer, transaction)
        } else {
            try claimNext(facts: facts, &answer, transaction)
        }
        answer.taken = transaction.effects.taken
        return answer
    }

    // MARK: - By index

    private func claim(
        index: Int, facts: Interned.SessionFacts, _ answer: inout Answer, _ transaction: WriteTransaction
    ) throws {
        guard let name = study, let study = try transaction.study(named: name) else {
            throw StoreError(.notFound, "There is no study \(self.study ?? "").", reason: "unknown-study")
        }
        let isHanded = answer.jobs.contains { $0.study == study && $0.index == index }
        if isHanded || answer.jobs.count >= count { return }
        guard let row = try transaction.row(JobStatements.lifeOfIndex, [.integer(study.number), .int(index)]) else {
            throw StoreError(
                .notFound, "Study \(name) has no assignment \(index).", reason: "unknown-assignment"
            )
        }
        let job = try JobRow(row, transaction)
        var life = job.life
        _ = try life.claim(by: session)
        try take(Candidate(job, job.content(transaction)), facts: facts, &answer, transaction)
    }

    // MARK: - The next

    /// A waiting job as it was found; the statement that takes it repeats the guard.
    private struct Candidate {
        let id: JobID
        let position: LinePosition
        let attempt: AttemptNumber
        let home: JobHome
        let index: Int?
        let label: String?
        let payload: String?

        init(_ job: JobRow, _ content: (label: String?, payload: String?)) {
            id = job.id
            // Claimed by its index, it stands in no line.
            position = .front
            attempt = job.life.attempt
            home = job.home
            index = job.index
            label = content.label
            payload = content.payload
        }

        /// - Parameter row: the columns of `JobStatements.candidates`.
        init(_ row: SQLRow, queue: QueueID, requirement: Int64, queueName: String?) {
            id = row.id(0)
            position = LinePosition(row)
            attempt = AttemptNumber(row.int(3))
            home = JobHome(queue: queue, requirement: requirement, study: row.optionalID(4), queueName: queueName)
            index = row.optionalInt(5)
            label = row.optionalText(6)
            payload = row.optionalText(7)
        }
    }

    private func claimNext(
        facts: Interned.SessionFacts, _ answer: inout Answer, _ transaction: WriteTransaction
    ) throws {
        let (queues, studies) = try sources(facts, transaction)
        let wanted = count - answer.jobs.count
        var candidates: [Candidate] = []
        for queue in queues where wanted > 0 {
            for requirement in try matching(queue, facts, transaction) {
                let rows = try transaction.candidates(queue, requirement, wanted)
                let name = try transaction.queue(queue)?.name
                candidates += rows.map { Candidate($0, queue: queue, requirement: requirement, queueName: name) }
            }
        }
        candidates.sort { $0.position < $1.position }
        for candidate in candidates.prefix(wanted) {
            try take(candidate, facts: facts, &answer, transaction)
        }
        guard answer.jobs.isEmpty else { return }
        for queue in queues {
            for requirement in try matching(queue, facts, transaction) {
                answer.waitsFor.insert(ReadyJobs(queue: queue, requirement: requirement))
            }
            answer.waitsFor.insert(ReadyJobs(queue: queue, requirement: ReadyJobs.anyRequirement))
        }
        answer.studies = Set(studies)
        let asked = study.map { [$0] } ?? facts.studies
        guard !asked.isEmpty, study != nil || facts.queues.isEmpty else { return }
        answer.isFinished = try areFinished(studies, transaction)
    }

    /// The queues this claim may take from, and the studies among them.
    private func sources(
        _ facts: Interned.SessionFacts, _ transaction: WriteTransaction
    ) throws -> (queues: [QueueID], studies: [StudyID]) {
        var queues: [QueueID] = []
        var studies: [StudyID] = []
        for name in study.map({ [$0] }) ?? facts.studies {
            guard let study = try transaction.study(named: name) else {
                // One that was named in this very call must be there; one of the registration may have been deleted.
                if self.study != nil {
                    throw StoreError(.notFound, "There is no study \(name).", reason: "unknown-study")
                }
                continue
            }
            // A session may name a study twice, by its name and by its id.
            if studies.contains(study) { continue }
            studies.append(study)
            if let queue = try transaction.queue(ofStudy: study) { queues.append(queue.id) }
        }
        if study == nil {
            for name in facts.queues {
                let queue = try transaction.makeQueue(named: name).id
                if !queues.contains(queue) { queues.append(queue) }
            }
        }
        return (queues, studies)
    }

    /// Which of the queue's requirements this session satisfies.
    private func matching(
        _ queue: QueueID, _ facts: Interned.SessionFacts, _ transaction: WriteTransaction
    ) throws -> [Int64] {
        let requirements = try transaction.requirements(of: queue)
        let key = Interned.MatchKey(session: facts.id, queue: queue, requirementCount: requirements.count)
        if let known = transaction.interned.use({ $0.matches[key] }) { return known }
        let matches = requirements.filter { $0.requirement.isSatisfied(by: facts.capabilities) }.map(\.id)
        transaction.interned.use { contents in
            if contents.matches.count >= Interned.sessionLimit { contents.matches.removeAll() }
            contents.matches[key] = matches
        }
        return matches
    }

    private func areFinished(_ studies: [StudyID], _ transaction: WriteTransaction) throws -> Bool {
        for study in studies {
            guard let record = try RecordReads.study(study, transaction) else { continue }
            if !record.isFinished { return false }
        }
        return true
    }

    // MARK: - Taking

    private func take(
        _ job: Candidate, facts: Interned.SessionFacts, _ answer: inout Answer, _ transaction: WriteTransaction
    ) throws {
        let attempt = try transaction.take(
            job.id, after: job.attempt, home: job.home, for: session, named: facts.workerName,
            actor: "session:\(session)"
        )
        // Somebody was quicker: that is an answer, not an accident.
        guard let attempt else { return }
        answer.jobs.append(
            try hand(
                job.id, attempt: attempt, home: job.home, index: job.index, label: job.label, payload: job.payload,
                transaction
            )
        )
    }

    private func hand(
        _ id: JobID, attempt: AttemptNumber, home: JobHome, index: Int?, label: String?, payload: String?,
        _ transaction: WriteTransaction
    ) throws -> Claimed {
        Claimed(
            job: id, attempt: attempt, study: home.study,
            studyName: try home.study.flatMap { try transaction.studyName($0) }, index: index, label: label,
            queue: home.queueName, payload: try transaction.configuration(payload, home, index: index),
            leaseMilliseconds: transaction.timing.leaseMilliseconds(isAssignment: home.study != nil)
        )
    }
}

extension WriteTransaction {
    /// The configuration of a job as text: its own, else its part of the study's.
    func configuration(_ payload: String?, _ home: JobHome, index: Int?) throws -> String {
        if let payload { return payload }
        guard let study = home.study, let index else { return "{}" }
        return try splitText(of: study, index: index)
    }

    /// Puts a waiting job into a session's hands, as the attempt after `attempt`. Returns the new one; `nil` where the
    /// job does not wait with that attempt any more.
    func take(
        _ job: JobID, after attempt: AttemptNumber, home: JobHome, for session: SessionID, named workerName: String,
        actor: String
    ) throws(StoreError) -> AttemptNumber? {
        let sequence = nextSequence()
        let next = attempt.next
        let taken = try run(
            JobStatements.claim,
            [
                .integer(session.number), .text(workerName), .instant(now), .sequence(sequence), .integer(job.number),
                .int(attempt.value),
            ],
            expecting: 1
        )
        noteTaken(job, home)
        guard taken == 1 else { return nil }
        effects.taken[home.place, default: 0] += 1
        try transition(
            .job, job.number, from: JobStatus.pending.rawValue, to: JobStatus.claimed.rawValue, actor: actor,
            why: "claimed", attempt: next, sequence: sequence
        )
        changed(job: job, sequence: sequence, home: home)
        count(home, from: .pending, to: .claimed)
        touch(session: session)
        return next
    }
}

extension ReadyJobs {
    /// A requirement that nobody asked for yet: who waits on a queue hears of its first job too.
    package static let anyRequirement: Int64 = 0
}
