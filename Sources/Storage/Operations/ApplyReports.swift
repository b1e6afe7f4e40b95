package import Domain

/// An ordered, numbered batch of what happened on a worker. Replaying it changes nothing.
package struct ApplyReports: Sendable {
    package struct Line: Sendable {
        package var at: Instant?
        package var level: LogLevel
        package var text: String
        /// How a window shows it, in its client's own words.
        package var style: String?
        /// Its place among the lines of its window, where these come out of order.
        package var position: Int64?

        package init(at: Instant?, level: LogLevel, text: String, style: String? = nil, position: Int64? = nil) {
            self.at = at
            self.level = level
            self.text = text
            self.style = style
            self.position = position
        }
    }

    package enum Content: Sendable {
        /// ETA in seconds from the receipt.
        case progress(JobProgress, etaSeconds: Double?)
        case lines([Line])
        case end(AttemptReport, exitCode: Int?, reason: String?, result: String?)
    }

    package struct Entry: Sendable {
        package var number: Int64
        /// Absent for lines of the worker itself.
        package var key: HeldKey?
        package var content: Content

        package init(number: Int64, key: HeldKey?, content: Content) {
            self.number = number
            self.key = key
            self.content = content
        }

        /// What is held no more once this is applied, or was not before.
        var endedKey: HeldKey? {
            guard case .end(let report, _, _, _) = content, report != .started else { return nil }
            return key
        }
    }

    package struct Answer: Sendable {
        /// Everything up to here is applied or was before.
        package var acknowledged: Int64
        package var lost: [HeldKey] = []
    }

    package var session: SessionID
    package var entries: [Entry]

    package init(session: SessionID, entries: [Entry]) {
        self.session = session
        self.entries = entries
    }

    package var foresight: Foresight {
        var foresight = Foresight()
        foresight.questions.append(Question(SessionStatements.brief, [.integer(session.number)]))
        for job in Set(entries.compactMap(\.key?.job)) {
            foresight.questions.append(Question(JobStatements.life, [.integer(job.number)]))
        }
        return foresight
    }

    package func run(_ transaction: WriteTransaction) throws -> Answer {
        try run(try SessionRow.find(session, transaction), transaction)
    }

    /// - Parameter row: of `session`, as it stands in this transaction.
    func run(_ row: SessionRow, _ transaction: WriteTransaction) throws -> Answer {
        var answer = Answer(acknowledged: max(row.lastReport, entries.last?.number ?? 0))
        var tally = Tally()
        var jobs: [HeldKey: JobRow] = [:]
        for entry in entries where entry.number > row.lastReport {
            guard let key = entry.key else {
                if case .lines(let lines) = entry.content { try transaction.log(lines, of: session, key: nil) }
                continue
            }
            do {
                var job = try jobs[key] ?? JobRow.find(key.job, transaction)
                try job.life.requireHeld(by: session, attempt: key.attempt)
                try apply(entry.content, key: key, to: &job, actor: row.actor, &tally, transaction)
                // After its end the row is read anew: what comes later in the batch meets the fence.
                jobs[key] = job.life.status.isHeld ? job : nil
            } catch is JobRefusal {
                try refuse(entry, key: key, &answer, transaction)
            } catch let error as StoreError where error.code == .notFound {
                try refuse(entry, key: key, &answer, transaction)
            }
        }
        guard let last = entries.last?.number, last > row.lastReport else { return answer }
        // Log lines alone change nothing that is shown of the session, and so take no number for it.
        let sequence = tally.isSeen ? transaction.nextSequence() : nil
        try transaction.run(
            SessionStatements.reported,
            [
                .integer(last), .int(tally.completed), .int(tally.failed),
                tally.lastFailed.map(SQLValue.flag) ?? .null, sequence.map(SQLValue.sequence) ?? .null,
                .integer(session.number), .integer(last),
            ]
        )
        if let sequence { transaction.changed(session: session, sequence: sequence) }
        return answer
    }

    private struct Tally {
        var completed = 0
        var failed = 0
        var lastFailed: Bool?
        /// Something the session's representation shows has changed.
        var isSeen = false
    }

    private func apply(
        _ content: Content, key: HeldKey, to job: inout JobRow, actor: String, _ tally: inout Tally,
        _ transaction: WriteTransaction
    ) throws {
        switch content {
        case .lines(let lines):
            try transaction.log(lines, of: session, key: key)
            let warnings = lines.count { $0.level == .warning }
            let errors = lines.count { $0.level == .error }
            guard warnings + errors > 0 else { return }
            let sequence = transaction.nextSequence()
            try transaction.run(
                JobStatements.countLines,
                [
                    .int(warnings), .int(errors), .sequence(sequence), .integer(key.job.number),
                    .int(key.attempt.value),
                ]
            )
            transaction.changed(job: key.job, sequence: sequence, home: job.home)
        case .progress(var said, let etaSeconds):
            if let etaSeconds { said.etaAt = transaction.now.adding(milliseconds: Int64(etaSeconds * 1_000)) }
            let merged = job.progress.merging(said)
            guard merged != job.progress else { return }
            job.progress = merged
            try job.writeProgress(merged, transaction)
            tally.isSeen = true
        case .end(let report, let exitCode, let reason, let result):
            let why = reason ?? Self.defaultReason(report, exitCode: exitCode)
            guard let step = try job.life.report(report, by: session, attempt: key.attempt, why: why) else { return }
            try job.write(
                step, holder: session, actor: actor,
                ending: JobRow.Ending(exitCode: exitCode, reason: reason, result: result), transaction
            )
            tally.isSeen = true
            switch step.outcome {
            case .completed?:
                tally.completed += 1
                tally.lastFailed = false
            case .failed?, .retryable?:
                tally.failed += 1
                tally.lastFailed = true
            case .cancelled?, .released?, .lost?: break
            case nil: tally.lastFailed = false
            }
        }
    }

    private static func defaultReason(_ report: AttemptReport, exitCode: Int?) -> String {
        switch report {
        case .started: "started"
        case .completed: "completed"
        case .failed: exitCode.map { "exit code \($0)" } ?? "failed"
        case .retryable: exitCode.map { "exit code \($0), to be tried again" } ?? "to be tried again"
        case .released: "given back"
        case .cancelled: "cancelled"
        }
    }

    /// A late report changes nothing (law 4); where the attempt was this session's, an ending is kept as evidence.
    private func refuse(
        _ entry: Entry, key: HeldKey, _ answer: inout Answer, _ transaction: WriteTransaction
    ) throws {
        if !answer.lost.contains(key) { answer.lost.append(key) }
        guard case .end(let report, let exitCode, let reason, let result) = entry.content, report != .started
        else { return }
        var body = JSONWriter(capacity: 128)
        body.beginObject()
        body.field("exitCode", exitCode)
        body.field("reason", reason)
        body.field("result", raw: result)
        body.endObject()
        try transaction.run(
            HistoryStatements.addLateReport,
            [
                .sequence(transaction.nextSequence()), .instant(transaction.now), .text("\(report)"),
                .text(body.text), .integer(key.job.number), .int(key.attempt.value), .integer(session.number),
            ]
        )
    }
}

extension WriteTransaction {
    /// Keeps lines of a session, and of the attempt that `key` names.
    func log(_ lines: [ApplyReports.Line], of session: SessionID, key: HeldKey?) throws(StoreError) {
        for line in lines {
            let total = try addedLogBytes(line.text.utf8.count + Retention.logLineOverhead)
            try run(
                HistoryStatements.addLine,
                [
                    .sequence(nextSequence()), .integer(session.number), .id(key?.job), .int(key?.attempt.value),
                    .instant(line.at ?? now), .instant(now), .word(line.level), .text(line.text),
                    .optional(line.style), .int64(line.position), .integer(total),
                ]
            )
        }
        guard !lines.isEmpty else { return }
        effects.loggedSessions.insert(session)
        if let key { effects.loggedJobs.insert(key.job) }
    }
}
