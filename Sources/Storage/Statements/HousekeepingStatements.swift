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
        "artifact.find", "SELECT \(artifactColumns), is_stored FROM artifact WHERE id = $1"
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
    static let idsOfStudyArtifacts = Statement(
        "artifact.ids_of_study",
        "SELECT artifact.id FROM artifact JOIN job ON job.id = artifact.job_id WHERE job.study_id = $1"
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

    static let pruneTombstones = Statement(
        "prune.tombstones",
        "DELETE FROM tombstone WHERE seq IN (SELECT seq FROM tombstone WHERE at < $1 ORDER BY seq LIMIT $2)"
    )
    static let newestPrunedTombstone = Statement(
        "prune.newest_tombstone", "SELECT MAX(seq) FROM tombstone WHERE at < $1"
    )
    static let pruneLines = Statement(
        "prune.lines",
        """
        DELETE FROM log_line WHERE number IN
            (SELECT number FROM log_line WHERE number <= $1 AND at < $2 ORDER BY number LIMIT $3)
        """
    )
    static let pruneIdempotency = Statement(
        "prune.idempotency",
        "DELETE FROM idempotency WHERE key IN (SELECT key FROM idempotency WHERE created_at < $1 LIMIT $2)"
    )
    static let endedSessions = Statement(
        "prune.sessions",
        """
        SELECT id, is_current FROM session WHERE ended_at < $1 AND ended_at IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM job WHERE job.holder = session.id AND job.status IN ('claimed', 'running'))
        ORDER BY ended_at LIMIT $2
        """
    )
    static let finishedJobs = Statement(
        "prune.jobs",
        """
        SELECT id FROM job WHERE id > $1 AND study_id IS NULL AND finished_at < $2 AND created_at < $2
        ORDER BY id LIMIT $3
        """
    )
    static let pruneTransitions = Statement(
        "prune.transitions", "DELETE FROM transition WHERE kind = $1 AND entity_id = $2"
    )

    static let dropTransitionsOfStudy = Statement(
        "transition.drop_of_study",
        "DELETE FROM transition WHERE kind = 'job' AND entity_id IN (SELECT id FROM job WHERE study_id = $1)"
    )

    static let all = [
        dropTransitionsOfStudy, fact, putFact, openArtifact, artifact, dropSameName, storeArtifact,
        idsOfStudyArtifacts, idsOfJobArtifacts,
        insertToken, tokenOfHash, tokens, countTokens, revokeToken, idempotent, remember, pruneTombstones,
        newestPrunedTombstone, pruneLines, pruneIdempotency, endedSessions, finishedJobs, pruneTransitions,
    ]
}
