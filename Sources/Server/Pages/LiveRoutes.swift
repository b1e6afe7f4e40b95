import Dashboard
import Domain
import Foundation
import Hummingbird
import Storage
import Wire

/// What keeps a page true while it is open: the regions that changed, as HTML made by the templates of the page.
///
/// The page is read anew after each commit that concerns it, whole and in one transaction, and compared with what this
/// reader was last sent. So a page that was open all along and one that is opened now are the same (law 6).
struct LiveRoutes {
    let server: ServerContext

    /// Changes that come closer together than this are shown together: quicker than an eye follows.
    private static let pacing = Duration.milliseconds(120)
    /// A page rests this many times as long as reading it took: a study of a million assignments, or a hundred open
    /// pages while jobs pour in, take a part of the machine and never all of it.
    private static let rest = 4
    /// Ages are told and marks that age turns are looked at this often.
    private static let beatsPeriod = Duration.seconds(5)

    func add(to table: RouteTable) {
        table.get("/live/**") { ask in try await self.live(ask) }
    }

    private func live(_ ask: Ask) async throws -> Response {
        let path = String(ask.request.uri.path.dropFirst("/live".count))
        if path.hasPrefix("/logs/") { return try await logs(ask, String(path.dropFirst("/logs/".count))) }
        guard let address = PageRoutes.address(path, ask.request) else { throw PageRoutes.missing("such page") }
        let viewer = try await PageRoutes(server: server).viewer(ask.request)
        let loader = PageLoader(server: server, viewer: viewer)
        let since = try ask.request.queryNumber("since", in: 0...Int64.max) ?? 0
        let digest = ask.request.query("digest")
        let epoch = ask.request.query("epoch")
        let server = server
        return HTTPEventStream.response(ask.request) { pipe in
            guard epoch == nil || epoch == server.store.epoch, let first = try await loader.load(address) else {
                try await pipe.send(ServerSentEvent(event: "reset", data: Array("{}".utf8)).encoded)
                return
            }
            let (id, signal) = server.hub.listen(first.scope)
            defer { server.hub.stopListening(first.scope, id: id) }
            try await Self.follow(
                address, loader, of: first.scope, signal: signal, since: SequenceNumber(since), digest: digest, pipe
            )
        }
    }

    private static func follow(
        _ address: PageAddress, _ loader: PageLoader, of scope: Scope, signal: Signal, since: SequenceNumber,
        digest: String?, _ pipe: EventPipe
    ) async throws {
        // Read after listening began: a commit in between has left its signal. What turned out to be another thing (a
        // session that was joined with one of before) has another page.
        guard let loaded = try await loader.load(address), loaded.scope == scope else {
            try await pipe.send(reset)
            return
        }
        let renderer = try loader.server.pages.renderer()
        var (diff, changes) = PageDiff.opening(
            loaded.page.regions(), since: since, digest: digest, renderer: renderer
        )
        try await send(changes, loaded.page, pipe)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                // The clock turns marks too: it is one more reason to look.
                while true {
                    try await Task.sleep(for: beatsPeriod)
                    signal.send()
                }
            }
            var told = ContinuousClock.now
            try await sendBeats(loaded.page, pipe)
            for await _ in signal.stream {
                let began = ContinuousClock.now
                guard let next = try await loader.load(address), next.scope == scope else {
                    try await pipe.send(reset)
                    break
                }
                let changes = diff.advance(to: next.page.regions(), renderer: renderer)
                if !changes.isEmpty { try await send(changes, next.page, pipe) }
                if ContinuousClock.now - told >= beatsPeriod {
                    try await sendBeats(next.page, pipe)
                    told = ContinuousClock.now
                }
                try await Task.sleep(for: max(pacing, (ContinuousClock.now - began) * rest))
            }
            group.cancelAll()
        }
    }

    private static let reset = ServerSentEvent(event: "reset", data: Array("{}".utf8)).encoded

    private static func send(_ changes: PageChanges, _ page: any Page, _ pipe: EventPipe) async throws {
        let position = WatchPosition(epoch: page.frame.epoch, sequence: page.frame.sequence)
        try await pipe.send(
            ServerSentEvent(event: "swap", data: changes.json, id: position.description).encoded
        )
    }

    private static func sendBeats(_ page: any Page, _ pipe: EventPipe) async throws {
        try await pipe.send(
            ServerSentEvent(
                event: "beats", data: LiveEvents.beats(page.heard, now: page.frame.now)
            ).encoded
        )
    }

    // MARK: - Logs

    private func logs(_ ask: Ask, _ id: String) async throws -> Response {
        let source: LogSource
        if let session = SessionID(text: id) {
            source = .session(session)
        } else if let job = JobID(text: id) {
            source = .job(job)
        } else {
            throw PageRoutes.missing("such log")
        }
        return try await LogRoutes(server: server).stream(ask, source) { lines in
            ServerSentEvent(
                event: LogFrame.eventName, data: LiveEvents.lines(lines), id: lines.last?.number.description)
        } state: { isLive in
            ServerSentEvent(event: "state", data: LiveEvents.state(isLive: isLive))
        }
    }
}
