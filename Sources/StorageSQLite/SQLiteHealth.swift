package import Foundation
import GRDB
package import Storage

/// What can be told of a data folder's database by looking at it, changing nothing. A server may have it open.
package struct SQLiteHealth: Sendable, Hashable {
    /// `3.40.1`.
    package var version: String
    /// The newest schema step; `nil` where there is none.
    package var newestMigration: Int?
    package var fileBytes: Int64
    /// What is committed and not yet in the file.
    package var unmergedBytes: Int64
    package var mayWrite: Bool

    /// - Returns: `nil` where the folder has no database yet.
    /// - Throws: what a server that starts would say of the file.
    package static func look(_ folder: URL) throws(StoreError) -> SQLiteHealth? {
        let path = folder.appendingPathComponent("muster.sqlite").path
        let manager = FileManager.default
        func bytes(_ path: String) -> Int64 {
            ((try? manager.attributesOfItem(atPath: path))?[.size] as? NSNumber)?.int64Value ?? 0
        }
        guard manager.fileExists(atPath: path) else { return nil }
        var configuration = Configuration()
        configuration.readonly = true
        do {
            let (version, newest) = try DatabaseQueue(path: path, configuration: configuration).read { database in
                let hasSteps = try database.tableExists("migration")
                return (
                    try String.fetchOne(database, sql: "SELECT sqlite_version()") ?? "",
                    hasSteps ? try Int.fetchOne(database, sql: "SELECT MAX(number) FROM migration") : nil
                )
            }
            return SQLiteHealth(
                version: version, newestMigration: newest, fileBytes: bytes(path), unmergedBytes: bytes(path + "-wal"),
                mayWrite: manager.isWritableFile(atPath: path)
            )
        } catch {
            throw SQLiteFailure.error(error, "reading \(path)")
        }
    }
}
