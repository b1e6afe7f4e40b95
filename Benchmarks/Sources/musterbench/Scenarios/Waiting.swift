/// How soon a worker that waits has the job that was submitted, while a thousand wait.
enum WaitingScenario: Scenario {
    static let name = "waiting"
    static let summary = "from a submit to the claim's answer, while 1,000 workers wait"

    private static let workerCount = 1_000
    private static let medianTargetMilliseconds = 2.0
    private static let tailTargetMilliseconds = 5.0
    /// Between two jobs: the worker of the last one waits again by then.
    private static let pauseMilliseconds = 8
    private static let settleMilliseconds = 1_000

    static func run(_ bench: Bench) throws {
        try bench.withServer(name) { server in
            let room = try WaitingRoom(server: server, workers: server.makeWorkers(workerCount))
            try room.serve(milliseconds: settleMilliseconds)
            var latencies = Histogram()
            for turn in 0..<(bench.isQuick ? 200 : 1_000) {
                try room.serve(milliseconds: pauseMilliseconds)
                let nanoseconds = try room.submitOne()
                // The first few find cold paths, as no later one does.
                if turn >= 20 { latencies.record(nanoseconds) }
            }
            let note = "\(workerCount) workers wait; \(latencies.count) jobs"
            bench.report.length(
                "submit to claimed, p50", latencies.milliseconds(0.5), atMost: medianTargetMilliseconds, note: note
            )
            bench.report.length(
                "submit to claimed, p99", latencies.milliseconds(0.99), atMost: tailTargetMilliseconds
            )
        }
    }
}

/// Many workers that wait for work, each on its connection, and one who submits.
final class WaitingRoom {
    private enum State { case waiting, completing }

    private let connections: [Connection]
    private var workers: [Worker]
    private var states: [State]
    private let submitter: Connection
    private let poller: Poller
    private let submit = RequestHead(post: "/api/v1/jobs")
        .with(#"{"queue":"\#(Queue.name)","payload":{"phantom":"sphere"}}"#)
    /// When a job arrived at a worker that had none.
    private var arrivedAt: UInt64?
    private var isSubmitAnswered = true

    /// - Parameter submitTo: the server that is given the jobs, where it is another one of the same database.
    init(server: ServerProcess, workers: [Worker], submitTo: ServerProcess? = nil) throws {
        self.workers = workers
        states = Array(repeating: .waiting, count: workers.count)
        connections = try workers.map { _ in try Connection(port: server.port) }
        submitter = try Connection(port: (submitTo ?? server).port)
        poller = try Poller()
        for (number, connection) in connections.enumerated() { try poller.add(connection, number: number) }
        try poller.add(submitter, number: connections.count)
        for client in connections.indices { try wait(client) }
    }

    /// Lets the workers do what they do for so long.
    func serve(milliseconds: Int) throws {
        let end = Clock.now() + UInt64(milliseconds) * 1_000_000
        while true {
            let now = Clock.now()
            guard now < end else { return }
            try poller.wait(milliseconds: Int32((end - now) / 1_000_000) + 1, take)
        }
    }

    /// Submits one job, and returns the nanoseconds until a worker has it.
    func submitOne() throws -> UInt64 {
        arrivedAt = nil
        isSubmitAnswered = false
        submitter.beginRequest()
        submitter.output += submit
        let start = Clock.now()
        guard try submitter.flush() else { throw BenchError("The server takes no more requests.") }
        while arrivedAt == nil || !isSubmitAnswered {
            try poller.wait(milliseconds: 1_000, take)
            guard Clock.now() - start < 10_000_000_000 else { throw BenchError("A job reached nobody in 10 s.") }
        }
        return (arrivedAt ?? start) - start
    }

    private func take(_ number: Int) throws {
        let connection = number < connections.count ? connections[number] : submitter
        switch try connection.receive() {
        case .nothing: return
        case .end: return try again(number)
        case .bytes: break
        }
        let bytes = connection.input
        guard let reply = Reply(bytes, count: connection.filled) else { return }
        let now = Clock.now()
        guard number < connections.count else {
            guard reply.status == 201 else { throw BenchError.refused("A submit", reply, bytes) }
            isSubmitAnswered = true
            return try connection.drop(reply)
        }
        guard reply.status == 200 else { throw BenchError.refused("A claim or report", reply, bytes) }
        try connection.drop(reply)
        let job = states[number] == .waiting ? ClaimReply.firstJob(reply, bytes) : nil
        if job != nil { arrivedAt = now }
        // A claim that waited was the last request of its connection.
        if reply.closes {
            try connection.reconnect()
            try poller.add(connection, number: number)
        }
        if let job {
            try complete(number, job)
        } else {
            try wait(number)
        }
    }

    /// A connection that the server closed with nothing under way on it is opened anew.
    private func again(_ number: Int) throws {
        guard number < connections.count else { throw BenchError("The server closed the submitter's connection.") }
        try connections[number].reconnect()
        try poller.add(connections[number], number: number)
        try wait(number)
    }

    private func wait(_ client: Int) throws {
        states[client] = .waiting
        try send(workers[client].claims, #"{"count":1,"waitMilliseconds":60000}"#, client)
    }

    private func complete(_ client: Int, _ job: (job: String, attempt: Int)) throws {
        states[client] = .completing
        workers[client].reportNumber += 1
        let body = """
            {"reports":[{"number":\(workers[client].reportNumber),"type":"completed","job":"\(job.job)",\
            "attempt":\(job.attempt),"exitCode":0}]}
            """
        try send(workers[client].reports, body, client)
    }

    private func send(_ head: RequestHead, _ body: String, _ client: Int) throws {
        let connection = connections[client]
        connection.beginRequest()
        head.append(body: Array(body.utf8), to: &connection.output)
        guard try connection.flush() else { throw BenchError("The server takes no more requests.") }
    }
}
