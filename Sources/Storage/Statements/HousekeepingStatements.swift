/// Statements about artifacts, tokens, idempotency and what is pruned.
enum HousekeepingStatements {
    static let fact = Statement("fact.find", "SELECT value FROM fact WHERE name = $1")
    static let putFact = Statement(
        "fact.put",
        "INSERT INTO fact (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
    )
    static let openArtifact = Statement(
        "artifact.open",
        """
        INSERT INTO artifact (id, job_id, attempt, session_id, name, media_type, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        """
    )
    static let artifact = Statement(
        "artifact.find",
        "SELECT \(artifactColumns), is_stored FROM artifact WHERE id = $1 AND \(JobStatements.isOfNoDeletedStudy)"
    )
    static let artifactColumns =
        "id, job_id, attempt, session_id, name, media_type, byte_count, sha256, created_at"
    static let dropSameName = Statement(
        "artifact.drop_same_name",
        """
        DELETE FROM artifact WHERE job_id = $1 AND attempt = $2 AND name = $3 AND is_stored = 1 AND id <> $4
        RETURNING id
        """
    )
    static let storeArtifact = Statement(
        "artifact.store",
        "UPDATE artifact SET byte_count = $1, sha256 = $2, is_stored = 1 WHERE id = $3 AND is_stored = 0"
    )
    static let idsOfBite = Statement(
        "artifact.ids_of_bite",
        """
        SELECT artifact.id FROM artifact JOIN job ON job.id = artifact.job_id
        WHERE job.study_id = $1 AND job.study_index <= $2
        """
    )
    static let idsOfJobArtifacts = Statement(
        "artifact.ids_of_job", "SELECT id FROM artifact WHERE job_id = $1"
    )
    static let insertToken = Statement(
        "token.insert", "INSERT INTO token (id, name, role, hash, created_at) VALUES ($1, $2, $3, $4, $5)"
    )
    static let tokenOfHash = Statement(
        "token.of_hash", "SELECT id, name, role FROM token WHERE hash = $1 AND revoked_at IS NULL"
    )
    static let tokens = Statement(
        "token.all", "SELECT id, name, role, created_at, revoked_at FROM token ORDER BY id"
    )
    static let countTokens = Statement("token.count", "SELECT COUNT(*) FROM token WHERE revoked_at IS NULL")
    static let revokeToken = Statement(
        "token.revoke", "UPDATE token SET revoked_at = $1 WHERE id = $2 AND revoked_at IS NULL"
    )
    static let idempotent = Statement(
        "idempotency.find", "SELECT body_hash, reply FROM idempotency WHERE key = $1"
    )
    static let remember = Statement(
        "idempotency.put", "INSERT INTO idempotency (key, body_hash, reply, created_at) VALUES ($1, $2, $3, $4)"
    )

    // What has a number was kept in the order of its numbers: the oldest are looked at, and no more of them than one
    // bite. A condition on the time alone would read a whole table to find that nothing is due.
    static let oldestTombstones = Statement(
        "prune.oldest_tombstones", "SELECT seq, at FROM tombstone ORDER BY seq LIMIT $1"
    )
    static let pruneTombstones = Statement("prune.tombstones", "DELETE FROM tombstone WHERE seq <= $1")
    static let oldestLines = Statement(
        "prune.oldest_lines", "SELECT number, stored_at, byte_total FROM log_line ORDER BY number LIMIT $1"
    )
    static let pruneLines = Statement("prune.lines", "DELETE FROM log_line WHERE number <= $1")
    static let pruneIdempotency = Statement(
        "prune.idempotency",
        """
        DELETE FROM idempotency WHERE key IN
            (SELECT key FROM idempotency WHERE created_at < $1 ORDER BY created_at LIMIT $2)
        """
    )
    static let endedSessions = Statement(
        "prune.sessions",
        """
        SELECT id, is_current FROM session WHERE ended_at < $1 AND ended_at IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM job WHERE job.holder = session.id AND job.status IN ('claimed', 'running'))
        ORDER BY ended_at, id LIMIT $2
        """
    )
    /// Jobs in the order in which they were made, which is that of their age.
    static let jobsByAge = Statement(
        "prune.jobs_by_age",
        "SELECT id, study_id, finished_at, created_at FROM job WHERE id > $1 ORDER BY id LIMIT $2"
    )
    static let pruneTransitions = Statement(
        "prune.transitions", "DELETE FROM transition WHERE kind = $1 AND entity_id = $2"
    )

    static let dropTransitionsOfBite = Statement(
        "transition.drop_of_bite",
        """
        DELETE FROM transition WHERE kind = 'job'
            AND entity_id IN (SELECT id FROM job WHERE study_id = $1 AND study_index <= $2)
        """
    )

    static let all = [
        dropTransitionsOfBite, fact, putFact, openArtifact, artifact, dropSameName, storeArtifact,
        idsOfBite, idsOfJobArtifacts,
        insertToken, tokenOfHash, tokens, countTokens, revokeToken, idempotent, remember, oldestTombstones,
        pruneTombstones, oldestLines, pruneLines, pruneIdempotency, endedSessions, jobsByAge, pruneTransitions,
    ]
}
