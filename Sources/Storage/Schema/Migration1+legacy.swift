extension Migration {
    /// What is kept of clients that name no session, beside their ordinary rows in `session`, `job` and `log_line`.
    ///
    /// - `legacy_session`: what a message is matched by.
    /// - `legacy_address`: every address that a hostname was heard from.
    /// - `session_address`: every address that a session had.
    /// - `session_window`: what the window of a session's program last showed: one for each attempt that an agent runs,
    ///   and one without an attempt (0) of a client that names no session.
    /// - `deleted_session`: tokens of sessions that a person deleted, so that their agents are told and stop.
    /// - `session_alias`: the id of a session that turned out to be another's.
    /// - `screenshot`: the newest picture of each tab; bytes lie in the data folder, several pictures in one file.
    static let legacyTables = """
        CREATE TABLE legacy_session (
            session_id @int PRIMARY KEY REFERENCES session (id) ON DELETE CASCADE, address TEXT NOT NULL,
            hostname TEXT, peer TEXT, claimed_at @int, claimed_job @int,
            is_fresh @int NOT NULL CHECK (is_fresh IN (0, 1)),
            is_shared @int NOT NULL DEFAULT 0 CHECK (is_shared IN (0, 1)),
            last_batch @int NOT NULL DEFAULT -1, batch_mask @int NOT NULL DEFAULT 0, last_line_at @int, spoke_at @int,
            CHECK (is_fresh = 0 OR claimed_job IS NOT NULL), CHECK (is_shared = 0 OR hostname IS NULL)
        ) @table;
        CREATE INDEX legacy_session_address ON legacy_session (address);
        CREATE INDEX legacy_session_hostname ON legacy_session (hostname) WHERE hostname IS NOT NULL;
        CREATE INDEX legacy_session_fresh ON legacy_session (session_id) WHERE is_fresh = 1;
        CREATE TABLE legacy_address (
            address TEXT NOT NULL, hostname TEXT NOT NULL, seen_at @int NOT NULL, PRIMARY KEY (address, hostname)
        ) @clustered;
        CREATE INDEX legacy_address_hostname ON legacy_address (hostname, seen_at);
        CREATE INDEX legacy_address_age ON legacy_address (seen_at);
        CREATE TABLE session_address (
            session_id @int NOT NULL REFERENCES session (id) ON DELETE CASCADE, address TEXT NOT NULL,
            since @int NOT NULL, PRIMARY KEY (session_id, address)
        ) @clustered;
        CREATE TABLE session_window (
            session_id @int NOT NULL REFERENCES session (id) ON DELETE CASCADE, job_id @int NOT NULL,
            attempt @int NOT NULL, state TEXT NOT NULL, heard_at @int NOT NULL,
            PRIMARY KEY (session_id, job_id, attempt), CHECK ((job_id = 0) = (attempt = 0))
        ) @clustered;
        CREATE TABLE session_alias (
            id @int PRIMARY KEY, session_id @int NOT NULL REFERENCES session (id) ON DELETE CASCADE
        ) @table;
        CREATE INDEX session_alias_target ON session_alias (session_id);
        CREATE TABLE deleted_session (
            token_hash TEXT PRIMARY KEY, session_id @int NOT NULL, at @int NOT NULL
        ) @table;
        CREATE INDEX deleted_session_age ON deleted_session (at);
        CREATE TABLE screenshot (
            session_id @int NOT NULL REFERENCES session (id) ON DELETE CASCADE, job_id @int NOT NULL,
            attempt @int NOT NULL, tab TEXT NOT NULL, position @int NOT NULL, file TEXT NOT NULL,
            first_byte @int NOT NULL, byte_count @int NOT NULL,
            media_type TEXT NOT NULL CHECK (media_type IN ('image/jpeg', 'image/png')), taken_at @int NOT NULL,
            PRIMARY KEY (session_id, job_id, attempt, tab), CHECK ((job_id = 0) = (attempt = 0))
        ) @clustered;

        """
}
