/// What a claim costs where much has been done and much waits, against a store that is nearly empty. Two servers run;
/// the rounds go to them in turns.
enum DepthScenario: Scenario {
    static let name = "depth"
    static let summary = "the cost of a claim with 1,000,000 finished and 100,000 waiting jobs, against 1,000"

    private static let target = 1.2
    private static let clientCount = 16
    /// Each claims once a round, since what a session holds it would be handed again.
    private static let workerCount = 256
    private static let shallowWaiting = 1_000

    static func run(_ bench: Bench) throws {
        // The quick run is a rehearsal: a tenth of the rows.
        let finished = bench.isQuick ? 100_000 : 1_000_000
        let waiting = bench.isQuick ? 10_000 : 100_000
        let roundCount = bench.isQuick ? 12 : 24
        try bench.withServer("\(name)-shallow") { shallowServer in
            try bench.withServer("\(name)-deep") { deepServer in
                let start = Clock.now()
                try finish(finished, on: deepServer)
                bench.report.note(
                    "depth: \(finished) jobs submitted, claimed and completed in "
                        + "\(Figure.text(Double(Clock.now() - start) / 1e9)) s"
                )
                var shallow = try Side(shallowServer, waiting: shallowWaiting)
                var deep = try Side(deepServer, waiting: waiting)
                try shallow.turn(counts: false)
                try deep.turn(counts: false)
                for turn in 0..<roundCount {
                    // Who goes first changes, so that neither gains by it.
                    if turn % 2 == 0 { try shallow.turn() }
                    try deep.turn()
                    if turn % 2 == 1 { try shallow.turn() }
                }
                bench.report.rate("claims, \(shallowWaiting) waiting", shallow.rounds, note: "\(clientCount) clients")
                bench.report.rate(
                    "claims, \(finished) finished, \(waiting) waiting", deep.rounds, note: "\(clientCount) clients"
                )
                let ratio = shallow.rounds.medianRate / deep.rounds.medianRate
                bench.report.ratio("cost of a claim, deep / shallow", ratio, atMost: target)
                let computed = deep.rounds.medianServerMicroseconds / shallow.rounds.medianServerMicroseconds
                bench.report.ratio("the same in the server's computing time", computed)
            }
        }
    }

    /// Takes so many jobs through their whole life, by the API.
    private static func finish(_ count: Int, on server: ServerProcess) throws {
        let workers = try server.makeWorkers(4, label: "fill")
        var cycles = Cycles(workers: workers, batchCount: 1_000)
        try cycles.fill(to: count, submit: server.submit)
        _ = try ClosedLoop(server: server, clientCount: workers.count).run(&cycles)
    }

    /// One of the two servers with its rounds.
    private struct Side {
        let server: ServerProcess
        let loop: ClosedLoop
        var claims: SingleClaims
        var rounds = Rounds()

        init(_ server: ServerProcess, waiting: Int) throws {
            self.server = server
            loop = try ClosedLoop(server: server, clientCount: clientCount)
            claims = SingleClaims(workers: try server.makeWorkers(workerCount), clientCount: clientCount)
            _ = try server.submit(waiting)
        }

        mutating func turn(counts: Bool = true) throws {
            claims.begin(.claim)
            let round = try loop.run(&claims)
            claims.begin(.complete)
            _ = try loop.run(&claims)
            _ = try server.submit(workerCount)
            if counts { rounds.add(round) }
        }
    }
}

/// Every worker claims one job, over a few connections; then every worker completes what it got.
struct SingleClaims: Workload {
    enum Phase { case claim, complete }

    private var workers: [Worker]
    private var jobs: [(job: String, attempt: Int)?]
    private var phase = Phase.claim
    private var next = 0
    private var asked: [Int]

    init(workers: [Worker], clientCount: Int) {
        self.workers = workers
        jobs = Array(repeating: nil, count: workers.count)
        asked = Array(repeating: 0, count: clientCount)
    }

    mutating func begin(_ phase: Phase) {
        self.phase = phase
        next = 0
    }

    mutating func write(_ client: Int, isClosing: Bool, to request: inout [UInt8]) throws -> Bool {
        guard next < workers.count else { return false }
        let number = next
        next += 1
        asked[client] = number
        switch phase {
        case .claim:
            workers[number].claims.append(body: Array(#"{"count":1}"#.utf8), to: &request)
        case .complete:
            guard let held = jobs[number] else { throw BenchError("A worker got no job though many wait.") }
            workers[number].reportNumber += 1
            let body = """
                {"reports":[{"number":\(workers[number].reportNumber),"type":"completed","job":"\(held.job)",\
                "attempt":\(held.attempt),"exitCode":0}]}
                """
            workers[number].reports.append(body: Array(body.utf8), to: &request)
        }
        return true
    }

    mutating func take(_ client: Int, _ reply: Reply, _ bytes: [UInt8]) throws -> Int {
        guard reply.status == 200 else { throw BenchError.refused("A claim or report", reply, bytes) }
        guard phase == .claim else { return 1 }
        jobs[asked[client]] = ClaimReply.firstJob(reply, bytes)
        return 1
    }
}

/// The one job of a claim's answer.
enum ClaimReply {
    static func firstJob(_ reply: Reply, _ bytes: [UInt8]) -> (job: String, attempt: Int)? {
        guard let id = Bytes.after(#""job":""#, bytes, reply.body) else { return nil }
        let text = Bytes.untilQuote(bytes, from: id)
        guard let place = Bytes.after(#""attempt":"#, bytes, text.upperBound..<reply.body.upperBound),
            let attempt = Bytes.number(bytes, from: place)
        else { return nil }
        return (String(decoding: bytes[text], as: UTF8.self), attempt)
    }
}
