import Domain

/// What an operation does beside its own rows: gathered while it runs, thrown away if it throws, and written once for
/// a whole group (thirty completions of one study are one update of its counters).
struct Effects {
    struct CountKey: Hashable {
        let queue: QueueID
        let status: JobStatus
    }

    struct Measured {
        var count = 0
        var milliseconds: Int64 = 0
    }

    var counts: [CountKey: Int] = [:]
    /// Jobs whose row was changed with this number, with where they belong.
    var jobs: [JobID: (sequence: SequenceNumber, home: JobHome)] = [:]
    /// Sessions whose representation changed; their row takes its number when the group ends.
    var sessions: Set<SessionID> = []
    /// Those among them whose row has its number already.
    var writtenSessions: [SessionID: SequenceNumber] = [:]
    var machines: Set<MachineID> = []
    var queues: Set<QueueID> = []
    var measured: [StudyID: Measured] = [:]
    var departures: [(key: EntityKey, sequence: SequenceNumber, scopes: [Scope])] = []
    /// Sessions that are the current ones of their names again: what left before has not left.
    var returned: Set<SessionID> = []
    /// Sessions that changed and have a successor: no part of the fleet any more.
    var replaced: Set<SessionID> = []
    var deletions: [(key: EntityKey, sequence: SequenceNumber, scopes: [Scope])] = []
    var ready: [ReadyJobs: Int] = [:]
    /// Where in their line those that became ready begin.
    var joined: [ReadyJobs: LinePosition] = [:]
    /// How many waiting jobs were claimed, by where.
    var taken: [ReadyJobs: Int] = [:]
    /// Queues in which something was required for the first time: who waits there must be asked again.
    var newRequirements: Set<QueueID> = []
    var wishes: Set<SessionID> = []
    var loggedSessions: Set<SessionID> = []
    var loggedJobs: Set<JobID> = []
    var endedStudies: Set<StudyID> = []
    /// Heartbeats that would change nothing if they came again as they are.
    var quietBeats: [SessionID: QuietBeat] = [:]
    /// Heartbeats of clients that name no session, with whose they are, which would be the same if they came again.
    var quietLegacy: [HearLegacyBeat: SessionID] = [:]
    /// Addresses and hostnames at which sessions of such clients came, went or changed their name.
    var legacyTraces: Set<String> = []
    /// The last words of sessions that ended: told with their end.
    var heard: [SessionID: Instant] = [:]
    /// A token was revoked or a session deleted.
    var changesAccess = false

    mutating func merge(_ other: Effects) {
        for (key, delta) in other.counts { counts[key, default: 0] += delta }
        jobs.merge(other.jobs) { $1 }
        sessions.formUnion(other.sessions)
        // A number that an earlier operation wrote is not the last one of a session that was changed again.
        for session in other.sessions { writtenSessions[session] = nil }
        writtenSessions.merge(other.writtenSessions) { $1 }
        machines.formUnion(other.machines)
        queues.formUnion(other.queues)
        for (study, more) in other.measured {
            measured[study, default: Measured()].count += more.count
            measured[study, default: Measured()].milliseconds += more.milliseconds
        }
        if !other.returned.isEmpty {
            let keys = Set(other.returned.map(EntityKey.session))
            departures.removeAll { keys.contains($0.key) }
            replaced.subtract(other.returned)
        }
        if !other.replaced.isEmpty { replaced.formUnion(other.replaced) }
        departures += other.departures
        deletions += other.deletions
        for (key, count) in other.ready { ready[key, default: 0] += count }
        joined.merge(other.joined) { min($0, $1) }
        for (key, count) in other.taken { taken[key, default: 0] += count }
        newRequirements.formUnion(other.newRequirements)
        wishes.formUnion(other.wishes)
        loggedSessions.formUnion(other.loggedSessions)
        loggedJobs.formUnion(other.loggedJobs)
        endedStudies.formUnion(other.endedStudies)
        heard.merge(other.heard) { max($0, $1) }
        changesAccess = changesAccess || other.changesAccess
        for session in other.sessions { quietBeats[session] = nil }
        for session in other.wishes { quietBeats[session] = nil }
        quietBeats.merge(other.quietBeats) { $1 }
        if !quietLegacy.isEmpty, !(other.legacyTraces.isEmpty && other.wishes.isEmpty) {
            quietLegacy = quietLegacy.filter {
                !$0.key.isTraced(by: other.legacyTraces) && !other.wishes.contains($0.value)
            }
        }
        if !other.quietLegacy.isEmpty { quietLegacy.merge(other.quietLegacy) { $1 } }
        if !other.legacyTraces.isEmpty { legacyTraces.formUnion(other.legacyTraces) }
    }
}
