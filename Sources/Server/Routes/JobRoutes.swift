import Crypto
import Domain
import HTTPTypes
import Hummingbird
import Storage
import Wire

/// Submitting jobs and what people ask of them.
struct JobRoutes {
    let server: ServerContext

    func add(to table: RouteTable) {
        table.post("/api/v1/jobs", submit)
        table.get("/api/v1/jobs", list)
        table.get("/api/v1/jobs/:id", show)
        table.delete("/api/v1/jobs/:id") { try await self.change($0, .delete) }
        table.post("/api/v1/jobs/:id/cancel") { try await self.change($0, .cancel) }
        table.post("/api/v1/jobs/:id/retry") { try await self.change($0, .retry) }
        table.get("/api/v1/queues") { _ in
            let queues = try await self.server.store.read { try ListReads.queues($0) }
            return Reply.value(ListReply(items: queues))
        }
    }

    @Sendable private func submit(_ ask: Ask) async throws -> Response {
        try ask.principal.requireOperator()
        let body = try await ask.request.bytes(limit: RequestLimit.bulkBytes)
        let jobs = try Self.jobs(of: body)
        var idempotency: SubmitJobs.Idempotency?
        if let name = HTTPField.Name("Idempotency-Key"), let key = ask.request.headers[name] {
            guard !key.isEmpty, key.utf8.count <= 256 else {
                throw WireError(field: "Idempotency-Key", "must have from 1 to 256 bytes")
            }
            idempotency = SubmitJobs.Idempotency(key: key, bodyHash: hexadecimal(SHA256.hash(data: body)))
        }
        let operation = SubmitJobs(jobs: jobs.map(SubmitJobs.New.init), idempotency: idempotency)
        let submitted = try await server.store.write { try operation.run($0) }
        let reply = SubmitReply(jobs: submitted.map { SubmittedJob(id: $0.id, isNew: $0.isNew) })
        return Reply.value(reply, status: submitted.contains(where: \.isNew) ? .created : .ok)
    }

    /// One job, or `{"jobs": […]}`.
    private static func jobs(of body: [UInt8]) throws(WireError) -> [NewJob] {
        let json: JSON
        do {
            json = try JSON(parsing: body)
        } catch {
            throw WireError(
                [FieldError(field: "", reason: "is not JSON: \(error.reason) (byte \(error.offset))")],
                isMalformed: true
            )
        }
        if json["jobs"] != nil { return try SubmitRequest(json: json, isStrict: true).jobs }
        return [try NewJob(json: json, isStrict: true)]
    }

    @Sendable private func list(_ ask: Ask) async throws -> Response {
        let limit = try ask.request.listLimit()
        let status = try ask.request.status()
        let queue = ask.request.query("queue")
        if let name = ask.request.query("study") {
            return try await StudyRoutes(server: server).assignments(name, ask.request)
        }
        let before = try ask.request.queryNumber("cursor", in: 1...Int64.max) ?? ListReads.end
        let jobs = try await server.store.read { connection in
            try ListReads.jobs(queue: queue, status: status, before: before, limit: limit, connection)
        }
        return Reply.list(jobs, limit: limit) { String($0.id.number) }
    }

    @Sendable private func show(_ ask: Ask) async throws -> Response {
        let id: JobID = try ask.id()
        let detail = try await server.store.read { connection -> JobDetail? in
            guard let job = try RecordReads.job(id, connection),
                let documents = try ListReads.documents(of: id, connection)
            else { return nil }
            return JobDetail(
                job: job, payload: try JSON(parsing: documents.payload),
                result: try documents.result.map { try JSON(parsing: $0) },
                attempts: try ListReads.attempts(of: id, connection),
                transitions: try ListReads.transitions(
                    .job, id.number, key: .job(id), limit: RequestLimit.listMaximum, connection
                ),
                artifacts: try ListReads.artifacts(of: id, connection)
            )
        }
        guard let detail else { throw Problem.notFound("job \(id)", code: "unknown-job") }
        return Reply.value(detail)
    }

    private func change(_ ask: Ask, _ action: ChangeJob.Action) async throws -> Response {
        try ask.principal.requireOperator()
        let id: JobID = try ask.id()
        let change = ChangeJob(job: id, action: action, actor: ask.principal.actor)
        let orphans = try await server.store.write { try change.run($0) }
        server.artifacts.remove(orphans)
        if action == .delete { return Reply.empty }
        guard let job = try await server.store.read({ try RecordReads.job(id, $0) }) else {
            throw Problem.notFound("job \(id)", code: "unknown-job")
        }
        return Reply.value(job)
    }
}

extension SubmitJobs.New {
    init(_ job: NewJob) {
        self.init(
            queue: job.queue, payload: job.payload.text, requires: job.requires, priority: job.priority,
            runAt: job.runAt, uniqueKey: job.uniqueKey, label: job.label,
            maximumAttempts: job.maximumAttempts ?? SubmitJobs.defaultMaximumAttempts
        )
    }
}

extension Request {
    /// The state asked for in the query.
    func status() throws -> JobStatus? {
        guard let text = query("status") else { return nil }
        guard let status = JobStatus(rawValue: text) else {
            let words = JobStatus.allCases.map(\.rawValue).joined(separator: ", ")
            throw WireError(field: "status", "must be one of \(words)")
        }
        return status
    }
}
