import Dispatch
package import Storage
import Synchronization

/// A schema of a PostgreSQL database: one connection that writes, a few that read, one that listens. Any number of
/// servers may have the same one.
package final class PostgresDriver: StoreDriver {
    package let dialect = Dialect.postgres
    package let isShared = true
    package let target: PostgresTarget
    private let limits: PostgresLimits
    private let pool: ReaderPool
    private let synced = SyncedSequence()
    private let writerQueue = DispatchQueue(label: "muster.postgres.writer")
    /// Touched only on `writerQueue`, one block at a time: that is what makes it safe here.
    nonisolated(unsafe) private let writer: PostgresWriteConnection
    private let listener: Mutex<PostgresListener?>

    /// Connects.
    ///
    /// - Throws: `unavailable` where the server, the database or the role's rights are missing, or the password is
    ///   wrong; `incompatible` for a server older than 15; `invalid` for what is no URL.
    package init(_ target: PostgresTarget, limits: PostgresLimits = PostgresLimits()) throws(StoreError) {
        self.target = target
        self.limits = limits
        pool = ReaderPool(target, limits, synced: synced)
        unsafe writer = try PostgresWriteConnection(target, limits, synced: synced)
        listener = Mutex(nil)
        unsafe writer.callLater = { [weak self] moment in
            self?.writerQueue.asyncAfter(deadline: moment) { [weak self] in unsafe self?.writer.callWaiting() }
        }
    }

    package func withWriter(_ body: @escaping @Sendable (any WriteConnection) -> Void) {
        writerQueue.async { [self] in unsafe body(writer) }
    }

    package func read<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value {
        try await pool.read(body)
    }

    package func reserve() async throws -> (any Reservation)? { try await pool.reserve() }

    package func listen(_ onNews: @escaping @Sendable (News?) -> Void) {
        guard limits.listens else { return }
        let made = PostgresListener(target, limits) { [synced] news in
            // A node calls when what it tells is on disk.
            if let news { synced.reached(news.sequence) }
            onNews(news)
        }
        let former = listener.withLock { listener in
            let former = listener
            listener = made
            return former
        }
        former?.stop()
        made.start()
    }

    package func unmergedBytes() -> Int64? { nil }

    package func close() async {
        listener.withLock { listener in
            listener?.stop()
            listener = nil
        }
        await withCheckedContinuation { continuation in
            writerQueue.async { [self] in
                unsafe writer.close()
                pool.close()
                continuation.resume()
            }
        }
    }
}
