import Domain
import Storage
import TestKit
import Testing

/// A lab of machines that run GOLIAT. Every line, stage and case that a process sends carries its machine's name, so
/// that whatever is shown somewhere tells whose it is.
///
/// What the world keeps to, since the protocol lets nobody know better: where several machines share an address, each
/// was heard there once before, and a process's first word there is its heartbeat.
struct LegacyFleet {
    private struct Process {
        let machine: Int
        let assignment: Int
        let address: String
        var hasBeaten = false
        var batch: Int64 = 0
        /// Batches that were numbered and are still on their way.
        var underWay: [Int64] = []
        var words = 0
        let startsAt: Instant
        var beatsAt: Instant
    }

    private let test: TestStore
    private var generator: SeededGenerator
    private let machineCount: Int
    private var jobs: [JobID] = []
    private var processes: [Process] = []
    /// Which machine claimed which attempt.
    private var claims: [String: Int] = [:]
    private(set) var completedCount = 0
    /// What a page that was open from the beginning shows.
    private var fold: WatchFold?
    private var foldedCount = 0

    init(test: TestStore, machineCount: Int, seed: UInt64) {
        self.test = test
        self.machineCount = machineCount
        generator = SeededGenerator(seed: seed)
    }

    private func host(_ machine: Int) -> String { "M\(machine)" }
    /// A third of the machines are behind addresses that they share with two others.
    private func isShared(_ machine: Int) -> Bool { machine % 3 == 0 }
    private func ownAddress(_ machine: Int) -> String { isShared(machine) ? "nat-\(machine / 9)" : "own-\(machine)" }
    private func otherAddress(_ machine: Int) -> String { "vpn-\(machine)" }

    mutating func run(steps: Int) async throws {
        try await watch()
        try await makeStudy()
        // Half of the lab was seen before; of those that share an address all were.
        for machine in 0..<machineCount where isShared(machine) || machine % 2 == 0 {
            try await hear { [origin = LegacyOrigin(address: ownAddress(machine), hostname: host(machine))] in
                try HearLegacyBeat(origin: origin, cores: nil, memoryBytes: nil, gpu: nil).run($0)
            }
        }
        test.clock.advance(seconds: 400)
        try await test.store.sweep()
        for step in 0..<steps {
            test.clock.advance(milliseconds: Int64.random(in: 20...800, using: &generator))
            try await act()
            if step % 50 == 0 { try await test.store.sweep() }
            if step % 1_000 == 999 { try await check() }
        }
    }

    private mutating func makeStudy() async throws {
        let setup = #"{"e":{"polarizations":["theta"]}}"#
        let assignments = (0..<machineCount * 3).map {
            CreateStudy.PreparedAssignment(
                label: nil,
                payload: #"{"phantoms":["p\#($0)"],"frequencies_mhz":[700],"far_field_setup":\#(setup)}"#
            )
        }
        let create = CreateStudy(
            name: "lab", content: .prepared(configuration: "{}", dimensions: [], assignments: assignments),
            requires: nil,
            priority: 0, maximumAttempts: 1_000
        )
        let id = try await test.store.write { try create.run($0) }
        jobs = try await test.store.read { connection in
            try ListReads.assignments(of: id, after: -1, status: nil, limit: 10_000, connection).map(\.id)
        }
    }

    private mutating func act() async throws {
        // Heartbeats go their own way in a process, and are on time.
        for place in processes.indices where processes[place].hasBeaten && processes[place].beatsAt <= test.clock.now {
            try await beat(place)
        }
        switch Int.random(in: 0..<100, using: &generator) {
        case 0..<8: try await start()
        case 8..<10: if let place = place() { processes.remove(at: place) }
        case 10..<12: try await restart()
        case 12..<14: try await end()
        default: try await speak()
        }
    }

    private mutating func place() -> Int? {
        processes.isEmpty ? nil : Int.random(in: processes.indices, using: &generator)
    }

    private mutating func start() async throws {
        let busy = Set(processes.map(\.machine))
        let machine = Int.random(in: 0..<machineCount, using: &generator)
        guard !busy.contains(machine) else { return }
        let taken = Set(processes.map(\.assignment))
        let assignment = Int.random(in: jobs.indices, using: &generator)
        guard !taken.contains(assignment) else { return }
        try await claim(machine, assignment)
    }

    /// Killed, and started again with the same index.
    private mutating func restart() async throws {
        guard let place = place() else { return }
        let old = processes.remove(at: place)
        try await claim(old.machine, old.assignment)
    }

    private mutating func claim(_ machine: Int, _ assignment: Int) async throws {
        let moves = Int.random(in: 0..<3, using: &generator) == 0
        let claimsElsewhere = moves && Bool.random(using: &generator)
        let from = claimsElsewhere ? otherAddress(machine) : ownAddress(machine)
        let speaksFrom = moves && !claimsElsewhere ? otherAddress(machine) : ownAddress(machine)
        let job = jobs[assignment]
        do {
            try await hear { try ClaimLegacy(job: job, origin: LegacyOrigin(address: from)).run($0) }
        } catch let error as StoreError where error.code == .conflict {
            return
        }
        guard let record = try await test.job(job) else { return }
        claims["\(job)/\(record.attempt)"] = machine
        let startsAt = test.clock.now.adding(milliseconds: Int64.random(in: 0...40_000, using: &generator))
        processes.append(
            Process(
                machine: machine, assignment: assignment, address: speaksFrom, startsAt: startsAt, beatsAt: startsAt
            )
        )
    }

    private mutating func speak() async throws {
        guard let place = place(), processes[place].startsAt <= test.clock.now else { return }
        let process = processes[place]
        let mustBeat = !process.hasBeaten && isShared(process.machine) && process.address == ownAddress(process.machine)
        if mustBeat || (!process.hasBeaten && Bool.random(using: &generator)) {
            try await beat(place)
            return
        }
        switch Int.random(in: 0..<5, using: &generator) {
        case 0: try await say(.overall(Double.random(in: 0...0.99, using: &generator)), of: place)
        case 1: try await say(.stage(host(process.machine), 0.5, subStage: nil), of: place)
        case 2:
            let details = "p\(process.assignment), 700MHz, theta"
            try await say(.simulation(count: 1, total: 2, details: details), of: place)
        default: try await sayLines(place)
        }
    }

    private mutating func beat(_ place: Int) async throws {
        let process = processes[place]
        let origin = LegacyOrigin(address: process.address, hostname: host(process.machine))
        for _ in 0..<(process.hasBeaten ? 1 : 2) {
            try await hear { try HearLegacyBeat(origin: origin, cores: nil, memoryBytes: nil, gpu: nil).run($0) }
        }
        processes[place].hasBeaten = true
        processes[place].beatsAt = test.clock.now.adding(milliseconds: 30_000)
    }

    /// Batches overtake each other, and some never arrive.
    private mutating func sayLines(_ place: Int) async throws {
        processes[place].underWay.append(processes[place].batch)
        processes[place].batch += 1
        guard processes[place].underWay.count > 2 || Bool.random(using: &generator) else { return }
        let which = Int.random(in: processes[place].underWay.indices, using: &generator)
        let number = processes[place].underWay.remove(at: which)
        if Int.random(in: 0..<20, using: &generator) == 0 { return }
        let started = processes[place].startsAt.milliseconds
        let line = WindowMessage.Line(
            text: host(processes[place].machine), type: "info", at: Instant(milliseconds: started + number)
        )
        try await say(.lines([line], batch: number), of: place)
    }

    private mutating func end() async throws {
        guard let place = place(), processes[place].hasBeaten else { return }
        try await say(.finished(isSuccess: true, message: "Study finished successfully"), of: place)
        processes.remove(at: place)
        completedCount += 1
    }

    private mutating func say(_ message: WindowMessage, of place: Int) async throws {
        let origin = LegacyOrigin(address: processes[place].address)
        let sentAt = test.clock.now
        try await hear { try ApplyWindowMessage(sender: .legacy(origin), message: message, sentAt: sentAt).run($0) }
    }

    private func hear(_ body: @escaping @Sendable (WriteTransaction) throws -> SessionID) async throws {
        let id = try await test.store.write(body)
        test.store.heard(id)
    }

    // MARK: - The law

    /// Law 6: whoever watched from the beginning sees what whoever comes now sees.
    private mutating func watch() async throws {
        let snapshot = try await test.store.read { try WatchReads.snapshot(.fleet, $0) }
        guard var fold else {
            fold = WatchFold(scope: .fleet, snapshot: snapshot)
            return
        }
        let commits = test.observer.all
        for change in commits[foldedCount...].flatMap(\.changes) { fold.apply(change) }
        foldedCount = commits.count
        #expect(fold.difference(from: snapshot) == nil)
        self.fold = fold
    }

    mutating func check() async throws {
        try await test.store.read { try StoreLaws.check($0) }
        try await watch()
        let sessions = try await test.store.read {
            try ListReads.sessions(before: ListReads.end, includingHistory: true, limit: 100_000, $0)
        }
        for session in sessions {
            let (lines, worker) = try await test.store.read { connection in
                (
                    try ListReads.lines(of: session.id, after: 0, limit: 100_000, connection),
                    try LegacyReads.worker(session, connection)
                )
            }
            let isShared = session.workerName.hasSuffix("(shared)") || session.workerName.contains("(shared)-")
            let named = session.machine.text.hasPrefix("goliat:") ? session.hostname : nil
            var machines = Set(lines.map(\.text))
            if let stage = worker.window?.stage { machines.insert(stage) }
            if let named { machines.insert(named) }
            if !isShared {
                #expect(machines.count <= 1, "\(session.id) \(session.workerName) shows \(machines.sorted())")
            }
            for line in lines {
                guard let job = line.job, let attempt = line.attempt else { continue }
                #expect(!isShared)
                #expect(
                    claims["\(job)/\(attempt)"].map(host) == line.text, "a line of \(line.text) on \(job)/\(attempt)"
                )
            }
        }
        for job in jobs {
            let attempts = try await test.store.read { try ListReads.attempts(of: job, $0) }
            for attempt in attempts {
                guard let holder = sessions.first(where: { $0.id == attempt.session }),
                    holder.machine.text.hasPrefix("goliat:"), let machine = claims["\(job)/\(attempt.number)"]
                else { continue }
                #expect(holder.hostname == host(machine), "\(job)/\(attempt.number) is on \(holder.hostname)")
            }
        }
    }
}
