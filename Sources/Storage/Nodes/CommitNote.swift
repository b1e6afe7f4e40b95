import Domain

/// What one group changed, as the other nodes are told: names and numbers, no representations. Whoever needs one reads
/// it from the tables, which are the truth.
struct CommitNote: Sendable {
    struct Told: Sendable {
        let key: EntityKey
        let sequence: SequenceNumber
        let kind: Change.Kind
        let scopes: [Scope]
    }

    /// All but those that runs tell of.
    var changes: [Told] = []
    var runs = ChangeRuns()
    var ready: [ReadyJobs: Int] = [:]
    var joined: [ReadyJobs: LinePosition] = [:]
    var newRequirements: Set<QueueID> = []
    var wishes: Set<SessionID> = []
    var touched: Set<SessionID> = []
    var loggedSessions: Set<SessionID> = []
    var loggedJobs: Set<JobID> = []
    var endedStudies: Set<StudyID> = []
    var changesAccess = false

    /// A group that changed more than this is not told piece by piece: its watchers begin anew.
    static let changeLimit = 20_000

    /// The text of a note; `nil` where there is too much to tell.
    static func text(of commit: CommittedChanges) -> String? {
        guard commit.changes.count + commit.unwatchedJobs.count <= changeLimit else { return nil }
        var runs = ChangeRuns()
        for (job, change) in commit.unwatchedJobs.sorted(by: { $0.value.sequence < $1.value.sequence }) {
            runs.add(job.number, change.sequence, .jobs(change.home.scopes(of: job).dropFirst().first))
        }
        var writer = JSONWriter(capacity: 1_024)
        writer.beginObject()
        writer.beginArray("changes")
        for change in commit.changes where !runs.take(change) {
            writer.beginArray()
            writer.value(change.key.kind.rawValue)
            writer.value(change.key.id)
            writer.value(change.sequence.value)
            writer.value(change.kind.rawValue)
            for scope in change.scopes { writer.value(scope.description) }
            writer.endArray()
        }
        writer.endArray()
        writer.beginArray("runs")
        runs.write(to: &writer)
        writer.endArray()
        writer.beginArray("ready")
        for (place, count) in commit.ready {
            writer.value(place.queue.number)
            writer.value(place.requirement)
            writer.value(count)
        }
        writer.endArray()
        if !commit.joined.isEmpty {
            writer.beginArray("joined")
            for (place, position) in commit.joined {
                writer.value(place.queue.number)
                writer.value(place.requirement)
                writer.value(position.priority)
                writer.value(position.readyAt)
                writer.value(position.job)
            }
            writer.endArray()
        }
        func numbers(_ name: StaticString, _ values: [Int64]) {
            guard !values.isEmpty else { return }
            writer.beginArray(name)
            for value in values { writer.value(value) }
            writer.endArray()
        }
        numbers("requirements", commit.newRequirements.map(\.number))
        numbers("wishes", commit.wishes.map(\.number))
        numbers("touched", commit.touchedSessions.map(\.number))
        numbers("loggedSessions", commit.loggedSessions.map(\.number))
        numbers("loggedJobs", commit.loggedJobs.map(\.number))
        numbers("ended", commit.endedStudies.map(\.number))
        if commit.changesAccess { writer.field("access", true) }
        writer.endObject()
        return writer.text
    }

    /// - Returns: `nil` for what no note of ours looks like, the empty text among it.
    init?(text: String) {
        guard let json = try? JSON(parsing: text), case .object = json else { return nil }
        for element in json["changes"]?.arrayValue ?? [] {
            guard let parts = element.arrayValue, parts.count >= 4,
                let kind = parts[0].stringValue.flatMap(EntityKind.init(rawValue:)), let id = parts[1].stringValue,
                let number = parts[2].intValue, let what = parts[3].stringValue.flatMap(Change.Kind.init(rawValue:))
            else { return nil }
            changes.append(
                Told(
                    key: EntityKey(kind: kind, id: id), sequence: SequenceNumber(number), kind: what,
                    scopes: parts.dropFirst(4).compactMap { $0.stringValue.flatMap(Scope.init(text:)) }
                )
            )
        }
        guard let runs = ChangeRuns(json["runs"]?.arrayValue ?? []) else { return nil }
        self.runs = runs
        func numbers(_ name: String) -> [Int64] {
            (json[name]?.arrayValue ?? []).compactMap(\.intValue)
        }
        let places = numbers("ready")
        for start in stride(from: 0, to: places.count - 2, by: 3) {
            let place = ReadyJobs(queue: QueueID(number: places[start]), requirement: places[start + 1])
            ready[place] = Int(places[start + 2])
        }
        let positions = numbers("joined")
        for start in stride(from: 0, to: positions.count - 4, by: 5) {
            let place = ReadyJobs(queue: QueueID(number: positions[start]), requirement: positions[start + 1])
            joined[place] = LinePosition(
                priority: positions[start + 2], readyAt: positions[start + 3], job: positions[start + 4]
            )
        }
        newRequirements = Set(numbers("requirements").map { QueueID(number: $0) })
        wishes = Set(numbers("wishes").map { SessionID(number: $0) })
        touched = Set(numbers("touched").map { SessionID(number: $0) })
        loggedSessions = Set(numbers("loggedSessions").map { SessionID(number: $0) })
        loggedJobs = Set(numbers("loggedJobs").map { JobID(number: $0) })
        endedStudies = Set(numbers("ended").map { StudyID(number: $0) })
        changesAccess = json["access"] != nil
    }

    /// Every change one by one, in the order of their numbers.
    var allChanges: [Told] {
        var all = changes
        runs.forEach { key, sequence, scopes in
            all.append(Told(key: key, sequence: sequence, kind: .put, scopes: scopes))
        }
        all.sort { $0.sequence < $1.sequence }
        return all
    }

    mutating func merge(_ other: CommitNote) {
        changes += other.changes
        runs.merge(other.runs)
        ready.merge(other.ready) { $0 + $1 }
        joined.merge(other.joined) { min($0, $1) }
        newRequirements.formUnion(other.newRequirements)
        wishes.formUnion(other.wishes)
        touched.formUnion(other.touched)
        loggedSessions.formUnion(other.loggedSessions)
        loggedJobs.formUnion(other.loggedJobs)
        endedStudies.formUnion(other.endedStudies)
        changesAccess = changesAccess || other.changesAccess
    }
}
