import Storage
import StoragePostgres
import TestKit

extension TemporaryPostgres {
    /// From here on it brings nothing to disk by itself, so that a crash takes back what nobody waited for.
    func becomeLazy() throws {
        try execute("ALTER SYSTEM SET wal_writer_delay = '10s'")
        try execute("SELECT pg_reload_conf()")
    }

    /// What another node does whose end comes between its commit and the disk.
    func commitUnsynced(_ target: PostgresTarget) throws {
        try execute(
            """
            BEGIN; SET LOCAL synchronous_commit TO off; SET LOCAL search_path TO "\(target.schema)";
            UPDATE queue SET seq = (SELECT value + 1 FROM sequence);
            INSERT INTO commit_note (seq, after_seq, node, group_number, at, body)
                SELECT value + 1, value, 'another', 1, 0, '' FROM sequence;
            UPDATE sequence SET value = value + 1; COMMIT
            """
        )
    }

    /// From here on a commit waits for a replica, and there is none. Its server is started anew, as after a crash.
    func waitForReplica() throws {
        try execute("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
        try crash()
        try start()
    }

    /// Whoever waits for a replica goes on.
    func forgetReplica() throws {
        try execute("ALTER SYSTEM SET synchronous_standby_names = ''")
        try execute("SELECT pg_reload_conf()")
    }

    /// Whether a connection waits for another's transaction to end.
    func isAnyoneWaitingForARow() throws -> Bool {
        let question = Statement(
            "test.row_waiting", "SELECT COUNT(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        )
        return try PostgresScript.rows(question, url: url).first?.int64(0) ?? 0 > 0
    }

    /// The process of a connection whose commit waits for a replica now.
    func backendThatWaitsForAReplica() throws -> Int64? {
        let question = Statement("test.waiting", "SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
        return try PostgresScript.rows(question, url: url).first?.int64(0)
    }
}
