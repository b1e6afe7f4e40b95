/// Heartbeats against the empty request, in turns within one run, so that a machine that grows slower slows both.
enum BeatsScenario: Scenario {
    static let name = "beats"
    static let summary = "empty requests; heartbeats that change something and that change nothing, as shares of it"

    private static let clientCount = 64
    private static let changingShare = 0.4
    private static let quietShare = 0.6

    static func run(_ bench: Bench) throws {
        try bench.withServer(name) { server in
            let workers = try server.makeWorkers(clientCount)
            let loop = try ClosedLoop(server: server, clientCount: clientCount)
            var empty = EmptyRequests()
            var changing = Beats(workers: workers, isChanging: true)
            var quiet = Beats(workers: workers, isChanging: false)
            _ = try loop.run(&empty, seconds: bench.warmSeconds)
            _ = try loop.run(&changing, seconds: bench.warmSeconds)
            _ = try loop.run(&quiet, seconds: bench.warmSeconds)
            var (empties, changes, quiets) = (Rounds(), Rounds(), Rounds())
            for _ in 0..<bench.roundCount {
                empties.add(try loop.run(&empty, seconds: bench.roundSeconds))
                changes.add(try loop.run(&changing, seconds: bench.roundSeconds))
                quiets.add(try loop.run(&quiet, seconds: bench.roundSeconds))
            }
            bench.report.rate("empty requests", empties, note: "GET /healthz, \(clientCount) connections")
            bench.report.rate("beats that change", changes, note: "fsync before each answer")
            bench.report.share("beats that change / empty", changes.share(of: empties), atLeast: changingShare)
            bench.report.rate("beats that change nothing", quiets)
            bench.report.share("beats that change nothing / empty", quiets.share(of: empties), atLeast: quietShare)
        }
    }
}

/// The cheapest request there is.
struct EmptyRequests: Workload {
    private let request = RequestHead.get("/healthz")

    func write(_ client: Int, isClosing: Bool, to request: inout [UInt8]) throws -> Bool {
        if isClosing { return false }
        request += self.request
        return true
    }

    func take(_ client: Int, _ reply: Reply, _ bytes: [UInt8]) throws -> Int {
        guard reply.status == 200 else { throw BenchError.refused("GET /healthz", reply, bytes) }
        return 1
    }
}

/// Each client is a worker that sends one beat after the other.
struct Beats: Workload {
    let workers: [Worker]
    let isChanging: Bool
    private var turns: [Int]

    init(workers: [Worker], isChanging: Bool) {
        self.workers = workers
        self.isChanging = isChanging
        turns = Array(repeating: 0, count: workers.count)
    }

    mutating func write(_ client: Int, isClosing: Bool, to request: inout [UInt8]) throws -> Bool {
        if isClosing { return false }
        if isChanging { turns[client] += 1 }
        workers[client].heartbeat.append(body: Worker.beat(permille: turns[client]), to: &request)
        return true
    }

    func take(_ client: Int, _ reply: Reply, _ bytes: [UInt8]) throws -> Int {
        guard reply.status == 200 else { throw BenchError.refused("A heartbeat", reply, bytes) }
        return 1
    }
}
