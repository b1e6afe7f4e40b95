import Domain
import Hummingbird
import Server
import Storage

/// What a window says while it runs: heartbeats and messages. Answered in milliseconds, or the client throws away what
/// it has not sent.
struct LegacyMessageRoutes {
    let server: ServerContext

    func add(to table: LegacyTable) {
        table.post("/api/heartbeat", heartbeat)
        table.post("/api/gui-update", update)
        table.post("/api/assignments/:id/claim", claim)
        table.get("/api/assignment", next)
    }

    static let done = Array(#"{"success":true}"#.utf8)

    @Sendable private func heartbeat(_ ask: Ask) async throws -> Response {
        let (json, _) = try await ask.request.legacyObject(limit: LegacyLimit.messageBytes)
        let address = try json.machineID()
        let hostname = try json["hostname"].flatMap {
            try $0.isNull ? nil : LegacyName.check($0.stringValue, "hostname")
        }
        if let bound = try Self.session(ask) {
            server.store.heard(bound)
            return Reply.json(Self.done)
        }
        let gpu = json["gpuName"]?.stringValue
        let beat = HearLegacyBeat(
            origin: LegacyOrigin(address: address, hostname: hostname, peer: server.trace(of: ask)),
            cores: json["cpuCores"]?.intValue.flatMap { (1...65_536).contains($0) ? Int($0) : nil },
            memoryBytes: json["totalRamGB"]?.doubleValue.flatMap(Self.bytes),
            gpu: gpu == "N/A" || gpu?.isEmpty == true ? nil : gpu
        )
        try await server.store.heartbeat(beat)
        return Reply.json(Self.done)
    }

    /// Gigabytes as the client counts them; 0 is not known.
    private static func bytes(gigabytes: Double) -> Int64? {
        gigabytes > 0 && gigabytes < 1_000_000 ? Int64((gigabytes * 1_073_741_824).rounded()) : nil
    }

    @Sendable private func update(_ ask: Ask) async throws -> Response {
        let (json, _) = try await ask.request.legacyObject(limit: LegacyLimit.messageBytes)
        let address = try json.machineID()
        guard let said = json["message"] else { throw LegacyRefusal(400, "message is missing.") }
        let message: WindowMessage
        do {
            message = try WindowMessage(json: said)
        } catch {
            throw LegacyRefusal(400, "\(error.description).")
        }
        let sender: ApplyWindowMessage.Sender =
            try Self.bound(ask)
            ?? .legacy(LegacyOrigin(address: address, peer: server.trace(of: ask)))
        let operation = ApplyWindowMessage(
            sender: sender, message: message,
            sentAt: json["timestamp"]?.doubleValue.flatMap(Instant.init(unixSeconds:))
        )
        try await write { try operation.run($0) }
        return Reply.json(Self.done)
    }

    @Sendable private func claim(_ ask: Ask) async throws -> Response {
        let (json, _) = try await ask.request.legacyObject(limit: LegacyLimit.messageBytes)
        let address = try json.machineID()
        let job = try Self.assignment(ask)
        if let bound = try Self.session(ask) {
            try await requireHeld(job, by: bound)
            return Reply.json(Self.done)
        }
        let claim = ClaimLegacy(job: job, origin: LegacyOrigin(address: address, peer: server.trace(of: ask)))
        let session = try await write { try claim.run($0) }
        var writer = JSONWriter(capacity: 64)
        writer.beginObject()
        writer.field("success", true)
        writer.field("workerId", session.description)
        writer.endObject()
        return Reply.json(writer.bytes)
    }

    /// A program that an agent started claims what its agent has claimed for it.
    private func requireHeld(_ job: JobID, by session: SessionID) async throws {
        let record = try await server.store.read { try RecordReads.job(job, $0) }
        guard let record else { throw LegacyRefusal(404, "There is no assignment \(job).") }
        guard record.holder == session, record.status.isHeld else {
            throw LegacyRefusal(
                409, "Assignment \(job) is not held by the session \(session) that started this program.")
        }
    }

    /// The assignment that waits longest. It is not claimed by asking.
    @Sendable private func next(_ ask: Ask) async throws -> Response {
        _ = try LegacyName.check(ask.request.formQuery("machineId"), "machineId")
        let bytes = try await server.store.read { connection -> [UInt8] in
            var writer = JSONWriter()
            writer.beginObject()
            writer.key("assignment")
            if let job = try LegacyReads.nextAssignment(connection) {
                try LegacyAnswers.assignment(job, worker: nil, connection, to: &writer)
            } else {
                writer.null()
            }
            writer.endObject()
            return writer.bytes
        }
        return Reply.json(bytes)
    }

    // MARK: - Shared

    /// The session that the URL's token names; `nil` where the client has to be found by what it says.
    static func session(_ ask: Ask) throws -> SessionID? {
        if case .session(let id) = ask.principal { return id }
        try ask.principal.requireWorker()
        return nil
    }

    /// The session and, where an agent's program says it, the attempt.
    static func bound(_ ask: Ask) throws -> ApplyWindowMessage.Sender? {
        try session(ask).map { .bound($0, attempt: BoundAttempt.of(ask)) }
    }

    static func assignment(_ ask: Ask) throws -> JobID {
        let text = ask.context.parameters.get("id") ?? ""
        guard let id = JobID(text: text) else {
            throw LegacyRefusal(404, "There is no assignment \(printable(text)).")
        }
        return id
    }

    /// Runs an operation and notes, still inside it, that its session was heard: a sweep in the same moment knows.
    @discardableResult
    func write(
        _ operation: @escaping @Sendable (WriteTransaction) throws -> SessionID
    ) async throws -> SessionID {
        let store = server.store
        return try await store.write { transaction in
            let session = try operation(transaction)
            store.heard(session)
            return session
        }
    }
}
