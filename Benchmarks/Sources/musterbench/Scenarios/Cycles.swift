/// Claim and complete, one job a call and sixteen.
enum CyclesScenario: Scenario {
    static let name = "cycles"
    static let summary = "claim and complete by 64 agents: one job a call, and batches of 16"

    private static let clientCount = 64
    private static let singleTarget = 8_000.0
    private static let batchTarget = 20_000.0
    private static let batchCount = 16
    /// So many jobs wait for every second of a round: more than can be done.
    private static let supplyPerSecond = 40_000.0

    static func run(_ bench: Bench) throws {
        try bench.withServer(name) { server in
            let workers = try server.makeWorkers(clientCount)
            let loop = try ClosedLoop(server: server, clientCount: clientCount)
            var (singles, batches) = (Rounds(), Rounds())
            var cycles = Cycles(workers: workers, batchCount: 1)
            for turn in -1..<bench.roundCount {
                let seconds = turn < 0 ? bench.warmSeconds : bench.roundSeconds
                for count in [1, batchCount] {
                    cycles.batchCount = count
                    let supply = Int(seconds * supplyPerSecond)
                    if cycles.stock < supply { cycles.stock += try server.submit(supply - cycles.stock) }
                    let round = try loop.run(&cycles, seconds: seconds)
                    guard turn >= 0 else { continue }
                    if count == 1 { singles.add(round) } else { batches.add(round) }
                }
            }
            bench.report.rate(
                "claim and complete, 1 a call", singles, atLeast: singleTarget,
                note: "jobs; \(clientCount) agents; aim 15,000"
            )
            bench.report.rate(
                "claim and complete, \(batchCount) a call", batches, atLeast: batchTarget, note: "jobs"
            )
        }
    }
}

/// Each client claims, then reports all that it got as completed, in turns.
struct Cycles: Workload {
    var batchCount: Int
    /// How many jobs wait on the server.
    var stock = 0
    private var workers: [Worker]
    /// What each client holds: the text of the job's id, and the attempt.
    private var held: [[(job: [UInt8], attempt: Int)]]
    private(set) var isExhausted = false

    init(workers: [Worker], batchCount: Int) {
        self.workers = workers
        self.batchCount = batchCount
        held = Array(repeating: [], count: workers.count)
    }

    mutating func write(_ client: Int, isClosing: Bool, to request: inout [UInt8]) throws -> Bool {
        if !held[client].isEmpty {
            workers[client].reports.append(body: reports(client), to: &request)
            return true
        }
        if isClosing || isExhausted { return false }
        var body = Array(#"{"count":"#.utf8)
        Bytes.append(batchCount, to: &body)
        body.append(UInt8(ascii: "}"))
        workers[client].claims.append(body: body, to: &request)
        return true
    }

    private mutating func reports(_ client: Int) -> [UInt8] {
        var body = Array(#"{"reports":["#.utf8)
        for (position, job) in held[client].enumerated() {
            if position > 0 { body.append(UInt8(ascii: ",")) }
            workers[client].reportNumber += 1
            body += Self.number
            Bytes.append(workers[client].reportNumber, to: &body)
            body += Self.job
            body += job.job
            body += Self.attempt
            Bytes.append(job.attempt, to: &body)
            body += Self.end
        }
        body += Array("]}".utf8)
        return body
    }

    private static let number = Array(#"{"number":"#.utf8)
    private static let job = Array(#","type":"completed","job":""#.utf8)
    private static let attempt = Array(#"","attempt":"#.utf8)
    private static let end = Array(#","exitCode":0,"result":{"absorbed":0.0312}}"#.utf8)

    mutating func take(_ client: Int, _ reply: Reply, _ bytes: [UInt8]) throws -> Int {
        guard reply.status == 200 else {
            throw BenchError.refused(held[client].isEmpty ? "A claim" : "A report", reply, bytes)
        }
        guard held[client].isEmpty else {
            let count = held[client].count
            held[client].removeAll(keepingCapacity: true)
            return count
        }
        var rest = reply.body
        while let id = Bytes.after(#""job":""#, bytes, rest) {
            let text = Bytes.untilQuote(bytes, from: id)
            guard let place = Bytes.after(#""attempt":"#, bytes, text.upperBound..<rest.upperBound),
                let attempt = Bytes.number(bytes, from: place)
            else { throw BenchError.refused("A claim", reply, bytes) }
            held[client].append((Array(bytes[text]), attempt))
            rest = place..<rest.upperBound
        }
        stock -= held[client].count
        if held[client].isEmpty { isExhausted = true }
        return 0
    }
}
