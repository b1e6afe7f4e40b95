/// Jobs put on a queue, one a call and a thousand.
enum SubmitsScenario: Scenario {
    static let name = "submits"
    static let summary = "jobs submitted one by one by 16 clients, and 1,000 in a call"

    private static let clientCount = 16
    private static let singleTarget = 15_000.0
    private static let bulkClientCount = 4
    private static let bulkCount = 1_000
    private static let bulkTarget = 150_000.0

    static func run(_ bench: Bench) throws {
        try bench.withYardstick { yardstick in
            try bench.withServer(name) { server in try run(bench, server, yardstick) }
        }
    }

    private static func run(_ bench: Bench, _ server: ServerProcess, _ yardstick: YardstickProcess?) throws {
        let loop = try ClosedLoop(server: server, clientCount: clientCount)
        let bulkLoop = try ClosedLoop(server: server, clientCount: bulkClientCount)
        let yardLoop = try yardstick.map { try ClosedLoop(server: $0, clientCount: clientCount) }
        var single = Submits(batchCount: 1, count: .max)
        var bulk = Submits(batchCount: bulkCount, count: .max)
        var puts = YardstickPuts()
        _ = try loop.run(&single, seconds: bench.warmSeconds)
        _ = try bulkLoop.run(&bulk, seconds: bench.warmSeconds)
        var (singles, bulks, yardRounds) = (Rounds(), Rounds(), Rounds())
        for _ in 0..<bench.roundCount {
            singles.add(try loop.run(&single, seconds: bench.roundSeconds))
            bulks.add(try bulkLoop.run(&bulk, seconds: bench.roundSeconds))
            if let yardLoop { yardRounds.add(try yardLoop.run(&puts, seconds: bench.roundSeconds)) }
        }
        let isJudgedAlone = yardstick == nil
        bench.report.rate(
            "submits, 1 a call", singles, atLeast: isJudgedAlone ? singleTarget : nil,
            note: "jobs; \(clientCount) clients"
        )
        bench.report.rate(
            "submits, 1,000 a call", bulks, atLeast: isJudgedAlone ? bulkTarget : nil,
            note: "jobs; \(bulkClientCount) clients"
        )
        guard yardstick != nil else { return }
        bench.report.rate("beanstalkd, put", yardRounds, note: "synced")
        let reached = YardstickRate.puts
        bench.report.share(
            "submits, 1 a call / beanstalkd", singles.share(of: yardRounds), atLeast: singleTarget / reached
        )
        bench.report.share(
            "submits, 1,000 a call / beanstalkd", bulks.share(of: yardRounds), atLeast: bulkTarget / reached
        )
    }
}

/// Each client submits the same jobs again and again.
struct Submits: Workload {
    private let batchCount: Int
    private let request: [UInt8]
    /// How many are still to be submitted.
    private var left: Int

    init(batchCount: Int, count: Int) {
        self.batchCount = batchCount
        left = count
        let job = #"{"queue":"\#(Queue.name)","payload":{"phantom":"sphere","frequency":5800,"direction":[0,1]}}"#
        let body =
            batchCount == 1 ? job : #"{"jobs":[\#(Array(repeating: job, count: batchCount).joined(separator: ","))]}"#
        request = RequestHead(post: "/api/v1/jobs").with(body)
    }

    mutating func write(_ client: Int, isClosing: Bool, to request: inout [UInt8]) throws -> Bool {
        guard !isClosing, left > 0 else { return false }
        left -= batchCount
        request += self.request
        return true
    }

    func take(_ client: Int, _ reply: Reply, _ bytes: [UInt8]) throws -> Int {
        guard reply.status == 201 else { throw BenchError.refused("A submit", reply, bytes) }
        return batchCount
    }
}

extension ServerProcess {
    /// Puts so many jobs on the queue, rounded up to whole calls; returns how many.
    func submit(_ count: Int) throws -> Int {
        let batchCount = min(count, 1_000)
        let calls = (count + batchCount - 1) / batchCount
        var submits = Submits(batchCount: batchCount, count: calls * batchCount)
        _ = try ClosedLoop(server: self, clientCount: 2).run(&submits)
        return calls * batchCount
    }
}
