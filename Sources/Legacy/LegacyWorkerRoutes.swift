import Domain
import Hummingbird
import Server
import Storage

/// The reading side: workers as GOLIAT's dashboard names them.
struct LegacyWorkerRoutes {
    let server: ServerContext

    func add(to table: LegacyTable) {
        table.get("/api/workers", list)
        table.get("/api/workers/:id", show)
        table.delete("/api/workers/:id", delete)
    }

    @Sendable private func list(_ ask: Ask) async throws -> Response {
        let includesStale = try ask.request.queryFlag("includeStale")
        let (heard, now) = (server.store.lastHeard, server.store.now)
        let bytes = try await server.store.read { connection -> [UInt8] in
            let sessions = try ListReads.sessions(
                before: ListReads.end, includingHistory: includesStale, limit: LegacyLimit.workers, connection
            )
            var writer = JSONWriter(capacity: 4_096)
            writer.beginArray()
            for session in sessions where includesStale || session.status.isLive {
                let worker = try LegacyReads.worker(session, connection)
                LegacyAnswers.worker(worker, heard: heard[session.id], lines: nil, now: now, to: &writer)
            }
            writer.endArray()
            return writer.bytes
        }
        return Reply.json(bytes)
    }

    @Sendable private func show(_ ask: Ask) async throws -> Response {
        let asked = try Self.id(ask)
        let limit = Int(
            try ask.request.queryNumber("logs", in: 0...Int64(LegacyLimit.logLines))
                ?? Int64(LegacyLimit.logLinesDefault)
        )
        let (heard, now) = (server.store.lastHeard, server.store.now)
        let bytes = try await server.store.read { connection -> [UInt8]? in
            let id = try LegacyReads.alias(of: asked, connection) ?? asked
            guard let session = try RecordReads.session(id, connection) else { return nil }
            let lines = limit == 0 ? [] : try ListReads.lastLines(of: id, limit: limit, connection)
            var writer = JSONWriter(capacity: 65_536)
            LegacyAnswers.worker(
                try LegacyReads.worker(session, connection), heard: heard[id], lines: lines, now: now, to: &writer
            )
            return writer.bytes
        }
        guard let bytes else { throw LegacyRefusal(404, "There is no worker \(asked).") }
        return Reply.json(bytes)
    }

    @Sendable private func delete(_ ask: Ask) async throws -> Response {
        try ask.principal.requireOperator()
        let change = ChangeSession(
            session: try Self.id(ask), action: .delete(force: try ask.request.queryFlag("force")),
            actor: ask.principal.actor
        )
        try await server.store.write { try change.run($0) }
        server.access.forgetAll()
        return Reply.json(LegacyMessageRoutes.done)
    }

    static func id(_ ask: Ask) throws -> SessionID {
        let text = ask.context.parameters.get("id") ?? ""
        guard let id = SessionID(text: text) else {
            throw LegacyRefusal(404, "There is no worker \(printable(text)).")
        }
        return id
    }
}
