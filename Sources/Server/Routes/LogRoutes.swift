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

    /// - Parameter event: how lines are written: as on the wire, or as a page shows them.
    func stream(
        _ ask: Ask, _ source: LogSource,
        event: @escaping @Sendable ([LogLine]) -> ServerSentEvent = { LogFrame.event($0) }
    ) async throws -> Response {
        let asked = try ask.request.queryNumber("after", in: 0...Int64.max) ?? 0
        let resumed = HTTPEventStream.lastEventID(of: ask.request).flatMap { Int64($0) }
        try await requireThere(source)
        let routes = self
        return HTTPEventStream.response(ask.request) { sink in
            let (id, signal) = routes.server.hub.readLogs(source)
            defer { routes.server.hub.stopReadingLogs(source, id: id) }
            var after = max(asked, resumed ?? 0)
            // The first look comes before the first signal: what was written in between is in it.
            signal.send()
            for await _ in signal.stream {
                while true {
                    let lines = try await routes.read(source, after: after, limit: Self.pageLimit)
                    guard let last = lines.last else { break }
                    try await sink.send(event(lines).encoded)
                    after = last.number
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
