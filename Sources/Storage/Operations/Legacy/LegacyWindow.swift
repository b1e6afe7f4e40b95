import Domain

/// The window of a session's program: what it shows is folded from its messages, and kept as text. An agent's session
/// has one for each attempt that it runs, since each is a process of its own; any other session has one.
enum LegacyWindow {
    static func read(
        _ session: SessionID, of attempt: HeldKey?, _ connection: any SQLConnection
    ) throws -> WindowState? {
        try connection.row(LegacyStatements.window, [.integer(session.number)] + key(attempt)).map {
            WindowState(stored: try $0.json(0))
        }
    }

    static func put(
        _ state: WindowState, of session: SessionID, _ attempt: HeldKey?, _ transaction: WriteTransaction
    ) throws {
        try transaction.run(
            LegacyStatements.putWindow,
            [.integer(session.number)] + key(attempt) + [.text(state.stored), .instant(transaction.now)]
        )
    }

    /// Two values: job and attempt, 0 and 0 where the window is of none.
    static func key(_ attempt: HeldKey?) -> [SQLValue] {
        [.integer(attempt?.job.number ?? 0), .int(attempt?.attempt.value ?? 0)]
    }

    /// Before an attempt's window opens, those of attempts that are over go: they are in the attempts' history.
    static func closeOthers(of session: SessionID, _ attempt: HeldKey?, _ transaction: WriteTransaction) throws {
        guard attempt != nil else { return }
        try transaction.run(LegacyStatements.closeWindows, [.integer(session.number)])
    }

    /// Brings the assignment to what the window shows, where a window was heard before its assignment was known.
    static func show(_ row: LegacyRow, _ transaction: WriteTransaction) throws {
        guard let state = try read(row.id, of: nil, transaction), let job = try row.heldJob(transaction) else { return }
        if state.progress != nil || state.stage != nil { try job.writeProgress(state.jobProgress, transaction) }
        guard state.warningCount + state.errorCount > 0 else { return }
        try count(state.warningCount, state.errorCount, of: job, transaction)
    }

    static func count(
        _ warnings: Int, _ errors: Int, of job: JobRow, _ transaction: WriteTransaction
    ) throws {
        let sequence = transaction.nextSequence()
        try transaction.run(
            JobStatements.countLines,
            [
                .int(warnings), .int(errors), .sequence(sequence), .integer(job.id.number),
                .int(job.life.attempt.value),
            ]
        )
        transaction.changed(job: job.id, sequence: sequence, home: job.home)
    }
}

extension WindowState {
    var jobProgress: JobProgress {
        JobProgress(
            fraction: progress, stage: stage, stageFraction: stageProgress, etaAt: etaAt, message: currentCase
        )
    }

    /// As it is kept in the database.
    var stored: String {
        var writer = JSONWriter(capacity: 256)
        writer.beginObject()
        writer.field("progress", progress)
        writer.field("stage", stage)
        writer.field("subStage", subStage)
        writer.field("stageProgress", stageProgress)
        writer.field("etaAt", etaAt?.milliseconds)
        writer.field("stepEndsAt", stepEndsAt?.milliseconds)
        writer.field("simulationCount", simulationCount)
        writer.field("totalSimulations", totalSimulations)
        writer.field("currentCase", currentCase)
        writer.field("warnings", warningCount)
        writer.field("errors", errorCount)
        writer.field("memoryError", memoryError)
        if let ending {
            writer.field("isSuccess", ending.isSuccess)
            writer.field("reason", ending.reason)
        }
        writer.beginObject("newest")
        for (kind, moment) in newest.sorted(by: { $0.key < $1.key }) {
            writer.key(kind)
            writer.value(moment)
        }
        writer.endObject()
        writer.endObject()
        return writer.text
    }

    init(stored json: JSON) {
        self.init()
        progress = json["progress"]?.doubleValue
        stage = json["stage"]?.stringValue
        subStage = json["subStage"]?.stringValue
        stageProgress = json["stageProgress"]?.doubleValue
        etaAt = json["etaAt"]?.intValue.map(Instant.init(milliseconds:))
        stepEndsAt = json["stepEndsAt"]?.intValue.map(Instant.init(milliseconds:))
        simulationCount = json["simulationCount"]?.intValue
        totalSimulations = json["totalSimulations"]?.intValue
        currentCase = json["currentCase"]?.stringValue
        warningCount = Int(json["warnings"]?.intValue ?? 0)
        errorCount = Int(json["errors"]?.intValue ?? 0)
        memoryError = json["memoryError"]?.stringValue
        if let isSuccess = json["isSuccess"]?.boolValue {
            ending = Ending(isSuccess: isSuccess, reason: json["reason"]?.stringValue ?? "")
        }
        for member in json["newest"]?.objectValue?.members ?? [] { newest[member.key] = member.value.intValue }
    }
}
