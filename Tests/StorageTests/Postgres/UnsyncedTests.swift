import Domain
import Foundation
import Storage
import Synchronization
import TestKit
import Testing

@testable import StoragePostgres

/// What becomes of those who saw a commit before it was on disk, when something fails then.
@Suite(.timeLimit(.minutes(5))) struct UnsyncedTests {
    private static let backend = Statement("test.own_backend", "SELECT pg_backend_pid()")

    private static func sequence(_ test: TestStore) async throws -> SequenceNumber {
        try await test.store.read { try WatchReads.sequence($0) }
    }

    private static func with(
        _ server: TemporaryPostgres, _ body: (TestStore, PostgresTarget) async throws -> Void
    ) async throws {
        var limits = PostgresLimits()
        limits.listens = false
        limits.readerCount = 1
        let target = server.newTarget()
        defer { server.drop(target) }
        let test = try await TestStore.open(TestPlace(target, limits: limits), clock: ManualClock())
        do {
            try await body(test, target)
        } catch {
            await test.store.close()
            throw error
        }
        await test.store.close()
    }

    /// The next read is not shown the state that was opened for the one that failed.
    @Test func aPinnedReadThatFailsLeavesNoOldStateBehind() async throws {
        let server = try TemporaryPostgres.shared()
        try await Self.with(server) { test, target in
            try await test.submit(1)
            let before = try await Self.sequence(test)
            let backend = try await test.store.write { try $0.row(Self.backend, [])?.int64(0) ?? 0 }
            try server.execute("SELECT pg_terminate_backend(\(backend), 10000)")
            try server.commitUnsynced(target)
            await #expect(throws: StoreError.self) {
                try await test.store.readPinned(enter: {}) { try WatchReads.sequence($0) }
            }
            try server.commitUnsynced(target)
            #expect(try await Self.sequence(test).value == before.value + 2)
        }
    }

    /// A refusal tells something of what was seen, so that is on disk first.
    @Test func whatAReadIsRefusedForOutlivesACrash() async throws {
        let server = try TemporaryPostgres()
        defer { server.stop() }
        try server.becomeLazy()
        try await Self.with(server) { test, target in
            try await test.submit(1)
            let before = try await Self.sequence(test)
            try server.commitUnsynced(target)
            await #expect {
                try await test.store.read { connection in
                    let sequence = try WatchReads.sequence(connection)
                    throw StoreError(.conflict, "It is at \(sequence.value).")
                }
            } throws: { ($0 as? StoreError)?.message == "It is at \(before.value + 1)." }
            try server.crash()
            try server.start()
            try await Patience.until { (try? await Self.sequence(test)) != nil }
            #expect(try await Self.sequence(test).value > before.value)
        }
    }

    /// The second is refused for what the first did, the group of both is not committed, and so there is nothing that
    /// it could be refused for.
    @Test func aRefusalGoesWithTheGroupThatItStandsOn() async throws {
        let server = try TemporaryPostgres.shared()
        try await Self.with(server) { test, _ in
            let session = try await test.register()
            let gate = WriterGate()
            let store = test.store
            let rename = Statement("test.mark_queue", "UPDATE session SET worker_name = 'renamed' WHERE id = $1")
            let name = Statement("test.queue_mark", "SELECT worker_name FROM session WHERE id = $1")
            let refusal = try await withThrowingTaskGroup(of: StoreError.Code?.self) { group in
                defer { gate.open() }
                group.addTask {
                    try await store.write { _ in gate.hold() }
                    return nil
                }
                try await Patience.until { gate.isHeld }
                group.addTask {
                    _ = try? await store.write { try $0.run(rename, [.integer(session.number)]) }
                    return nil
                }
                try await Patience.until { store.waitingWrites == 1 }
                group.addTask {
                    do {
                        try await store.write { transaction in
                            let found = try transaction.row(name, [.integer(session.number)])?.text(0)
                            if found == "renamed" { throw StoreError(.conflict, "The name is taken.") }
                        }
                        return nil
                    } catch {
                        return (error as? StoreError)?.code
                    }
                }
                try await Patience.until { store.waitingWrites == 2 }
                group.addTask {
                    _ = try? await store.write { transaction in
                        let backend = try transaction.row(Self.backend, [])?.int64(0) ?? 0
                        try server.execute("SELECT pg_terminate_backend(\(backend), 10000)")
                        _ = try transaction.row(Self.backend, [])
                    }
                    return nil
                }
                try await Patience.until { store.waitingWrites == 3 }
                gate.open()
                var refusal: StoreError.Code?
                for try await code in group where code != nil { refusal = code }
                return refusal
            }
            #expect(refusal == .unavailable)
            #expect(try await test.session(session)?.workerName == "pc")
        }
    }

    /// A call to the other nodes that fails is looked at later than the commit that it is about: the group that comes
    /// then has nothing to do with it.
    @Test func aCallThatFailsIsNobodysFailure() throws {
        let server = try TemporaryPostgres.shared()
        let connection = try PostgresConnection(
            PostgresTarget(url: server.url), limits: PostgresLimits(), isWriter: true
        )
        let call = Statement("test.call", "SELECT pg_notify($1, $2)")
        try connection.aside(call, [.text(String(repeating: "x", count: 100)), .text("")])
        #expect(try connection.row(Self.backend, []) != nil)
        try connection.aside(call, [.text(""), .text("")])
        try connection.later(Statement("test.begin", "BEGIN"), [])
        #expect(try connection.row(Self.backend, []) != nil)
        try connection.run(Statement("test.end", "COMMIT"), [])
        #expect(connection.isUsable)
    }

    /// PostgreSQL answers the end of a transaction in which something failed by undoing it, and calls that no error.
    @Test func aCommitThatUndoesIsAFailure() throws {
        let server = try TemporaryPostgres.shared()
        let connection = try PostgresConnection(
            PostgresTarget(url: server.url), limits: PostgresLimits(), isWriter: true
        )
        try connection.later(Statement("test.begin", "BEGIN"), [])
        #expect(throws: StoreError.self) {
            try connection.run(Statement("test.fail", "SELECT 1 / CAST($1 AS BIGINT)"), [.integer(0)])
        }
        #expect {
            try connection.run(PostgresConnection.committing, [])
        } throws: { ($0 as? StoreError) == PostgresFailure.rolledBack }
        try connection.later(Statement("test.begin", "BEGIN"), [])
        try connection.run(PostgresConnection.committing, [])
        #expect(connection.isUsable)
    }

    private static let jobs = Statement("test.jobs", "SELECT COUNT(*) FROM job")

    /// Returns when a commit waits for a replica: the process of its connection.
    private static func backendThatWaits(_ server: TemporaryPostgres) async throws -> Int64 {
        var backend: Int64?
        try await Patience.until {
            backend = try server.backendThatWaitsForAReplica()
            return backend != nil
        }
        return try #require(backend)
    }

    /// Does something whose commit, or whose sight of another's, waits for a replica that never comes; ends the
    /// connection that waits, sees that nobody was answered, and lets it be.
    private static func whileTheConnectionEnds(
        _ server: TemporaryPostgres, _ work: @escaping @Sendable () async throws -> Void
    ) async throws {
        let isAnswered = Mutex(false)
        let working = Task {
            defer { isAnswered.withLock { $0 = true } }
            try await work()
        }
        let first = try await Self.backendThatWaits(server)
        try server.execute("SELECT pg_terminate_backend(\(first), 10000)")
        // Its successor waits in its turn: nobody has taken the end for the answer.
        try await Patience.until {
            if isAnswered.withLock({ $0 }) { return true }
            return try server.backendThatWaitsForAReplica().map { $0 != first } ?? false
        }
        #expect(!isAnswered.withLock { $0 })
        try server.forgetReplica()
        try await working.value
    }

    /// Among others a commit is followed by a statement that waits for the disk, and for a replica where one is waited
    /// for. Its row arrives before it has waited.
    @Test func anAnswerWaitsForTheReplicaHoweverTheConnectionEnds() async throws {
        let server = try TemporaryPostgres()
        defer { server.stop() }
        try await Self.with(server) { test, target in
            try await test.submit(1)
            try server.commitUnsynced(target)
            // From here on this node knows of others.
            try await test.submit(1)
            try server.waitForReplica()
            try await Self.whileTheConnectionEnds(server) { try await test.submit(1) }
            #expect(try await test.store.read { try $0.row(Self.jobs, [])?.int64(0) } == 3)
        }
    }

    /// The same for a read that has seen what is not there yet.
    @Test func aReadWaitsForTheReplicaHoweverTheConnectionEnds() async throws {
        let server = try TemporaryPostgres()
        defer { server.stop() }
        try await Self.with(server) { test, target in
            try await test.submit(1)
            try server.waitForReplica()
            try await Patience.until { (try? await Self.sequence(test)) != nil }
            try server.commitUnsynced(target)
            try await Self.whileTheConnectionEnds(server) { _ = try await Self.sequence(test) }
        }
    }

    /// What others left of the notes when a server comes to its turn again.
    enum Notes: String, CaseIterable {
        case all, none
        /// Its own is there, and behind it one that can't be read.
        case ownBeforeAGap
        /// Its own is gone with all that are as old, and a younger one is there.
        case younger

        var script: String {
            let another = """
                INSERT INTO commit_note (seq, after_seq, node, group_number, at, body)
                    SELECT value + 1, value, 'another', 1, 0, '' FROM sequence;
                """
            return switch self {
            case .all: ""
            case .none: "DELETE FROM commit_note;"
            case .ownBeforeAGap: another
            case .younger: "DELETE FROM commit_note; " + another
            }
        }

        /// Whether they tell that the write is there.
        var tell: Bool { self == .all || self == .ownBeforeAGap }
    }

    /// A server whose connection breaks while its commit is on its way, and which comes to its turn again only when
    /// others have forgotten what was written meanwhile (it slept): nobody can tell whether it was done, so it is not
    /// done again. While the notes are there, they tell.
    @Test(arguments: Notes.allCases) func whatMayBeWrittenIsNotWrittenTwice(notes: Notes) async throws {
        let server = try TemporaryPostgres()
        defer { server.stop() }
        try await Self.with(server) { test, target in
            try await test.submit(1)
            try server.waitForReplica()
            // Else a failure would leave the store waiting for ever.
            defer { try? server.forgetReplica() }
            try await Patience.until { (try? await Self.sequence(test)) != nil }
            let working = Task { try await test.submit(1) }
            let backend = try await Self.backendThatWaits(server)
            // Stands behind the commit and before the next try. On a thread of its own, since it waits.
            let script = """
                BEGIN; SET LOCAL synchronous_commit TO local; SET LOCAL search_path TO "\(target.schema)";
                SELECT value FROM sequence WHERE id = 1 FOR UPDATE;
                \(notes.script)
                UPDATE sequence SET value = value + 1; COMMIT
                """
            let isThrough = Mutex(false)
            Thread.detachNewThread {
                try? server.execute(script)
                isThrough.withLock { $0 = true }
            }
            try await Patience.until { try server.isAnyoneWaitingForARow() }
            try server.execute("SELECT pg_terminate_backend(\(backend), 10000)")
            try await Patience.until { isThrough.withLock { $0 } }
            try server.forgetReplica()
            if notes.tell {
                #expect(try await working.value.count == 1)
            } else {
                await #expect { _ = try await working.value } throws: { ($0 as? StoreError)?.code == .unknown }
            }
            #expect(try await test.store.read { try $0.row(Self.jobs, [])?.int64(0) } == 2)
            // And it goes on.
            try await test.submit(1)
            #expect(try await test.store.read { try $0.row(Self.jobs, [])?.int64(0) } == 3)
        }
    }

    /// The database goes away while a commit is on its way, and comes back, or not. Who is answered that it was away
    /// may send the same again, so nobody is, as long as it may be there.
    @Test(arguments: [true, false]) func whatMayBeWrittenIsAskedForUntilTheDatabaseIsBack(isBack: Bool) async throws {
        let server = try TemporaryPostgres()
        defer { server.stop() }
        try await Self.with(server) { test, _ in
            try await test.submit(1)
            try server.waitForReplica()
            defer { try? server.forgetReplica() }
            try await Patience.until { (try? await Self.sequence(test)) != nil }
            let working = Task { try await test.submit(1) }
            _ = try await Self.backendThatWaits(server)
            // Read when it starts again.
            try server.execute("ALTER SYSTEM SET synchronous_standby_names = ''")
            try server.crash()
            if isBack {
                try server.start()
                #expect(try await working.value.count == 1)
            } else {
                await #expect { _ = try await working.value } throws: { ($0 as? StoreError)?.code == .unknown }
                try server.start()
            }
            try await Patience.until { (try? await Self.sequence(test)) != nil }
            #expect(try await test.store.read { try $0.row(Self.jobs, [])?.int64(0) } == 2)
        }
    }

    /// The statement that waits for the disk behind the commit may fail alone: what was committed is there all the
    /// same, so nobody is told that it isn't.
    ///
    /// - Parameter withCare: the group has one in it that gives up after it wrote, and is run again with savepoints.
    @Test(arguments: [false, true]) func whatIsCommittedAndNotSyncedIsNotWrittenTwice(withCare: Bool) async throws {
        let server = try TemporaryPostgres()
        defer { server.stop() }
        let (role, url) = try server.newRole()
        let target = PostgresTarget(url: url, schema: role)
        try server.execute("CREATE SCHEMA \(role) AUTHORIZATION \(role)")
        let test = try await TestStore.open(TestPlace(target), clock: ManualClock())
        do {
            try await test.submit(1)
            try server.commitUnsynced(target)
            // From here on this node knows of others.
            try await test.submit(1)
            try server.execute("REVOKE EXECUTE ON FUNCTION pg_logical_emit_message(boolean, text, text) FROM PUBLIC")
            await #expect {
                try await Self.submit(test, besideOneThatGivesUp: withCare)
            } throws: { ($0 as? StoreError)?.code == .unknown }
            try server.execute("GRANT EXECUTE ON FUNCTION pg_logical_emit_message(boolean, text, text) TO \(role)")
            #expect(try await test.store.read { try $0.row(Self.jobs, [])?.int64(0) } == 3)
            try await test.submit(1)
            #expect(try await test.store.read { try $0.row(Self.jobs, [])?.int64(0) } == 4)
        } catch {
            await test.store.close()
            throw error
        }
        await test.store.close()
    }

    private static func submit(_ test: TestStore, besideOneThatGivesUp: Bool) async throws {
        guard besideOneThatGivesUp else { return _ = try await test.submit(1) }
        let gate = WriterGate()
        defer { gate.open() }
        let store = test.store
        async let held: Void = store.write { _ in gate.hold() }
        try await Patience.until { gate.isHeld }
        async let submitted = test.submit(1)
        try await Patience.until { store.waitingWrites == 1 }
        async let refused: Void? = try? store.write { transaction in
            try transaction.run(Statement("test.mark", "UPDATE queue SET seq = seq"), [])
            throw StoreError(.conflict, "It gives up.")
        }
        try await Patience.until { store.waitingWrites == 2 }
        gate.open()
        _ = try? await held
        _ = await refused
        _ = try await submitted
    }
}
