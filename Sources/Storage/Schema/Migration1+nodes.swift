/// What several servers of one database tell each other. With one server in one process it stays empty.
///
/// - `commit_note`: what each group changed, for the other nodes; `after_seq` is the number before it, so that a reader
///   knows when one is missing. Kept for a minute.
/// - `forgiveness`: silence before this moment was the database's own, so that a node that takes over knows it, too.
/// - `duty` (primary key): one node at a time sweeps, until a moment that it renews.
extension Migration {
    static let nodeTables = """
        CREATE TABLE commit_note (
            seq @int PRIMARY KEY, after_seq @int NOT NULL, node TEXT NOT NULL, group_number @int NOT NULL,
            at @int NOT NULL, body TEXT NOT NULL, CHECK (after_seq < seq)
        ) @table;
        CREATE INDEX commit_note_at ON commit_note (at);
        CREATE TABLE node (
            id TEXT PRIMARY KEY, hostname TEXT NOT NULL, pid @int NOT NULL, version TEXT NOT NULL,
            address TEXT NOT NULL, started_at @int NOT NULL, heard_at @int NOT NULL
        ) @table;
        CREATE TABLE forgiveness (id @int PRIMARY KEY CHECK (id = 1), until_at @int NOT NULL) @table;
        CREATE TABLE duty (name TEXT PRIMARY KEY, holder TEXT NOT NULL, until_at @int NOT NULL) @table;

        """
}
