import Dashboard
import Domain
import Hummingbird
import NIOCore
import Storage
import Wire

/// Log lines of a session or a job: pages by number, and a stream that goes on from a number.
struct LogRoutes {
    let server: ServerContext
    /// Lines read at once: a few hundred kilobytes at most.
    static let pageLimit = 1_000

    func add(to table: RouteTable) {
        table.get("/api/v1/sessions/:id/logs") { try await self.page($0, .session(try $0.id())) }
        table.get("/api/v1/jobs/:id/logs") { try await self.page($0, .job(try $0.id())) }
        table.get("/api/v1/sessions/:id/logs/stream") { try await self.stream($0, .session(try $0.id())) }
        table.get("/api/v1/jobs/:id/logs/stream") { try await self.stream($0, .job(try $0.id())) }
    }

    private func page(_ ask: Ask, _ source: LogSource) async throws -> Response {
        let after = try ask.request.queryNumber("after", in: 0...Int64.max) ?? 0
        let limit = Int(try ask.request.queryNumber("limit", in: 1...Int64(Self.pageLimit)) ?? Int64(Self.pageLimit))
        try await requireThere(source)
        let lines = try await read(source, after: after, limit: limit)
        return Reply.value(LogPage(lines: lines, next: lines.last?.number ?? after))
    }

    /// - Parameters:
    ///   - event: how lines are written: as on the wire, or as a page shows them.
    ///   - state: how a page is told whether lines may still come; it is, at the beginning and when that changes.
    func stream(
        _ ask: Ask, _ source: LogSource,
        event: @escaping @Sendable ([LogLine]) -> ServerSentEvent = { LogFrame.event($0) },
        state: (@Sendable (Bool) -> ServerSentEvent)? = nil
    ) async throws -> Response {
        let asked = try ask.request.queryNumber("after", in: 0...Int64.max) ?? 0
        let resumed = HTTPEventStream.lastEventID(of: ask.request).flatMap { Int64($0) }
        try await requireThere(source)
        let routes = self
        return HTTPEventStream.response(ask.request) { sink in
            let (id, signal) = routes.server.hub.readLogs(source)
            defer { routes.server.hub.stopReadingLogs(source, id: id) }
            let listener = state.map { _ in routes.server.hub.listen(source.scope, signal: signal).id }
            defer { if let listener { routes.server.hub.stopListening(source.scope, id: listener) } }
            var told: Bool?
            var after = max(asked, resumed ?? 0)
            // The first look comes before the first signal: what was written in between is in it.
            signal.send()
            for await _ in signal.stream {
                // Looked up before the lines: those of a job are stored before its end is.
                let isLive = state == nil ? nil : try await routes.isLive(source)
                while true {
                    let lines = try await routes.read(source, after: after, limit: Self.pageLimit)
                    guard let last = lines.last else { break }
                    try await sink.send(event(lines).encoded)
                    after = last.number
                }
                if let state, let isLive, isLive != told {
                    try await sink.send(state(isLive).encoded)
                    told = isLive
                }
            }
        }
    }

    private func read(_ source: LogSource, after: Int64, limit: Int) async throws -> [LogLine] {
        try await server.store.read { connection in
            switch source {
            case .session(let id): try ListReads.lines(of: id, after: after, limit: limit, connection)
            case .job(let id): try ListReads.lines(of: id, after: after, limit: limit, connection)
            }
        }
    }

    /// What was deleted has no more lines.
    private func isLive(_ source: LogSource) async throws -> Bool {
        try await server.store.read { connection in
            switch source {
            case .session(let id): try RecordReads.session(id, connection).map(LogPart.isLive) ?? false
            case .job(let id): try RecordReads.job(id, connection).map(LogPart.isLive) ?? false
            }
        }
    }

    private func requireThere(_ source: LogSource) async throws {
        let isThere = try await server.store.read { connection in
            switch source {
            case .session(let id): try RecordReads.session(id, connection) != nil
            case .job(let id): try RecordReads.job(id, connection) != nil
            }
        }
        guard !isThere else { return }
        switch source {
        case .session(let id): throw Problem.notFound("session \(id)", code: "unknown-session")
        case .job(let id): throw Problem.notFound("job \(id)", code: "unknown-job")
        }
    }
}
