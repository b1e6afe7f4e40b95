import Glibc

/// A worker with one job in hand that hears of a cancel as agents do: its stream tells that its session changed, and
/// the answer to its next beat tells what is wanted.
final class Cancelling {
    private let worker: Connection
    private let submitter: Connection
    private let stream: Connection
    private var facts: Worker

    /// Time in which a stream that said nothing has nothing more to say.
    private static let quietMilliseconds: Int32 = 20
    private static let patienceMilliseconds: Int32 = 10_000

    /// - Parameters:
    ///   - server: where the worker claims, beats and listens.
    ///   - other: where its jobs are submitted and cancelled.
    init(server: ServerProcess, cancelledAt other: ServerProcess) throws {
        guard let facts = try server.makeWorkers(1, label: "cancelled").first else {
            throw BenchError("No worker was registered.")
        }
        self.facts = facts
        worker = try Connection(port: server.port)
        submitter = try Connection(port: other.port)
        stream = try Connection(port: server.port)
        let snapshot = try worker.call(RequestHead.get("/api/v1/snapshot?scope=session:\(facts.session)"))
        guard let place = Bytes.after(#""seq":"#, snapshot.body, snapshot.body.indices),
            let sequence = Bytes.number(snapshot.body, from: place)
        else { throw BenchError("A snapshot has no sequence.") }
        stream.beginRequest()
        stream.output += RequestHead.get("/api/v1/watch?scope=session:\(facts.session)&since=\(sequence)")
        guard try stream.flush() else { throw BenchError("The server takes no more requests.") }
    }

    /// Gives the worker a job and cancels it; returns the nanoseconds from the cancel until the worker knows.
    ///
    /// - Parameter milliseconds: for so long the worker has the job before.
    func cancelOne(after milliseconds: Int = 0) throws -> UInt64 {
        try call(submitter, RequestHead(post: "/api/v1/jobs"), #"{"queue":"\#(Queue.name)","payload":{}}"#, 201)
        let claimed = try call(worker, facts.claims, #"{"count":1,"waitMilliseconds":5000}"#, 200)
        let reply = Reply(status: 200, body: claimed.indices)
        guard let job = ClaimReply.firstJob(reply, claimed) else { throw BenchError("The worker got no job.") }
        Clock.pause(milliseconds: milliseconds)
        while try hasNews(within: Self.quietMilliseconds) {}
        let beat = """
            {"status":"running","connectors":[],"held":[{"job":"\(job.job)","attempt":\(job.attempt)}]}
            """
        let start = Clock.now()
        try call(submitter, RequestHead(post: "/api/v1/jobs/\(job.job)/cancel"), "{}", 200)
        while true {
            guard try hasNews(within: Self.patienceMilliseconds) else {
                throw BenchError("A cancel reached nobody in \(Self.patienceMilliseconds / 1_000) s.")
            }
            let wish = try call(worker, facts.heartbeat, beat, 200)
            if Bytes.after(#""cancel":[{"#, wish, wish.indices) != nil { break }
        }
        let nanoseconds = Clock.now() - start
        facts.reportNumber += 1
        let end = """
            {"reports":[{"number":\(facts.reportNumber),"type":"cancelled","job":"\(job.job)",\
            "attempt":\(job.attempt)}]}
            """
        try call(worker, facts.reports, end, 200)
        return nanoseconds
    }

    @discardableResult
    private func call(
        _ connection: Connection, _ head: RequestHead, _ body: String, _ status: Int
    ) throws -> [UInt8] {
        let answer = try connection.call(head.with(body))
        guard answer.status == status else {
            throw BenchError.refused("A call", Reply(status: answer.status, body: answer.body.indices), answer.body)
        }
        return answer.body
    }

    /// Whether the stream says something within that time; what it says is passed over.
    private func hasNews(within milliseconds: Int32) throws -> Bool {
        var entry = pollfd(fd: stream.descriptor, events: Int16(POLLIN), revents: 0)
        guard unsafe poll(&entry, 1, milliseconds) > 0 else { return false }
        if case .end = try stream.receive() { throw BenchError("The server closed a stream.") }
        stream.passOver()
        return true
    }
}
