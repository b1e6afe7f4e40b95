extension Migration {
    /// Every migration, in order.
    package static let all = [backbone]

    /// The tables of the backbone. What each "only one" and "never twice" rests on is an index or a CHECK here (law 1):
    ///
    /// - `session_live_name`: one live session of a worker name on a machine.
    /// - `job` (a row of its own): a job has one attempt under way at most, and the row is all there is of it.
    /// - `ended_attempt` (primary key): an attempt ends once.
    /// - `job_assignment`: an index is given once in its study, and the row that has it never changes it.
    /// - `job_unique`: one job of a unique key in a queue.
    /// - `study_name`: one study of a name, among those that are not deleted.
    private static let backbone = Migration(
        number: 1, name: "backbone",
        script: fleetTables + workTables + historyTables + housekeepingTables + nodeTables + legacyTables
    )

    /// That a column has one of these values, or none. Spelt out: for a list of more than two, SQLite builds a table
    /// each time a row is written, which costs as much as writing it.
    private static func check(_ column: String, _ values: [String]) -> String {
        "CHECK (" + values.map { "\(column) = '\($0)'" }.joined(separator: " OR ") + ")"
    }

    private static let fleetTables = """
        CREATE TABLE machine (
            id TEXT PRIMARY KEY, hostname TEXT NOT NULL, addresses TEXT NOT NULL, os TEXT NOT NULL,
            arch TEXT NOT NULL, cores @int, memory_bytes @int, gpus TEXT NOT NULL, boot_id TEXT,
            first_seen_at @int NOT NULL, seq @int NOT NULL
        ) @table;
        CREATE TABLE session (
            id @int PRIMARY KEY, machine_id TEXT NOT NULL REFERENCES machine (id), hostname TEXT NOT NULL,
            worker_name TEXT NOT NULL, pid @int NOT NULL, version TEXT NOT NULL, process_key TEXT NOT NULL,
            token_hash TEXT NOT NULL,
            status TEXT NOT NULL \(check("status", ["starting", "running", "stopping", "stopped", "stale"])),
            status_since @int NOT NULL, queues TEXT NOT NULL, studies TEXT NOT NULL, slots @int NOT NULL,
            capabilities TEXT NOT NULL, is_draining @int NOT NULL DEFAULT 0,
            is_current @int NOT NULL DEFAULT 1, started_at @int NOT NULL, ended_at @int, end_reason TEXT,
            utilisation TEXT NOT NULL, connectors TEXT NOT NULL, last_attempt_failed @int NOT NULL DEFAULT 0,
            completed_count @int NOT NULL DEFAULT 0, failed_count @int NOT NULL DEFAULT 0,
            last_report @int NOT NULL DEFAULT 0, previous_id @int, seq @int NOT NULL,
            left_seq @int, kind TEXT NOT NULL DEFAULT 'agent' CHECK (kind IN ('agent', 'legacy'))
        ) @table;
        CREATE UNIQUE INDEX session_live_name ON session (machine_id, worker_name)
            WHERE status IN ('starting', 'running', 'stopping');
        CREATE UNIQUE INDEX session_process ON session (machine_id, process_key);
        CREATE UNIQUE INDEX session_token ON session (token_hash);
        CREATE INDEX session_by_worker ON session (machine_id, worker_name, id);
        CREATE INDEX session_current ON session (id) WHERE is_current = 1;
        CREATE INDEX session_left ON session (left_seq) WHERE left_seq IS NOT NULL;
        CREATE INDEX session_ended ON session (ended_at) WHERE ended_at IS NOT NULL;
        CREATE TABLE beat (
            session_id @int PRIMARY KEY REFERENCES session (id) ON DELETE CASCADE, heard_at @int NOT NULL
        ) @table;

        """

    private static let workTables = """
        CREATE TABLE study (
            id @int PRIMARY KEY, name TEXT NOT NULL,
            status TEXT NOT NULL \(check("status", ["active", "paused", "cancelled"])),
            configuration TEXT, split TEXT, dimensions TEXT NOT NULL, priority @int NOT NULL,
            measured_count @int NOT NULL DEFAULT 0, measured_ms @int NOT NULL DEFAULT 0,
            created_at @int NOT NULL, started_at @int, finished_at @int, updated_at @int NOT NULL,
            deleted_at @int, seq @int NOT NULL, description TEXT NOT NULL DEFAULT '',
            notes TEXT NOT NULL DEFAULT '[]'
        ) @table;
        CREATE UNIQUE INDEX study_name ON study (name) WHERE deleted_at IS NULL;
        CREATE INDEX study_deleted ON study (id) WHERE deleted_at IS NOT NULL;
        CREATE TABLE queue (
            id @int PRIMARY KEY, name TEXT UNIQUE, study_id @int UNIQUE REFERENCES study (id) ON DELETE CASCADE,
            is_paused @int NOT NULL DEFAULT 0, seq @int NOT NULL,
            CHECK ((name IS NULL) <> (study_id IS NULL))
        ) @table;
        CREATE TABLE job_count (
            queue_id @int NOT NULL REFERENCES queue (id) ON DELETE CASCADE, status TEXT NOT NULL,
            count @int NOT NULL CHECK (count >= 0), PRIMARY KEY (queue_id, status)
        ) @clustered;
        CREATE TABLE requirement (id @int PRIMARY KEY, canonical TEXT NOT NULL UNIQUE) @table;
        CREATE TABLE queue_requirement (
            queue_id @int NOT NULL REFERENCES queue (id) ON DELETE CASCADE,
            requirement_id @int NOT NULL REFERENCES requirement (id), PRIMARY KEY (queue_id, requirement_id)
        ) @clustered;
        CREATE TABLE job (
            id @int PRIMARY KEY, queue_id @int NOT NULL, requirement_id @int NOT NULL,
            study_id @int REFERENCES study (id) ON DELETE CASCADE, study_index @int, label TEXT,
            status TEXT NOT NULL
                \(check("status", ["pending", "claimed", "running", "completed", "failed", "cancelled"])),
            is_ready @int NOT NULL, attempt @int NOT NULL DEFAULT 0, holder @int, holder_name TEXT,
            priority @int NOT NULL, ready_at @int NOT NULL, run_at @int, lease_frozen_until @int, fraction @real,
            stage TEXT, stage_fraction @real, eta_at @int, message TEXT,
            is_cancel_requested @int NOT NULL DEFAULT 0, counted_failures @int NOT NULL DEFAULT 0,
            maximum_attempts @int NOT NULL, exit_code @int, reason TEXT, warning_count @int NOT NULL DEFAULT 0,
            error_count @int NOT NULL DEFAULT 0, artifact_count @int NOT NULL DEFAULT 0, unique_key TEXT,
            created_at @int NOT NULL, claimed_at @int, started_at @int, finished_at @int, seq @int NOT NULL,
            payload TEXT, result TEXT,
            @reference(job: queue_id requirement_id -> queue_requirement: queue_id requirement_id),
            CHECK ((study_id IS NULL) = (study_index IS NULL)),
            CHECK (status NOT IN ('claimed', 'running')
                OR (holder IS NOT NULL AND holder_name IS NOT NULL AND claimed_at IS NOT NULL))
        ) @busy;
        CREATE INDEX job_waiting ON job (queue_id, requirement_id, (-priority), ready_at, id)
            WHERE status = 'pending' AND is_ready = 1;
        CREATE INDEX job_scheduled ON job (run_at) WHERE status = 'pending' AND is_ready = 0;
        CREATE INDEX job_held ON job (holder) WHERE status IN ('claimed', 'running');
        CREATE INDEX job_held_study ON job (study_id) WHERE status IN ('claimed', 'running') AND study_id IS NOT NULL;
        CREATE INDEX job_unwell ON job (status, id) WHERE status IN ('failed', 'cancelled');
        CREATE INDEX job_of_queue ON job (queue_id, id);
        CREATE UNIQUE INDEX job_assignment ON job (study_id, study_index) WHERE study_id IS NOT NULL;
        CREATE UNIQUE INDEX job_unique ON job (queue_id, unique_key) WHERE unique_key IS NOT NULL;

        """

    private static let historyTables = """
        CREATE TABLE ended_attempt (
            job_id @int NOT NULL, number @int NOT NULL,
            session_id @int NOT NULL, worker_name TEXT NOT NULL, claimed_at @int NOT NULL, started_at @int,
            ended_at @int NOT NULL, exit_code @int, reason TEXT,
            outcome TEXT NOT NULL
                \(check("outcome", ["completed", "failed", "cancelled", "released", "retryable", "lost"])),
            @reference(ended_attempt: job_id -> job: id),
            PRIMARY KEY (job_id, number)
        ) @clustered;
        CREATE INDEX ended_attempt_by_session ON ended_attempt (session_id, job_id, number);
        CREATE TABLE late_report (
            seq @int PRIMARY KEY, job_id @int NOT NULL REFERENCES job (id) ON DELETE CASCADE,
            attempt @int NOT NULL, session_id @int NOT NULL, at @int NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL
        ) @table;
        CREATE INDEX late_report_by_job ON late_report (job_id, seq);
        CREATE TABLE transition (
            kind TEXT NOT NULL, entity_id @int NOT NULL, seq @int NOT NULL, from_status TEXT,
            to_status TEXT NOT NULL, at @int NOT NULL, actor TEXT NOT NULL, why TEXT NOT NULL, attempt @int,
            PRIMARY KEY (entity_id, kind, seq)
        ) @clustered;
        CREATE TABLE log_line (
            number @int PRIMARY KEY, session_id @int NOT NULL, job_id @int, attempt @int, at @int NOT NULL,
            stored_at @int NOT NULL, level TEXT NOT NULL, text TEXT NOT NULL, style TEXT, position @int,
            byte_total @int NOT NULL
        ) @table;
        CREATE INDEX log_line_by_session ON log_line (session_id, number);
        CREATE INDEX log_line_by_job ON log_line (job_id, number) WHERE job_id IS NOT NULL;
        CREATE TABLE artifact (
            id @int PRIMARY KEY, job_id @int NOT NULL REFERENCES job (id) ON DELETE CASCADE,
            attempt @int NOT NULL, session_id @int NOT NULL, name TEXT NOT NULL, media_type TEXT NOT NULL,
            byte_count @int, sha256 TEXT, created_at @int NOT NULL, is_stored @int NOT NULL DEFAULT 0
        ) @table;
        CREATE UNIQUE INDEX artifact_name ON artifact (job_id, attempt, name) WHERE is_stored = 1;
        CREATE INDEX artifact_by_job ON artifact (job_id, id);

        """

    private static let housekeepingTables = """
        CREATE TABLE sequence (id @int PRIMARY KEY CHECK (id = 1), value @int NOT NULL) @table;
        INSERT INTO sequence (id, value) VALUES (1, 0);
        CREATE TABLE fact (name TEXT PRIMARY KEY, value TEXT NOT NULL) @table;
        CREATE TABLE tombstone (
            seq @int PRIMARY KEY, kind TEXT NOT NULL, entity_id TEXT NOT NULL, scopes TEXT NOT NULL,
            at @int NOT NULL
        ) @table;
        CREATE TABLE token (
            id @int PRIMARY KEY, name TEXT NOT NULL,
            role TEXT NOT NULL \(check("role", ["admin", "operator", "worker", "viewer"])),
            hash TEXT NOT NULL UNIQUE, created_at @int NOT NULL, revoked_at @int
        ) @table;
        CREATE TABLE idempotency (
            key TEXT PRIMARY KEY, body_hash TEXT NOT NULL, reply TEXT NOT NULL, created_at @int NOT NULL
        ) @table;
        CREATE INDEX idempotency_age ON idempotency (created_at);
        """
}
