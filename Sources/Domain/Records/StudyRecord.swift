/// How many jobs stand where. Kept as counters, never counted (section 4).
package struct JobCounts: Sendable, Hashable {
    package var pending = 0
    package var claimed = 0
    package var running = 0
    package var completed = 0
    package var failed = 0
    package var cancelled = 0

    package init() {}

    package var total: Int { pending + claimed + running + completed + failed + cancelled }
    package var held: Int { claimed + running }
    package var finished: Int { completed + failed + cancelled }

    package subscript(status: JobStatus) -> Int {
        get {
            switch status {
            case .pending: pending
            case .claimed: claimed
            case .running: running
            case .completed: completed
            case .failed: failed
            case .cancelled: cancelled
            }
        }
        set {
            switch status {
            case .pending: pending = newValue
            case .claimed: claimed = newValue
            case .running: running = newValue
            case .completed: completed = newValue
            case .failed: failed = newValue
            case .cancelled: cancelled = newValue
            }
        }
    }
}

/// What a person last said of a study; whether it is finished is told by its counts.
package enum StudyStatus: String, Sendable, Hashable, CaseIterable {
    case active, paused, cancelled
}

/// An ordered set of assignments split from one base configuration.
package struct StudyRecord: Sendable, Hashable {
    package var id: StudyID
    package var name: String
    package var status: StudyStatus
    package var counts: JobCounts
    /// The key paths it was split by, in order.
    package var dimensions: [String]
    package var forecast: StudyForecast
    package var createdAt: Instant
    /// When the first assignment was claimed.
    package var startedAt: Instant?
    /// When the last one ended; absent while anything is open.
    package var finishedAt: Instant?
    package var sequence: SequenceNumber
    /// What its maker should know of how it was made, a sentence each: that it has fewer assignments than asked for.
    package var notes: [String]

    package init(
        id: StudyID, name: String, status: StudyStatus, counts: JobCounts, dimensions: [String],
        forecast: StudyForecast, createdAt: Instant, startedAt: Instant?, finishedAt: Instant?,
        sequence: SequenceNumber, notes: [String] = []
    ) {
        self.id = id
        self.name = name
        self.status = status
        self.counts = counts
        self.dimensions = dimensions
        self.forecast = forecast
        self.createdAt = createdAt
        self.startedAt = startedAt
        self.finishedAt = finishedAt
        self.sequence = sequence
        self.notes = notes
    }

    /// Nothing of it is waiting or held.
    package var isFinished: Bool { counts.total > 0 && counts.finished == counts.total }
}

/// A name by which jobs and workers meet, with what waits there.
package struct QueueRecord: Sendable, Hashable {
    package var name: String
    package var isPaused: Bool
    package var counts: JobCounts
    package var sequence: SequenceNumber

    package init(name: String, isPaused: Bool, counts: JobCounts, sequence: SequenceNumber) {
        self.name = name
        self.isPaused = isPaused
        self.counts = counts
        self.sequence = sequence
    }
}

/// One thing of the monitor, whole: what snapshot, watch and page are made of.
package enum EntityRecord: Sendable, Hashable {
    case machine(MachineRecord)
    case session(SessionRecord)
    case queue(QueueRecord)
    case study(StudyRecord)
    case job(JobRecord)

    package var key: EntityKey {
        switch self {
        case .machine(let machine): .machine(machine.id)
        case .session(let session): .session(session.id)
        case .queue(let queue): .queue(queue.name)
        case .study(let study): .study(study.id)
        case .job(let job): .job(job.id)
        }
    }

    /// The number of its last change.
    package var sequence: SequenceNumber {
        switch self {
        case .machine(let machine): machine.sequence
        case .session(let session): session.sequence
        case .queue(let queue): queue.sequence
        case .study(let study): study.sequence
        case .job(let job): job.sequence
        }
    }
}
