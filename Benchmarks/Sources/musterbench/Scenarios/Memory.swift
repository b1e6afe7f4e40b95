/// How much memory the server holds, idle and with ten thousand sessions.
enum MemoryScenario: Scenario {
    static let name = "memory"
    static let summary = "resident memory, idle and with 10,000 sessions that beat every 10 s"

    private static let idleTargetMegabytes = 60.0
    private static let busyTargetMegabytes = 300.0
    private static let sessionCount = 10_000
    private static let beatSeconds = 10.0
    private static let idleMilliseconds = 3_000

    static func run(_ bench: Bench) throws {
        try bench.withServer(name) { server in
            Clock.pause(milliseconds: idleMilliseconds)
            bench.report.memory("idle", server.residentBytes(), below: idleTargetMegabytes)
            let workers = try server.makeWorkers(sessionCount)
            bench.report.note("memory: \(Figure.text(megabytes(server))) MB with the sessions, without connections")
            let pace = try Pace(server: server, workers: workers, periodSeconds: beatSeconds)
            Clock.pause(milliseconds: 1_000)
            bench.report.note("memory: \(Figure.text(megabytes(server))) MB with the connections, before their beats")
            try pace.run(seconds: bench.isQuick ? 12 : 40)
            bench.report.memory(
                "\(sessionCount) sessions", pace.highestBytes, below: busyTargetMegabytes,
                note: "each on its connection, changing with every beat; p50 "
                    + "\(Figure.text(pace.latencies.milliseconds(0.5))) ms, "
                    + "p99 \(Figure.text(pace.latencies.milliseconds(0.99))) ms"
            )
        }
    }

    private static func megabytes(_ server: ServerProcess) -> Double { Double(server.residentBytes()) / 1e6 }
}

/// Sessions that beat at their own pace, whether or not the server keeps up.
private final class Pace {
    private(set) var latencies = Histogram()
    /// The most that was seen, looking every half second.
    private(set) var highestBytes = 0

    private let server: ServerProcess
    private let workers: [Worker]
    private let connections: [Connection]
    private var isBusy: [Bool]
    private let poller: Poller
    private let periodNanoseconds: UInt64

    init(server: ServerProcess, workers: [Worker], periodSeconds: Double) throws {
        self.server = server
        self.workers = workers
        connections = try workers.map { _ in try Connection(port: server.port) }
        isBusy = Array(repeating: false, count: workers.count)
        periodNanoseconds = UInt64(periodSeconds * 1e9)
        poller = try Poller()
        for (number, connection) in connections.enumerated() { try poller.add(connection, number: number) }
    }

    func run(seconds: Double) throws {
        let start = Clock.now()
        let end = start + UInt64(seconds * 1e9)
        var beat = 0
        var lookAt = start
        while true {
            let now = Clock.now()
            guard now < end else { return }
            while start + UInt64(beat) * periodNanoseconds / UInt64(workers.count) <= now {
                try send(beat % workers.count, turn: beat)
                beat += 1
            }
            if now >= lookAt {
                highestBytes = max(highestBytes, server.residentBytes())
                lookAt = now + 500_000_000
            }
            try poller.wait(milliseconds: 1, take)
        }
    }

    private func send(_ client: Int, turn: Int) throws {
        guard !isBusy[client] else {
            throw BenchError("A beat had no answer after \(periodNanoseconds / 1_000_000_000) s.")
        }
        isBusy[client] = true
        let connection = connections[client]
        connection.beginRequest()
        workers[client].heartbeat.append(body: Worker.beat(permille: turn / workers.count + 1), to: &connection.output)
        connection.sentAt = Clock.now()
        guard try connection.flush() else { throw BenchError("The server takes no more requests.") }
    }

    private func take(_ client: Int) throws {
        let connection = connections[client]
        switch try connection.receive() {
        case .nothing: return
        case .end: throw BenchError("The server closed the connection of a session that lives.")
        case .bytes: break
        }
        let bytes = connection.input
        guard let reply = Reply(bytes, count: connection.filled) else { return }
        guard reply.status == 200 else { throw BenchError.refused("A heartbeat", reply, bytes) }
        latencies.record(Clock.now() - connection.sentAt)
        isBusy[client] = false
        try connection.drop(reply)
    }
}
