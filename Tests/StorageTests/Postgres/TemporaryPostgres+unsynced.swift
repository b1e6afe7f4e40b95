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
}
