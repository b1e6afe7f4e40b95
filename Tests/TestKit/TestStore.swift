package import Domain
package import Foundation
package import Storage

/// A store on a real engine in a folder of its own, with a clock in the test's hand.
package struct TestStore: Sendable {
    package let store: Store
    package let clock: ManualClock
    package let observer: RecordingObserver
    package let place: TestPlace
    package var folder: URL { place.folder }

    /// Opens a store, calls `body`, closes it and removes its folder.
    package static func with<Value>(
        _ engine: Engine = .sqlite, timing: Timing = Timing(), _ body: (TestStore) async throws -> Value
    ) async throws -> Value {
        let place = try TestPlace(engine)
        defer { place.remove() }
        let test = try await open(place, clock: ManualClock(), timing: timing)
        do {
            let value = try await body(test)
            await test.store.close()
            return value
        } catch {
            await test.store.close()
            throw error
        }
    }

    package static func open(folder: URL, clock: ManualClock, timing: Timing = Timing()) async throws -> TestStore {
        try await open(TestPlace(folder: folder), clock: clock, timing: timing)
    }

    package static func open(
        _ place: TestPlace, clock: ManualClock, timing: Timing = Timing(),
        observer: RecordingObserver = RecordingObserver()
    ) async throws -> TestStore {
        let driver = try place.makeDriver()
        do {
            let store = try await Store.open(
                driver: driver, clock: { clock.now }, timing: timing, observer: observer,
                randomBytes: { count in (0..<count).map { _ in UInt8.random(in: 0...255) } }
            )
            return TestStore(store: store, clock: clock, observer: observer, place: place)
        } catch {
            await driver.close()
            throw error
        }
    }

    // MARK: - Short words for what tests do often

    @discardableResult
    package func register(
        _ worker: String = "pc", machine: String = "machine-1", processKey: String = UUID().uuidString,
        boot: String? = "boot-1", predecessorEnded: Bool = false, queues: [String] = ["default"],
        studies: [String] = [], capabilities: JSON = [:]
    ) async throws -> SessionID {
        let registration = RegisterSession(
            machine: MachineRecord(
                id: MachineID(machine), hostname: "\(machine).lab", addresses: ["10.0.0.1"], os: "linux",
                arch: "x86_64", cores: 8, memoryBytes: 16_000_000_000, gpus: [], bootID: boot,
                firstSeenAt: clock.now, sequence: .zero
            ),
            workerName: worker, pid: 100, version: "abc1234", processKey: processKey,
            predecessorEnded: predecessorEnded, queues: queues, studies: studies, slots: 1,
            capabilities: capabilities, connectors: [], tokenHash: UUID().uuidString
        )
        let id = try await store.write { try registration.run($0) }
        store.heard(id)
        return id
    }

    @discardableResult
    package func submit(
        _ count: Int = 1, queue: String = "default", requires: JSON? = nil, priority: Int = 0,
        runAt: Instant? = nil, uniqueKey: String? = nil, maximumAttempts: Int = 5
    ) async throws -> [JobID] {
        let jobs = (0..<count).map { number in
            SubmitJobs.New(
                queue: queue, payload: "{\"n\":\(number)}", requires: requires, priority: priority, runAt: runAt,
                uniqueKey: uniqueKey, label: nil, maximumAttempts: maximumAttempts
            )
        }
        return try await store.write { try SubmitJobs(jobs: jobs, idempotency: nil).run($0) }.map(\.id)
    }

    package func study(_ name: String = "study", count: Int = 4) async throws -> StudyID {
        let items = (0..<count).map { JSON($0) }
        let configuration: JSON = ["items": .array(items), "solver": ["dt": 1.0]]
        return try await study(name, configuration: configuration, by: "items")
    }

    package func study(_ name: String, configuration: JSON, by keyPaths: String) async throws -> StudyID {
        let specification = try SplitSpecification(commandLine: keyPaths)
        let content = CreateStudy.Content.split(
            configuration: configuration.text, specification: specification.json.text,
            split: try Split(of: configuration, by: specification)
        )
        return try await store.write {
            try CreateStudy(
                name: name, content: content, requires: nil, priority: 0, maximumAttempts: 5
            ).run($0)
        }
    }

    @discardableResult
    package func claim(
        _ session: SessionID, count: Int = 1, held: Set<HeldKey> = [], study: String? = nil, index: Int? = nil
    ) async throws -> ClaimJobs.Answer {
        let claim = ClaimJobs(session: session, count: count, held: held, study: study, index: index)
        return try await store.write { try claim.run($0) }
    }

    @discardableResult
    package func report(
        _ session: SessionID, _ number: Int64, _ claimed: ClaimJobs.Claimed, _ report: AttemptReport,
        exitCode: Int? = nil
    ) async throws -> ApplyReports.Answer {
        try await reports(
            session,
            [
                ApplyReports.Entry(
                    number: number, key: HeldKey(job: claimed.job, attempt: claimed.attempt),
                    content: .end(report, exitCode: exitCode, reason: nil, result: nil)
                )
            ]
        )
    }

    @discardableResult
    package func reports(_ session: SessionID, _ entries: [ApplyReports.Entry]) async throws -> ApplyReports.Answer {
        let reports = ApplyReports(session: session, entries: entries)
        return try await store.write { try reports.run($0) }
    }

    @discardableResult
    package func beat(
        _ session: SessionID, status: SessionStatus = .running, held: [HeldKey] = [], running: Bool = true,
        utilisation: Utilisation = Utilisation()
    ) async throws -> RecordHeartbeat.Wish {
        let beat = RecordHeartbeat(
            session: session, status: status, utilisation: utilisation, connectors: [],
            held: held.map {
                RecordHeartbeat.Held(job: $0.job, attempt: $0.attempt, isRunning: running, progress: JobProgress())
            }
        )
        store.heard(session)
        return try await store.write { try beat.run($0) }
    }

    package func job(_ id: JobID) async throws -> JobRecord? { try await store.read { try RecordReads.job(id, $0) } }
    package func session(_ id: SessionID) async throws -> SessionRecord? {
        try await store.read { try RecordReads.session(id, $0) }
    }
    package func study(_ id: StudyID) async throws -> StudyRecord? {
        try await store.read { try RecordReads.study(id, $0) }
    }
}

extension ClaimJobs.Claimed {
    package var key: HeldKey { HeldKey(job: job, attempt: attempt) }
}
