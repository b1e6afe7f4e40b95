/// Claim and complete, one job a call and sixteen.
enum CyclesScenario: Scenario {
    static let name = "cycles"
    static let summary = "claim and complete by 64 agents: one job a call, and batches of 16; apart and together"

    private static let clientCount = 64
    private static let singleTarget = 8_000.0
    private static let batchTarget = 20_000.0
    private static let batchCount = 16
    /// So many jobs wait for every second of a round: more than can be done.
    private static let supplyPerSecond = 40_000.0
    private static let yardSupplyPerSecond = 15_000.0

    static func run(_ bench: Bench) throws {
        try bench.withYardstick { yardstick in
            try bench.withServer(name) { server in try run(bench, server, yardstick) }
        }
    }

    private static func run(_ bench: Bench, _ server: ServerProcess, _ yardstick: YardstickProcess?) throws {
        let loop = try ClosedLoop(server: server, clientCount: clientCount)
        let yardLoop = try yardstick.map { try ClosedLoop(server: $0, clientCount: clientCount) }
        var cycles = Cycles(workers: try server.makeWorkers(clientCount), batchCount: 1)
        var yardCycles = YardstickCycles(clientCount: clientCount)
        let forms = [(1, true), (batchCount, true), (1, false), (batchCount, false)]
        var rounds = Array(repeating: Rounds(), count: forms.count)
        var yardRounds = Rounds()
        for turn in -1..<bench.roundCount {
            let seconds = turn < 0 ? bench.warmSeconds : bench.roundSeconds
            for (form, (count, isTogether)) in forms.enumerated() {
                cycles.batchCount = count
                cycles.isTogether = isTogether
                let supply = Int(seconds * supplyPerSecond)
                try cycles.fill(to: supply, submit: server.submit)
                let round = try loop.run(&cycles, seconds: seconds)
                if turn >= 0 { rounds[form].add(round) }
            }
            guard let yardstick, let yardLoop else { continue }
            try yardstick.put(Int(seconds * yardSupplyPerSecond))
            let round = try yardLoop.run(&yardCycles, seconds: seconds)
            if turn >= 0 { yardRounds.add(round) }
        }
        let isJudgedAlone = yardstick == nil
        bench.report.rate(
            "claim and complete, 1 a call", rounds[0], atLeast: isJudgedAlone ? singleTarget : nil,
            note: "jobs; \(clientCount) agents"
        )
        bench.report.rate(
            "claim and complete, \(batchCount) a call", rounds[1], atLeast: isJudgedAlone ? batchTarget : nil,
            note: "jobs"
        )
        bench.report.rate("  as two calls, 1 a call", rounds[2], note: "claim, then report")
        bench.report.rate("  as two calls, \(batchCount) a call", rounds[3], note: "claim, then report")
        guard yardstick != nil else { return }
        bench.report.rate("beanstalkd, reserve and delete", yardRounds, note: "synced")
        let reached = YardstickRate.cycles
        bench.report.share(
            "claim and complete, 1 a call / beanstalkd", rounds[0].share(of: yardRounds),
            atLeast: singleTarget / reached
        )
        bench.report.share(
            "claim and complete, \(batchCount) a call / beanstalkd", rounds[1].share(of: yardRounds),
            atLeast: batchTarget / reached
        )
    }
}

/// Each client claims, then reports all that it got as completed: together with its next claim, as agents do, or in
/// turns.
struct Cycles: Workload {
    var batchCount: Int
    var isTogether = true
    /// How many jobs wait on the server.
    private(set) var stock = 0
    private var workers: [Worker]
    /// What each client holds: the text of the job's id, and the attempt.
    private var held: [[(job: [UInt8], attempt: Int)]]
    /// The call under way is a claim.
    private var isClaiming: [Bool]
    private(set) var isExhausted = false

    init(workers: [Worker], batchCount: Int) {
        self.workers = workers
        self.batchCount = batchCount
        held = Array(repeating: [], count: workers.count)
        isClaiming = Array(repeating: false, count: workers.count)
    }

    /// Has the server be given jobs, so that `supply` wait.
    mutating func fill(to supply: Int, submit: (Int) throws -> Int) rethrows {
        if stock < supply { stock += try submit(supply - stock) }
        isExhausted = false
    }

    mutating func write(_ client: Int, isClosing: Bool, to request: inout [UInt8]) throws -> Bool {
        let isLast = isClosing || isExhausted
        if !held[client].isEmpty, !isTogether || isLast {
            workers[client].reports.append(body: [UInt8(ascii: "{")] + reports(client), to: &request)
            isClaiming[client] = false
            return true
        }
        if isLast { return false }
        var body = Array(#"{"count":"#.utf8)
        Bytes.append(batchCount, to: &body)
        if held[client].isEmpty {
            body.append(UInt8(ascii: "}"))
        } else {
            body.append(UInt8(ascii: ","))
            body += reports(client)
        }
        workers[client].claims.append(body: body, to: &request)
        isClaiming[client] = true
        return true
    }

    private mutating func reports(_ client: Int) -> [UInt8] {
        var body = Array(#""reports":["#.utf8)
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
            throw BenchError.refused(isClaiming[client] ? "A claim" : "A report", reply, bytes)
        }
        let count = held[client].count
        held[client].removeAll(keepingCapacity: true)
        guard isClaiming[client] else { return count }
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
        if held[client].isEmpty {
            guard stock < workers.count * batchCount else {
                throw BenchError("A claim found nothing, though \(stock) jobs wait.")
            }
            isExhausted = true
        }
        return count
    }
}
