package import Domain

/// What is read of clients that name no session, and of the windows of those that do.
package enum LegacyReads {
    /// A picture of a tab, and where its bytes lie.
    package struct Screenshot: Sendable, Hashable {
        package var tab: String
        package var position: Int
        /// The name of a file in the folder of pictures.
        package var file: String
        package var firstByte: Int
        package var byteCount: Int
        package var mediaType: String
        package var takenAt: Instant
        /// Of which of its session's attempts, where an agent runs it.
        package var attempt: HeldKey?
    }

    /// What one program of a session shows.
    package struct Window: Sendable {
        package var attempt: HeldKey?
        package var state: WindowState
        package var heardAt: Instant
    }

    /// A session with all that its window told.
    package struct Worker: Sendable {
        package var session: SessionRecord
        package var machine: MachineRecord?
        package var addresses: [String]
        /// The one that spoke last is last.
        package var windows: [Window]
        package var jobs: [JobRecord]
        package var screenshots: [Screenshot]

        /// Of the one that spoke last.
        package var window: WindowState? { windows.last?.state }
    }

    /// Attempts whose assignments are named with a worker.
    private static let assignmentLimit = 20

    package static func worker(_ session: SessionRecord, _ connection: any SQLConnection) throws -> Worker {
        var jobs: [JobRecord] = []
        for attempt in try ListReads.attempts(of: session.id, limit: assignmentLimit, connection)
        where !jobs.contains(where: { $0.id == attempt.job }) {
            if let job = try RecordReads.job(attempt.job, connection), job.study != nil { jobs.append(job) }
        }
        return Worker(
            session: session, machine: try RecordReads.machine(session.machine, connection),
            addresses: try addresses(of: session.id, connection),
            windows: try windows(of: session.id, connection), jobs: jobs,
            screenshots: try screenshots(of: session.id, connection)
        )
    }

    static func windows(of session: SessionID, _ connection: any SQLConnection) throws -> [Window] {
        try connection.rows(LegacyStatements.windows, [.integer(session.number)]).map { row in
            Window(attempt: attempt(row, 0), state: WindowState(stored: try row.json(2)), heardAt: row.instant(3))
        }
    }

    /// Two columns: job and attempt, 0 for none.
    private static func attempt(_ row: SQLRow, _ column: Int) -> HeldKey? {
        row.int64(column) == 0 ? nil : HeldKey(job: row.id(column), attempt: AttemptNumber(row.int(column + 1)))
    }

    /// Every address that a session spoke from, the newest last.
    package static func addresses(of session: SessionID, _ connection: any SQLConnection) throws -> [String] {
        try connection.rows(LegacyStatements.addresses, [.integer(session.number)]).map { $0.text(0) }
    }

    package static func screenshots(
        of session: SessionID, _ connection: any SQLConnection
    ) throws -> [Screenshot] {
        try connection.rows(LegacyStatements.screenshots, [.integer(session.number)]).map { row in
            Screenshot(
                tab: row.text(0), position: row.int(1), file: row.text(2), firstByte: row.int(3),
                byteCount: row.int(4), mediaType: row.text(5), takenAt: row.instant(6),
                attempt: attempt(row, 7)
            )
        }
    }

    /// Every file of pictures that is still shown.
    package static func screenshotFiles(_ connection: any SQLConnection) throws -> Set<String> {
        Set(try connection.rows(LegacyStatements.allScreenshotFiles, []).map { $0.text(0) })
    }

    /// The session that one of this id turned out to be.
    package static func alias(of session: SessionID, _ connection: any SQLConnection) throws -> SessionID? {
        try connection.row(LegacyStatements.ofAlias, [.integer(session.number)])?.id(0)
    }

    /// The assignment that waits longest among the active studies, `nil` where none waits.
    package static func nextAssignment(_ connection: any SQLConnection) throws -> JobRecord? {
        try connection.row(LegacyStatements.nextAssignment, []).flatMap { try RecordReads.job($0.id(0), connection) }
    }

    package static func description(of study: StudyID, _ connection: any SQLConnection) throws -> String {
        try connection.row(LegacyStatements.description, [.integer(study.number)])?.text(0) ?? ""
    }

    /// The mean of the assignments' progress, failed ones as none, 0…100.
    package static func masterProgress(of study: StudyRecord, _ connection: any SQLConnection) throws -> Double {
        guard study.counts.total > 0 else { return 0 }
        let held = try connection.rows(ReadStatements.runningOfStudy, [.integer(study.id.number)])
        let sum = held.reduce(Double(study.counts.completed)) { $0 + ($1.optionalDouble(0) ?? 0) }
        return 100 * sum / Double(study.counts.total)
    }
}
