import Domain
import Storage
import StoragePostgres
import Synchronization
import TestKit
import Testing

/// What the writer promises: law 1 (the schema decides), law 2 (an answer is a promise), and the group commit.
@Suite struct StoreLawTests {
    private struct Undo: Error {}

    private static let pragmaSynchronous = Statement("test.synchronous", "PRAGMA synchronous")
    private static let pragmaCheckpoint = Statement("test.checkpoint", "PRAGMA wal_autocheckpoint")
    private static let pragmaForeignKeys = Statement("test.foreign_keys", "PRAGMA foreign_keys")
    private static let pragmaJournal = Statement("test.journal", "PRAGMA journal_mode")
    private static let writeAnything = Statement("test.write", "UPDATE sequence SET value = value + 1 WHERE id = 1")

    @Test func theWriterSyncsAtEveryCommit() async throws {
        try await TestStore.with { test in
            let full: Int64 = 2
            let (synchronous, foreignKeys, journal) = try await test.store.write { transaction in
                (
                    try transaction.row(Self.pragmaSynchronous, [])?.int64(0),
                    try transaction.row(Self.pragmaForeignKeys, [])?.int64(0),
                    try transaction.row(Self.pragmaJournal, [])?.text(0)
                )
            }
            #expect(synchronous == full)
            #expect(foreignKeys == 1)
            #expect(journal == "wal")
        }
    }

    @Test func readersNeitherWriteNorCheckpoint() async throws {
        try await TestStore.with { test in
            let checkpoint = try await test.store.read { try $0.row(Self.pragmaCheckpoint, [])?.int64(0) }
            #expect(checkpoint == 0)
            await #expect(throws: StoreError.self) {
                try await test.store.read { try $0.run(Self.writeAnything, []) }
            }
            let pinned = try await test.store.readPinned(enter: {}) { try $0.row(Self.pragmaCheckpoint, [])?.int64(0) }
            #expect(pinned == 0)
        }
    }

    /// Runs `operations` as one group of the writer, in their order.
    private func group(
        _ test: TestStore, _ operations: [@Sendable (WriteTransaction) throws -> Void]
    ) async -> [Result<Void, any Error>] {
        let gate = WriterGate()
        return await withTaskGroup(of: (Int, Result<Void, any Error>).self) { tasks in
            tasks.addTask {
                _ = try? await test.store.write { _ in gate.hold() }
                gate.giveUp()
                return (-1, .success(()))
            }
            try? await Patience.until { gate.isHeld }
            for (position, operation) in operations.enumerated() {
                tasks.addTask {
                    do {
                        try await test.store.write { try operation($0) }
                        return (position, .success(()))
                    } catch {
                        return (position, .failure(error))
                    }
                }
                try? await Patience.until { test.store.waitingWrites > position }
            }
            gate.open()
            var results: [Result<Void, any Error>] = operations.map { _ in .failure(Undo()) }
            for await (position, result) in tasks where position >= 0 { results[position] = result }
            return results
        }
    }

    private static func submit(_ label: String) -> SubmitJobs {
        SubmitJobs(
            jobs: [
                SubmitJobs.New(
                    queue: "default", payload: "{}", requires: nil, priority: 0, runAt: nil, uniqueKey: nil,
                    label: label, maximumAttempts: 5
                )
            ], idempotency: nil
        )
    }

    @Test(arguments: Engine.all)
    func oneThatThrowsIsUndoneAloneAndTheRestOfItsGroupIsKept(on engine: Engine) async throws {
        try await TestStore.with(engine) { test in
            let before = test.observer.all.count
            let results = await group(
                test,
                [
                    { _ = try Self.submit("first").run($0) },
                    { transaction in
                        _ = try Self.submit("undone").run(transaction)
                        throw Undo()
                    },
                    { _ = try Self.submit("third").run($0) },
                ]
            )
            #expect(results.map { (try? $0.get()) != nil } == [true, false, true])
            // The gate's own group, and one for the three.
            #expect(test.observer.all.count == before + 2)
            let jobs = try await test.store.read {
                try ListReads.jobs(queue: "default", status: nil, before: ListReads.end, limit: 10, $0)
            }
            #expect(jobs.map(\.label) == ["third", "first"])
            let queue = try await test.store.read { try RecordReads.queue(named: "default", $0) }
            #expect(queue?.counts.pending == 2)
            try await test.store.read { try StoreLaws.check($0) }
        }
    }

    @Test(arguments: Engine.all)
    func theFirstOfAQueueThatIsUndoneTakesItsQueueWithIt(on engine: Engine) async throws {
        try await TestStore.with(engine) { test in
            let results = await group(
                test,
                [
                    { transaction in
                        _ = try Self.submit("undone").run(transaction)
                        throw Undo()
                    },
                    { _ = try Self.submit("second").run($0) },
                ]
            )
            #expect(results.map { (try? $0.get()) != nil } == [false, true])
            #expect(try await test.store.read { try ListReads.queues($0) }.map(\.counts.pending) == [1])
            let session = try await test.register()
            #expect(try await test.claim(session).jobs.count == 1)
        }
    }

    /// An engine across a network looks at this answer only with the commit, when all have done their part.
    @Test(arguments: Engine.all)
    func aStatementThatIsFoundRefusedAtTheEndFailsItsOperationAlone(on engine: Engine) async throws {
        let orphan = Statement("test.late_orphan", "INSERT INTO beat (session_id, heard_at) VALUES (424242, 1)")
        try await TestStore.with(engine) { test in
            let results = await group(
                test,
                [
                    { _ = try Self.submit("first").run($0) },
                    { _ = try Self.submit("third").run($0) },
                    { try $0.run(orphan, []) },
                ]
            )
            let errors = results.map { result in
                if case .failure(let error as StoreError) = result { error.code } else { StoreError.Code?.none }
            }
            #expect(errors == [nil, nil, .constraint])
            let queues = try await test.store.read { try ListReads.queues($0) }
            #expect(queues.map(\.counts.pending) == [2])
        }
    }

    @Test(arguments: Engine.all)
    func aCommitThatFailsFailsAllOfItsGroup(on engine: Engine) async throws {
        try await TestStore.with(engine) { test in
            // A constraint that is asked only at the commit.
            let deferKeys = Statement("test.defer", "PRAGMA defer_foreign_keys = ON")
            if let schema = test.place.target?.schema {
                try TemporaryPostgres.shared().execute(
                    """
                    ALTER TABLE \(schema).beat ALTER CONSTRAINT beat_session_id_fkey DEFERRABLE INITIALLY DEFERRED
                    """
                )
            }
            let orphan = Statement("test.orphan", "INSERT INTO beat (session_id, heard_at) VALUES (424242, 1)")
            let before = test.observer.all.count
            let results = await group(
                test,
                [
                    { _ = try Self.submit("first").run($0) },
                    { transaction in
                        if engine == .sqlite { _ = try transaction.rows(deferKeys, []) }
                        try transaction.run(orphan, [])
                    },
                    { _ = try Self.submit("third").run($0) },
                ]
            )
            for result in results { #expect(throws: StoreError.self) { try result.get() } }
            #expect(test.observer.all.count == before + 1)
            #expect(try await test.store.read { try ListReads.queues($0) }.isEmpty)
            // The writer goes on.
            try await test.submit(1)
            #expect(try await test.store.read { try ListReads.queues($0) }.map(\.counts.pending) == [1])
        }
    }

    @Test(arguments: Engine.all)
    func aStudyDeletedInOneGroupWithItsReportsFailsNobody(on engine: Engine) async throws {
        try await TestStore.with(engine) { test in
            let study = try await test.study(count: 3)
            let session = try await test.register(queues: [], studies: ["study"])
            let claimed = try await test.claim(session, count: 2).jobs
            let report = ApplyReports(
                session: session,
                entries: [
                    ApplyReports.Entry(
                        number: 1, key: claimed[0].key,
                        content: .end(.completed, exitCode: 0, reason: nil, result: nil)
                    )
                ]
            )
            let results = await group(
                test,
                [
                    { _ = try report.run($0) },
                    { _ = try ChangeStudy(study: "study", action: .delete, actor: "operator").run($0) },
                    { _ = try Self.submit("beside").run($0) },
                ]
            )
            for result in results { #expect(throws: Never.self) { try result.get() } }
            #expect(try await test.study(study) == nil)
            let last = try #require(test.observer.all.last)
            #expect(last.changes.allSatisfy { $0.kind != .put || $0.record != nil })
            try await test.store.read { try StoreLaws.check($0) }
        }
    }

    @Test(arguments: Engine.all)
    func aSessionChangedTwiceInAGroupIsToldWithTheNumberOfItsRow(on engine: Engine) async throws {
        try await TestStore.with(engine) { test in
            let session = try await test.register()
            try await test.submit(1)
            let claimed = try await test.claim(session).jobs[0]
            let report = ApplyReports(
                session: session,
                entries: [
                    ApplyReports.Entry(
                        number: 1, key: claimed.key,
                        content: .end(.completed, exitCode: 0, reason: nil, result: nil)
                    )
                ]
            )
            _ = await group(
                test,
                [
                    { _ = try report.run($0) },
                    { try ChangeSession(session: session, action: .drain, actor: "operator").run($0) },
                ]
            )
            let change = try #require(test.observer.changes.last { $0.key == .session(session) })
            #expect(change.sequence == change.record?.sequence)
            #expect(try await test.session(session)?.sequence == change.sequence)
        }
    }

    @Test(arguments: Engine.all)
    func linesAloneMoveNothingOfTheSession(on engine: Engine) async throws {
        try await TestStore.with(engine) { test in
            let session = try await test.register()
            let before = try await test.session(session)
            let lines = ApplyReports.Content.lines([ApplyReports.Line(at: nil, level: .info, text: "hello")])
            try await test.reports(session, [ApplyReports.Entry(number: 1, key: nil, content: lines)])
            #expect(try await test.session(session) == before)
            #expect(test.observer.all.last?.loggedSessions == [session])
        }
    }

    @Test(arguments: Engine.all)
    func aClosedStoreTakesNoMore(on engine: Engine) async throws {
        try await TestStore.with(engine) { test in
            await test.store.close()
            let error = await #expect(throws: StoreError.self) { try await test.submit(1) }
            #expect(error?.code == .closed)
        }
    }
}
