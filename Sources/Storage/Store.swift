package import Domain
import Synchronization

/// The store of one server: operations through the group-commit writer, reads on consistent states, beats in memory.
///
///     let store = try await Store.open(driver: driver, clock: clock.now, timing: Timing(), observer: hub)
///     let id = try await store.write { transaction in try registration.run(transaction) }
///     let session = try await store.read { connection in try RecordReads.session(id, connection) }
///     await store.close()
package final class Store: Sendable {
    package let timing: Timing
    /// A random id made with the database and changed by a restore: the sequence counts within it.
    package let epoch: String
    /// The epoch is new because the database may have been put back to an earlier state.
    package let beganAnew: Bool
    /// Signs the URLs of artifacts, so that they survive a restart.
    package let urlSecret: [UInt8]

    private let driver: any StoreDriver
    private let writer: GroupCommitWriter
    private let beats: BeatBook
    private let legacyBeats: LegacyBeatBook
    private let clock: @Sendable () -> Instant
    /// This server among those of the database; `nil` where there can be no other.
    private let node: Node?
    private let memory: (any SequenceMemory)?
    private let reached: ReachedSequence

    private init(
        driver: any StoreDriver, writer: GroupCommitWriter, beats: BeatBook, legacyBeats: LegacyBeatBook,
        clock: @escaping @Sendable () -> Instant, timing: Timing, opened: Opened, node: Node?,
        memory: (any SequenceMemory)?, reached: ReachedSequence
    ) {
        self.node = node
        self.memory = memory
        self.reached = reached
        self.driver = driver
        self.writer = writer
        self.beats = beats
        self.legacyBeats = legacyBeats
        self.clock = clock
        self.timing = timing
        self.epoch = opened.epoch
        self.beganAnew = opened.beganAnew
        self.urlSecret = Array(opened.secret.utf8)
    }

    /// Migrates the database and makes the store ready.
    ///
    /// Every silence before now is forgiven: nobody could be heard while there was no server.
    ///
    /// - Parameter memory: by which a database is known that was put back to an earlier state.
    package static func open(
        driver: any StoreDriver, clock: @escaping @Sendable () -> Instant, timing: Timing,
        observer: any CommitObserver, node: NodeDescription = NodeDescription(),
        memory: (any SequenceMemory)? = nil, randomBytes: @Sendable (Int) -> [UInt8]
    ) async throws -> Store {
        let newEpoch = hexadecimal(randomBytes(8))
        let newSecret = hexadecimal(randomBytes(32))
        let opened = try await withCheckedThrowingContinuation {
            (continuation: CheckedContinuation<Opened, any Error>) in
            driver.withWriter { connection in
                continuation.resume(
                    with: Result {
                        try prepare(
                            connection, dialect: driver.dialect, now: clock(), memory: memory, epoch: newEpoch,
                            secret: newSecret
                        )
                    }
                )
            }
        }
        let beats = BeatBook(isShared: driver.isShared)
        beats.load(opened.beats)
        if !opened.isHeardElsewhere { beats.forgiveSilence(until: clock()) }
        let legacyBeats = LegacyBeatBook()
        let reached = ReachedSequence(opened.sequence)
        let nodeID = hexadecimal(randomBytes(8))
        let follower = driver.isShared ? CommitFollower(node: nodeID, published: opened.sequence) : nil
        let writer = GroupCommitWriter(
            driver: driver, clock: clock, timing: timing,
            observer: BeatObserver(
                beats: beats, legacyBeats: legacyBeats, reached: reached, clock: clock, next: observer
            ),
            follower: follower
        )
        driver.listen { [weak writer] news in writer?.follow(news) }
        let own = follower == nil ? nil : Node(id: nodeID, description: node, startedAt: clock())
        if let own {
            let forgiven = try await writer.write { try own.keep($0, silenceEnded: !opened.isHeardElsewhere) }
            if let forgiven { beats.forgiveSilence(until: forgiven) }
        }
        let store = Store(
            driver: driver, writer: writer, beats: beats, legacyBeats: legacyBeats, clock: clock, timing: timing,
            opened: opened, node: own, memory: memory, reached: reached
        )
        store.remember()
        return store
    }

    private struct Opened: Sendable {
        let epoch: String
        let beganAnew: Bool
        let secret: String
        let beats: [SessionID: Instant]
        let sequence: SequenceNumber
        /// Another node hears beats now: silence is no fault of ours.
        let isHeardElsewhere: Bool
    }

    private static func prepare(
        _ connection: any WriteConnection, dialect: Dialect, now: Instant, memory: (any SequenceMemory)?,
        epoch: String, secret: String
    ) throws -> Opened {
        try Migrator.migrate(connection, dialect: dialect, migrations: Migration.all, now: now)
        try connection.begin(.careful)
        do {
            // Another node may do the same now: one of them makes the facts, the others find them.
            let sequence = try connection.row(SequenceStatements.take, [])?.sequence(0) ?? .zero
            var known = try fact(Fact.epoch, orElse: epoch, connection)
            let beginsAnew = known != epoch && memory?.doubts(epoch: known, sequence: sequence) == true
            if beginsAnew {
                try connection.run(HousekeepingStatements.putFact, [.text(Fact.epoch), .text(epoch)])
                known = epoch
            }
            let opened = Opened(
                epoch: known, beganAnew: beginsAnew,
                secret: try fact(Fact.urlSecret, orElse: secret, connection),
                beats: Dictionary(
                    try connection.rows(SessionStatements.beats, []).map { ($0.id(0), $0.instant(1)) },
                    uniquingKeysWith: { $1 }
                ),
                sequence: sequence,
                isHeardElsewhere: try Node.isAnyHeard(connection, now: now)
            )
            _ = try fact(Fact.program, orElse: "muster", connection)
            try connection.commit()
            return opened
        } catch {
            connection.rollback()
            throw error
        }
    }

    private static func fact(
        _ name: String, orElse value: String, _ connection: any WriteConnection
    ) throws(StoreError) -> String {
        if let row = try connection.row(HousekeepingStatements.fact, [.text(name)]) { return row.text(0) }
        try connection.run(HousekeepingStatements.putFact, [.text(name), .text(value)])
        return value
    }

    // MARK: - Writing and reading

    /// Runs an operation; its answer comes when it is on disk and in the sequence (law 2).
    ///
    /// - Parameter foresight: what the operation will ask, where it knows: a far engine is asked for all of a group.
    package func write<Value: Sendable>(
        foreseeing foresight: @autoclosure () -> Foresight = Foresight(),
        _ operation: @escaping @Sendable (WriteTransaction) throws -> Value
    ) async throws -> Value {
        try await writer.write(foreseeing: foresight(), operation)
    }

    /// Runs `body` on one consistent state.
    package func read<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value {
        try await driver.read(body)
    }

    /// Runs `enter` between two commits, and then `body` on exactly the state at that moment: how a watcher enters
    /// the stream without a gap and without an overlap.
    package func readPinned<Value: Sendable>(
        enter: @escaping @Sendable () -> Void,
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value {
        let (stream, continuation) = AsyncStream<Result<Value, any Error>>.makeStream()
        let reservation = try await driver.reserve()
        try await writer.between { connection in
            enter()
            connection.pinnedRead(reservation) { reader in
                continuation.yield(Result { try body(try reader.get()) })
                continuation.finish()
            }
        }
        for await result in stream { return try result.get() }
        throw StoreError(.closed, "The server is shutting down.")
    }

    package var now: Instant { clock() }

    /// Operations that wait for the writer.
    package var waitingWrites: Int { writer.waitingCount }
    package func unmergedBytes() -> Int64? { driver.unmergedBytes() }

    // MARK: - Beats

    /// A heartbeat: answered from memory where it repeats the last one and nothing changed, else looked at and written.
    ///
    /// - Parameters:
    ///   - body: the request's bytes, which carry no time and no counter.
    ///   - operation: read from the body only where it must be looked at.
    ///   - encode: the answer's bytes.
    package func heartbeat(
        _ session: SessionID, body: [UInt8], operation: () throws -> RecordHeartbeat,
        encode: @escaping @Sendable (RecordHeartbeat.Wish) -> [UInt8]
    ) async throws -> [UInt8] {
        let now = clock()
        if let reply = beats.repeated(session, body: body, at: now) { return reply }
        let operation = try operation()
        // Heard before it is looked at, so that a sweep in the same moment knows.
        beats.heard(session, at: now)
        do {
            return try await writer.write(foreseeing: operation.foresight) { transaction in
                let reply = encode(try operation.run(transaction))
                if operation.status != .stopped {
                    transaction.effects.quietBeats[session] = QuietBeat(body: body, reply: reply)
                }
                return reply
            }
        } catch let error as StoreError where error.code == .notFound {
            beats.forget(session)
            throw error
        }
    }

    /// A heartbeat of a client that names no session: whose it is, known from memory where it repeats the last one and
    /// nothing changed, else looked for.
    @discardableResult
    package func heartbeat(_ beat: HearLegacyBeat) async throws -> SessionID {
        let now = clock()
        if let session = legacyBeats.session(of: beat, at: now) {
            beats.heard(session, at: now)
            return session
        }
        return try await writer.write { [beats, clock] transaction in
            let session = try beat.run(transaction)
            beats.heard(session, at: clock())
            return session
        }
    }

    /// Whether this heartbeat would be answered from memory.
    package func isKnown(_ beat: HearLegacyBeat) -> Bool { legacyBeats.session(of: beat, at: clock()) != nil }

    /// A word of a session that is no heartbeat: it lives.
    package func heard(_ session: SessionID) { beats.heard(session, at: clock()) }

    package func lastHeard(_ session: SessionID) -> Instant? { beats.lastHeard(session) }
    package var lastHeard: [SessionID: Instant] { beats.all }

    /// The server could not listen until now (it was frozen, or the disk was full): no silence before counts.
    package func forgiveSilence() { beats.forgiveSilence(until: clock()) }

    /// Writes all beats since the last time in one transaction. Moves no sequence.
    package func flushBeats() async throws {
        defer { remember() }
        let unwritten = beats.takeUnwritten()
        let node = node
        guard !unwritten.isEmpty || node != nil else { return }
        let now = clock()
        let wasAway = beats.isAway
        let forgiven: Instant?
        do {
            forgiven = try await writer.write { transaction in
                try Self.write(unwritten, transaction)
                return try node?.keep(transaction, silenceEnded: wasAway)
            }
        } catch {
            beats.unflushed(unwritten)
            throw error
        }
        beats.didFlush(at: now)
        guard node != nil else { return }
        if let forgiven { beats.forgiveSilence(until: forgiven) }
        let since = beats.unmergedSince
        let others = try await driver.read { connection in
            try connection.rows(SessionStatements.beatsSince, [.instant(since)]).map { row in
                (session: row.id(0, SessionID.self), heardAt: row.instant(1))
            }
        }
        beats.merge(others)
    }

    private static func write(
        _ beats: [(session: SessionID, heardAt: Instant)], _ transaction: WriteTransaction
    ) throws(StoreError) {
        var rest = beats[...]
        while rest.count >= SessionStatements.beatsAtOnce {
            let values = rest.prefix(SessionStatements.beatsAtOnce).flatMap { beat in
                [SQLValue.integer(beat.session.number), .instant(beat.heardAt)]
            }
            try transaction.run(SessionStatements.manyBeats, values)
            rest = rest.dropFirst(SessionStatements.beatsAtOnce)
        }
        for beat in rest {
            try transaction.run(SessionStatements.beat, [.instant(beat.heardAt), .integer(beat.session.number)])
        }
    }

    // MARK: - Nodes

    /// The servers that share the database, this one among them; empty where there can be no other.
    package func nodes() async throws -> [NodeRecord] {
        guard let node else { return [] }
        return try await driver.read { try Node.records($0, of: node.id) }
    }

    package var engine: String { driver.dialect.name }

    // MARK: - The sweep

    /// Looks for what time has ended, and ends it. Returns what was looked at.
    @discardableResult
    package func sweep() async throws -> Sweep.Findings {
        if let node, !node.hasDuty { return Sweep.Findings() }
        let now = clock().adding(milliseconds: -(node?.marginMilliseconds ?? 0))
        let timing = timing
        let beats = beats
        let heard: @Sendable (SessionID) -> Instant? = { beats.lastHeard($0) }
        let findings = try await driver.read { connection in
            try Sweep.look(
                connection, now: now, timing: timing, heard: heard, silenceForgivenUntil: beats.forgivenUntil
            )
        }
        guard !findings.isEmpty else { return findings }
        let sweep = Sweep(
            findings: findings, heard: heard, silenceForgivenUntil: beats.forgivenUntil, node: node
        )
        try await writer.write { try sweep.run($0) }
        return findings
    }

    /// Writes what waits, then ends every connection.
    package func close() async {
        try? await flushBeats()
        if let node { try? await writer.write { try node.leave($0) } }
        writer.close()
        await driver.close()
        remember()
    }

    private func remember() { memory?.keep(epoch: epoch, sequence: reached.sequence) }
}

/// How far the sequence is known to have come.
private final class ReachedSequence: Sendable {
    private let value: Atomic<Int64>

    init(_ sequence: SequenceNumber) { value = Atomic(sequence.value) }

    func reached(_ sequence: SequenceNumber) { value.max(sequence.value, ordering: .relaxed) }
    var sequence: SequenceNumber { SequenceNumber(value.load(ordering: .relaxed)) }
}

/// Voids what is known of beats before anybody else hears of a commit.
private struct BeatObserver: CommitObserver {
    let beats: BeatBook
    let legacyBeats: LegacyBeatBook
    let reached: ReachedSequence
    let clock: @Sendable () -> Instant
    let next: any CommitObserver

    var hasWatchers: Bool { next.hasWatchers }
    func isWatching(_ scopes: [Scope]) -> Bool { next.isWatching(scopes) }
    func followUps(_ ready: [ReadyJobs: Int], limit: Int) -> [FollowUp] { next.followUps(ready, limit: limit) }

    func didCommit(_ changes: CommittedChanges) {
        reached.reached(changes.sequence)
        if changes.isGap { beats.forgetQuiet() }
        if !changes.heard.isEmpty { beats.merge(changes.heard.map { (session: $0.key, heardAt: $0.value) }) }
        beats.didCommit(touched: changes.touchedSessions, wishes: changes.wishes, quiet: changes.quietBeats)
        legacyBeats.didCommit(changes, at: clock())
        next.didCommit(changes)
    }
}

/// Two hexadecimal digits a byte.
package func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    for byte in bytes {
        text.append(digits[Int(byte >> 4)])
        text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
}
