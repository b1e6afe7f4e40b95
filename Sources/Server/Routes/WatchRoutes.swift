import Domain
import Hummingbird
import Storage
import Wire

/// `GET /snapshot` and `GET /watch`: list and watch over one sequence.
struct WatchRoutes {
    let server: ServerContext
    /// Who was last heard of when is told this often at most.
    static let beatsPeriod = Duration.seconds(5)

    func add(to table: RouteTable) {
        table.get("/api/v1/snapshot", snapshot)
        table.get("/api/v1/watch", watch)
    }

    private func scope(_ ask: Ask) throws -> Scope {
        guard let scope = Scope(text: ask.request.query("scope") ?? "fleet") else {
            throw WireError(field: "scope", "must be fleet, study:ID, session:ID, queue:NAME or job:ID")
        }
        return scope
    }

    @Sendable private func snapshot(_ ask: Ask) async throws -> Response {
        let scope = try scope(ask)
        let snapshot = try await server.store.read { try WatchReads.snapshot(scope, $0) }
        return Reply.value(
            Snapshot(
                epoch: server.store.epoch, sequence: snapshot.sequence, scope: scope,
                items: snapshot.records.map(WatchItem.init),
                beats: Beats(BeatsFrame.of(scope, server.store.lastHeard))
            )
        )
    }

    @Sendable private func watch(_ ask: Ask) async throws -> Response {
        let scope = try scope(ask)
        let position = try position(ask)
        let server = server
        return HTTPEventStream.response(ask.request) { sink in
            guard let position, position.epoch == server.store.epoch || position.epoch.isEmpty else {
                try await sink.send(WatchFrame.reset.event(epoch: server.store.epoch).encoded)
                return
            }
            let feed = WatchFeed(server: server, scope: scope)
            try await feed.run(since: position.sequence) { batch in
                switch batch {
                case .frames(let frames):
                    try await send(frames, sink)
                    return true
                case .reset:
                    try await sink.send(WatchFrame.reset.event(epoch: server.store.epoch).encoded)
                    return false
                case .beats(let beats):
                    try await sink.send(WatchFrame.beats(Beats(beats)).event(epoch: server.store.epoch).encoded)
                    return true
                }
            }
        }
    }

    /// A piece at a time, so that a reader that does not read costs a piece and not all that waits for it.
    private static let pieceBytes = 65_536

    private func send(_ frames: [PendingFrame], _ sink: EventPipe) async throws {
        var piece: [UInt8] = []
        for frame in frames {
            piece += frame.bytes
            guard piece.count >= Self.pieceBytes else { continue }
            try await sink.send(piece)
            piece = []
        }
        if !piece.isEmpty { try await sink.send(piece) }
    }

    /// Where the watcher stands: a browser's own `Last-Event-ID` is newer than the address it first opened. `nil`
    /// where it can't be read and so can't be continued.
    private func position(_ ask: Ask) throws -> WatchPosition? {
        if let last = HTTPEventStream.lastEventID(of: ask.request) { return WatchPosition(text: last) }
        let since = try ask.request.queryNumber("since", in: 0...Int64.max) ?? 0
        return WatchPosition(epoch: ask.request.query("epoch") ?? "", sequence: SequenceNumber(since))
    }
}

/// Which beats belong to a scope.
enum BeatsFrame {
    static func of(_ scope: Scope, _ heard: [SessionID: Instant]) -> [SessionID: Instant] {
        switch scope {
        case .fleet: heard
        case .session(let id): heard.filter { $0.key == id }
        case .study, .queue, .job: [:]
        }
    }
}
