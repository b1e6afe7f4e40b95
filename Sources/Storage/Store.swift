package import Domain

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
    /// Signs the URLs of artifacts, so that they survive a restart.
    package let urlSecret: [UInt8]

    private let driver: any StoreDriver
    private let writer: GroupCommitWriter
    private let beats: BeatBook
    private let clock: @Sendable () -> Instant

    private init(
        driver: any StoreDriver, writer: GroupCommitWriter, beats: BeatBook, clock: @escaping @Sendable () -> Instant,
        timing: Timing, epoch: String, urlSecret: [UInt8]
    ) {
        self.driver = driver
        self.writer = writer
        self.beats = beats
        self.clock = clock
        self.timing = timing
        self.epoch = epoch
        self.urlSecret = urlSecret
    }

    /// Migrates the database and makes the store ready.
    ///
    /// Every silence before now is forgiven: nobody could be heard while there was no server.
    package static func open(
        driver: any StoreDriver, clock: @escaping @Sendable () -> Instant, timing: Timing,
        observer: any CommitObserver, randomBytes: @Sendable (Int) -> [UInt8]
    ) async throws -> Store {
        let newEpoch = hexadecimal(randomBytes(8))
        let newSecret = hexadecimal(randomBytes(32))
        let opened = try await withCheckedThrowingContinuation {
            (continuation: CheckedContinuation<Opened, any Error>) in
            driver.withWriter { connection in
                continuation.resume(
                    with: Result {
                        try prepare(
                            connection, dialect: driver.dialect, now: clock(), epoch: newEpoch, secret: newSecret
                        )
                    }
                )
            }
        }
        let beats = BeatBook()
        beats.load(opened.beats)
        beats.forgiveSilence(until: clock())
        let writer = GroupCommitWriter(
            driver: driver, clock: clock, timing: timing, observer: BeatObserver(beats: beats, next: observer)
        )
        return Store(
            driver: driver, writer: writer, beats: beats, clock: clock, timing: timing, epoch: opened.epoch,
            urlSecret: Array(opened.secret.utf8)
        )
    }

    private struct Opened: Sendable {
        let epoch: String
        let secret: String
        let beats: [SessionID: Instant]
    }

    private static func prepare(
        _ connection: any WriteConnection, dialect: Dialect, now: Instant, epoch: String, secret: String
    ) throws -> Opened {
        try Migrator.migrate(connection, dialect: dialect, migrations: Migration.all, now: now)
        try connection.begin()
        do {
            let opened = Opened(
                epoch: try fact(Fact.epoch, orElse: epoch, connection),
                secret: try fact(Fact.urlSecret, orElse: secret, connection),
                beats: Dictionary(
                    try connection.rows(SessionStatements.beats, []).map { ($0.id(0), $0.instant(1)) },
                    uniquingKeysWith: { $1 }
                )
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
    package func write<Value: Sendable>(
        _ operation: @escaping @Sendable (WriteTransaction) throws -> Value
    ) async throws -> Value {
        try await writer.write(operation)
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
        try await writer.between { connection in
            enter()
            connection.pinnedRead { reader in
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
            return try await writer.write { transaction in
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

    /// A word of a session that is no heartbeat: it lives.
    package func heard(_ session: SessionID) { beats.heard(session, at: clock()) }

    package func lastHeard(_ session: SessionID) -> Instant? { beats.lastHeard(session) }
    package var lastHeard: [SessionID: Instant] { beats.all }

    /// The server could not listen until now (it was frozen, or the disk was full): no silence before counts.
    package func forgiveSilence() { beats.forgiveSilence(until: clock()) }

    /// Writes all beats since the last time in one transaction. Moves no sequence.
    package func flushBeats() async throws {
        let unwritten = beats.takeUnwritten()
        guard !unwritten.isEmpty else { return }
        do {
            try await writer.write { transaction in
                for beat in unwritten {
                    try transaction.run(
                        SessionStatements.beat, [.instant(beat.heardAt), .integer(beat.session.number)]
                    )
                }
            }
        } catch {
            beats.unflushed(unwritten)
            throw error
        }
    }

    // MARK: - The sweep

    /// Looks for what time has ended, and ends it. Returns what was looked at.
    @discardableResult
    package func sweep() async throws -> Sweep.Findings {
        let now = clock()
        let timing = timing
        let beats = beats
        let heard: @Sendable (SessionID) -> Instant? = { beats.lastHeard($0) }
        let findings = try await driver.read { connection in
            try Sweep.look(
                connection, now: now, timing: timing, heard: heard, silenceForgivenUntil: beats.forgivenUntil
            )
        }
        guard !findings.isEmpty else { return findings }
        let sweep = Sweep(findings: findings, heard: heard, silenceForgivenUntil: beats.forgivenUntil)
        try await writer.write { try sweep.run($0) }
        return findings
    }

    /// Writes what waits, then ends every connection.
    package func close() async {
        try? await flushBeats()
        writer.close()
        await driver.close()
    }
}

/// Voids what is known of beats before anybody else hears of a commit.
private struct BeatObserver: CommitObserver {
    let beats: BeatBook
    let next: any CommitObserver

    var hasWatchers: Bool { next.hasWatchers }
    func isWatching(_ scopes: [Scope]) -> Bool { next.isWatching(scopes) }

    func didCommit(_ changes: CommittedChanges) {
        beats.didCommit(touched: changes.touchedSessions, wishes: changes.wishes, quiet: changes.quietBeats)
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
