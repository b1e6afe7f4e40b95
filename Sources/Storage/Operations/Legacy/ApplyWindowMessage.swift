package import Domain

/// A message of a window: found its session, put into its log, its window and its assignment.
package struct ApplyWindowMessage: Sendable {
    package enum Sender: Sendable {
        case legacy(LegacyOrigin)
        /// The URL said which session, and of an agent's also which attempt: no matching at all.
        case bound(SessionID, attempt: HeldKey?)
    }

    package var sender: Sender
    package var message: WindowMessage
    /// The envelope's time, by the sender's clock.
    package var sentAt: Instant?

    package init(sender: Sender, message: WindowMessage, sentAt: Instant?) {
        self.sender = sender
        self.message = message
        self.sentAt = sentAt
    }

    /// Returns the session that it was put down to.
    package func run(_ transaction: WriteTransaction) throws -> SessionID {
        switch sender {
        case .bound(let id, let attempt):
            let job = try JobRow.bound(id, attempt, transaction)
            try fold(into: id, job: job, of: job?.key, lines: lines(isBound: true, numbersNone: false), transaction)
            return id
        case .legacy(let origin):
            return try runLegacy(origin, transaction)
        }
    }

    private func runLegacy(_ origin: LegacyOrigin, _ transaction: WriteTransaction) throws -> SessionID {
        var match = MatchLegacy(origin, details: details)
        if case .lines(let lines, let batch?) = message {
            match.batch = batch
            match.firstLineAt = lines.compactMap(\.at).min()
        }
        var row = try match.run(transaction)
        if let details { try JoinLegacy.byDetails(details, &row, origin, transaction) }
        guard try isNew(row, transaction) else { return row.id }
        if row.isShared {
            // Of several processes: their numbers say nothing beside each other's.
            var lines = lines(isBound: false, numbersNone: false)
            for place in lines.indices { lines[place].position = nil }
            try transaction.log(lines, of: row.id, key: nil)
            return row.id
        }
        let job = try row.ownJob(transaction)
        let state = try fold(
            into: row.id, job: job, of: nil,
            lines: lines(isBound: false, numbersNone: row.batches.last < 0), transaction
        )
        if let ending = state.ending { try end(row, job, ending, state, origin, transaction) }
        return row.id
    }

    private var details: String? {
        if case .simulation(_, _, let details) = message { details } else { nil }
    }

    /// Notes the number of a batch; one that came before is the same batch, sent again.
    private func isNew(_ row: LegacyRow, _ transaction: WriteTransaction) throws -> Bool {
        guard case .lines(let lines, let batch?) = message else { return true }
        var batches = row.batches
        guard batches.insert(batch) else { return row.isShared }
        let newest = (lines.compactMap(\.at) + [row.lastLineAt].compactMap(\.self)).max()
        try transaction.run(
            LegacyStatements.batch,
            [
                .integer(batches.last), .integer(Int64(bitPattern: batches.mask)), .instant(newest),
                .instant(transaction.now), .integer(row.id.number),
            ]
        )
        return true
    }

    // MARK: - Into window, log and assignment

    @discardableResult
    private func fold(
        into session: SessionID, job: JobRow?, of attempt: HeldKey?, lines: [ApplyReports.Line],
        _ transaction: WriteTransaction
    ) throws -> WindowState {
        let before = try LegacyWindow.read(session, of: attempt, transaction)
        var state = before ?? WindowState()
        let (warnings, errors) = (state.warningCount, state.errorCount)
        // That a window speaks is told even where it has shown nothing yet.
        if state.apply(message, sentAt: sentAt, now: transaction.now) || before == nil {
            if before == nil { try LegacyWindow.closeOthers(of: session, attempt, transaction) }
            try LegacyWindow.put(state, of: session, attempt, transaction)
            transaction.touch(session: session)
        }
        try transaction.log(lines, of: session, key: job?.key)
        guard let job else { return state }
        if state.warningCount + state.errorCount > warnings + errors {
            try LegacyWindow.count(
                state.warningCount - warnings, state.errorCount - errors, of: job, transaction
            )
        }
        if job.life.status.isHeld, state.ending == nil, job.progress != state.jobProgress {
            try job.writeProgress(state.jobProgress, transaction)
            transaction.touch(session: session)
        }
        return state
    }

    /// Places within one batch: more lines than any client puts into one.
    private static let batchPlaces: Int64 = 100_000

    /// - Parameter numbersNone: no batch of this process had a number, as of clients before 1.3: theirs stand in the
    ///   order of the envelopes.
    private func lines(isBound: Bool, numbersNone: Bool) -> [ApplyReports.Line] {
        switch message {
        case .lines(let lines, let batch):
            let order = batch ?? (numbersNone ? sentAt?.milliseconds : nil)
            return lines.enumerated().map { place, line in
                ApplyReports.Line(
                    at: line.at ?? sentAt, level: LineType.level(line.type), text: line.text,
                    style: LineType.style(line.type),
                    position: order.map { $0 * Self.batchPlaces + Int64(place) }
                )
            }
        // What a program that an agent started prints, the agent has read already.
        case .terminal where isBound, .printed where isBound:
            return []
        case .terminal(let line):
            let style = LineType.style(line.type)
            return [ApplyReports.Line(at: line.at ?? sentAt, level: .debug, text: line.text, style: style)]
        case .printed(let text, let isError):
            return [ApplyReports.Line(at: sentAt, level: isError ? .notice : .debug, text: text)]
        case .memoryError(let text):
            return [ApplyReports.Line(at: sentAt, level: .error, text: text, style: "fatal")]
        default: return []
        }
    }

    // MARK: - The end

    /// GOLIAT's code for a run that is out of memory.
    private static let memoryExitCode = 42

    private func end(
        _ row: LegacyRow, _ job: JobRow?, _ ending: WindowState.Ending, _ state: WindowState, _ origin: LegacyOrigin,
        _ transaction: WriteTransaction
    ) throws {
        if var job, job.life.status.isHeld {
            job.progress = state.jobProgress
            let step = try job.life.report(
                ending.isSuccess ? .completed : .failed, by: row.id, attempt: job.life.attempt, why: ending.reason
            )
            if let step {
                try job.write(
                    step, holder: row.id, actor: origin.actor,
                    ending: JobRow.Ending(
                        exitCode: state.memoryError == nil ? nil : Self.memoryExitCode, reason: ending.reason
                    ),
                    transaction
                )
                let sequence = transaction.nextSequence()
                try transaction.run(
                    LegacyStatements.ended,
                    [
                        .int(ending.isSuccess ? 1 : 0), .int(ending.isSuccess ? 0 : 1), .flag(!ending.isSuccess),
                        .sequence(sequence), .integer(row.id.number),
                    ]
                )
                transaction.changed(session: row.id, sequence: sequence)
            }
        }
        var session = try SessionRow.find(row.id, transaction)
        if let step = try session.life.hear(.stopping, at: transaction.now) {
            let told = SessionTransition(from: step.from, to: step.to, why: ending.reason)
            try session.write(told, actor: origin.actor, transaction)
        }
    }
}

extension JobRow {
    /// The attempt of an agent's session that a program of it speaks for: the one that its address names, else the only
    /// one; `nil` where several run and nothing tells which.
    ///
    /// - Throws: `leaseLost` where the one that is named is not this session's any more.
    static func bound(
        _ session: SessionID, _ attempt: HeldKey?, _ transaction: WriteTransaction
    ) throws -> JobRow? {
        let row = try SessionRow.find(session, transaction)
        let held = row.holdsJobs ? try heldBy(session, transaction) : []
        guard let attempt else { return held.count == 1 ? held[0] : nil }
        if let job = held.first(where: { $0.key == attempt }) { return job }
        let job = try find(attempt.job, transaction)
        throw JobRefusal.leaseLost(
            attempt: attempt.attempt, current: job.life.attempt, status: job.life.status
        )
    }

    var key: HeldKey { HeldKey(job: id, attempt: life.attempt) }
}
