import Domain
import Hummingbird
import Storage
import Wire

/// `POST /sessions/{id}/heartbeat`: the session's whole state for the server's whole wish.
struct HeartbeatRoute {
    let server: ServerContext

    func add(to table: RouteTable) {
        table.post("/api/v1/sessions/:id/heartbeat", beat)
    }

    @Sendable private func beat(_ ask: Ask) async throws -> Response {
        let id: SessionID = try ask.id()
        try ask.principal.requireSession(id)
        let body = try await ask.request.bytes(limit: RequestLimit.heartbeatBytes)
        let reply = try await server.store.heartbeat(id, body: body) {
            try RecordHeartbeat(id, HeartbeatRequest(body: body, isStrict: true))
        } encode: { wish in
            HeartbeatReply(
                lost: wish.lost.map(AttemptRef.init), cancel: wish.cancel.map(AttemptRef.init),
                isDraining: wish.isDraining, leaseMilliseconds: Int(wish.leaseMilliseconds)
            ).body
        }
        return Reply.json(reply)
    }
}

extension RecordHeartbeat {
    init(_ session: SessionID, _ said: HeartbeatRequest) {
        self.init(
            session: session, status: said.status, utilisation: said.utilisation, connectors: said.connectors,
            held: said.held.map { held in
                Held(
                    job: held.ref.job, attempt: held.ref.attempt, isRunning: held.isRunning,
                    progress: JobProgress(
                        fraction: held.fraction, stage: held.stage, stageFraction: held.stageFraction
                    )
                )
            }
        )
    }
}

extension AttemptRef {
    init(_ key: HeldKey) { self.init(job: key.job, attempt: key.attempt) }
    var key: HeldKey { HeldKey(job: job, attempt: attempt) }
}
