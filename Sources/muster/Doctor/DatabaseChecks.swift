import Domain
import Storage
import StoragePostgres

/// What can be told of a PostgreSQL database by asking it.
enum DatabaseChecks {
    /// Leases are judged by the servers' clocks; two servers that differ by more than this judge differently.
    private static let clockLimitMilliseconds: Int64 = 1_000
    /// Nothing of ours takes so long, and the whole time no dead row is cleared away.
    private static let transactionLimitSeconds: Int64 = 60
    /// What one server opens: one that writes, four that read, one that listens, and a little more at its start.
    private static let connectionsOfServer = 8

    static func findings(_ target: PostgresTarget, now: Instant) -> [Finding] {
        let health: PostgresHealth
        do {
            health = try PostgresHealth.look(target)
        } catch {
            return [.fail("database", error.message, next: "psql \"\(target.shownURL)\" shows the same")]
        }
        return [
            .ok("database", "PostgreSQL \(health.version) at \(target.shownURL)."), rights(health, target),
            migrations(health, target), connections(health), transactions(health), clock(health, now),
        ]
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
                next: "CREATE SCHEMA \"\(target.schema)\" AUTHORIZATION \"\(health.role)\"")
        }
        return .ok("rights", "The role \(health.role) may write in database \(health.database).")
    }

    private static func migrations(_ health: PostgresHealth, _ target: PostgresTarget) -> Finding {
        let known = Migration.all.last?.number ?? 0
        guard let newest = health.newestMigration else {
            return .ok("schema", "\(target.schema) is made at the first start.")
        }
        if newest > known {
            return .fail(
                "schema", "\(target.schema) has step \(newest); this program knows up to \(known).",
                next: "use the newer program")
        }
        let size = Spoken.bytes(health.tableBytes)
        return .ok("schema", "\(target.schema), step \(newest) of \(known), \(size).")
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
        let words = "The longest transaction runs for \(seconds) s."
        guard seconds > transactionLimitSeconds else { return .ok("transactions", words) }
        return .warn(
            "transactions", words, next: "look for it in pg_stat_activity; it keeps dead rows from being cleared")
    }

    private static func clock(_ health: PostgresHealth, _ now: Instant) -> Finding {
        let difference = now.milliseconds - health.clockMilliseconds
        guard abs(difference) > clockLimitMilliseconds else {
            return .ok("clock of the database", "Agrees with this one.")
        }
        return .warn(
            "clock of the database", "\(Spoken.duration(milliseconds: abs(difference))) away from this machine's.",
            next: "set the clocks of all servers (timedatectl); leases are judged by them")
    }
}
