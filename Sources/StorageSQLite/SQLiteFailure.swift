import GRDB
import GRDBSQLite
import Storage

/// SQLite's words for what went wrong, as the store's.
enum SQLiteFailure {
    static func error(_ error: any Error, _ what: String) -> StoreError {
        if let error = error as? StoreError { return error }
        guard let error = error as? DatabaseError else {
            return StoreError(.unavailable, "The database failed at \(what): \(error).")
        }
        return self.error(code: error.resultCode.rawValue, message: error.message ?? "", what)
    }

    static func error(code: Int32, message: String, _ what: String) -> StoreError {
        switch code & 0xff {
        case SQLITE_FULL:
            return StoreError(.diskFull, "The disk that holds the data folder is full. Make room; nothing was changed.")
        case SQLITE_CONSTRAINT:
            return StoreError(.constraint, "The database refused \(what): \(message).")
        case SQLITE_NOTADB:
            return StoreError(
                .incompatible, "The file is no database of Muster. Name another data folder with --data."
            )
        case SQLITE_CORRUPT:
            return StoreError(.corrupt, "The database is damaged (\(message)). Restore the newest backup.")
        case SQLITE_READONLY, SQLITE_CANTOPEN, SQLITE_PERM, SQLITE_AUTH:
            return StoreError(
                .unavailable, "The data folder can't be written (\(message)). Check its owner and rights."
            )
        default:
            return StoreError(.unavailable, "The database failed at \(what): \(message) (code \(code)).")
        }
    }
}
