import Storage

/// What the server said about a statement, with its five letters (SQLSTATE).
struct PostgresReport {
    var state: String
    var message: String
    var what: String
}

/// PostgreSQL's words for what went wrong, as the store's: one sentence with the way out.
enum PostgresFailure {
    static func error(_ report: PostgresReport) -> StoreError {
        let message = firstLine(report.message)
        switch report.state.prefix(2) {
        case "23":
            return StoreError(.constraint, "The database refused \(report.what): \(message).")
        case "40":
            return StoreError(.unavailable, "The database asks to try again: \(message).", reason: StoreError.replay)
        case "08", "57":
            if report.state == "57014" {
                return StoreError(.unavailable, "The database took too long for \(report.what): \(message).")
            }
            return lost(message)
        case "53":
            if report.state == "53100" {
                return StoreError(.diskFull, "The disk of the database is full. Make room; nothing was changed.")
            }
            return StoreError(.unavailable, "The database has no room: \(message).", reason: StoreError.lost)
        case "28":
            return StoreError(.unavailable, "The database refused the password or the role: \(message).")
        default: break
        }
        switch report.state {
        case "25P03", "25006":
            // Ended for its silence, or a server that became a standby: another connection does better.
            return lost(message)
        case "42501":
            return StoreError(.unavailable, "The database's role may not do this: \(message). Grant it the right.")
        case "XX001", "XX002":
            return StoreError(.corrupt, "The database is damaged (\(message)). Restore the newest backup.")
        default:
            return StoreError(.unavailable, "The database failed at \(report.what): \(message) (\(report.state)).")
        }
    }

    static func lost(_ message: String) -> StoreError {
        StoreError(.unavailable, "The database is away: \(firstLine(message)).", reason: StoreError.lost)
    }

    /// What was answered to `COMMIT` was `ROLLBACK`.
    static let rolledBack = StoreError(
        .unavailable, "The database undid a write instead of keeping it. Try again.", reason: StoreError.replay
    )

    /// How libpq and the server speak of the certificate that we show, or should; the rest is about the server's.
    private static let ownCertificateWords = [
        "client certificate", "certificate authentication failed", "alert certificate required", "alert unknown ca",
        "could not read certificate file", "private key",
    ]

    /// A connection that could not be made, in one line that says what to do.
    static func connecting(_ message: String, target: PostgresTarget) -> StoreError {
        let line = firstLine(message)
        let whole = message.lowercased()
        let place = target.shownURL
        if whole.contains("missing \"=\"") || whole.hasPrefix("invalid ") || whole.contains(" in uri: ") {
            return StoreError(.invalid, "This is no database URL: \(line). Write postgres://user@host/database.")
        }
        if ownCertificateWords.contains(where: whole.contains) {
            return StoreError(
                .unavailable, "The database at \(place) wants another certificate: \(line). Check sslcert and sslkey."
            )
        }
        if whole.contains("password authentication failed") || whole.contains("no password supplied")
            || whole.contains("authentication failed")
        {
            return StoreError(
                .unavailable, "The database at \(place) refused the password: \(line). Check the URL or PGPASSWORD."
            )
        }
        if let error = notLetIn(whole, line, place) { return error }
        if whole.contains("does not exist") {
            return StoreError(
                .unavailable, "The server at \(place) has no such database or role: \(line). Make it with createdb."
            )
        }
        if whole.contains("too many clients") || whole.contains("too many connections")
            || whole.contains("remaining connection slots")
        {
            return StoreError(
                .unavailable, "The server at \(place) has no connection left: \(line). Raise max_connections.",
                reason: StoreError.lost
            )
        }
        return StoreError(
            .unavailable, "The database at \(place) does not answer: \(line). Is the server running?",
            reason: StoreError.lost
        )
    }

    /// One side does not trust the other, or they do not agree on whether to encrypt. Trying again changes nothing.
    private static func notLetIn(_ whole: String, _ line: String, _ place: String) -> StoreError? {
        if whole.contains("certificate") {
            return StoreError(
                .unavailable, "The database at \(place) is not trusted: \(line). Check sslrootcert and the host's name."
            )
        }
        if whole.contains("no pg_hba.conf entry") {
            return StoreError(
                .unavailable, "The database at \(place) lets nobody in so: \(line). Check sslmode, or its pg_hba.conf."
            )
        }
        if whole.contains("support ssl") || whole.contains("ssl was required") {
            return StoreError(
                .unavailable, "The database at \(place) is not to be had encrypted: \(line). Check sslmode."
            )
        }
        if whole.contains("service"), whole.contains("not found") || whole.contains("syntax error") {
            return StoreError(.invalid, "The database's service is not known: \(line). Check PGSERVICEFILE.")
        }
        return nil
    }

    /// Without the severity before and the hints behind.
    static func firstLine(_ message: String) -> String {
        var line = message.split(separator: "\n", maxSplits: 1).first.map(String.init) ?? "no reason given"
        for word in ["FATAL:  ", "ERROR:  "] {
            if let mark = line.firstRange(of: word) { line = String(line[mark.upperBound...]) }
        }
        while line.hasSuffix(".") || line.hasSuffix(" ") { line.removeLast() }
        return line
    }
}
