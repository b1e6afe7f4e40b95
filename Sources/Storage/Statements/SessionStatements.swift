/// Statements about machines, sessions and their beats.
enum SessionStatements {
    static let machine = Statement(
        "machine.find",
        """
        SELECT hostname, addresses, os, arch, cores, memory_bytes, gpus, boot_id FROM machine WHERE id = $1
        """
    )
    static let putMachine = Statement(
        "machine.put",
        """
        INSERT INTO machine
            (id, hostname, addresses, os, arch, cores, memory_bytes, gpus, boot_id, first_seen_at, seq)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        ON CONFLICT (id) DO UPDATE SET hostname = excluded.hostname, addresses = excluded.addresses,
            os = excluded.os, arch = excluded.arch, cores = excluded.cores, memory_bytes = excluded.memory_bytes,
            gpus = excluded.gpus, boot_id = excluded.boot_id, seq = excluded.seq
        """
    )
    static let touchMachine = Statement("machine.touch", "UPDATE machine SET seq = $1 WHERE id = $2")

    static let ofProcess = Statement(
        "session.of_process", "SELECT id, status FROM session WHERE machine_id = $1 AND process_key = $2"
    )
    /// The newest session of a worker name, whatever became of it.
    static let newestOfWorker = Statement(
        "session.newest_of_worker",
        """
        SELECT id, status, status_since FROM session WHERE machine_id = $1 AND worker_name = $2
        ORDER BY id DESC LIMIT 1
        """
    )
    /// Sessions of a machine that are not known to be over: what a reboot ends.
    static let liveOfMachine = Statement(
        "session.live_of_machine",
        """
        SELECT id, status, status_since FROM session
        WHERE machine_id = $1 AND is_current = 1 AND status IN ('starting', 'running', 'stopping', 'stale')
        ORDER BY id
        """
    )
    static let insert = Statement(
        "session.insert",
        """
        INSERT INTO session
            (id, machine_id, hostname, worker_name, pid, version, process_key, token_hash, status, status_since,
             queues, studies, slots, capabilities, started_at, utilisation, connectors, previous_id, seq)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
        """
    )
    static let renewToken = Statement("session.renew_token", "UPDATE session SET token_hash = $1 WHERE id = $2")
    static let replace = Statement(
        "session.replace", "UPDATE session SET is_current = 0, left_seq = $1, seq = $1 WHERE id = $2"
    )

    /// What heartbeat, claim and report ask before anything else.
    static let brief = Statement(
        "session.brief",
        """
        SELECT status, status_since, is_draining, last_report, is_current,
            CASE WHEN EXISTS (SELECT 1 FROM job WHERE holder = $1 AND status IN ('claimed', 'running'))
                THEN 1 ELSE 0 END, kind, utilisation, connectors
        FROM session WHERE id = $1
        """,
        rows: [.session(1), .holder(1)]
    )
    static let facts = Statement(
        "session.facts", "SELECT worker_name, queues, studies, capabilities FROM session WHERE id = $1"
    )
    static let byToken = Statement(
        "session.by_token", "SELECT id, status FROM session WHERE token_hash = $1"
    )
    /// Run only where something else was said before.
    static let say = Statement(
        "session.say",
        "UPDATE session SET utilisation = $1, connectors = $2, seq = $3 WHERE id = $4", rows: [.session(4)]
    )
    static let move = Statement(
        "session.move",
        """
        UPDATE session SET status = $1, status_since = $2, ended_at = $3, end_reason = $4, seq = $5
        WHERE id = $6 AND status = $7
        """
    )
    static let drain = Statement("session.drain", "UPDATE session SET is_draining = 1, seq = $1 WHERE id = $2")
    static let touch = Statement("session.touch", "UPDATE session SET seq = $1 WHERE id = $2", rows: [.session(2)])
    static let reported = Statement(
        "session.reported",
        """
        UPDATE session SET last_report = $1, completed_count = completed_count + $2,
            failed_count = failed_count + $3, last_attempt_failed = COALESCE($4, last_attempt_failed),
            seq = COALESCE($5, seq)
        WHERE id = $6 AND last_report < $7
        """,
        rows: [.session(6)]
    )
    static let delete = Statement("session.delete", "DELETE FROM session WHERE id = $1")
    static let makeCurrent = Statement(
        "session.make_current", "UPDATE session SET is_current = 1, left_seq = NULL WHERE id = $1")

    static let beat = Statement(
        "beat.put",
        """
        INSERT INTO beat (session_id, heard_at) SELECT id, $1 FROM session WHERE id = $2
        ON CONFLICT (session_id) DO UPDATE SET heard_at =
            CASE WHEN excluded.heard_at > beat.heard_at THEN excluded.heard_at ELSE beat.heard_at END
        """
    )
    /// As many at once: ten thousand agents are a hundred statements a second.
    static let beatsAtOnce = 100
    static let manyBeats = Statement(
        "beat.put_many",
        """
        INSERT INTO beat (session_id, heard_at) SELECT column1, column2
        FROM (VALUES \((0..<beatsAtOnce).map {
            "(CAST($\(2 * $0 + 1) AS BIGINT), CAST($\(2 * $0 + 2) AS BIGINT))"
        }.joined(separator: ", "))) AS said
        WHERE EXISTS (SELECT 1 FROM session WHERE session.id = column1)
        ON CONFLICT (session_id) DO UPDATE SET heard_at =
            CASE WHEN excluded.heard_at > beat.heard_at THEN excluded.heard_at ELSE beat.heard_at END
        """
    )
    static let heardAt = Statement("beat.of_session", "SELECT heard_at FROM beat WHERE session_id = $1")
    static let beats = Statement("beat.all", "SELECT session_id, heard_at FROM beat")
    static let beatsSince = Statement("beat.since", "SELECT session_id, heard_at FROM beat WHERE heard_at > $1")

    /// What the sweep looks at: every session believed to live.
    static let live = Statement(
        "session.live",
        """
        SELECT id, status, status_since, kind FROM session
        WHERE is_current = 1 AND status IN ('starting', 'running', 'stopping')
        ORDER BY id
        """
    )

    static let all = [
        machine, putMachine, touchMachine, ofProcess, newestOfWorker, liveOfMachine, insert, renewToken, replace,
        brief, facts, byToken, say, move, drain, touch, reported, delete, makeCurrent, beat, manyBeats, heardAt, beats,
        beatsSince, live,
    ]
}
