/// Statements that change jobs. Each guard of a state stands in its `WHERE`: as a parameter, where many rows may go out
/// as one. Spelt out it would say that the row is in a partial index, and PostgreSQL would walk that index from end to
/// end rather than find each row by its id.
enum JobStatements {
    static let insert = Statement(
        "job.insert",
        """
        INSERT INTO job
            (id, queue_id, requirement_id, study_id, study_index, label, status, is_ready, priority, ready_at, run_at,
             maximum_attempts, unique_key, created_at, seq, payload)
        VALUES ($1, $2, $3, $4, $5, $6, 'pending', $7, $8, $9, $10, $11, $12, $13, $14, $15)
        """,
        rows: [.job(1)]
    )
    static let ofUniqueKey = Statement(
        "job.of_unique_key", "SELECT id FROM job WHERE queue_id = $1 AND unique_key = $2"
    )
    /// The next of one queue and requirement, by priority, then time, then id, as the index has them. No row is locked:
    /// whoever claims has the turn, and nobody else writes meanwhile.
    static let candidates = Statement("job.candidates", candidates("", limit: "$3"))
    /// The same from a position in the line on, before which none waits. An engine that leaves what is gone in its
    /// index for a while need not walk over it.
    static let candidatesFrom = Statement(
        "job.candidates_from", candidates("AND (-priority, ready_at, id) >= ($3, $4, $5)", limit: "$6")
    )

    private static func candidates(_ start: String, limit: String) -> String {
        """
        SELECT id, priority, ready_at, attempt, study_id, study_index, label, payload FROM job
        WHERE queue_id = $1 AND requirement_id = $2 AND status = 'pending' AND is_ready = 1 \(start)
            AND (SELECT is_paused FROM queue WHERE queue.id = $1) = 0
        ORDER BY -priority, ready_at, id LIMIT \(limit)
        """
    }

    static let claim = Statement(
        "job.claim",
        """
        UPDATE job SET status = 'claimed', attempt = attempt + 1, holder = $1, holder_name = $2, claimed_at = $3,
            started_at = NULL, finished_at = NULL, lease_frozen_until = NULL, fraction = NULL, stage = NULL,
            stage_fraction = NULL, eta_at = NULL, message = NULL, exit_code = NULL, reason = NULL,
            is_cancel_requested = 0, seq = $4
        WHERE id = $5 AND status = 'pending' AND attempt = $6
        """,
        rows: [.job(5), .holder(1)]
    )
    /// All that the rules ask of one job.
    static let life = Statement("job.life", "SELECT \(lifeColumns) FROM job WHERE id = $1", rows: [.job(1)])
    /// What whoever gets it is given beside.
    static let content = Statement("job.content", "SELECT label, payload FROM job WHERE id = $1", rows: [.job(1)])
    static let lifeOfIndex = Statement(
        "job.life_of_index", "SELECT \(lifeColumns) FROM job WHERE study_id = $1 AND study_index = $2"
    )
    static let lifesHeldBy = Statement(
        "job.lifes_held_by",
        "SELECT \(lifeColumns) FROM job WHERE holder = $1 AND status IN ('claimed', 'running') ORDER BY id",
        rows: [.holder(1)], jobColumn: 0
    )
    static let keysHeldBy = Statement(
        "job.keys_held_by",
        "SELECT id, attempt FROM job WHERE holder = $1 AND status IN ('claimed', 'running') ORDER BY id",
        rows: [.holder(1)], jobColumn: 0
    )
    static let lifesHeldOfStudy = Statement(
        "job.lifes_held_of_study",
        "SELECT \(lifeColumns) FROM job WHERE study_id = $1 AND status IN ('claimed', 'running') ORDER BY id"
    )
    /// A bite of a study's jobs in one state, by index.
    static let lifesOfStudy = Statement(
        "job.lifes_of_study",
        """
        SELECT \(lifeColumns) FROM job WHERE study_id = $1 AND study_index > $2 AND status = $3
        ORDER BY study_index LIMIT $4
        """
    )
    static let lifeColumns = """
        id, status, attempt, holder, counted_failures, maximum_attempts, is_cancel_requested, queue_id, \
        requirement_id, study_id, claimed_at, started_at, fraction, stage, stage_fraction, lease_frozen_until, \
        study_index, eta_at, message, holder_name
        """

    static let start = Statement(
        "job.start",
        """
        UPDATE job SET status = 'running', started_at = $1, seq = $2
        WHERE id = $3 AND status = $4 AND attempt = $5
        """,
        rows: [.job(3)]
    )
    /// Any step that ends an attempt or a wait.
    static let step = Statement(
        "job.step",
        """
        UPDATE job SET status = $1, holder = CAST($2 AS BIGINT),
            holder_name = CASE WHEN CAST($2 AS BIGINT) IS NULL THEN NULL ELSE holder_name END,
            counted_failures = $3, is_cancel_requested = $4, exit_code = $5, reason = $6, finished_at = $7,
            fraction = $8, stage = $9, stage_fraction = $10, eta_at = NULL, lease_frozen_until = NULL,
            result = $11, seq = $12
        WHERE id = $13 AND status = $14 AND attempt = $15
        """,
        rows: [.job(13)]
    )
    static let progress = Statement(
        "job.progress",
        """
        UPDATE job SET fraction = $1, stage = $2, stage_fraction = $3, eta_at = $4, message = $5, seq = $6
        WHERE id = $7 AND attempt = $8 AND status = $9
        """,
        rows: [.job(7)]
    )
    static let requestCancel = Statement(
        "job.request_cancel",
        """
        UPDATE job SET is_cancel_requested = 1, reason = $1, seq = $2
        WHERE id = $3 AND attempt = $4 AND status IN ('claimed', 'running')
        """
    )
    static let freeze = Statement(
        "job.freeze",
        """
        UPDATE job SET lease_frozen_until = $1 WHERE id = $2 AND attempt = $3 AND status = $4
        """,
        rows: [.job(2)]
    )
    static let countLines = Statement(
        "job.count_lines",
        """
        UPDATE job SET warning_count = warning_count + $1, error_count = error_count + $2, seq = $3
        WHERE id = $4 AND attempt = $5
        """,
        rows: [.job(4)]
    )
    static let countArtifact = Statement(
        "job.count_artifact", "UPDATE job SET artifact_count = artifact_count + 1, seq = $1 WHERE id = $2"
    )
    /// Scheduled jobs whose time has come.
    static let due = Statement(
        "job.due",
        """
        SELECT id, queue_id, requirement_id, study_id FROM job
        WHERE status = 'pending' AND is_ready = 0 AND run_at <= $1 ORDER BY run_at, id LIMIT $2
        """
    )
    static let makeReady = Statement(
        "job.make_ready",
        "UPDATE job SET is_ready = 1, ready_at = $1, seq = $2 WHERE id = $3 AND status = 'pending' AND is_ready = 0"
    )
    /// Every lease there is: what the sweep looks at. By `holder`, since that is the index of what is held; in the
    /// order of ids alone SQLite would rather walk through every job there ever was.
    static let leases = Statement(
        "job.leases",
        """
        SELECT id, attempt, holder, claimed_at, lease_frozen_until, study_id FROM job
        WHERE holder > 0 AND status IN ('claimed', 'running') ORDER BY holder, id
        """
    )
    static let delete = Statement("job.delete", "DELETE FROM job WHERE id = $1")
    /// What is still there of a deleted study, a bite by index.
    static let biteOfStudy = Statement(
        "job.bite_of_study", "SELECT study_index FROM job WHERE study_id = $1 ORDER BY study_index LIMIT $2"
    )
    static let deleteBite = Statement(
        "job.delete_bite", "DELETE FROM job WHERE study_id = $1 AND study_index <= $2"
    )
    /// For rows with a `job_id`: those of a deleted study are only waiting to be removed.
    static let isOfNoDeletedStudy = """
        NOT EXISTS (SELECT 1 FROM job JOIN study ON study.id = job.study_id \
        WHERE job.id = job_id AND study.deleted_at IS NOT NULL)
        """

    static let all = [
        insert, ofUniqueKey, candidates, candidatesFrom, claim, life, content, lifeOfIndex, lifesHeldBy, keysHeldBy,
        lifesHeldOfStudy, lifesOfStudy,
        start, step, progress, requestCancel, freeze, countLines, countArtifact, due, makeReady, leases, delete,
        biteOfStudy, deleteBite,
    ]
}
