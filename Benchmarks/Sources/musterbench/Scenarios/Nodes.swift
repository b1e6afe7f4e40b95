/// What PostgreSQL costs against the file in the data folder, what a second server brings, and how soon one server's
/// workers hear of another's job, with what calls them and without. The first run at once; the rounds go to them in
/// turns.
enum NodesScenario: Scenario {
    static let name = "nodes"
    static let summary = "one server on PostgreSQL against one on SQLite, two against one, and the way between two"

    private static let clientCount = 64
    private static let submitterCount = 16
    private static let bulkCount = 4
    private static let onePostgresTarget = 0.5
    private static let twoNodesTarget = 1.0
    private static let supplyPerSecond = 40_000.0
    /// A group of a thousand jobs takes up to half a second; a round is to see several.
    private static let leastRoundSeconds = 1.5

    static func run(_ bench: Bench) throws {
        guard bench.database != nil else {
            return bench.report.note("\(name): left out, since there is no --database; Benchmarks/run starts one")
        }
        try bench.withServer("\(name)-sqlite", on: .sqlite) { sqlite in
            try bench.withServer("\(name)-postgres", on: .postgres(schema: "bench_one")) { one in
                try bench.withServers(
                    "\(name)-two", count: 2, on: .postgres(schema: "bench_two"), hasCores: true
                ) { two in
                    try bench.withServers(
                        "\(name)-sharing", count: 2, on: .postgres(schema: "bench_sharing"), hasCores: false
                    ) { sharing in
                        try compare([[sqlite], [one], two, sharing], bench)
                    }
                }
            }
        }
        // In a queue where nothing waits: else nobody would wait for a job.
        try bench.withServer("\(name)-c", on: .postgres(schema: "bench_three")) { first in
            try bench.withServer("\(name)-d", on: .postgres(schema: "bench_three")) { second in
                try cross(from: first, to: second, .called(bench), bench)
            }
        }
        guard let address = bench.database.flatMap({ PostgresAddress($0) }) else {
            return bench.report.note("\(name): without NOTIFY and quiet beats left out: --database names no folder")
        }
        try crossUncalled(address, bench)
        try QuietNode.run(address, bench)
    }

    // MARK: - Rates

    /// What the four sides did: SQLite, one server on PostgreSQL, two with a core each, two that share all cores.
    private struct Sides {
        let name: String
        var rounds = [Rounds(), Rounds(), Rounds(), Rounds()]

        func report(_ bench: Bench) {
            bench.report.rate("\(name), SQLite", rounds[0])
            bench.report.rate("\(name), PostgreSQL", rounds[1])
            bench.report.share(
                "\(name), PostgreSQL / SQLite", rounds[1].share(of: rounds[0]), atLeast: onePostgresTarget
            )
            bench.report.rate("\(name), two servers", rounds[2])
            bench.report.share("\(name), two servers / one", rounds[2].share(of: rounds[1]), atLeast: twoNodesTarget)
            bench.report.rate("\(name), two that share the cores", rounds[3])
            bench.report.ratio("\(name), two that share the cores / one", rounds[3].share(of: rounds[1]))
        }
    }

    /// The agents of one side, which go on from round to round: the numbers of their reports do, too.
    private final class Agents {
        private let servers: [ServerProcess]
        private let loop: ClosedLoop
        private var beats: Beats
        private var cycles: Cycles

        init(_ servers: [ServerProcess], clientCount: Int) throws {
            self.servers = servers
            loop = try ClosedLoop(servers: servers, clientCount: clientCount)
            let workers = try servers[0].makeWorkers(clientCount)
            beats = Beats(workers: workers, isChanging: true)
            cycles = Cycles(workers: workers, batchCount: 1)
        }

        func beat(seconds: Double) throws -> Round { try loop.run(&beats, seconds: seconds) }

        func cycle(_ count: Int, seconds: Double) throws -> Round {
            cycles.batchCount = count
            try cycles.fill(to: Int(seconds * supplyPerSecond), submit: servers[0].submit)
            return try loop.run(&cycles, seconds: seconds)
        }
    }

    private static func compare(_ sides: [[ServerProcess]], _ bench: Bench) throws {
        let agents = try sides.map { try Agents($0, clientCount: clientCount) }
        try compare("beats that change", sides, bench) { side in { try agents[side].beat(seconds: $0) } }
        for count in [1, 16] {
            try compare("claim and complete, \(count) a call", sides, bench) { side in
                { try agents[side].cycle(count, seconds: $0) }
            }
        }
        for (count, clients) in [(1, submitterCount), (1, clientCount), (1_000, bulkCount)] {
            let loops = try sides.map { try ClosedLoop(servers: $0, clientCount: clients) }
            try compare("submits, \(count) a call, \(clients) clients", sides, bench) { side in
                var submits = Submits(batchCount: count, count: .max)
                return { try loops[side].run(&submits, seconds: $0) }
            }
        }
    }

    private static func compare(
        _ name: String, _ sides: [[ServerProcess]], _ bench: Bench,
        _ makeRun: (Int) throws -> (Double) throws -> Round
    ) throws {
        var measured = Sides(name: name)
        let runs = try sides.indices.map(makeRun)
        for run in runs { _ = try run(bench.warmSeconds) }
        let seconds = max(bench.roundSeconds, leastRoundSeconds)
        for _ in 0..<bench.roundCount {
            for (side, run) in runs.enumerated() { measured.rounds[side].add(try run(seconds)) }
        }
        measured.report(bench)
    }

    // MARK: - From one to the other

    /// How one server hears of what the other did.
    private struct Way {
        /// What follows the names of its figures.
        let suffix: String
        let atMostMilliseconds: Double
        let submitCount: Int
        let cancelCount: Int
        /// The first few find cold paths, as no later one does.
        let warmCount: Int
        /// Whoever looks once a second may be asked at any moment of it.
        let isSpread: Bool

        static func called(_ bench: Bench) -> Self {
            Way(
                suffix: "", atMostMilliseconds: 50, submitCount: bench.isQuick ? 200 : 1_000,
                cancelCount: bench.isQuick ? 120 : 500, warmCount: 20, isSpread: false
            )
        }

        static func uncalled(_ bench: Bench) -> Self {
            let count = bench.isQuick ? 14 : 42
            return Way(
                suffix: ", no NOTIFY", atMostMilliseconds: 2_000, submitCount: count, cancelCount: count,
                warmCount: 2, isSpread: true
            )
        }

        /// A part of a second, as even as few turns can be; no two after each other are near.
        func pauseMilliseconds(_ turn: Int) -> Int { isSpread ? turn * 373 % 1_000 : 0 }
    }

    /// The second server hears no call: a proxy between it and PostgreSQL keeps each one back.
    private static func crossUncalled(_ address: PostgresAddress, _ bench: Bench) throws {
        let proxy = try SilencingProxy(to: address)
        defer { proxy.stop() }
        let url = address.url(in: proxy.folder)
        try bench.withServer("\(name)-e", on: .postgres(schema: "bench_four")) { first in
            try bench.withServer("\(name)-f", on: .postgres(schema: "bench_four", url: url)) { second in
                try cross(from: first, to: second, .uncalled(bench), bench)
            }
        }
        guard proxy.silencedCount > 0 else { throw BenchError("No call was kept back: the figures say nothing.") }
        bench.report.note("\(name): \(proxy.silencedCount) calls were kept from the second server")
    }

    private static func cross(
        from first: ServerProcess, to second: ServerProcess, _ way: Way, _ bench: Bench
    ) throws {
        try submit(at: first, workingAt: second, way, bench)
        try cancel(at: first, workingAt: second, way, bench)
    }

    private static func submit(
        at first: ServerProcess, workingAt second: ServerProcess, _ way: Way, _ bench: Bench
    ) throws {
        let room = try WaitingRoom(
            server: second, workers: second.makeWorkers(200, label: "crossing"), submitTo: first
        )
        try room.serve(milliseconds: 1_000)
        var latencies = Histogram()
        for turn in 0..<way.submitCount {
            try room.serve(milliseconds: 8 + way.pauseMilliseconds(turn))
            let nanoseconds = try room.submitOne()
            if turn >= way.warmCount { latencies.record(nanoseconds) }
        }
        let note = "200 workers wait; \(latencies.count) jobs"
        report("submit at one to claimed at the other", latencies, note, way, bench)
    }

    private static func cancel(
        at first: ServerProcess, workingAt second: ServerProcess, _ way: Way, _ bench: Bench
    ) throws {
        let room = try Cancelling(server: second, cancelledAt: first)
        var latencies = Histogram()
        for turn in 0..<way.cancelCount {
            let nanoseconds = try room.cancelOne(after: way.pauseMilliseconds(turn))
            if turn >= way.warmCount { latencies.record(nanoseconds) }
        }
        report("cancel at one to known by the other's worker", latencies, "\(latencies.count) jobs", way, bench)
    }

    private static func report(_ what: String, _ latencies: Histogram, _ note: String, _ way: Way, _ bench: Bench) {
        for (name, share, note) in [("p50", 0.5, note), ("p99", 0.99, "")] {
            bench.report.length(
                "\(what)\(way.suffix), \(name)", latencies.milliseconds(share), atMost: way.atMostMilliseconds,
                note: note
            )
        }
    }
}
