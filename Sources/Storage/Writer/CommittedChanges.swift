package import Domain

/// One entity that a commit changed or deleted, for those who watch.
package struct Change: Sendable, Hashable {
    package let key: EntityKey
    package let sequence: SequenceNumber
    /// Where it belongs, and so who hears of it.
    package let scopes: [Scope]
    /// The whole new representation, read inside the transaction; `nil` where nobody watches its scopes.
    package let record: EntityRecord?
    package let kind: Kind

    package enum Kind: String, Sendable, Hashable {
        case put
        case delete
        /// It goes on existing, but in these scopes it is history now (a session replaced by its successor).
        case leave
    }

    package init(
        key: EntityKey, sequence: SequenceNumber, scopes: [Scope], record: EntityRecord?, kind: Kind
    ) {
        self.key = key
        self.sequence = sequence
        self.scopes = scopes
        self.record = record
        self.kind = kind
    }
}

/// Jobs of one queue and requirement that may be claimed now.
package struct ReadyJobs: Sendable, Hashable {
    package let queue: QueueID
    package let requirement: Int64

    package init(queue: QueueID, requirement: Int64) {
        self.queue = queue
        self.requirement = requirement
    }
}

/// Everything a commit brought, handed over after it is on disk and before anybody is answered.
package struct CommittedChanges: Sendable {
    /// The sequence after this commit.
    package let sequence: SequenceNumber
    /// In order of their sequence.
    package let changes: [Change]
    /// Jobs that changed while nobody watched: not among `changes`, since nobody is sent them.
    package let unwatchedJobs: [JobID: (sequence: SequenceNumber, home: JobHome)]
    /// How many jobs became claimable, by where, beyond those that `followUps` took.
    package let ready: [ReadyJobs: Int]
    /// Where in their line the jobs begin that became claimable, those that `followUps` took among them.
    var joined: [ReadyJobs: LinePosition] = [:]
    /// Queues in which something was required for the first time: everybody who waits there is to ask again.
    package let newRequirements: Set<QueueID>
    /// Sessions whose wish changed (cancel, drain, a lease lost): their next beat is answered from the database.
    package let wishes: Set<SessionID>
    /// Sessions and jobs that have new log lines.
    package let loggedSessions: Set<SessionID>
    package let loggedJobs: Set<JobID>
    /// Sessions whose rows or work changed: what was known of their beats is void, but for `quietBeats`.
    let touchedSessions: Set<SessionID>
    /// What is remembered of heartbeats is each node's own: of another node's commit these are empty.
    var quietBeats: [SessionID: QuietBeat] = [:]
    var quietLegacy: [HearLegacyBeat: SessionID] = [:]
    var legacyTraces: Set<String> = []
    /// Studies that were deleted or finished: claims that wait for them are answered.
    package let endedStudies: Set<StudyID>
    /// When sessions were last heard of whose end this commit tells: whoever shows that end shows this with it.
    var heard: [SessionID: Instant] = [:]
    /// Who may do what changed: nothing remembered of it counts.
    package var changesAccess = false
    /// More was committed by other nodes than is told here: whoever watches begins anew, whoever waits asks again.
    package var isGap = false
    /// What changed in another node's commit while nobody watched here.
    var foreignChanges = ChangeRuns()
    /// It was another node's.
    var isForeign = false
}

extension CommittedChanges {
    /// Every scope in which something changed.
    package var scopes: Set<Scope> {
        var scopes = Set(changes.flatMap(\.scopes))
        for (job, change) in unwatchedJobs { scopes.formUnion(change.home.scopes(of: job)) }
        foreignChanges.forEach { _, _, more in scopes.formUnion(more) }
        return scopes
    }
}

/// What the store asks of whoever watches it. Called on the writer's thread, so each must be quick and may not wait.
package protocol CommitObserver: Sendable {
    /// Whether anybody watches anything: asked once for a group. Who enters does so between two groups.
    var hasWatchers: Bool { get }
    /// Whether a representation of something in these scopes is worth reading now.
    func isWatching(_ scopes: [Scope]) -> Bool
    /// What waits for jobs that a group makes ready, to be done in the same group. Called inside its transaction, and
    /// at most once for a group, whatever becomes of it.
    ///
    /// - Parameters:
    ///   - ready: how many jobs, by where. Those that what is returned does not take are told by `didCommit`.
    ///   - limit: no more than these.
    func followUps(_ ready: [ReadyJobs: Int], limit: Int) -> [FollowUp]
    func didCommit(_ changes: CommittedChanges)
}

extension CommitObserver {
    package func followUps(_ ready: [ReadyJobs: Int], limit: Int) -> [FollowUp] { [] }
}
