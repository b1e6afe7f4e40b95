package import Storage

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

    /// The URL without its passwords, for logs, pages and messages.
    package var shownURL: String {
        let parts = url.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        var shown = parts.first.map(String.init) ?? ""
        guard let mark = shown.firstRange(of: "://") else {
            return url.contains("password") ? "(a database; its words hold a password)" : url
        }
        let end = shown[mark.upperBound...].firstIndex(of: "/") ?? shown.endIndex
        if let at = shown[mark.upperBound..<end].lastIndex(of: "@"),
            let colon = shown[mark.upperBound..<at].firstIndex(of: ":")
        {
            shown.removeSubrange(colon..<at)
        }
        let words = parts.count < 2 ? [] : parts[1].split(separator: "&").filter { !$0.contains("password=") }
        return words.isEmpty ? shown : "\(shown)?\(words.joined(separator: "&"))"
    }

    /// The oldest server that will do, as libpq counts them.
    private static let oldestVersion = 150_000

    /// Why a server of that version will not do; `nil` where it will.
    package func refusal(ofVersion version: Int) -> StoreError? {
        guard version < Self.oldestVersion else { return nil }
        return StoreError(
            .incompatible,
            "The server at \(shownURL) is PostgreSQL \(version / 10_000); Muster needs 15 or newer. Update it."
        )
    }

    /// PostgreSQL cuts names after 63 bytes, and the channel's name has this one in it.
    private static let schemaNameBytes = 1...56

    /// Why the schema can't have that name; `nil` where it can.
    package var schemaRefusal: StoreError? {
        guard !Self.schemaNameBytes.contains(schema.utf8.count) else { return nil }
        return StoreError(
            .invalid, "A schema's name has 1 to 56 bytes; \"\(schema)\" has \(schema.utf8.count). Name it shorter."
        )
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
