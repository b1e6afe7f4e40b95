/// How soon GOLIAT's clients are answered: each message on a connection of its own, at a steady rate.
///
/// A hundred machines claim an assignment each, beat once, and send bars, batches of ten lines and verbose lines in
/// turn. A message leaves when its time has come, whatever became of those before it, and is timed from then: a slow
/// answer is not hidden by waiting for it.
enum GoliatScenario: Scenario {
    static let name = "goliat"
    static let summary = "300 messages a second as GOLIAT's clients send them, each on a new connection"

    static let machineCount = 100
    private static let rate = 300
    private static let tailTargetMilliseconds = 100.0

    static func run(_ bench: Bench) throws {
        try bench.withServer(name) { server in
            let lab = try Lab(port: server.port)
            let count = rate * (bench.isQuick ? 8 : 20)
            let took = try lab.speak(count: count, nanosecondsApart: 1_000_000_000 / UInt64(rate))
            let achieved = Double(count) * 1e9 / Double(took)
            let latencies = lab.latencies
            let median = Figure.text(latencies.milliseconds(0.5))
            let note = "\(Figure.text(achieved)) a second on new connections; p50 \(median) ms"
            bench.report.length(
                "GOLIAT's messages, p99", latencies.milliseconds(0.99), atMost: tailTargetMilliseconds, note: note
            )
        }
    }
}

/// Machines that run GOLIAT, and the messages of theirs that are under way.
private final class Lab {
    private let port: UInt16
    private let poller: Poller
    private let update = RequestHead(post: "/api/gui-update")
    private var batches = [Int](repeating: 0, count: GoliatScenario.machineCount)
    /// By their number; a connection goes with its answer.
    private var underWay: [Int: (connection: Connection, due: UInt64)] = [:]
    private(set) var latencies = Histogram()

    /// Every machine has its assignment and is known by its hostname.
    init(port: UInt16) throws {
        self.port = port
        poller = try Poller()
        let machines = 0..<GoliatScenario.machineCount
        let splits = machines.map { #"{"splitConfig":{"phantoms":["p\#($0)"],"frequencies_mhz":[700]}}"# }
        let body = #"{"name":"bench","baseConfig":{},"assignments":[\#(splits.joined(separator: ","))]}"#
        try ask("/api/super-studies", body)
        let (_, listed) = try Connection(port: port).call(RequestHead.get("/api/super-studies/st1/assignments"))
        var position = 0
        for machine in machines {
            guard let start = Bytes.after(#"{"id":""#, listed, position..<listed.count) else {
                throw BenchError("The study has fewer assignments than were made.")
            }
            let id = Bytes.untilQuote(listed, from: start)
            position = Bytes.after("splitConfig", listed, start..<listed.count) ?? listed.count
            let name = String(decoding: listed[id], as: UTF8.self)
            try ask("/api/assignments/\(name)/claim", #"{"machineId":"10.1.0.\#(machine)"}"#)
            try ask("/api/heartbeat", #"{"machineId":"10.1.0.\#(machine)","hostname":"PC-\#(machine)"}"#)
        }
    }

    private func ask(_ path: String, _ body: String) throws {
        let (status, reply) = try Connection(port: port).call(RequestHead(post: path).with(body))
        guard status == 200 else {
            throw BenchError("\(path) was answered \(status): \(String(decoding: reply.prefix(200), as: UTF8.self))")
        }
    }

    /// Sends so many messages, so far apart, and waits for every answer. Returns the nanoseconds of all of it.
    func speak(count: Int, nanosecondsApart apart: UInt64) throws -> UInt64 {
        let began = Clock.now()
        var sent = 0
        while sent < count || !underWay.isEmpty {
            let now = Clock.now()
            let due = began + UInt64(sent) * apart
            if sent < count, due <= now {
                try send(sent, due: due)
                sent += 1
                continue
            }
            // A millisecond is what the kernel waits by: the last one is spent looking.
            let left = sent < count ? Int32((due - now) / 1_000_000) : 1_000
            try poller.wait(milliseconds: left, take)
            guard Clock.now() - began < UInt64(count) * apart + 30_000_000_000 else {
                throw BenchError("\(underWay.count) messages were not answered in 30 s.")
            }
        }
        return Clock.now() - began
    }

    private func send(_ number: Int, due: UInt64) throws {
        let connection = try Connection(port: port)
        underWay[number] = (connection, due)
        try poller.add(connection, number: number)
        let machine = number % GoliatScenario.machineCount
        let body =
            #"{"machineId":"10.1.0.\#(machine)","message":\#(message(number, of: machine)),"timestamp":\#(number)}"#
        connection.beginRequest()
        update.append(body: Array(body.utf8), to: &connection.output)
        guard try connection.flush() else { throw BenchError("The server takes no more requests.") }
    }

    private func message(_ number: Int, of machine: Int) -> String {
        switch number / GoliatScenario.machineCount % 4 {
        case 0: return #"{"type":"overall_progress","current":\#(number % 1_000 / 10),"total":100}"#
        case 1:
            let lines = (0..<10).map {
                #"{"type":"status","message":"    - line \#($0)","log_type":"info","timestamp":\#(number)}"#
            }
            defer { batches[machine] += 1 }
            return
                #"{"type":"log_batch","sequence":\#(batches[machine]),"logs":[\#(lines.joined(separator: ","))]}"#
        case 2: return #"{"type":"stage_progress","name":"Run","current":\#(number % 100),"total":100}"#
        default: return #"{"type":"terminal_only","message":"verbose","log_type":"verbose","timestamp":\#(number)}"#
        }
    }

    private func take(_ number: Int) throws {
        guard let (connection, due) = underWay[number] else { return }
        switch try connection.receive() {
        case .nothing: return
        case .end: throw BenchError("The server closed a connection before its answer.")
        case .bytes: break
        }
        guard let reply = Reply(connection.input, count: connection.filled) else { return }
        guard reply.status == 200 else { throw BenchError.refused("A message", reply, connection.input) }
        latencies.record(Clock.now() - due)
        underWay[number] = nil
    }
}
