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
        for item in snapshot.items { look(at: item.record) }
        let position = WatchPosition(epoch: snapshot.epoch, sequence: snapshot.sequence)
        try await api.watch(core.session, from: position, token: token) { frame in
            if case .put(let item) = frame { look(at: item.record) }
        }
    }

    private func look(at record: EntityRecord) {
        guard case .session(let session) = record, session.id == core.session else { return }
        let isNews = core.read { WatchNews.isNews(session, ledger: $0.ledger, isServing: $0.drain.isServing) }
        if isNews { core.poke() }
    }
}
