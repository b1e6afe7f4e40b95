/// Statements about queues, what is required in them, and their counters.
enum QueueStatements {
    static let ofName = Statement("queue.of_name", "SELECT id FROM queue WHERE name = $1")
    static let ofStudy = Statement("queue.of_study", "SELECT id FROM queue WHERE study_id = $1")
    /// A deleted study has no queue any more, though the row stays until the last of its jobs is removed.
    static let ofID = Statement(
        "queue.of_id",
        """
        SELECT queue.name, queue.study_id FROM queue LEFT JOIN study ON study.id = queue.study_id
        WHERE queue.id = $1 AND study.deleted_at IS NULL
        """
    )
    static let insert = Statement(
        "queue.insert", "INSERT INTO queue (id, name, study_id, seq) VALUES ($1, $2, $3, $4)"
    )
    static let touch = Statement("queue.touch", "UPDATE queue SET seq = $1 WHERE id = $2")
    static let pause = Statement("queue.pause", "UPDATE queue SET is_paused = $1 WHERE id = $2")
    static let requirement = Statement(
        "requirement.of_text", "SELECT id FROM requirement WHERE canonical = $1"
    )
    static let insertRequirement = Statement(
        "requirement.insert", "INSERT INTO requirement (id, canonical) VALUES ($1, $2)"
    )
    static let requirements = Statement(
        "queue_requirement.of_queue",
        """
        SELECT requirement.id, requirement.canonical FROM queue_requirement
        JOIN requirement ON requirement.id = queue_requirement.requirement_id
        WHERE queue_requirement.queue_id = $1
        """
    )
    static let addRequirement = Statement(
        "queue_requirement.add",
        "INSERT INTO queue_requirement (queue_id, requirement_id) VALUES ($1, $2) ON CONFLICT DO NOTHING"
    )
    static let count = Statement(
        "job_count.add",
        """
        INSERT INTO job_count (queue_id, status, count) VALUES ($1, $2, $3)
        ON CONFLICT (queue_id, status) DO UPDATE SET count = job_count.count + excluded.count
        """
    )
    static let uncount = Statement(
        "job_count.subtract", "UPDATE job_count SET count = count - $1 WHERE queue_id = $2 AND status = $3"
    )
    static let uncountStudy = Statement(
        "job_count.drop_of_study",
        "DELETE FROM job_count WHERE queue_id IN (SELECT id FROM queue WHERE study_id = $1)"
    )
    static let counts = Statement("job_count.of_queue", "SELECT status, count FROM job_count WHERE queue_id = $1")

    static let all = [
        ofName, ofStudy, ofID, insert, touch, pause, requirement, insertRequirement, requirements, addRequirement,
        count, uncount, uncountStudy, counts,
    ]
}

/// Statements about studies.
enum StudyStatements {
    static let insert = Statement(
        "study.insert",
        """
        INSERT INTO study
            (id, name, status, configuration, split, dimensions, priority, created_at, updated_at, seq, description,
             notes)
        VALUES ($1, $2, 'active', $3, $4, $5, $6, $7, $7, $8, $9, $10)
        """
    )
    static let ofName = Statement(
        "study.of_name", "SELECT id FROM study WHERE name = $1 AND deleted_at IS NULL", rows: [])
    static let brief = Statement(
        "study.brief", "SELECT name, status FROM study WHERE id = $1 AND deleted_at IS NULL",
        rows: []
    )
    static let split = Statement("study.split", "SELECT configuration, split FROM study WHERE id = $1")
    static let move = Statement("study.move", "UPDATE study SET status = $1 WHERE id = $2")
    /// Brings a study's figures up to date at the end of a group.
    static let touch = Statement(
        "study.touch",
        """
        UPDATE study SET measured_count = measured_count + $1, measured_ms = measured_ms + $2, updated_at = $3,
            started_at = CASE WHEN $4 = 1 THEN COALESCE(started_at, $3) ELSE started_at END,
            finished_at = CASE WHEN $5 = 1 THEN COALESCE(finished_at, $3) ELSE NULL END, seq = $6
        WHERE id = $7
        """
    )
    /// From here on nothing finds it: every statement that reads a study or its jobs asks for `deleted_at IS NULL`.
    static let bury = Statement(
        "study.bury", "UPDATE study SET deleted_at = $1, seq = $2 WHERE id = $3 AND deleted_at IS NULL"
    )
    static let buried = Statement(
        "study.buried", "SELECT id FROM study WHERE deleted_at IS NOT NULL ORDER BY id LIMIT 1"
    )
    static let countBuried = Statement("study.count_buried", "SELECT COUNT(*) FROM study WHERE deleted_at IS NOT NULL")
    static let delete = Statement("study.delete", "DELETE FROM study WHERE id = $1 AND deleted_at IS NOT NULL")

    static let all = [insert, ofName, brief, split, move, touch, bury, buried, countBuried, delete]
}
