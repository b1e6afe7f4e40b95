/// Statements about clients that name no session.
enum LegacyStatements {
    private static let candidateColumns = """
        session.id, legacy_session.address, legacy_session.hostname, legacy_session.is_fresh, session.status, \
        legacy_session.spoke_at, legacy_session.last_batch, legacy_session.batch_mask, legacy_session.claimed_job, \
        legacy_session.claimed_at, legacy_session.is_shared, legacy_session.peer, legacy_session.last_line_at, \
        session.worker_name, session.machine_id
        """
    /// Conditions follow with `AND`.
    private static let live = """
        SELECT \(candidateColumns) FROM legacy_session JOIN session ON session.id = legacy_session.session_id \
        WHERE session.is_current = 1 AND session.status IN ('starting', 'running', 'stopping')
        """
    static let liveAt = Statement(
        "legacy.live_at", "\(live) AND legacy_session.address = $1 ORDER BY session.id"
    )
    static let liveNamed = Statement(
        "legacy.live_named", "\(live) AND legacy_session.hostname = $1 ORDER BY session.id"
    )
    static let liveFresh = Statement(
        "legacy.live_fresh", "\(live) AND legacy_session.is_fresh = 1 ORDER BY session.id"
    )
    static let livePeer = Statement("legacy.live_peer", "\(live) AND legacy_session.peer = $1 ORDER BY session.id")
    static let one = Statement(
        "legacy.one",
        """
        SELECT \(candidateColumns) FROM legacy_session JOIN session ON session.id = legacy_session.session_id
        WHERE session.id = $1
        """
    )
    /// Stale sessions that still hold something: what a process that was cut off takes up again.
    static let staleHolders = Statement(
        "legacy.stale_holders",
        """
        SELECT session.id, legacy_session.address, legacy_session.hostname FROM legacy_session
        JOIN session ON session.id = legacy_session.session_id
        WHERE session.status = 'stale' AND (legacy_session.hostname = $1 OR legacy_session.address = $2)
            AND EXISTS (SELECT 1 FROM job WHERE job.holder = session.id AND job.status IN ('claimed', 'running'))
        ORDER BY session.id
        """
    )
    static let insertSession = Statement(
        "legacy.insert_session",
        """
        INSERT INTO session
            (id, machine_id, hostname, worker_name, pid, version, process_key, token_hash, status, status_since,
             queues, studies, slots, capabilities, started_at, utilisation, connectors, previous_id, seq, kind)
        VALUES ($1, $2, $3, $4, 0, 'goliat', $5, $6, $7, $8, '[]', '[]', 1, '{}', $9, $10, '[]', $11, $12, 'legacy')
        """
    )
    static let insert = Statement(
        "legacy.insert",
        """
        INSERT INTO legacy_session (session_id, address, hostname, peer, claimed_at, claimed_job, is_fresh, is_shared)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        """
    )
    /// What a word tells of its sender.
    static let heardFrom = Statement(
        "legacy.heard_from",
        """
        UPDATE legacy_session SET address = $1, hostname = COALESCE($2, hostname), peer = COALESCE($3, peer),
            is_fresh = 0
        WHERE session_id = $4
        """
    )
    static let claimed = Statement(
        "legacy.claimed",
        "UPDATE legacy_session SET claimed_job = $1, claimed_at = COALESCE(claimed_at, $2) WHERE session_id = $3"
    )
    static let batch = Statement(
        "legacy.batch",
        """
        UPDATE legacy_session SET last_batch = $1, batch_mask = $2, last_line_at = $3, spoke_at = $4
        WHERE session_id = $5
        """
    )
    static let identify = Statement(
        "legacy.identify",
        """
        UPDATE session SET machine_id = $1, hostname = $2, worker_name = $3, previous_id = $4, seq = $5 WHERE id = $6
        """
    )
    static let namesOfMachine = Statement(
        "legacy.names_of_machine",
        """
        SELECT worker_name, id, status, status_since, kind FROM session
        WHERE machine_id = $1 AND status IN ('starting', 'running', 'stopping') AND id <> $2
        """
    )
    static let newestOfName = Statement(
        "legacy.newest_of_name",
        """
        SELECT id, status FROM session WHERE machine_id = $1 AND worker_name = $2 AND id <> $3
        ORDER BY id DESC LIMIT 1
        """
    )
    static let sessionsOfMachine = Statement(
        "legacy.sessions_of_machine", "SELECT id FROM session WHERE machine_id = $1 LIMIT 1"
    )
    static let deleteMachine = Statement("legacy.delete_machine", "DELETE FROM machine WHERE id = $1")

    // Addresses.
    static let hostnamesAt = Statement(
        "legacy.hostnames_at",
        "SELECT hostname, seen_at FROM legacy_address WHERE address = $1 AND seen_at >= $2 ORDER BY hostname"
    )
    static let addressesOf = Statement(
        "legacy.addresses_of",
        "SELECT address FROM legacy_address WHERE hostname = $1 ORDER BY seen_at DESC, address LIMIT $2"
    )
    static let seeAddress = Statement(
        "legacy.see_address",
        """
        INSERT INTO legacy_address (address, hostname, seen_at) VALUES ($1, $2, $3)
        ON CONFLICT (address, hostname) DO UPDATE SET seen_at = excluded.seen_at
        """
    )
    static let forgetAddresses = Statement("legacy.forget_addresses", "DELETE FROM legacy_address WHERE seen_at < $1")
    static let oldAddress = Statement(
        "legacy.old_address", "SELECT address FROM legacy_address WHERE seen_at < $1 LIMIT 1"
    )
    static let addAddress = Statement(
        "session_address.add",
        "INSERT INTO session_address (session_id, address, since) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING"
    )
    static let addresses = Statement(
        "session_address.of", "SELECT address FROM session_address WHERE session_id = $1 ORDER BY since, address"
    )

    // Windows.
    static let window = Statement(
        "window.one", "SELECT state FROM session_window WHERE session_id = $1 AND job_id = $2 AND attempt = $3"
    )
    static let windows = Statement(
        "window.of",
        """
        SELECT job_id, attempt, state, heard_at FROM session_window WHERE session_id = $1
        ORDER BY heard_at, job_id, attempt
        """
    )
    static let putWindow = Statement(
        "window.put",
        """
        INSERT INTO session_window (session_id, job_id, attempt, state, heard_at) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (session_id, job_id, attempt) DO UPDATE SET state = excluded.state, heard_at = excluded.heard_at
        """
    )
    /// Windows and pictures of a session's attempts that are over.
    static let closeWindows = Statement("window.close", "DELETE FROM session_window WHERE \(isOver("session_window"))")
    static let closePictures = Statement("screenshot.close", "DELETE FROM screenshot WHERE \(isOver("screenshot"))")

    private static func isOver(_ table: String) -> String {
        """
        session_id = $1 AND NOT EXISTS (
            SELECT 1 FROM job WHERE job.id = \(table).job_id AND job.attempt = \(table).attempt
                AND job.holder = \(table).session_id AND job.status IN ('claimed', 'running')
        )
        """
    }

    // Joining.
    static let moveJob = Statement(
        "legacy.move_job",
        """
        UPDATE job SET holder = $1, holder_name = $2, seq = $3, lease_frozen_until = NULL
        WHERE id = $4 AND attempt = $5 AND holder = $6
        """
    )
    static let renameHeld = Statement(
        "legacy.rename_held", "UPDATE job SET holder_name = $1, seq = $2 WHERE id = $3 AND holder = $4"
    )
    static let renameAttempts = Statement(
        "legacy.rename_attempts", "UPDATE ended_attempt SET worker_name = $1 WHERE session_id = $2"
    )
    static let adoptLines = Statement(
        "legacy.adopt_lines",
        "UPDATE log_line SET job_id = $1, attempt = $2 WHERE session_id = $3 AND job_id IS NULL"
    )
    static let startedAt = Statement(
        "legacy.started_at", "UPDATE session SET started_at = $1 WHERE id = $2 AND started_at > $1"
    )
    static let alias = Statement(
        "legacy.alias", "INSERT INTO session_alias (id, session_id) VALUES ($1, $2)"
    )
    static let moveAliases = Statement(
        "legacy.move_aliases", "UPDATE session_alias SET session_id = $1 WHERE session_id = $2"
    )
    static let moveTransitions = Statement(
        "legacy.move_transitions",
        "UPDATE transition SET entity_id = $1 WHERE kind = 'session' AND entity_id = $2"
    )
    static let ofAlias = Statement("legacy.of_alias", "SELECT session_id FROM session_alias WHERE id = $1")
    static let ended = Statement(
        "legacy.ended",
        """
        UPDATE session SET completed_count = completed_count + $1, failed_count = failed_count + $2,
            last_attempt_failed = $3, seq = $4
        WHERE id = $5
        """
    )

    /// The first that waits of the oldest study in which one does, in the order in which its own queue hands it out.
    static let nextAssignment = Statement(
        "legacy.next_assignment",
        """
        SELECT first.job_id FROM (
            SELECT study.id AS study_id, (
                SELECT job.id FROM job
                WHERE job.queue_id = queue.id AND job.status = 'pending' AND job.is_ready = 1
                ORDER BY job.requirement_id, -job.priority, job.ready_at, job.id LIMIT 1
            ) AS job_id
            FROM study JOIN queue ON queue.study_id = study.id
            WHERE study.deleted_at IS NULL AND study.status = 'active'
        ) AS first
        WHERE first.job_id IS NOT NULL ORDER BY first.study_id LIMIT 1
        """
    )
    static let description = Statement("legacy.description", "SELECT description FROM study WHERE id = $1")

    // Deleted sessions.
    static let rememberDeleted = Statement(
        "deleted_session.add",
        """
        INSERT INTO deleted_session (token_hash, session_id, at)
        SELECT token_hash, id, $1 FROM session WHERE id = $2 AND kind = 'agent' ON CONFLICT DO NOTHING
        """
    )
    static let deletedOfToken = Statement(
        "deleted_session.of_token", "SELECT session_id FROM deleted_session WHERE token_hash = $1"
    )
    static let oldDeleted = Statement(
        "deleted_session.old", "SELECT session_id FROM deleted_session WHERE at < $1 LIMIT 1"
    )
    static let forgetDeleted = Statement("deleted_session.forget", "DELETE FROM deleted_session WHERE at < $1")

    // Pictures.
    static let putScreenshot = Statement(
        "screenshot.put",
        """
        INSERT INTO screenshot
            (session_id, job_id, attempt, tab, position, file, first_byte, byte_count, media_type, taken_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        ON CONFLICT (session_id, job_id, attempt, tab) DO UPDATE SET position = excluded.position, file = excluded.file,
            first_byte = excluded.first_byte, byte_count = excluded.byte_count, media_type = excluded.media_type,
            taken_at = excluded.taken_at
        """
    )
    static let screenshots = Statement(
        "screenshot.of",
        """
        SELECT tab, position, file, first_byte, byte_count, media_type, taken_at, job_id, attempt FROM screenshot
        WHERE session_id = $1 ORDER BY job_id, attempt, position, tab
        """
    )
    static let allScreenshotFiles = Statement("screenshot.files", "SELECT DISTINCT file FROM screenshot")

    static let all = [
        liveAt, liveNamed, liveFresh, livePeer, one, staleHolders, insertSession, insert, heardFrom, claimed, batch,
        identify,
        namesOfMachine, newestOfName, sessionsOfMachine, deleteMachine, hostnamesAt, addressesOf, seeAddress,
        forgetAddresses, oldAddress, addAddress, addresses, window, windows, putWindow,
        closeWindows, closePictures, moveJob,
        renameHeld,
        renameAttempts, adoptLines, startedAt, alias, moveAliases, moveTransitions, ofAlias, ended, putScreenshot,
        screenshots,
        allScreenshotFiles, nextAssignment, description, rememberDeleted,
        deletedOfToken, oldDeleted, forgetDeleted,
    ]
}
