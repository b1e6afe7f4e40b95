package import Domain

/// Lists, details and histories: by key, never by offset.
package enum ListReads {
    /// The highest number there can be: where a list of the newest begins.
    package static let end = Int64.max

    package static func sessions(
        before: Int64, includingHistory: Bool, limit: Int, _ connection: any SQLConnection
    ) throws -> [SessionRecord] {
        try RecordReads.sessions(
            connection.rows(
                ReadStatements.sessionsBefore, [.integer(before), .flag(includingHistory), .int(limit)]
            ),
            connection
        )
    }

    /// The sessions of one worker name, the newest first.
    package static func sessions(
        ofWorker name: String, machine: MachineID, limit: Int, _ connection: any SQLConnection
    ) throws -> [SessionRecord] {
        try RecordReads.sessions(
            connection.rows(ReadStatements.sessionsOfWorker, [.text(machine.text), .text(name), .int(limit)]),
            connection
        )
    }

    /// For each assignment of a study that is held the session that holds it.
    package static func holders(of study: StudyID, _ connection: any SQLConnection) throws -> [SessionPresence] {
        try connection.rows(ReadStatements.holdersOfStudy, [.integer(study.number)]).map(holder)
    }

    /// The same of all studies; one of which nothing is held is not there.
    package static func holdersOfStudies(_ connection: any SQLConnection) throws -> [StudyID: [SessionPresence]] {
        var holders: [StudyID: [SessionPresence]] = [:]
        for row in try connection.rows(ReadStatements.holdersOfStudies, []) {
            holders[row.id(0), default: []].append(try holder(row))
        }
        return holders
    }

    /// The session that holds a job; `nil` where nobody does.
    package static func holder(of job: JobID, _ connection: any SQLConnection) throws -> SessionPresence? {
        try connection.row(ReadStatements.holderOfJob, [.integer(job.number)]).map(holder)
    }

    private static func holder(_ row: SQLRow) throws -> SessionPresence {
        SessionPresence(id: row.id(1), kind: try row.word(2), status: try row.word(3))
    }

    /// The sessions of a machine, the newest first.
    package static func sessions(
        ofMachine machine: MachineID, limit: Int, _ connection: any SQLConnection
    ) throws -> [SessionRecord] {
        try RecordReads.sessions(
            connection.rows(ReadStatements.sessionsOfMachine, [.text(machine.text), .int(limit)]), connection
        )
    }

    package static func studies(
        before: Int64, limit: Int, _ connection: any SQLConnection
    ) throws -> [StudyRecord] {
        try connection.rows(ReadStatements.studiesBefore, [.integer(before), .int(limit)]).map {
            try RecordReads.study($0, connection)
        }
    }

    package static func queues(_ connection: any SQLConnection) throws -> [QueueRecord] {
        try connection.rows(ReadStatements.queues, [0]).map { try RecordReads.queue($0, connection) }
    }

    /// Jobs, the newest first: of all, or of one named queue, and of one state where it is given.
    package static func jobs(
        queue: String?, status: JobStatus?, before: Int64, limit: Int, _ connection: any SQLConnection
    ) throws -> [JobRecord] {
        if let queue {
            guard let row = try connection.row(ReadStatements.queue, [.text(queue)]) else { return [] }
            return try connection.rows(
                ReadStatements.jobsOfQueueBefore,
                [.integer(row.int64(0)), .integer(before), .text(status?.rawValue ?? ""), .int(limit)]
            ).map(RecordReads.job)
        }
        if let status {
            let statement =
                switch status {
                case .pending, .completed: ReadStatements.jobsBeforeOfStatus
                case .claimed, .running: ReadStatements.jobsHeldBefore
                case .failed, .cancelled: ReadStatements.jobsUnwellBefore
                }
            return try connection.rows(statement, [.integer(before), .word(status), .int(limit)])
                .map(RecordReads.job)
        }
        return try connection.rows(ReadStatements.jobsBefore, [.integer(before), .int(limit)]).map(RecordReads.job)
    }

    /// Assignments in index order, after an index (-1 for the first).
    package static func assignments(
        of study: StudyID, after index: Int, status: JobStatus?, limit: Int, _ connection: any SQLConnection
    ) throws -> [JobRecord] {
        try connection.rows(
            ReadStatements.jobsOfStudyAfter,
            [.integer(study.number), .int(index), .text(status?.rawValue ?? ""), .int(limit)]
        ).map(RecordReads.job)
    }

    /// The same, of those among `indices`.
    package static func assignments(
        of study: StudyID, among indices: IndexList, after index: Int, status: JobStatus?, limit: Int,
        _ connection: any SQLConnection
    ) throws -> [JobRecord] {
        var found: [JobRecord] = []
        for range in indices.ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) where range.upperBound > index {
            guard found.count < limit else { break }
            found += try connection.rows(
                ReadStatements.jobsOfStudyWithin,
                [
                    .integer(study.number), .int(max(range.lowerBound, index + 1)), .int(range.upperBound),
                    .text(status?.rawValue ?? ""), .int(limit - found.count),
                ]
            ).map(RecordReads.job)
        }
        return found
    }

    /// The state of every assignment in index order.
    package static func statuses(
        of study: StudyID, _ connection: any SQLConnection
    ) throws -> [(index: Int, status: JobStatus, job: JobID)] {
        try connection.rows(ReadStatements.statusesOfStudy, [.integer(study.number)]).map {
            ($0.int(0), try $0.word(1), $0.id(2))
        }
    }

    package struct Documents: Sendable {
        /// The configuration as text.
        package let payload: String
        package let result: String?
    }

    /// A job's configuration and result as text.
    package static func documents(of job: JobID, _ connection: any SQLConnection) throws -> Documents? {
        guard let row = try connection.row(ReadStatements.jobDocuments, [.integer(job.number)]) else { return nil }
        if let payload = row.optionalText(0) { return Documents(payload: payload, result: row.optionalText(1)) }
        guard let study = row.optionalID(2, StudyID.self), let index = row.optionalInt(3),
            let split = try split(of: study, connection)
        else { return Documents(payload: "{}", result: row.optionalText(1)) }
        return Documents(payload: split.text(at: index), result: row.optionalText(1))
    }

    /// How a study was split; `nil` where its assignments were ready-made.
    package static func split(of study: StudyID, _ connection: any SQLConnection) throws -> Split? {
        guard let row = try connection.row(ReadStatements.studyConfiguration, [.integer(study.number)]),
            let configuration = row.optionalText(0), let split = row.optionalText(1)
        else { return nil }
        return try StudySplit.read(configuration: configuration, split: split, study: study)
    }

    package static func configuration(of study: StudyID, _ connection: any SQLConnection) throws -> String? {
        try connection.row(ReadStatements.studyConfiguration, [.integer(study.number)])?.optionalText(0)
    }

    package static func attempts(of job: JobID, _ connection: any SQLConnection) throws -> [AttemptRecord] {
        try connection.rows(ReadStatements.attemptsOfJob, [.integer(job.number)]).map(RecordReads.attempt)
    }

    package static func attempts(
        of session: SessionID, limit: Int, _ connection: any SQLConnection
    ) throws -> [AttemptRecord] {
        try connection.rows(ReadStatements.attemptsOfSession, [.integer(session.number), .int(limit)]).map(
            RecordReads.attempt
        )
    }

    package static func attempts(
        of study: StudyID, limit: Int, _ connection: any SQLConnection
    ) throws -> [AttemptRecord] {
        try connection.rows(ReadStatements.attemptsOfStudy, [.integer(study.number), .int(limit)]).map(
            RecordReads.attempt
        )
    }

    /// The newest steps of an entity's life, the oldest of them first.
    package static func transitions(
        _ kind: EntityKind, _ id: Int64, key: EntityKey, limit: Int, _ connection: any SQLConnection
    ) throws -> [TransitionRecord] {
        let rows = try connection.rows(ReadStatements.transitions, [.text(kind.rawValue), .integer(id), .int(limit)])
        return rows.reversed().map { row in
            TransitionRecord(
                entity: key, from: row.optionalText(0), to: row.text(1), at: row.instant(2), by: row.text(3),
                why: row.text(4), attempt: row.optionalInt(5).map(AttemptNumber.init), sequence: row.sequence(6)
            )
        }
    }

    /// Lines after a number, the oldest first.
    package static func lines(
        of session: SessionID, after: Int64, limit: Int, _ connection: any SQLConnection
    ) throws -> [LogLine] {
        try connection.rows(
            ReadStatements.linesOfSession, [.integer(session.number), .integer(after), .int(limit)]
        ).map(RecordReads.line)
    }

    package static func lines(
        of job: JobID, after: Int64, limit: Int, _ connection: any SQLConnection
    ) throws -> [LogLine] {
        try connection.rows(ReadStatements.linesOfJob, [.integer(job.number), .integer(after), .int(limit)]).map(
            RecordReads.line
        )
    }

    /// The last lines, the oldest of them first.
    package static func lastLines(
        of session: SessionID, limit: Int, _ connection: any SQLConnection
    ) throws -> [LogLine] {
        LogOrder.placed(
            try connection.rows(ReadStatements.lastLinesOfSession, [.integer(session.number), .int(limit)]).map(
                RecordReads.line
            ).reversed()
        )
    }

    package static func lastLines(
        of job: JobID, limit: Int, _ connection: any SQLConnection
    ) throws -> [LogLine] {
        LogOrder.placed(
            try connection.rows(ReadStatements.lastLinesOfJob, [.integer(job.number), .int(limit)]).map(
                RecordReads.line
            ).reversed()
        )
    }

    package static func artifacts(of job: JobID, _ connection: any SQLConnection) throws -> [ArtifactRecord] {
        try connection.rows(ReadStatements.artifactsOfJob, [.integer(job.number)]).map(RecordReads.artifact)
    }

    package static func artifacts(of study: StudyID, _ connection: any SQLConnection) throws -> [ArtifactRecord] {
        try connection.rows(ReadStatements.artifactsOfStudy, [.integer(study.number)]).map(RecordReads.artifact)
    }

    /// An artifact whose bytes are stored.
    package static func artifact(_ id: ArtifactID, _ connection: any SQLConnection) throws -> ArtifactRecord? {
        guard let row = try connection.row(HousekeepingStatements.artifact, [.integer(id.number)]), row.flag(9)
        else { return nil }
        return RecordReads.artifact(row)
    }

    /// The session that a bearer token belonged to before a person deleted it.
    package static func deletedSession(
        tokenHash: String, _ connection: any SQLConnection
    ) throws -> SessionID? {
        try connection.row(LegacyStatements.deletedOfToken, [.text(tokenHash)])?.id(0)
    }

    /// The session that a bearer token belongs to.
    package static func session(tokenHash: String, _ connection: any SQLConnection) throws -> SessionID? {
        try connection.row(SessionStatements.byToken, [.text(tokenHash)])?.id(0)
    }
}
