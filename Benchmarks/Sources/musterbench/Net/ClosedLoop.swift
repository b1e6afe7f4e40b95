/// What a number of clients do: each has one request under way and sends the next when the answer has come.
protocol Workload {
    /// Appends the next request of this client; false where it rests from now on.
    ///
    /// - Parameter isClosing: the time is over: finish what was begun, begin nothing.
    mutating func write(_ client: Int, isClosing: Bool, to request: inout [UInt8]) throws -> Bool
    /// Takes a reply, whose body lies in `bytes`, and returns how many units of work are thereby done.
    mutating func take(_ client: Int, _ reply: Reply, _ bytes: [UInt8]) throws -> Int
    /// There is nothing left to do before the time is over.
    var isExhausted: Bool { get }
    /// The reply in the first `count` bytes; `nil` where it has not come whole.
    func reply(in bytes: [UInt8], count: Int) throws -> Reply?
}

extension Workload {
    var isExhausted: Bool { false }

    /// As HTTP has it.
    func reply(in bytes: [UInt8], count: Int) throws -> Reply? { Reply(bytes, count: count) }
}

/// A server as the load sees it.
protocol LoadedServer {
    var port: UInt16 { get }
    /// What all its threads have computed so far.
    func computedNanoseconds() -> UInt64
}

/// What one round brought.
struct Round {
    var units = 0
    var nanoseconds: UInt64 = 0
    /// Of every request of the round.
    var latencies = Histogram()
    /// What the server computed meanwhile, on all its threads.
    var serverNanoseconds: UInt64 = 0
    /// What this program computed meanwhile: it takes from the same cores.
    var loadNanoseconds: UInt64 = 0

    var rate: Double { nanoseconds == 0 ? 0 : Double(units) * 1e9 / Double(nanoseconds) }
    var serverMicrosecondsPerUnit: Double { microseconds(serverNanoseconds) }
    var loadMicrosecondsPerUnit: Double { microseconds(loadNanoseconds) }

    private func microseconds(_ nanoseconds: UInt64) -> Double {
        units == 0 ? 0 : Double(nanoseconds) / 1e3 / Double(units)
    }
}

/// Drives a workload over its connections, client `n` over the `n`th, on this thread.
struct ClosedLoop {
    /// Several that share a database: the clients go to them in turns.
    let servers: [any LoadedServer]
    let connections: [Connection]
    private let poller: Poller

    init(servers: [any LoadedServer], connections: [Connection]) throws {
        self.servers = servers
        self.connections = connections
        poller = try Poller()
        for (number, connection) in connections.enumerated() { try poller.add(connection, number: number) }
    }

    init(server: any LoadedServer, clientCount: Int) throws {
        try self.init(servers: [server], clientCount: clientCount)
    }

    init(servers: [any LoadedServer], clientCount: Int) throws {
        let connections = try (0..<clientCount).map { try Connection(port: servers[$0 % servers.count].port) }
        try self.init(servers: servers, connections: connections)
    }

    private var computedNanoseconds: UInt64 { servers.reduce(0) { $0 + $1.computedNanoseconds() } }

    /// - Parameter seconds: how long; without it, until every client rests.
    func run(_ workload: inout some Workload, seconds: Double? = nil) throws -> Round {
        var round = Round()
        let computedBefore = computedNanoseconds
        let loadBefore = ProcessFacts.computedNanoseconds(of: "self")
        let start = Clock.now()
        let deadline = seconds.map { start + UInt64($0 * 1e9) } ?? UInt64.max
        var isOver = false
        func end(at moment: UInt64) {
            isOver = true
            round.nanoseconds = moment - start
            round.serverNanoseconds = computedNanoseconds - computedBefore
            round.loadNanoseconds = ProcessFacts.computedNanoseconds(of: "self") - loadBefore
        }
        var busy = 0
        for client in connections.indices
        where try begin(client, isClosing: false, at: start, &workload) { busy += 1 }
        while busy > 0 {
            try poller.wait(milliseconds: 1_000) { client in
                let connection = connections[client]
                if connection.isWatchingWrites { try flush(client) }
                guard case .bytes = try connection.receive() else { return }
                let bytes = connection.input
                guard let reply = try workload.reply(in: bytes, count: connection.filled) else { return }
                let now = Clock.now()
                if !isOver, now >= deadline { end(at: deadline) }
                let units = try workload.take(client, reply, bytes)
                if !isOver {
                    round.units += units
                    round.latencies.record(now - connection.sentAt)
                    if workload.isExhausted { end(at: now) }
                }
                try connection.drop(reply)
                if try !begin(client, isClosing: isOver, at: now, &workload) { busy -= 1 }
            }
        }
        if !isOver { end(at: Clock.now()) }
        return round
    }

    private func begin(
        _ client: Int, isClosing: Bool, at now: UInt64, _ workload: inout some Workload
    ) throws -> Bool {
        let connection = connections[client]
        connection.beginRequest()
        guard try workload.write(client, isClosing: isClosing, to: &connection.output) else { return false }
        connection.sentAt = now
        try flush(client)
        return true
    }

    private func flush(_ client: Int) throws {
        let connection = connections[client]
        let isDone = try connection.flush()
        guard connection.isWatchingWrites == isDone else { return }
        connection.isWatchingWrites = !isDone
        try poller.watchWriting(connection, number: client, !isDone)
    }
}
