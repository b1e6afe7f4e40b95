/// One unit of work as lists, pages and the watch show it; payload and result are fetched, not pushed.
package struct JobRecord: Sendable, Hashable {
    package var id: JobID
    /// Set for an assignment, with its permanent `index`.
    package var study: StudyID?
    package var studyName: String?
    package var index: Int?
    /// A short name for people: `child · 900 · x+`.
    package var label: String?
    /// Absent for an assignment: its study's own queue has no name.
    package var queue: String?
    package var status: JobStatus
    /// Waiting for a time: shown as *scheduled*.
    package var isScheduled: Bool
    package var attempt: AttemptNumber
    /// The session that holds or last held it.
    package var holder: SessionID?
    package var holderName: String?
    package var priority: Int
    package var runAt: Instant?
    package var progress: JobProgress
    package var isCancelRequested: Bool
    package var countedFailures: Int
    package var maximumAttempts: Int
    package var exitCode: Int?
    /// Why it ended as it did, in a sentence.
    package var reason: String?
    package var warningCount: Int
    package var errorCount: Int
    package var artifactCount: Int
    package var createdAt: Instant
    package var claimedAt: Instant?
    package var startedAt: Instant?
    package var finishedAt: Instant?
    package var sequence: SequenceNumber

    package init(
        id: JobID, study: StudyID?, studyName: String?, index: Int?, label: String?, queue: String?,
        status: JobStatus, isScheduled: Bool, attempt: AttemptNumber, holder: SessionID?, holderName: String?,
        priority: Int, runAt: Instant?, progress: JobProgress, isCancelRequested: Bool, countedFailures: Int,
        maximumAttempts: Int, exitCode: Int?, reason: String?, warningCount: Int, errorCount: Int,
        artifactCount: Int, createdAt: Instant, claimedAt: Instant?, startedAt: Instant?, finishedAt: Instant?,
        sequence: SequenceNumber
    ) {
        self.id = id
        self.study = study
        self.studyName = studyName
        self.index = index
        self.label = label
        self.queue = queue
        self.status = status
        self.isScheduled = isScheduled
        self.attempt = attempt
        self.holder = holder
        self.holderName = holderName
        self.priority = priority
        self.runAt = runAt
        self.progress = progress
        self.isCancelRequested = isCancelRequested
        self.countedFailures = countedFailures
        self.maximumAttempts = maximumAttempts
        self.exitCode = exitCode
        self.reason = reason
        self.warningCount = warningCount
        self.errorCount = errorCount
        self.artifactCount = artifactCount
        self.createdAt = createdAt
        self.claimedAt = claimedAt
        self.startedAt = startedAt
        self.finishedAt = finishedAt
        self.sequence = sequence
    }
}

/// One try at a job by one session: append-only history.
package struct AttemptRecord: Sendable, Hashable {
    package var job: JobID
    package var number: AttemptNumber
    package var session: SessionID
    package var workerName: String
    package var claimedAt: Instant
    package var startedAt: Instant?
    package var endedAt: Instant?
    package var outcome: AttemptOutcome?
    package var exitCode: Int?
    package var reason: String?

    package init(
        job: JobID, number: AttemptNumber, session: SessionID, workerName: String, claimedAt: Instant,
        startedAt: Instant?, endedAt: Instant?, outcome: AttemptOutcome?, exitCode: Int?, reason: String?
    ) {
        self.job = job
        self.number = number
        self.session = session
        self.workerName = workerName
        self.claimedAt = claimedAt
        self.startedAt = startedAt
        self.endedAt = endedAt
        self.outcome = outcome
        self.exitCode = exitCode
        self.reason = reason
    }
}

/// One step of an entity's life: what a person reads as a timeline and a test reads as proof.
package struct TransitionRecord: Sendable, Hashable {
    package var entity: EntityKey
    package var from: String?
    package var to: String
    package var at: Instant
    /// Who did it: `session:s7`, `operator`, `sweep` …
    package var by: String
    package var why: String
    /// The attempt concerned, for a job.
    package var attempt: AttemptNumber?
    package var sequence: SequenceNumber

    package init(
        entity: EntityKey, from: String?, to: String, at: Instant, by: String, why: String,
        attempt: AttemptNumber?, sequence: SequenceNumber
    ) {
        self.entity = entity
        self.from = from
        self.to = to
        self.at = at
        self.by = by
        self.why = why
        self.attempt = attempt
        self.sequence = sequence
    }
}

/// How grave a log line is; also the order in which a full spool drops them (the lightest first).
package enum LogLevel: String, Sendable, Hashable, CaseIterable {
    case debug, info, notice, warning, error
}

/// One line that a job or its worker wrote. Lines have numbers of their own within a session: appended, never changed.
package struct LogLine: Sendable, Hashable {
    package var number: Int64
    package var at: Instant
    package var level: LogLevel
    package var text: String
    package var job: JobID?
    package var attempt: AttemptNumber?
    /// The line's type where its program has more of them than there are levels (`LineType`).
    package var style: String?
    /// Where the line belongs among those of its session that have a position: its program numbered it, and it may have
    /// come late.
    package var position: Int64?

    package init(
        number: Int64, at: Instant, level: LogLevel, text: String, job: JobID?, attempt: AttemptNumber?,
        style: String? = nil, position: Int64? = nil
    ) {
        self.style = style
        self.position = position
        self.number = number
        self.at = at
        self.level = level
        self.text = text
        self.job = job
        self.attempt = attempt
    }
}

/// A file that an attempt left behind.
package struct ArtifactRecord: Sendable, Hashable {
    package var id: ArtifactID
    package var job: JobID
    package var attempt: AttemptNumber
    package var session: SessionID
    /// A relative path with `/`, no `..`, as in the artifacts folder.
    package var name: String
    package var mediaType: String
    package var byteCount: Int64
    /// Hexadecimal SHA-256 of the bytes.
    package var sha256: String
    package var createdAt: Instant

    package init(
        id: ArtifactID, job: JobID, attempt: AttemptNumber, session: SessionID, name: String, mediaType: String,
        byteCount: Int64, sha256: String, createdAt: Instant
    ) {
        self.id = id
        self.job = job
        self.attempt = attempt
        self.session = session
        self.name = name
        self.mediaType = mediaType
        self.byteCount = byteCount
        self.sha256 = sha256
        self.createdAt = createdAt
    }
}
