import Domain
package import Storage

/// A law that does not hold, with what shows it.
package struct BrokenLaw: Error, CustomStringConvertible {
    package let description: String
}

/// The laws of DESIGN.md, section 2, as questions to the database: each is a query that must find nothing.
package enum StoreLaws {
    struct Law: Sendable {
        let says: String
        let counterexamples: Statement
    }

    private static func law(_ says: String, _ sql: String) -> Law {
        Law(says: says, counterexamples: Statement("law", sql))
    }

    static let all: [Law] = [
        law(
            "a job is held by a session that is there, is not stopped and was not replaced",
            """
            SELECT job.id, job.holder, session.status, session.is_current FROM job
            LEFT JOIN session ON session.id = job.holder
            WHERE job.status IN ('claimed', 'running')
                AND (session.id IS NULL OR session.status = 'stopped'
                    OR (session.is_current = 0 AND session.kind = 'agent'))
            """
        ),
        law(
            "the ended attempts of a job are numbered 1 … n without a gap, and one more is under way where it is held",
            """
            SELECT job.id, job.attempt, job.status, COUNT(ended.number), MAX(ended.number) FROM job
            LEFT JOIN ended_attempt AS ended ON ended.job_id = job.id GROUP BY job.id, job.attempt, job.status
            HAVING COUNT(ended.number) <> COALESCE(MAX(ended.number), 0) OR COUNT(ended.number) <> job.attempt
                - CASE WHEN job.status IN ('claimed', 'running') THEN 1 ELSE 0 END
            """
        ),
        law(
            "no job completes twice, unless it was opened again",
            """
            SELECT entity_id, COUNT(*) FROM transition WHERE kind = 'job' AND to_status = 'completed'
            GROUP BY entity_id HAVING COUNT(*) > 1 + (SELECT COUNT(*) FROM transition AS opened
                WHERE opened.kind = 'job' AND opened.entity_id = transition.entity_id
                    AND opened.from_status = 'completed')
            """
        ),
        law(
            "a completed job has one attempt that completed, its last",
            """
            SELECT id FROM job WHERE (status = 'completed') <> EXISTS
                (SELECT 1 FROM ended_attempt WHERE job_id = job.id AND outcome = 'completed' AND number = job.attempt)
            """
        ),
        law(
            "counters are what counting says",
            """
            SELECT queue_id, status, SUM(kept), SUM(counted) FROM (
                SELECT queue_id, status, count AS kept, 0 AS counted FROM job_count
                UNION ALL SELECT queue_id, status, 0, COUNT(*) FROM job
                    WHERE NOT EXISTS (SELECT 1 FROM study WHERE study.id = job.study_id AND deleted_at IS NOT NULL)
                    GROUP BY queue_id, status) AS both_ways
            GROUP BY queue_id, status HAVING SUM(kept) <> SUM(counted)
            """
        ),
        law(
            "one session of a worker's name on its machine is the current one, and it is the newest",
            """
            SELECT machine_id, worker_name, SUM(is_current), MAX(id) FROM session GROUP BY machine_id, worker_name
            HAVING SUM(is_current) <> 1
                OR (MAX(kind) = 'agent' AND MAX(CASE WHEN is_current = 1 THEN id END) <> MAX(id))
            """
        ),
        law(
            "one live session of a worker's name on its machine",
            """
            SELECT machine_id, worker_name, COUNT(*) FROM session
            WHERE status IN ('starting', 'running', 'stopping')
            GROUP BY machine_id, worker_name HAVING COUNT(*) > 1
            """
        ),
        law(
            "a live session is the current one of its name",
            "SELECT id FROM session WHERE is_current = 0 AND status IN ('starting', 'running', 'stopping')"
        ),
        law(
            "a log line is kept once",
            """
            SELECT text, COUNT(*) FROM log_line JOIN session ON session.id = log_line.session_id
            WHERE job_id IS NULL AND session.kind = 'agent' GROUP BY text HAVING COUNT(*) > 1
            """
        ),
        law(
            "an attempt has at most one late ending",
            """
            SELECT job_id, attempt, session_id, MIN(kind), MAX(kind), MIN(seq) FROM late_report
            GROUP BY job_id, attempt, session_id HAVING COUNT(*) > 1
            """
        ),
        law(
            "a study has an end where all of it is final, and nowhere else",
            """
            SELECT study.id, study.finished_at FROM study JOIN queue ON queue.study_id = study.id
            WHERE study.deleted_at IS NULL AND (finished_at IS NOT NULL) <>
                (NOT EXISTS (SELECT 1 FROM job WHERE study_id = study.id
                    AND status IN ('pending', 'claimed', 'running'))
                AND EXISTS (SELECT 1 FROM job WHERE study_id = study.id))
            """
        ),
        law(
            "the indices of a study are 0 … n-1",
            """
            SELECT study_id FROM job JOIN study ON study.id = job.study_id WHERE study.deleted_at IS NULL
            GROUP BY study_id
            HAVING MIN(study_index) <> 0 OR MAX(study_index) <> COUNT(*) - 1
            """
        ),
        law(
            "nothing of a deleted study is held or counted",
            """
            SELECT study.id FROM study WHERE deleted_at IS NOT NULL AND (
                EXISTS (SELECT 1 FROM job WHERE job.study_id = study.id AND job.status IN ('claimed', 'running'))
                OR EXISTS (SELECT 1 FROM job_count JOIN queue ON queue.id = job_count.queue_id
                    WHERE queue.study_id = study.id))
            """
        ),
        law(
            "no row has a number beyond the sequence",
            """
            SELECT 'job', MAX(job.seq) FROM job HAVING MAX(job.seq) > (SELECT value FROM sequence)
            UNION ALL SELECT 'session', MAX(seq) FROM session HAVING MAX(seq) > (SELECT value FROM sequence)
            """
        ),
        law(
            "no history is left of a job that is gone",
            """
            SELECT 'transition', entity_id FROM transition WHERE kind = 'job'
                AND NOT EXISTS (SELECT 1 FROM job WHERE job.id = entity_id)
            """
        ),
    ]

    /// Asks them all.
    ///
    /// - Throws: ``BrokenLaw`` for the first that does not hold.
    package static func check(_ connection: any SQLConnection) throws {
        for law in all {
            let found = try connection.rows(law.counterexamples, [])
            guard let first = found.first else { continue }
            throw BrokenLaw(description: "\(law.says): \(found.count) against it, the first \(first.values)")
        }
        try checkHistory(connection)
    }

    private static let steps = Statement(
        "law.steps",
        """
        SELECT entity_id, from_status, to_status, attempt FROM transition WHERE kind = 'job'
        ORDER BY entity_id, seq
        """
    )

    /// The history of a job is one chain from `pending`, and its attempt numbers never fall.
    private static func checkHistory(_ connection: any SQLConnection) throws {
        var job: Int64 = -1
        var status = ""
        var attempt = 0
        for row in try connection.rows(steps, []) {
            if row.int64(0) != job {
                job = row.int64(0)
                status = JobStatus.pending.rawValue
                attempt = 0
            }
            let next = row.optionalInt(3) ?? attempt
            guard row.text(1) == status, next >= attempt else {
                throw BrokenLaw(
                    description: "the history of job \(job) is broken: \(status) (\(attempt)), then \(row.values)"
                )
            }
            status = row.text(2)
            attempt = next
        }
    }
}
