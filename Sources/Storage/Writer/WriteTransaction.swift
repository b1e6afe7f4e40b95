package import Domain

/// What an operation works with: the writing connection inside its savepoint, the moment, and the sequence.
///
/// Lives on the writer's thread for one group; operations use it synchronously and keep nothing of it.
package final class WriteTransaction: SQLConnection {
    private let connection: any WriteConnection
    /// One moment for the whole group, from the server's clock (law 10).
    package let now: Instant
    package let timing: Timing
    /// Values that rarely change, kept between groups.
    let interned: Interned
    private(set) var lastSequence: SequenceNumber
    var effects = Effects()
    /// The operation under way has run a statement that writes, or one that failed: only then is there something to
    /// undo. (PostgreSQL takes nothing more in a transaction in which a statement failed.)
    private(set) var isTouched = false
    private var logBytes: Int64?
    var windows: ClaimWindows

    /// - Parameter windows: what was asked ahead of them.
    init(
        connection: any WriteConnection, now: Instant, timing: Timing, interned: Interned,
        lastSequence: SequenceNumber, windows: ClaimWindows = ClaimWindows()
    ) {
        self.windows = windows
        self.connection = connection
        self.now = now
        self.timing = timing
        self.interned = interned
        self.lastSequence = lastSequence
    }

    /// The next number of the sequence. Numbers of an operation that throws are given again.
    package func nextSequence() -> SequenceNumber {
        lastSequence = SequenceNumber(lastSequence.value + 1)
        return lastSequence
    }

    /// A new id: a number of the sequence, so that it is never given twice.
    package func nextID<ID: EntityID>(_ type: ID.Type = ID.self) -> ID {
        ID(number: nextSequence().value)
    }

    /// Makes ready for the next operation.
    func startOperation() {
        effects = Effects()
        isTouched = false
    }

    /// Claims for so many jobs follow, of those that the group made ready.
    func expectClaims(_ count: Int) { windows.expect(count) }

    /// Gives numbers back that nothing was written with.
    func rewind(to sequence: SequenceNumber) {
        lastSequence = sequence
    }

    // MARK: - Statements

    /// Runs a statement. An engine across a network may look at its answer later, and have the group run again where
    /// it failed; then the number of rows is not known. Whoever needs it says what it expects, or asks `count`.
    @discardableResult
    package func run(_ statement: Statement, _ values: [SQLValue]) throws(StoreError) -> Int {
        willWrite(statement)
        return try connection.later(statement, values, expecting: nil)
    }

    /// Runs a statement that, after all that was read, changes so many rows. Returns how many it did change.
    package func run(_ statement: Statement, _ values: [SQLValue], expecting: Int) throws(StoreError) -> Int {
        willWrite(statement)
        return try connection.later(statement, values, expecting: expecting)
    }

    /// Runs a statement and waits for the number of rows it changed.
    package func count(_ statement: Statement, _ values: [SQLValue]) throws(StoreError) -> Int {
        willWrite(statement)
        return try connection.run(statement, values)
    }

    package func rows(_ statement: Statement, _ values: [SQLValue]) throws(StoreError) -> [SQLRow] {
        if statement.writes { willWrite(statement) }
        do {
            return try connection.rows(statement, values)
        } catch {
            isTouched = true
            throw error
        }
    }

    /// What all lines of the log take after one more. Read once for a group; a line that was undone counts until the
    /// group ends, so the total only ever grows.
    func addedLogBytes(_ count: Int) throws(StoreError) -> Int64 {
        var total = logBytes ?? 0
        if logBytes == nil { total = try row(HistoryStatements.lineTotal, [])?.int64(0) ?? 0 }
        total += Int64(count)
        logBytes = total
        return total
    }

    private func willWrite(_ statement: Statement) {
        isTouched = true
        // One that does not say which rows it changes may pause a queue or delete a job.
        if statement.rows == nil { windows.forget() }
    }

    // MARK: - Effects

    /// A job's row was written with `sequence`.
    func changed(job: JobID, sequence: SequenceNumber, home: JobHome) {
        effects.jobs[job] = (sequence, home)
        effects.queues.insert(home.queue)
    }

    /// A job went from one state to another, or came into being.
    func count(_ home: JobHome, from: JobStatus?, to: JobStatus?, by amount: Int = 1) {
        guard from != to else { return }
        // What a claim takes it notes by itself.
        if to == .pending || from == .pending && to != .claimed { windows.forget(home.queue) }
        if let from { effects.counts[Effects.CountKey(queue: home.queue, status: from), default: 0] -= amount }
        if let to { effects.counts[Effects.CountKey(queue: home.queue, status: to), default: 0] += amount }
        effects.queues.insert(home.queue)
    }

    /// An entity goes on existing, but is history in these scopes from `sequence` on.
    func leaves(_ key: EntityKey, scopes: [Scope], sequence: SequenceNumber) {
        effects.departures.append((key, sequence, scopes))
    }

    /// An entity is gone. Its tombstone takes the next number.
    func deleted(_ key: EntityKey, scopes: [Scope]) {
        effects.deletions.append((key, nextSequence(), scopes))
    }

    func touch(session: SessionID) { effects.sessions.insert(session) }
    /// A session's row was written with `sequence`, so that the end of the group need not.
    func changed(session: SessionID, sequence: SequenceNumber) {
        effects.sessions.insert(session)
        effects.writtenSessions[session] = sequence
    }

    /// Something is taken from a session that did not say so itself. Of clients that name no session one may hold an
    /// assignment still after its name went to another: it is history then, and changes in no fleet.
    func touch(holder: SessionID) throws(StoreError) {
        touch(session: holder)
        if let row = try row(SessionStatements.brief, [.integer(holder.number)]), !row.flag(4) {
            effects.replaced.insert(holder)
        }
    }

    func touch(machine: MachineID) { effects.machines.insert(machine) }
    func touch(queue: QueueID) { effects.queues.insert(queue) }

    /// - Parameter position: where in their line they begin; the front where nobody knows.
    func becameReady(_ home: JobHome, count: Int = 1, from position: LinePosition = .front) {
        windows.join(home.place, position)
        effects.ready[home.place, default: 0] += count
        effects.joined[home.place] = min(position, effects.joined[home.place] ?? position)
    }

    /// The server wants something of this session, or a lease of it is gone: its next beat is answered in full.
    func wishChanged(_ session: SessionID) { effects.wishes.insert(session) }

    /// A session of a client that names none came to this address or left it, or took this hostname: whose the next
    /// beat from there is must be asked again, here and on every node.
    func legacyMoved(_ session: SessionID, _ traces: String?...) {
        effects.legacyTraces.formUnion(traces.compactMap(\.self))
        wishChanged(session)
    }

    /// How long a completed assignment took: what the study's progress is weighted by.
    func measured(_ study: StudyID, milliseconds: Int64) {
        effects.measured[study, default: Effects.Measured()].count += 1
        effects.measured[study, default: Effects.Measured()].milliseconds += milliseconds
    }

    // MARK: - History

    func transition(
        _ kind: EntityKind, _ id: Int64, from: String?, to: String, actor: String, why: String,
        attempt: AttemptNumber? = nil, sequence: SequenceNumber
    ) throws(StoreError) {
        try run(
            HistoryStatements.addTransition,
            [
                .text(kind.rawValue), .integer(id), .sequence(sequence), .optional(from), .text(to),
                .instant(now), .text(actor), .text(why), .int(attempt?.value),
            ]
        )
    }
}

/// Where a job belongs for good: its queue, what it requires, and its study if it has one.
package struct JobHome: Sendable, Hashable {
    package let queue: QueueID
    package let requirement: Int64
    package let study: StudyID?
    /// Absent for a study's own queue.
    package let queueName: String?

    /// Where whoever would take it waits.
    var place: ReadyJobs { ReadyJobs(queue: queue, requirement: requirement) }

    package func scopes(of job: JobID) -> [Scope] {
        if let study { return [.job(job), .study(study)] }
        if let queueName { return [.job(job), .queue(queueName)] }
        return [.job(job)]
    }
}
