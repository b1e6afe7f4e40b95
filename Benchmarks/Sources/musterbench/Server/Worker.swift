/// A registered session: what its requests need.
struct Worker {
    let session: String
    let token: String
    let heartbeat: RequestHead
    let claims: RequestHead
    let reports: RequestHead

    /// The number of the last report that was sent.
    var reportNumber = 0

    init(session: String, token: String) {
        self.session = session
        self.token = token
        heartbeat = RequestHead(post: "/api/v1/sessions/\(session)/heartbeat", token: token)
        claims = RequestHead(post: "/api/v1/sessions/\(session)/claims", token: token)
        reports = RequestHead(post: "/api/v1/sessions/\(session)/reports", token: token)
    }

    /// A beat as an agent with one connector and nothing in hand sends it.
    ///
    /// - Parameter permille: the use of the processor: what changes from beat to beat.
    static func beat(permille: Int) -> [UInt8] {
        var body = Array(#"{"status":"running","utilisation":{"cpu":0."#.utf8)
        // Four digits whatever the number, so that every beat has the same length.
        Bytes.append(1_000 + permille % 1_000, to: &body)
        body += beatEnd
        return body
    }

    private static let beatEnd = Array(
        #","memory":0.4312,"diskFreeBytes":81604378624},"connectors":[{"name":"command","kind":"command","status":"idle"}],"held":[]}"#
            .utf8
    )
}

/// Registers many workers over a few connections.
struct Registrations: Workload {
    private(set) var workers: [Worker?]
    private var next = 0
    private var asked: [Int]
    private let label: String
    private let head = RequestHead(post: "/api/v1/sessions")

    init(count: Int, label: String, clientCount: Int) {
        workers = Array(repeating: nil, count: count)
        asked = Array(repeating: 0, count: clientCount)
        self.label = label
    }

    mutating func write(_ client: Int, isClosing: Bool, to request: inout [UInt8]) throws -> Bool {
        guard next < workers.count else { return false }
        let number = next
        next += 1
        asked[client] = number
        let body = """
            {"machine":{"id":"bench-\(label)-\(number / 50)","hostname":"bench-\(number / 50)",\
            "addresses":["10.0.0.1"],"os":"Linux","arch":"x86_64","cores":16,"memoryBytes":68719476736,"gpus":[],\
            "bootId":"0f0e0d0c"},"workerName":"worker-\(number)","pid":\(1_000 + number),"version":"bench",\
            "processKey":"\(label)-\(number)","predecessorEnded":false,"queues":["\(Queue.name)"],"studies":[],\
            "slots":16,"capabilities":{"solver":"fdtd"},\
            "connectors":[{"name":"command","kind":"command","status":"idle"}]}
            """
        head.append(body: Array(body.utf8), to: &request)
        return true
    }

    mutating func take(_ client: Int, _ reply: Reply, _ bytes: [UInt8]) throws -> Int {
        guard reply.status == 201,
            let session = Bytes.after(#""session":""#, bytes, reply.body),
            let token = Bytes.after(#""token":""#, bytes, reply.body)
        else { throw BenchError.refused("A registration", reply, bytes) }
        workers[asked[client]] = Worker(
            session: String(decoding: bytes[Bytes.untilQuote(bytes, from: session)], as: UTF8.self),
            token: String(decoding: bytes[Bytes.untilQuote(bytes, from: token)], as: UTF8.self)
        )
        return 1
    }
}

/// The queue that everything here goes through.
enum Queue {
    static let name = "bench"
}

extension BenchError {
    static func refused(_ what: String, _ reply: Reply, _ bytes: [UInt8]) -> BenchError {
        let said = String(decoding: bytes[reply.body].prefix(400), as: UTF8.self)
        return BenchError("\(what) was answered with \(reply.status): \(said)")
    }
}

extension ServerProcess {
    /// Registers so many workers, and makes each say that it runs.
    func makeWorkers(_ count: Int, label: String = "w") throws -> [Worker] {
        let clientCount = min(count, 32)
        var registrations = Registrations(count: count, label: label, clientCount: clientCount)
        let loop = try ClosedLoop(server: self, clientCount: clientCount)
        _ = try loop.run(&registrations)
        let workers = registrations.workers.compactMap { $0 }
        var greetings = Greetings(workers: workers)
        _ = try loop.run(&greetings)
        return workers
    }
}

/// One beat of each worker.
private struct Greetings: Workload {
    let workers: [Worker]
    private var next = 0

    init(workers: [Worker]) { self.workers = workers }

    mutating func write(_ client: Int, isClosing: Bool, to request: inout [UInt8]) throws -> Bool {
        guard next < workers.count else { return false }
        workers[next].heartbeat.append(body: Worker.beat(permille: 0), to: &request)
        next += 1
        return true
    }

    func take(_ client: Int, _ reply: Reply, _ bytes: [UInt8]) throws -> Int {
        guard reply.status == 200 else { throw BenchError.refused("A heartbeat", reply, bytes) }
        return 1
    }
}
