package import Foundation
import GRDB
package import Storage

/// SQLite in a data folder: `muster.sqlite`, its WAL, and the lock that keeps a second server out.
package final class SQLiteDriver: StoreDriver {
    package let dialect = Dialect.sqlite
    private let pool: DatabasePool
    private let file: URL
    private let lock: FolderLock
    /// Touched only inside the pool's writer queue, which runs one block at a time: that is what makes it safe here.
    nonisolated(unsafe) private let prepared = PreparedStatements()

    /// Pages of 4 KiB that gather in the WAL before they are moved: fewer moves than SQLite's 1,000, and 16 MiB at most
    /// in ordinary work.
    private static let checkpointPages = 4_000
    private static let readerCount = 4
    /// The WAL is cut back to this after a move, so that one busy hour does not cost the disk for ever.
    private static let walLimitBytes = 64 * 1_048_576

    /// Opens the database of a folder, making both where they are not there.
    ///
    /// - Throws: `inUse` where another server has the folder, `unavailable` where it can't be written, `incompatible`
    ///   where the file is something else.
    package init(folder: URL) throws(StoreError) {
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        } catch {
            throw StoreError(
                .unavailable, "The data folder \(folder.path) can't be made: \(error.localizedDescription)"
            )
        }
        lock = try FolderLock(folder: folder)
        file = folder.appendingPathComponent("muster.sqlite")
        do {
            pool = try DatabasePool(path: file.path, configuration: Self.configuration)
            try pool.writeWithoutTransaction { database in
                // GRDB's own choice for a WAL is NORMAL, which does not sync at a commit. An answer is a promise.
                try database.execute(sql: "PRAGMA synchronous = FULL")
                try database.execute(sql: "PRAGMA wal_autocheckpoint = \(Self.checkpointPages)")
                try database.execute(sql: "PRAGMA journal_size_limit = \(Self.walLimitBytes)")
            }
        } catch {
            throw SQLiteFailure.error(error, "opening \(file.path)")
        }
    }

    private static var configuration: Configuration {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = true
        configuration.maximumReaderCount = readerCount
        configuration.label = "muster"
        // No other program writes here, but one that reads (a backup, `sqlite3`) locks the file for a moment when it is
        // the first to find the log of a server that was killed.
        configuration.busyMode = .timeout(5)
        configuration.prepareDatabase { database in
            // Only the writer checkpoints: two connections doing so could damage the WAL before SQLite 3.51.3.
            if database.configuration.readonly { try database.execute(sql: "PRAGMA wal_autocheckpoint = 0") }
            try database.execute(sql: "PRAGMA cache_size = -65536")
            // What a savepoint must be able to undo is kept in memory: as a file it would be written and thrown away
            // with every group.
            try database.execute(sql: "PRAGMA temp_store = MEMORY")
        }
        return configuration
    }

    package func withWriter(_ body: @escaping @Sendable (any WriteConnection) -> Void) {
        pool.asyncWriteWithoutTransaction { [self] database in
            body(SQLiteWriteConnection(database, pool: pool, prepared: unsafe prepared))
        }
    }

    package func read<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value {
        try await pool.read { database in try body(SQLiteConnection(database)) }
    }

    package func unmergedBytes() -> Int64? {
        let attributes = try? FileManager.default.attributesOfItem(atPath: file.path + "-wal")
        return (attributes?[.size] as? NSNumber)?.int64Value ?? 0
    }

    package func close() async {
        await withCheckedContinuation { continuation in
            pool.asyncWriteWithoutTransaction { [self] _ in
                unsafe prepared.removeAll()
                continuation.resume()
            }
        }
        try? pool.close()
        lock.release()
    }
}
