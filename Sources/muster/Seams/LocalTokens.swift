import Domain
import Server
import Storage
import Wire

/// The tokens in a data folder that no server has open, or in a shared database: how the first one is made, before
/// there is anything to authenticate with.
enum LocalTokens {
    /// Makes a token in the data folder and closes it again.
    ///
    /// - Throws: `CommandError`, with `refused` where a server has the folder open.
    static func create(_ token: NewToken, in place: StorePlace) async throws -> TokenReply {
        let secret = TokenSecret.make()
        let id = try await with(place) { store in
            try await store.write { transaction in
                try Tokens.create(
                    name: token.name, role: token.role.rawValue, hash: TokenSecret.hash(secret), transaction
                )
            }
        }
        return TokenReply(id: id, name: token.name, role: token.role, token: secret)
    }

    static func list(in place: StorePlace) async throws -> [TokenRecord] {
        try await with(place) { store in
            try await store.read { try Tokens.all($0) }
        }.map { token in
            TokenRecord(
                id: token.id, name: token.name, role: TokenRole(rawValue: token.role) ?? .viewer,
                createdAt: token.createdAt, revokedAt: token.revokedAt
            )
        }
    }

    static func revoke(_ id: Int64, in place: StorePlace) async throws {
        try await with(place) { store in
            try await store.write { try Tokens.revoke(id, $0) }
        }
    }

    private static func with<Value: Sendable>(
        _ place: StorePlace, _ body: (Store) async throws -> Value
    ) async throws -> Value {
        do {
            let store = try await Store.open(
                driver: try place.makeDriver(), clock: SystemClock.now, timing: Timing(), observer: NobodyWatches(),
                memory: place.memory, randomBytes: TokenSecret.randomBytes
            )
            do {
                let value = try await body(store)
                await store.close()
                return value
            } catch {
                await store.close()
                throw error
            }
        } catch let error as StoreError {
            throw CommandError(.refused, error.message)
        }
    }

    private struct NobodyWatches: CommitObserver {
        var hasWatchers: Bool { false }
        func isWatching(_ scopes: [Scope]) -> Bool { false }
        func didCommit(_ changes: CommittedChanges) {}
    }
}
