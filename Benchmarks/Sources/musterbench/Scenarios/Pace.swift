/// Sessions that beat at their own pace, whether or not the server keeps up.
final class Pace {
    private(set) var latencies = Histogram()
    /// The most that was seen, looking every half second.
    private(set) var highestBytes = 0

    private let server: ServerProcess
    private let workers: [Worker]
    private let connections: [Connection]
    private var isBusy: [Bool]
    private let poller: Poller
    private let periodNanoseconds: UInt64
    private let isChanging: Bool

    /// - Parameter isChanging: whether each beat of a session says something else than the one before.
    init(server: ServerProcess, workers: [Worker], periodSeconds: Double, isChanging: Bool) throws {
        self.server = server
        self.workers = workers
        self.isChanging = isChanging
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
        let permille = isChanging ? turn / workers.count + 1 : 0
        workers[client].heartbeat.append(body: Worker.beat(permille: permille), to: &connection.output)
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
