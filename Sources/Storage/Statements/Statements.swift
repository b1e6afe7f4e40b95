/// Every statement of the product: a test prepares each on each engine.
package enum Statements {
    package static let all: [Statement] =
        SequenceStatements.all + SessionStatements.all + JobStatements.all + QueueStatements.all
        + StudyStatements.all + HistoryStatements.all + HousekeepingStatements.all + ReadStatements.all
        + NodeStatements.statements + LegacyStatements.all
}

/// The sequence is locked by every group before its first savepoint, so that numbers are committed in their order.
enum SequenceStatements {
    /// Waits for its turn, and reads the number then.
    static let take = Statement("sequence.take", "SELECT value FROM sequence WHERE id = 1 {FOR UPDATE}")
    static let store = Statement("sequence.store", "UPDATE sequence SET value = $1 WHERE id = 1")
    static let read = Statement("sequence.read", "SELECT value FROM sequence WHERE id = 1")

    static let all = [take, store, read]
}

enum HistoryStatements {
    static let addTransition = Statement(
        "transition.add",
        """
        INSERT INTO transition (kind, entity_id, seq, from_status, to_status, at, actor, why, attempt)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        """,
        rows: []
    )
    /// As long as it is under way an attempt is all in its job's row.
    static let endAttempt = Statement(
        "attempt.end",
        """
        INSERT INTO ended_attempt
            (job_id, number, session_id, worker_name, claimed_at, started_at, ended_at, outcome, exit_code, reason)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        """,
        rows: [.job(1)]
    )
    static let addLateReport = Statement(
        "late_report.add",
        """
        INSERT INTO late_report (seq, job_id, attempt, session_id, at, kind, body)
        SELECT $1, job_id, number, session_id, $2, $3, $4 FROM ended_attempt
        WHERE job_id = $5 AND number = $6 AND session_id = $7
        """
    )
    static let addLine = Statement(
        "log_line.add",
        """
        INSERT INTO log_line
            (number, session_id, job_id, attempt, at, stored_at, level, text, style, position, byte_total)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        """,
        rows: []
    )
    /// What all lines up to the newest take: the oldest go first, so the difference of two is what lies between.
    static let lineTotal = Statement(
        "log_line.total", "SELECT byte_total FROM log_line ORDER BY number DESC LIMIT 1"
    )
    static let addTombstone = Statement(
        "tombstone.add", "INSERT INTO tombstone (seq, kind, entity_id, scopes, at) VALUES ($1, $2, $3, $4, $5)"
    )

    static let all = [
        addTransition, endAttempt, addLateReport, addLine, lineTotal, addTombstone,
    ]
}
