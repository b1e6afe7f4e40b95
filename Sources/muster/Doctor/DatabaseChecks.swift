import Domain
import Foundation
import Storage
import StoragePostgres
import StorageSQLite

/// What can be told of a database by asking it, on either engine.
enum DatabaseChecks {
    /// The server moves the WAL into the file all the time; it grows only where something keeps an old state open.
    static let unmergedLimitBytes: Int64 = 256 * 1_048_576

    /// Leases are judged by the servers' clocks; two servers that differ by more than this judge differently.
    private static let clockLimitMilliseconds: Int64 = 1_000
    /// Nothing of ours takes so long, and the whole time no dead row is cleared away.
    private static let transactionLimitSeconds: Int64 = 60
    /// What one server opens: one that writes, four that read, one that listens, and a little more at its start.
    private static let connectionsOfServer = 8

    /// The database in a data folder.
    ///
    /// - Parameter unmergedLimitBytes: a WAL that is larger is warned of.
    static func findings(folder: String, unmergedLimitBytes: Int64 = unmergedLimitBytes) -> [Finding] {
        let health: SQLiteHealth
        do {
            guard let found = try SQLiteHealth.look(URL(fileURLWithPath: folder, isDirectory: true)) else {
                return [.ok("database", "None yet in \(folder); the first start makes it.")]
            }
            health = found
        } catch {
            return [.fail("database", error.message, next: "restore the newest backup of \(folder)")]
        }
        return findings(of: health, folder: folder, unmergedLimitBytes: unmergedLimitBytes)
    }

    /// What is to be said of a data folder's database that was looked at.
    static func findings(
        of health: SQLiteHealth, folder: String, unmergedLimitBytes: Int64 = unmergedLimitBytes
    ) -> [Finding] {
        var findings = [
            Finding.ok("database", "SQLite \(health.version) in \(folder)."),
            schema(health.newestMigration, place: "The database", bytes: health.fileBytes),
        ]
        if !health.mayWrite {
            findings.append(
                .warn("rights", "This user may not write it.", next: "start the server as the user it belongs to"))
        }
        let words = "\(Spoken.bytes(health.unmergedBytes)) are committed and not yet in the main file."
        findings.append(
            health.unmergedBytes > unmergedLimitBytes
                ? .warn("WAL", words, next: "look for a program that reads the file for long; else restart the server")
                : .ok("WAL", words))
        return findings
    }

    private static func schema(_ newest: Int?, place: String, bytes: Int64) -> Finding {
        let known = Migration.all.last?.number ?? 0
        guard let newest else { return .ok("schema", "\(place) is made at the first start.") }
        if newest > known {
            return .fail(
                "schema", "\(place) has step \(newest); this program knows up to \(known).",
                next: "use the newer program")
        }
        return .ok("schema", "\(place), step \(newest) of \(known), \(Spoken.bytes(bytes)).")
    }

    /// A schema of a PostgreSQL.
    static func findings(_ target: PostgresTarget, now: () -> Instant) -> [Finding] {
        let before = now()
        let health: PostgresHealth
        do {
            health = try PostgresHealth.look(target)
        } catch {
            return [.fail("database", error.message, next: "psql \"\(target.shownURL)\" shows the same")]
        }
        return findings(of: health, target, asked: before, answered: now())
    }

    /// What is to be said of a database that was looked at between two moments.
    static func findings(
        of health: PostgresHealth, _ target: PostgresTarget, asked: Instant, answered: Instant
    ) -> [Finding] {
        let findings = [
            Finding.ok("database", "PostgreSQL \(health.version) at \(target.shownURL)."), rights(health, target),
            schema(health.newestMigration, place: target.schema, bytes: health.tableBytes), connections(health),
            transactions(health), clock(health, asked: asked, answered: answered),
        ]
        return findings + commits(health)
    }

    private static func rights(_ health: PostgresHealth, _ target: PostgresTarget) -> Finding {
        if health.isStandby {
            return .fail(
                "rights", "This server is a standby and takes no writes.",
                next: "name the primary, or add target_session_attrs=read-write to the URL")
        }
        guard health.mayWrite else {
            return .fail(
                "rights", "The role \(health.role) may not make tables in the schema \(target.schema).",
                next: health.hasSchema
                    ? "GRANT USAGE, CREATE ON SCHEMA \"\(target.schema)\" TO \"\(health.role)\""
                    : "CREATE SCHEMA \"\(target.schema)\" AUTHORIZATION \"\(health.role)\"")
        }
        guard health.closedTableCount == 0 else {
            return .fail(
                "rights",
                "The role \(health.role) may not read and write \(health.closedTableCount) of the tables in the schema \(target.schema).",
                next: "GRANT ALL ON ALL TABLES IN SCHEMA \"\(target.schema)\" TO \"\(health.role)\"")
        }
        return .ok("rights", "The role \(health.role) may write in database \(health.database).")
    }

    private static func connections(_ health: PostgresHealth) -> Finding {
        let words = "\(health.connectionCount) of \(health.connectionLimit) connections are taken."
        guard health.connectionLimit - health.connectionCount < connectionsOfServer else {
            return .ok("connections", words)
        }
        return .warn("connections", words, next: "raise max_connections; a server takes \(connectionsOfServer)")
    }

    private static func transactions(_ health: PostgresHealth) -> Finding {
        let seconds = health.longestTransactionSeconds
        let words =
            health.seesOthersTransactions
            ? "The longest transaction runs for \(seconds) s."
            : "The longest transaction of this role runs for \(seconds) s; those of others are hidden from it."
        guard seconds > transactionLimitSeconds else { return .ok("transactions", words) }
        return .warn(
            "transactions", words, next: "look for it in pg_stat_activity; it keeps dead rows from being cleared")
    }

    /// Servers that write at once commit by it, so none starts without it.
    private static func commits(_ health: PostgresHealth) -> [Finding] {
        guard let function = health.closedFunction, let grant = health.missingGrant else { return [] }
        return [
            .fail(
                "commits", "The role \(health.role) may not call \(function), so no server starts.",
                next: grant)
        ]
    }

    /// It was read at some time between the two, however long the way was.
    private static func clock(_ health: PostgresHealth, asked: Instant, answered: Instant) -> Finding {
        let behind = asked.milliseconds - health.clockMilliseconds
        let ahead = health.clockMilliseconds - answered.milliseconds
        let difference = max(behind, ahead, 0)
        guard difference > clockLimitMilliseconds else {
            return .ok("clock of the database", "Agrees with this one.")
        }
        return .warn(
            "clock of the database", "\(Spoken.duration(milliseconds: difference)) away from this machine's.",
            next: "set the clocks of all servers (timedatectl); leases are judged by them")
    }
}
