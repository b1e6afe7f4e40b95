import Foundation
import Server
import Storage
import StoragePostgres
import StorageSQLite

/// Where a server's database is: in its own folder, or on a PostgreSQL server that others may share.
enum StorePlace: Sendable, Hashable, CustomStringConvertible {
    case folder(String)
    case database(PostgresTarget)

    /// - Throws: `StoreError` with the way out.
    func makeDriver() throws(StoreError) -> any StoreDriver {
        switch self {
        case .folder(let path): try SQLiteDriver(folder: URL(fileURLWithPath: path, isDirectory: true))
        case .database(let target): try PostgresDriver(target)
        }
    }

    /// What is remembered beside the database; nothing where others may have it open, too.
    var memory: SequenceFile? {
        switch self {
        case .folder(let path): SequenceFile(folder: URL(fileURLWithPath: path, isDirectory: true))
        case .database: nil
        }
    }

    var description: String {
        switch self {
        case .folder(let path): path
        case .database(let target): target.shownURL
        }
    }

    /// Without its password; absent for a folder.
    var databaseName: String? {
        if case .database(let target) = self { target.shownURL } else { nil }
    }
}

extension Settings {
    var storePlace: StorePlace {
        guard let url = database.value else { return .folder(data.value) }
        return .database(PostgresTarget(url: url, schema: databaseSchema.value))
    }
}
