import Dispatch
import Foundation
import Storage
import Synchronization

/// Hears what other nodes announce (`LISTEN`), on a connection and a thread of its own.
final class PostgresListener: Sendable {
    private let target: PostgresTarget
    private let limits: PostgresLimits
    private let onNews: @Sendable (News?) -> Void
    private let isStopped = Mutex(false)

    /// Between two looks whether to stop, and before a connection that was lost is made anew.
    private static let waitMilliseconds: Int32 = 250

    init(_ target: PostgresTarget, _ limits: PostgresLimits, onNews: @escaping @Sendable (News?) -> Void) {
        self.target = target
        self.limits = limits
        self.onNews = onNews
    }

    func start() {
        Thread.detachNewThread { [self] in
            while !isStopped.withLock({ $0 }) {
                do {
                    try hear()
                } catch {
                    // What was said meanwhile is lost; who listens looks into the tables.
                    onNews(nil)
                    usleep(UInt32(Self.waitMilliseconds) * 1_000 + UInt32.random(in: 0...100_000))
                }
            }
        }
    }

    func stop() { isStopped.withLock { $0 = true } }

    private func hear() throws(StoreError) {
        let connection = try PostgresConnection(target, limits: limits, isWriter: false)
        try connection.execute("LISTEN \(PostgresTarget.quoted(target.channel))")
        onNews(nil)
        while !isStopped.withLock({ $0 }) {
            var waiting = pollfd(fd: connection.socket, events: Int16(POLLIN), revents: 0)
            let ready = unsafe poll(&waiting, 1, Self.waitMilliseconds)
            if ready == 0 { continue }
            for text in try connection.takeNotifications() { onNews(News(text: text)) }
        }
    }
}
