/// Which database, and which schema in it.
package struct PostgresTarget: Sendable, Hashable {
    /// As libpq reads it: `postgres://user@host:5432/name?sslmode=verify-full`, or `host=/run/postgresql
    /// dbname=muster`. What it does not say is taken from libpq's environment variables (`PGHOST`, `PGPASSWORD`,
    /// `PGSSLROOTCERT` …), its service file and its password file.
    package let url: String
    package let schema: String

    package static let standardSchema = "muster"

    package init(url: String, schema: String = PostgresTarget.standardSchema) {
        self.url = url
        self.schema = schema
    }

    /// Whether `text` names a PostgreSQL database at all.
    package static func isURL(_ text: String) -> Bool {
        text.hasPrefix("postgres://") || text.hasPrefix("postgresql://") || text.contains("=")
    }

    /// The URL without its password, for logs, pages and messages.
    package var shownURL: String {
        guard let mark = url.firstRange(of: "://"), let at = url[mark.upperBound...].firstIndex(of: "@"),
            let colon = url[mark.upperBound..<at].firstIndex(of: ":")
        else { return url.contains("password") ? "(a database; its words hold a password)" : url }
        return String(url[..<colon] + url[at...])
    }

    /// A name as SQL quotes it.
    static func quoted(_ name: String) -> String { "\"\(name.replacing("\"", with: "\"\""))\"" }

    /// A text as SQL quotes it.
    static func literal(_ text: String) -> String { "'\(text.replacing("'", with: "''"))'" }

    /// Where the nodes of this schema call each other.
    var channel: String { "muster:\(schema)" }
}

/// Times of the database's connections.
package struct PostgresLimits: Sendable, Hashable {
    /// A statement that runs longer is ended: it waits for a lock that nobody gives, or reads what it should not.
    package var statementMilliseconds = 30_000
    /// A writer that says nothing for so long in the middle of a transaction was frozen. PostgreSQL ends it, so that
    /// the other nodes go on: it holds the sequence.
    package var silentTransactionMilliseconds = 5_000
    /// A host that does not answer is given up after so long, unless the URL or the environment says otherwise.
    package var connectSeconds = 5
    package var readerCount = 4
    /// Off, a server hears of the others by its poll alone: what is left where `NOTIFY` does not pass.
    package var listens = true

    package init() {}
}
