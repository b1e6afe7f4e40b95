package import Domain

/// A token of a person or a program, as it is kept: its hash, never itself.
package struct StoredToken: Sendable, Hashable {
    package let id: Int64
    package let name: String
    package let role: String
    package let createdAt: Instant
    package let revokedAt: Instant?
}

package enum Tokens {
    /// Keeps a new token by its hash (SHA-256 in hexadecimal) and returns its number.
    package static func create(
        name: String, role: String, hash: String, _ transaction: WriteTransaction
    ) throws -> Int64 {
        let id = transaction.nextSequence().value
        try transaction.run(
            HousekeepingStatements.insertToken,
            [.integer(id), .text(name), .text(role), .text(hash), .instant(transaction.now)]
        )
        return id
    }

    /// - Throws: `notFound` where there is no such token that is still good.
    package static func revoke(_ id: Int64, _ transaction: WriteTransaction) throws {
        guard try transaction.count(HousekeepingStatements.revokeToken, [.instant(transaction.now), .integer(id)]) == 1
        else { throw StoreError(.notFound, "There is no token \(id) in force.", reason: "unknown-token") }
        // A number of its own, so that other nodes hear of it.
        _ = transaction.nextSequence()
        transaction.effects.changesAccess = true
    }

    package static func find(hash: String, _ connection: any SQLConnection) throws -> (id: Int64, role: String)? {
        try connection.row(HousekeepingStatements.tokenOfHash, [.text(hash)]).map { ($0.int64(0), $0.text(2)) }
    }

    package static func all(_ connection: any SQLConnection) throws -> [StoredToken] {
        try connection.rows(HousekeepingStatements.tokens, []).map { row in
            StoredToken(
                id: row.int64(0), name: row.text(1), role: row.text(2), createdAt: row.instant(3),
                revokedAt: row.optionalInstant(4)
            )
        }
    }

    /// How many tokens are in force.
    package static func count(_ connection: any SQLConnection) throws -> Int {
        try connection.row(HousekeepingStatements.countTokens, [])?.int(0) ?? 0
    }
}
