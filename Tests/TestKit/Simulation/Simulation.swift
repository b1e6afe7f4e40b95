import Domain
import Foundation
package import Storage

/// Hundreds of simulated agents and a real store under one virtual clock and one seed (DESIGN.md, section 14).
///
/// One thread drives it: the next event, what comes of it, the laws. Messages are lost, late, doubled and overtaken;
/// agents freeze and wake, crash and come back, machines boot anew; the server goes away and returns; people submit,
/// cancel, retry, pause and delete. At the end the storm is over, and everything must come to its end.
///
///     try await Simulation.run(seed: 7, steps: 3_000)
package final class Simulation {
    enum Event {
        case turn(agent: Int, process: Int)
        case arrive(Envelope)
        case answer(Envelope, SimulatedAnswer)
        case timeOut(Envelope)
        case restart(agent: Int, predecessorEnded: Bool)
        case sweep, storm, serverUp
    }

    /// A call on its way. A class, since the queue of events moves it about.
    final class Envelope {
        /// Absent for a person's call.
        let agent: Int?
        let process: Int
        let kind: SimulatedAgent.Kind
        let id: Int
        let call: SimulatedCall

        init(agent: Int?, process: Int, kind: SimulatedAgent.Kind, id: Int, call: SimulatedCall) {
            self.agent = agent
            self.process = process
            self.kind = kind
            self.id = id
            self.call = call
        }
    }

    /// What was done, for the report of a run.
    package struct Figures: Sendable {
        package var steps = 0
        package var calls = 0
        package var groups = 0
        package var checks = 0
        package var crashes = 0
        package var freezes = 0
        package var serverRestarts = 0
        package var finished = 0
        package var attempts = 0
        /// Claims that waited and were answered in the group that brought their job.
        package var followed = 0
        package var virtualSeconds: Int64 = 0
    }

    let clock = ManualClock()
    let server: SimulatedServer
    var random: SeededGenerator
    var events = EventQueue<Event>()
    var agents: [SimulatedAgent] = []
    var people = SimulatedPeople()
    var figures = Figures()
    /// Off while everything is driven to its end.
    var isStormy = true
    var nextID = 0
    /// Claims that wait at the server, by their ids.
    var waiting: [Int: Envelope] = [:]
    private var folds: [Scope: WatchFold] = [:]
    private var oldSnapshots: [(scope: Scope, snapshot: WatchReads.Snapshot)] = []
    private var history = HistoryCheck()
    var ends: [SimulatedAgent.Acknowledged] = []
    var lines: [String] = []
    private var lastSequence = SequenceNumber.zero

    /// Calls between two askings of all laws.
    private static let callsPerCheck = 150
    static let groupMilliseconds: Int64 = 40
    /// Virtual time within which everything must end once the storm is over.
    private static let settleMilliseconds: Int64 = 3 * 3_600_000

    /// Enough of them, of every kind, to end all work; the others say goodbye.
    private static let settlingAgents = 24

    private init(seed: UInt64, place: TestPlace) {
        random = SeededGenerator(seed: seed)
        var timing = Timing()
        timing.tombstoneMilliseconds = 120_000
        server = SimulatedServer(place: place, clock: clock, timing: timing)
    }

    /// Runs one seed on a new database until `steps` calls have reached the server, then to the end of all work.
    ///
    /// - Parameter look: asked about the database at the end.
    @discardableResult
    package static func run(
        seed: UInt64, steps: Int, agents: Int, on engine: Engine = .sqlite,
        look: @escaping @Sendable (any SQLConnection) throws -> Void = { _ in }
    ) async throws -> Figures {
        let place = try TestPlace(engine)
        defer { place.remove() }
        let simulation = Simulation(seed: seed, place: place)
        do {
            try await simulation.go(steps: steps, agents: agents)
            try await simulation.server.store?.read(look)
            await simulation.server.close()
        } catch {
            await simulation.server.close()
            throw error
        }
        return simulation.figures
    }

    private func go(steps: Int, agents count: Int) async throws {
        try await server.open()
        populate(count)
        for _ in 0..<4 { await receive(people.create(&random).map { [envelope($0)] } ?? []) }
        try await watch(.fleet)
        while figures.calls < steps { try await step() }
        isStormy = false
        try await settle()
        figures.virtualSeconds = clock.now.milliseconds(since: Instant(milliseconds: 1_767_225_600_000)) / 1_000
    }

    private func populate(_ count: Int) {
        for number in 0..<count {
            let isOfStudy = number % 3 == 0
            let hasGPU = number % 4 == 1
            agents.append(
                SimulatedAgent(
                    number: number, machine: number / 3, queues: isOfStudy ? [] : ["default", "second"],
                    studies: isOfStudy ? ["study-\(number % 4)", "study-\(number % 5)"] : [],
                    capabilities: hasGPU ? ["gpuMemoryGb": 24] : [:], slots: 1 + number % 2
                )
            )
            events.add(
                .restart(agent: number, predecessorEnded: false),
                at: clock.now.adding(milliseconds: random.number(0...5_000))
            )
        }
        events.add(.sweep, at: clock.now.adding(milliseconds: 1_000))
        events.add(.storm, at: clock.now.adding(milliseconds: 2_000))
    }

    // MARK: - One step

    private func step() async throws {
        guard let (at, event) = events.next() else { throw BrokenLaw(description: "nothing is left to happen") }
        if at > clock.now { clock.advance(milliseconds: at.milliseconds(since: clock.now)) }
        figures.steps += 1
        switch event {
        case .turn(let agent, let process): turn(agent, process)
        case .arrive(let envelope): await receive(gathered(with: envelope))
        case .answer(let envelope, let answer): deliver(answer, to: envelope)
        case .timeOut(let envelope):
            server.observer.claims.leave(envelope.id)
            guard let agent = envelope.agent, agents[agent].process == envelope.process else { return }
            agents[agent].timedOut(envelope.kind, id: envelope.id)
        case .restart(let agent, let predecessorEnded): restart(agent, predecessorEnded: predecessorEnded)
        case .sweep:
            try await sweep()
            events.add(.sweep, at: clock.now.adding(milliseconds: 1_000))
        case .storm:
            if isStormy { await storm() }
            events.add(.storm, at: clock.now.adding(milliseconds: random.number(300...1_500)))
        case .serverUp:
            if server.store == nil { try await server.open() }
        }
        await answerLate()
        try takeChanges()
        if figures.calls >= (figures.checks + 1) * Self.callsPerCheck { try await check() }
    }

    private func sweep() async throws {
        guard let store = server.store else { return }
        _ = try await store.sweep()
        try await store.flushBeats()
    }

    private func restart(_ agent: Int, predecessorEnded: Bool) {
        guard !agents[agent].isAlive, isStormy || agent < Self.settlingAgents else { return }
        agents[agent].start(predecessorEnded: predecessorEnded, at: clock.now)
        events.add(.turn(agent: agent, process: agents[agent].process), at: clock.now)
    }

    private func turn(_ number: Int, _ process: Int) {
        guard agents[number].isAlive, agents[number].process == process else { return }
        if let until = agents[number].frozenUntil, until > clock.now {
            events.add(.turn(agent: number, process: process), at: until)
            return
        }
        agents[number].frozenUntil = nil
        for (kind, call) in agents[number].turn(at: clock.now, &random) {
            let envelope = envelope(call, agent: number, kind: kind)
            agents[number].sent(kind, id: envelope.id)
            send(envelope)
        }
        let pause = isStormy ? random.number(300...6_000) : random.number(2_000...10_000)
        events.add(.turn(agent: number, process: process), at: clock.now.adding(milliseconds: pause))
    }

    // MARK: - The laws

    private func watch(_ scope: Scope) async throws {
        guard let store = server.store else { return }
        let snapshot = try await store.read { try WatchReads.snapshot(scope, $0) }
        folds[scope] = WatchFold(scope: scope, snapshot: snapshot)
    }

    private func takeChanges() throws {
        for commit in server.observer.take() {
            guard commit.sequence >= lastSequence else {
                throw BrokenLaw(description: "the sequence fell from \(lastSequence) to \(commit.sequence)")
            }
            for change in commit.changes {
                guard change.sequence > lastSequence, change.sequence <= commit.sequence else {
                    throw BrokenLaw(
                        description: "\(change.key) changed at \(change.sequence), outside of its commit"
                    )
                }
                if change.kind == .put {
                    guard change.record?.sequence == change.sequence else {
                        throw BrokenLaw(description: "\(change) has a record of another number, or none")
                    }
                }
                for scope in change.scopes { folds[scope]?.apply(change) }
            }
            lastSequence = commit.sequence
        }
    }

    private func check() async throws {
        guard let store = server.store else { return }
        figures.checks += 1
        let (ends, lines) = (ends, lines)
        let places = try await store.read { connection in
            try StoreLaws.check(connection)
            try HistoryCheck.check(ends, connection)
            try HistoryCheck.check(lines: lines, connection)
            return try HistoryCheck.readPlaces(connection)
        }
        self.ends = []
        self.lines = []
        try history.checkPlaces(places)
        let scopes = [.fleet, .queue("default")] + people.studies.map { Scope.study($0) }
        for scope in scopes {
            let snapshot = try await store.read { try WatchReads.snapshot(scope, $0) }
            if let difference = folds[scope]?.difference(from: snapshot) { throw BrokenLaw(description: difference) }
            if folds[scope] == nil { folds[scope] = WatchFold(scope: scope, snapshot: snapshot) }
            if random.chance(0.2) { oldSnapshots.append((scope, snapshot)) }
        }
        try await catchUp(store)
    }

    /// Watchers that were away come back: what changed since then, or a new beginning.
    private func catchUp(_ store: Store) async throws {
        guard oldSnapshots.count > 6 else { return }
        let (scope, old) = oldSnapshots.remove(at: random.index(below: oldSnapshots.count))
        var fold = WatchFold(scope: scope, snapshot: old)
        let (caughtUp, snapshot) = try await store.read { connection in
            (
                try WatchReads.changes(scope, since: old.sequence, connection),
                try WatchReads.snapshot(scope, connection)
            )
        }
        guard case .changes(let changes, _) = caughtUp else { return }
        for change in changes { fold.apply(change) }
        if let difference = fold.difference(from: snapshot) {
            throw BrokenLaw(description: "caught up from \(old.sequence): \(difference)")
        }
    }

    // MARK: - The end

    /// No more storm: everything that waits is done, every agent delivers what it has.
    private func settle() async throws {
        if server.store == nil { try await server.open() }
        for call in people.lastWishes() { await receive([envelope(call)]) }
        for number in agents.indices {
            agents[number].frozenUntil = nil
            agents[number].cutUntil = nil
            agents[number].isCalm = true
            if number >= Self.settlingAgents { agents[number].drain(at: clock.now, graceMilliseconds: 60_000) }
            if agents[number].isAlive {
                events.add(.turn(agent: number, process: agents[number].process), at: clock.now)
            } else {
                restart(number, predecessorEnded: true)
            }
        }
        let limit = clock.now.adding(milliseconds: Self.settleMilliseconds)
        var lookAt = clock.now
        while true {
            try await step()
            guard clock.now >= lookAt else { continue }
            lookAt = clock.now.adding(milliseconds: 30_000)
            if try await isFinished() { break }
            guard clock.now < limit else {
                throw BrokenLaw(description: "it does not come to its end: \(try await leftovers())")
            }
        }
        try await check()
    }

    private static let open = Statement(
        "simulation.open",
        """
        SELECT id, study_id, status, attempt, holder, is_ready, queue_id FROM job
        WHERE status IN ('pending', 'claimed', 'running')
            AND NOT EXISTS (SELECT 1 FROM study WHERE study.id = job.study_id AND deleted_at IS NOT NULL)
        """
    )
    private static let totals = Statement(
        "simulation.totals", "SELECT COUNT(*), CAST(SUM(attempt) AS BIGINT) FROM job WHERE $1 = 1"
    )

    private func isFinished() async throws -> Bool {
        guard agents.allSatisfy(\.isQuiet), let store = server.store else { return false }
        guard try await store.read({ try $0.rows(Self.open, []) }).isEmpty else { return false }
        let totals = try await store.read { try $0.row(Self.totals, [1]) }
        figures.finished = totals?.int(0) ?? 0
        figures.attempts = totals?.int(1) ?? 0
        return true
    }

    private func leftovers() async throws -> String {
        let rows = try await server.store?.read { try $0.rows(Self.open, []) } ?? []
        let busy = agents.filter { !$0.isQuiet }.map { "w\($0.number) \($0.phase) \($0.work.count) \($0.spool.count)" }
        return "\(rows.prefix(5).map(\.values)), \(busy.prefix(5))"
    }
}
