import Connectors
import Domain
import Logging
import Wire

/// Follows the session's own watch, to hear of a cancel or a drain within milliseconds. It only ever hastens the next
/// heartbeat, which is the truth; to lose it costs nothing but those milliseconds.
struct WatchLoop: Sendable {
    let core: SessionCore
    let api: ServerAPI

    /// A stream that lived this long was a good one: the next is opened soon.
    private static let goodMilliseconds: Int64 = 10_000

    func run() async {
        var backoff = Backoff(firstMilliseconds: 500, limitMilliseconds: 30_000)
        while !Task.isCancelled {
            let began = core.clock.milliseconds()
            do throws(ServerError) {
                try await follow()
            } catch {
                core.logger.debug("the watch ended", metadata: ["reason": "\(error)"])
            }
            if core.clock.milliseconds() - began > Self.goodMilliseconds { backoff.reset() }
            try? await core.clock.sleep(backoff.wait(chance: core.clock.chance()))
        }
    }

    private func follow() async throws(ServerError) {
        let token = core.read { $0.token }
        let snapshot = try await api.snapshot(core.session, token: token)
        guard let since = snapshot["seq"]?.intValue, let epoch = snapshot["epoch"]?.stringValue else {
            throw .away("the snapshot has no place to go on from")
        }
        for item in snapshot["items"]?.arrayValue ?? [] { look(at: item) }
        try await api.watch(core.session, since: since, epoch: epoch, token: token) { event in
            guard event.name == "put", let item = try? JSON(parsing: event.data) else { return }
            look(at: item)
        }
    }

    private func look(at item: JSON) {
        guard item["kind"]?.stringValue == EntityKind.session.rawValue, let value = item["value"] else { return }
        let isNews = core.read { WatchNews.isNews(value, ledger: $0.ledger, isServing: $0.drain.isServing) }
        if isNews { core.poke() }
    }
}
