import Domain
import Hummingbird
import Storage
import Wire

/// Registration, and what people ask of sessions.
struct SessionRoutes {
    let server: ServerContext

    func add(to table: RouteTable) {
        table.post("/api/v1/sessions", register)
        table.get("/api/v1/sessions", list)
        table.get("/api/v1/sessions/:id", show)
        table.delete("/api/v1/sessions/:id", delete)
        table.post("/api/v1/sessions/:id/drain", drain)
    }

    @Sendable private func register(_ ask: Ask) async throws -> Response {
        try ask.principal.requireWorker()
        let said = try await ask.request.value(RegisterRequest.self)
        let token = TokenSecret.make()
        let registration = RegisterSession(
            machine: MachineRecord(
                id: said.machine.id, hostname: said.machine.hostname, addresses: said.machine.addresses,
                os: said.machine.os, arch: said.machine.arch, cores: said.machine.cores,
                memoryBytes: said.machine.memoryBytes, gpus: said.machine.gpus, bootID: said.machine.bootID,
                firstSeenAt: server.store.now, sequence: .zero
            ),
            workerName: said.workerName, pid: said.pid, version: said.version, processKey: said.processKey,
            predecessorEnded: said.predecessorEnded, queues: said.queues, studies: said.studies, slots: said.slots,
            capabilities: said.capabilities, connectors: said.connectors, tokenHash: TokenSecret.hash(token)
        )
        let session = try await server.store.write { try registration.run($0) }
        server.store.heard(session)
        server.access.remember(token, .session(session))
        let reply = RegisterReply(
            session: session, token: token, epoch: server.store.epoch,
            heartbeatMilliseconds: Int(server.store.timing.heartbeatMilliseconds), serverTime: server.store.now
        )
        return Reply.value(reply, status: .created)
    }

    @Sendable private func list(_ ask: Ask) async throws -> Response {
        let limit = try ask.request.listLimit()
        let before = try ask.request.queryNumber("cursor", in: 1...Int64.max) ?? ListReads.end
        let includingHistory = try ask.request.queryFlag("ended")
        let sessions = try await server.store.read { connection in
            try ListReads.sessions(
                before: before, includingHistory: includingHistory, limit: limit, connection
            )
        }
        let heard = server.store.lastHeard
        let beats = sessions.reduce(into: [SessionID: Instant]()) { $0[$1.id] = heard[$1.id] }
        return Reply.value(
            SessionList(
                items: sessions, beats: Beats(beats),
                next: sessions.count < limit ? nil : sessions.last.map { String($0.id.number) }
            )
        )
    }

    @Sendable private func show(_ ask: Ask) async throws -> Response {
        let id: SessionID = try ask.id()
        let heard = server.store.lastHeard(id)
        let detail = try await server.store.read { connection -> SessionDetail? in
            guard let session = try RecordReads.session(id, connection),
                let machine = try RecordReads.machine(session.machine, connection)
            else { return nil }
            return SessionDetail(
                session: session, machine: machine, lastHeardAt: heard,
                attempts: try ListReads.attempts(of: id, limit: RequestLimit.listMaximum, connection),
                transitions: try ListReads.transitions(
                    .session, id.number, key: .session(id), limit: RequestLimit.listMaximum, connection
                )
            )
        }
        guard let detail else { throw Problem.notFound("session \(id)", code: "unknown-session") }
        return Reply.value(detail)
    }

    @Sendable private func delete(_ ask: Ask) async throws -> Response {
        try ask.principal.requireOperator()
        let id: SessionID = try ask.id()
        let force = try ask.request.queryFlag("force")
        let change = ChangeSession(session: id, action: .delete(force: force), actor: ask.principal.actor)
        try await server.store.write { try change.run($0) }
        server.access.forgetAll()
        return Reply.empty
    }

    @Sendable private func drain(_ ask: Ask) async throws -> Response {
        try ask.principal.requireOperator()
        let change = ChangeSession(session: try ask.id(), action: .drain, actor: ask.principal.actor)
        try await server.store.write { try change.run($0) }
        return Reply.json(Array("{}".utf8))
    }
}
