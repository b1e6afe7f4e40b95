/// Statements about the servers that share a database.
enum NodeStatements {
    static let addNote = Statement(
        "commit_note.add",
        "INSERT INTO commit_note (seq, after_seq, node, group_number, at, body) VALUES ($1, $2, $3, $4, $5, $6)"
    )
    static let notes = Statement(
        "commit_note.after",
        "SELECT seq, after_seq, node, group_number, body FROM commit_note WHERE seq > $1 ORDER BY seq LIMIT $2"
    )
    static let ownNotes = Statement(
        "commit_note.own", "SELECT group_number FROM commit_note WHERE seq > $1 AND node = $2"
    )
    /// Those before the first that is young enough, so that what is left has no gap however the clocks of their nodes
    /// differ.
    static let pruneNotes = Statement(
        "commit_note.prune",
        """
        DELETE FROM commit_note WHERE seq < COALESCE(
            (SELECT MIN(young.seq) FROM commit_note AS young WHERE young.at >= $1),
            (SELECT MAX(old.seq) + 1 FROM commit_note AS old))
        """
    )

    static let put = Statement(
        "node.put",
        """
        INSERT INTO node (id, hostname, pid, version, address, started_at, heard_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (id) DO UPDATE SET heard_at = excluded.heard_at, address = excluded.address
        """
    )
    static let remove = Statement("node.remove", "DELETE FROM node WHERE id = $1")
    static let prune = Statement("node.prune", "DELETE FROM node WHERE heard_at < $1")
    static let all = Statement(
        "node.all",
        """
        SELECT node.id, node.hostname, node.pid, node.version, node.address, node.started_at, node.heard_at,
            CASE WHEN EXISTS (SELECT 1 FROM duty WHERE duty.holder = node.id) THEN 1 ELSE 0 END
        FROM node ORDER BY node.started_at, node.id
        """
    )
    static let others = Statement(
        "node.others", "SELECT COUNT(*) FROM node WHERE id <> $1 AND heard_at > $2"
    )
    static let newestWord = Statement("node.newest_word", "SELECT MAX(heard_at) FROM node")

    /// Takes a duty that is free or over, or renews one's own: one row changed, or none.
    static let takeDuty = Statement(
        "duty.take",
        """
        INSERT INTO duty (name, holder, until_at) VALUES ($1, $2, $3)
        ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until_at = excluded.until_at
            WHERE duty.holder = excluded.holder OR duty.until_at < $4
        """
    )
    static let holder = Statement("duty.holder", "SELECT holder FROM duty WHERE name = $1")
    /// A time in which no node could store beats ended at this moment: the newest that any of them knows.
    static let forgive = Statement(
        "forgiveness.put",
        """
        INSERT INTO forgiveness (id, until_at) VALUES (1, $1)
        ON CONFLICT (id) DO UPDATE SET until_at = excluded.until_at WHERE forgiveness.until_at < excluded.until_at
        """
    )
    static let forgiven = Statement("forgiveness.read", "SELECT until_at FROM forgiveness WHERE id = 1")
    static let dropDuty = Statement("duty.drop", "DELETE FROM duty WHERE holder = $1")

    static let statements = [
        addNote, notes, ownNotes, pruneNotes, put, remove, prune, all, others, newestWord, takeDuty, holder, forgive,
        forgiven, dropDuty,
    ]
}
