/// Statements that read representations: the same for snapshot, watch, lists and pages.
enum ReadStatements {
    static let sessionColumns = """
        session.id, session.machine_id, session.hostname, session.worker_name, session.pid, session.version, \
        session.status, session.status_since, session.queues, session.studies, session.slots, session.is_draining, \
        session.started_at, session.ended_at, session.end_reason, session.utilisation, session.connectors, \
        session.last_attempt_failed, session.completed_count, session.failed_count, session.previous_id, session.seq, \
        session.kind
        """
    static let session = Statement("read.session", "SELECT \(sessionColumns) FROM session WHERE id = $1")
    static let currentSessions = Statement(
        "read.current_sessions", "SELECT \(sessionColumns) FROM session WHERE is_current = 1 AND seq > $1 ORDER BY id"
    )
    static let departedSessions = Statement(
        "read.departed_sessions", "SELECT id, left_seq FROM session WHERE left_seq > $1"
    )
    static let sessionsBefore = Statement(
        "read.sessions_before",
        """
        SELECT \(sessionColumns) FROM session WHERE id < $1 AND (is_current = 1 OR $2 = 1) ORDER BY id DESC LIMIT $3
        """
    )
    static let sessionsOfWorker = Statement(
        "read.sessions_of_machine",
        """
        SELECT \(sessionColumns) FROM session WHERE machine_id = $1 AND worker_name = $2 ORDER BY id DESC LIMIT $3
        """
    )
    static let sessionsOfMachine = Statement(
        "read.all_of_machine",
        "SELECT \(sessionColumns) FROM session WHERE machine_id = $1 ORDER BY id DESC LIMIT $2"
    )
    static let heldColumns = """
        job.holder, job.id, job.attempt, job.study_id, study.name, job.study_index, job.label, job.status, \
        job.fraction, job.stage, job.stage_fraction, job.eta_at, job.message, job.claimed_at, job.started_at, \
        job.is_cancel_requested
        """
    static let heldBy = Statement(
        "read.held_by",
        """
        SELECT \(heldColumns) FROM job LEFT JOIN study ON study.id = job.study_id
        WHERE job.holder = $1 AND job.status IN ('claimed', 'running') ORDER BY job.id
        """
    )
    static let held = Statement(
        "read.held",
        """
        SELECT \(heldColumns) FROM job LEFT JOIN study ON study.id = job.study_id
        WHERE job.holder > 0 AND job.status IN ('claimed', 'running') ORDER BY job.holder, job.id
        """
    )

    static let machineColumns =
        "id, hostname, addresses, os, arch, cores, memory_bytes, gpus, boot_id, first_seen_at, seq"
    static let machine = Statement("read.machine", "SELECT \(machineColumns) FROM machine WHERE id = $1")
    static let machines = Statement(
        "read.machines", "SELECT \(machineColumns) FROM machine WHERE seq > $1 ORDER BY first_seen_at, id"
    )

    static let queue = Statement("read.queue", "SELECT id, name, is_paused, seq FROM queue WHERE name = $1")
    static let queueOfID = Statement(
        "read.queue_of_id", "SELECT id, name, is_paused, seq FROM queue WHERE id = $1 AND name IS NOT NULL"
    )
    static let queues = Statement(
        "read.queues", "SELECT id, name, is_paused, seq FROM queue WHERE name IS NOT NULL AND seq > $1 ORDER BY id"
    )

    static let studyColumns = """
        study.id, study.name, study.status, study.dimensions, study.measured_count, study.measured_ms, \
        study.created_at, study.started_at, study.finished_at, study.updated_at, study.seq, queue.id, \
        study.notes
        """
    /// Studies that are not deleted; conditions follow with `AND`.
    private static let liveStudies =
        "study JOIN queue ON queue.study_id = study.id WHERE study.deleted_at IS NULL"
    static let study = Statement(
        "read.study",
        "SELECT \(studyColumns) FROM \(liveStudies) AND study.id = $1"
    )
    static let studyOfName = Statement(
        "read.study_of_name",
        "SELECT \(studyColumns) FROM \(liveStudies) AND study.name = $1"
    )
    static let studies = Statement(
        "read.studies",
        """
        SELECT \(studyColumns) FROM \(liveStudies) AND study.seq > $1
        ORDER BY study.id
        """
    )
    static let studiesBefore = Statement(
        "read.studies_before",
        """
        SELECT \(studyColumns) FROM \(liveStudies) AND study.id < $1
        ORDER BY study.id DESC LIMIT $2
        """
    )
    /// In one order on every engine: a sum of fractions depends on it in its last digit.
    static let runningOfStudy = Statement(
        "read.running_of_study",
        "SELECT fraction FROM job WHERE study_id = $1 AND status IN ('claimed', 'running') ORDER BY id"
    )
    /// Who works on the assignments of a study now, of all, and on one job: a row for each that is held. Asked for an
    /// order SQLite goes by the index of what is held, else through them all.
    static let holdersOfStudy = Statement(
        "read.holders_of_study", holders("job.study_id = $1 AND job.status IN ('claimed', 'running') ORDER BY job.id")
    )
    static let holdersOfStudies = Statement(
        "read.holders_of_studies",
        holders(
            """
            job.holder > 0 AND job.study_id IS NOT NULL AND job.status IN ('claimed', 'running') ORDER BY job.holder
            """
        )
    )
    static let holderOfJob = Statement(
        "read.holder_of_job", holders("job.id = $1 AND job.status IN ('claimed', 'running')")
    )
    private static func holders(_ which: String) -> String {
        """
        SELECT job.study_id, session.id, session.kind, session.status FROM job
        JOIN session ON session.id = job.holder WHERE \(which)
        """
    }
    static let studyConfiguration = Statement(
        "read.study_configuration", "SELECT configuration, split FROM study WHERE id = $1"
    )

    static let jobColumns = """
        job.id, job.study_id, study.name, job.study_index, job.label, queue.name, job.status, job.is_ready, \
        job.attempt, job.holder, job.holder_name, job.priority, job.run_at, job.fraction, job.stage, \
        job.stage_fraction, job.eta_at, job.message, job.is_cancel_requested, job.counted_failures, \
        job.maximum_attempts, job.exit_code, job.reason, job.warning_count, job.error_count, job.artifact_count, \
        job.created_at, job.claimed_at, job.started_at, job.finished_at, job.seq
        """
    /// Jobs of queues and of studies that are not deleted; conditions follow with `AND`.
    private static let liveJobs = """
        job JOIN queue ON queue.id = job.queue_id LEFT JOIN study ON study.id = job.study_id \
        WHERE study.deleted_at IS NULL
        """
    static let job = Statement("read.job", "SELECT \(jobColumns) FROM \(liveJobs) AND job.id = $1")
    static let jobDocuments = Statement(
        "read.job_documents",
        """
        SELECT job.payload, job.result, job.study_id, job.study_index FROM \(liveJobs) AND job.id = $1
        """
    )
    static let jobsBefore = Statement(
        "read.jobs_before",
        "SELECT \(jobColumns) FROM \(liveJobs) AND job.id < $1 ORDER BY job.id DESC LIMIT $2"
    )
    static let jobsBeforeOfStatus = Statement(
        "read.jobs_before_of_status",
        """
        SELECT \(jobColumns) FROM \(liveJobs) AND job.id < $1 AND job.status = $2
        ORDER BY job.id DESC LIMIT $3
        """
    )
    /// The same for the few that are held: by the index of what is held, however many jobs there are. `+ 0` keeps
    /// SQLite from walking through them all by id.
    static let jobsHeldBefore = Statement(
        "read.jobs_held_before",
        """
        SELECT \(jobColumns) FROM \(liveJobs) AND job.id + 0 < $1 AND job.status = $2
            AND job.holder > 0 AND job.status IN ('claimed', 'running')
        ORDER BY job.id + 0 DESC LIMIT $3
        """
    )
    /// The same for those that did not end well: by their own index.
    static let jobsUnwellBefore = Statement(
        "read.jobs_unwell_before",
        """
        SELECT \(jobColumns) FROM \(liveJobs) AND job.id < $1 AND job.status = $2
            AND job.status IN ('failed', 'cancelled')
        ORDER BY job.id DESC LIMIT $3
        """
    )
    static let jobsOfQueueBefore = Statement(
        "read.jobs_of_queue_before",
        """
        SELECT \(jobColumns) FROM \(liveJobs) AND job.study_id IS NULL AND job.queue_id = $1 AND job.id < $2
            AND (job.status = $3 OR $3 = '') ORDER BY job.id DESC LIMIT $4
        """
    )
    static let jobsOfStudyAfter = Statement(
        "read.jobs_of_study_after",
        """
        SELECT \(jobColumns) FROM \(liveJobs) AND job.study_id = $1 AND job.study_index > $2
            AND (job.status = $3 OR $3 = '') ORDER BY job.study_index LIMIT $4
        """
    )
    static let jobsOfStudyWithin = Statement(
        "read.jobs_of_study_within",
        """
        SELECT \(jobColumns) FROM \(liveJobs) AND job.study_id = $1 AND job.study_index >= $2
            AND job.study_index <= $3 AND (job.status = $4 OR $4 = '') ORDER BY job.study_index LIMIT $5
        """
    )
    static let changedJobsOfStudy = Statement(
        "read.changed_jobs_of_study",
        "SELECT \(jobColumns) FROM \(liveJobs) AND job.study_id = $1 AND job.seq > $2 ORDER BY job.study_index"
    )
    static let changedJobsOfQueue = Statement(
        "read.changed_jobs_of_queue",
        "SELECT \(jobColumns) FROM \(liveJobs) AND job.study_id IS NULL AND job.queue_id = $1 AND job.seq > $2 ORDER BY job.id"
    )
    /// The status of every assignment, in index order: what the map of a study is drawn from.
    static let statusesOfStudy = Statement(
        "read.statuses_of_study",
        "SELECT study_index, status, id FROM job WHERE study_id = $1 ORDER BY study_index"
    )

    /// Attempts that have ended and, from the rows of their jobs, those under way.
    private static func attempts(ended: String, held: String) -> String {
        """
        SELECT job_id, number, session_id, worker_name, claimed_at, started_at, ended_at, outcome, exit_code, reason
            FROM \(ended)
        UNION ALL SELECT id, attempt, holder, holder_name, claimed_at, started_at, NULL, NULL, NULL, NULL
            FROM job WHERE \(held) AND status IN ('claimed', 'running')
        """
    }
    static let attemptsOfJob = Statement(
        "read.attempts_of_job", attempts(ended: "ended_attempt WHERE job_id = $1", held: "id = $1") + " ORDER BY number"
    )
    private static let newestFirst = " ORDER BY job_id DESC, number DESC LIMIT $2"
    /// Nothing of a deleted study is held. Those that ended have a limit of their own: a session may have made very
    /// many attempts, and PostgreSQL would look at each of them.
    static let attemptsOfSession = Statement(
        "read.attempts_of_session",
        attempts(
            ended: """
                (SELECT * FROM ended_attempt
                    WHERE session_id = $1 AND \(JobStatements.isOfNoDeletedStudy)\(newestFirst)) AS newest
                """,
            held: "holder = $1"
        ) + newestFirst
    )
    static let attemptsOfStudy = Statement(
        "read.attempts_of_study",
        attempts(ended: "ended_attempt WHERE job_id IN (SELECT id FROM job WHERE study_id = $1)", held: "study_id = $1")
            + " ORDER BY claimed_at DESC, job_id DESC LIMIT $2"
    )
    static let transitions = Statement(
        "read.transitions",
        """
        SELECT from_status, to_status, at, actor, why, attempt, seq FROM transition
        WHERE kind = $1 AND entity_id = $2 ORDER BY seq DESC LIMIT $3
        """
    )
    static let linesOfSession = Statement(
        "read.lines_of_session",
        """
        SELECT number, at, level, text, job_id, attempt, style, position FROM log_line
        WHERE session_id = $1 AND number > $2 ORDER BY number LIMIT $3
        """
    )
    static let linesOfJob = Statement(
        "read.lines_of_job",
        """
        SELECT number, at, level, text, job_id, attempt, style, position FROM log_line
        WHERE job_id = $1 AND number > $2 ORDER BY number LIMIT $3
        """
    )
    static let lastLinesOfSession = Statement(
        "read.last_lines_of_session",
        """
        SELECT number, at, level, text, job_id, attempt, style, position FROM log_line
        WHERE session_id = $1 ORDER BY number DESC LIMIT $2
        """
    )
    static let lastLinesOfJob = Statement(
        "read.last_lines_of_job",
        """
        SELECT number, at, level, text, job_id, attempt, style, position FROM log_line
        WHERE job_id = $1 ORDER BY number DESC LIMIT $2
        """
    )
    static let artifactsOfJob = Statement(
        "read.artifacts_of_job",
        """
        SELECT \(HousekeepingStatements.artifactColumns) FROM artifact WHERE job_id = $1 AND is_stored = 1
            AND \(JobStatements.isOfNoDeletedStudy) ORDER BY id
        """
    )
    static let artifactsOfStudy = Statement(
        "read.artifacts_of_study",
        """
        SELECT \(HousekeepingStatements.artifactColumns) FROM artifact
        WHERE job_id IN (SELECT id FROM job WHERE study_id = $1) AND is_stored = 1 ORDER BY job_id, id
        """
    )
    static let tombstones = Statement(
        "read.tombstones", "SELECT seq, kind, entity_id, scopes FROM tombstone WHERE seq > $1 ORDER BY seq"
    )

    static let all = [
        session, currentSessions, departedSessions, sessionsBefore, sessionsOfWorker,
        sessionsOfMachine, heldBy, held, machine, machines,
        queue, queueOfID, queues, study, studyOfName, studies, studiesBefore, runningOfStudy,
        holderOfJob, holdersOfStudy, holdersOfStudies, studyConfiguration, job,
        jobDocuments, jobsBefore, jobsBeforeOfStatus, jobsHeldBefore, jobsUnwellBefore, jobsOfQueueBefore,
        jobsOfStudyAfter,
        jobsOfStudyWithin,
        changedJobsOfStudy, changedJobsOfQueue, statusesOfStudy, attemptsOfJob, attemptsOfSession, attemptsOfStudy,
        transitions, linesOfSession, linesOfJob, lastLinesOfSession, lastLinesOfJob, artifactsOfJob, artifactsOfStudy,
        tombstones,
    ]
}
