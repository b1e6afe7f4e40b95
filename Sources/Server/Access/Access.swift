package import Domain
import HTTPTypes
package import Hummingbird
import Storage
import Synchronization
package import Wire

/// Who is asking.
package enum Principal: Sendable, Hashable {
    /// A worker, with the bearer token of its session.
    case session(SessionID)
    /// A person or program with a token.
    case token(TokenRole)
    /// Somebody on this machine, where no tokens are asked for.
    case local

    /// May see everything.
    package var canView: Bool { true }

    /// May change what people change: studies, jobs, sessions.
    package var canOperate: Bool {
        switch self {
        case .local, .token(.admin), .token(.operator): true
        case .token(.worker), .token(.viewer), .session: false
        }
    }

    package var canAdminister: Bool { self == .local || self == .token(.admin) }

    /// May register a worker.
    package var canWork: Bool {
        switch self {
        case .local, .token(.admin), .token(.operator), .token(.worker): true
        case .token(.viewer), .session: false
        }
    }

    /// How history names them.
    package var actor: String {
        switch self {
        case .session(let id): "session:\(id)"
        case .token(let role): role.rawValue
        case .local: "operator"
        }
    }
}

/// Finds out who is asking, by bearer token or cookie, and what they may.
package final class Access: Sendable {
    static let cookieName = "muster_token"
    /// Past this many remembered tokens all are forgotten: it is only a cache.
    private static let memoryLimit = 100_000

    private let store: Store
    let asksForTokens: Bool
    /// Serve without tokens whatever name the server is called by.
    private let isInsecure: Bool
    private let memory = Mutex(Memory())

    private struct Memory {
        var known: [String: Principal] = [:]
        /// A session has one token: a new one, and the old is worth nothing.
        var tokens: [SessionID: String] = [:]
        /// Counts how often all was forgotten: what was read before that is not remembered after it.
        var generation = 0

        mutating func keep(_ token: String, _ principal: Principal) {
            if known.count >= Access.memoryLimit { forget() }
            if case .session(let id) = principal, let old = tokens.updateValue(token, forKey: id), old != token {
                known[old] = nil
            }
            known[token] = principal
        }

        mutating func forget() {
            known.removeAll()
            tokens.removeAll()
            generation += 1
        }
    }

    init(store: Store, asksForTokens: Bool, isInsecure: Bool = false) {
        self.store = store
        self.asksForTokens = asksForTokens
        self.isInsecure = isInsecure
    }

    /// - Throws: 401 for a token that is not known, or for none where one is asked for.
    package func principal(of request: Request) async throws -> Principal {
        guard let token = Self.token(of: request.headers) else {
            if asksForTokens {
                throw Problem(
                    code: "token-missing", title: "Token missing", status: 401,
                    detail:
                        "Send a token: Authorization: Bearer …. Make one with: muster token create NAME --role operator"
                )
            }
            try requireOwnName(request)
            return .local
        }
        return try await principal(token: token)
    }

    /// Without tokens only this machine is trusted, and by its own names: a page whose name was made to point here
    /// (DNS rebinding), or a proxy that passes strangers on, is not this machine.
    private func requireOwnName(_ request: Request) throws {
        guard !isInsecure, let authority = request.head.authority, !authority.isEmpty else { return }
        let bytes = authority.utf8
        let end: UInt8 = bytes.first == UInt8(ascii: "[") ? UInt8(ascii: "]") : UInt8(ascii: ":")
        let name = bytes[..<(bytes.firstIndex(of: end) ?? bytes.endIndex)]
        let host = Substring(end == UInt8(ascii: "]") ? name.dropFirst() : name)
        if NetworkAddress.isThisMachine(host) { return }
        throw Problem(
            code: "foreign-name", title: "Forbidden", status: 403,
            detail: "This server asks no tokens of its own machine, and \(printable(String(host))) is no name of it. "
                + "Go by 127.0.0.1 or localhost, or send a token: muster token create NAME --role operator"
        )
    }

    func principal(token: String) async throws -> Principal {
        let (remembered, generation) = memory.withLock { ($0.known[token], $0.generation) }
        if let remembered { return remembered }
        let hash = TokenSecret.hash(token)
        let found: Principal? = try await store.read { connection in
            if let session = try ListReads.session(tokenHash: hash, connection) { return .session(session) }
            guard let stored = try Tokens.find(hash: hash, connection),
                let role = TokenRole(rawValue: stored.role)
            else { return nil }
            return .token(role)
        }
        guard let found else {
            if let deleted = try await store.read({ try ListReads.deletedSession(tokenHash: hash, $0) }) {
                throw Problem(
                    code: "session-deleted", title: "Session deleted", status: 410,
                    detail: "A person deleted the session \(deleted). Stop its work, and start the worker again if "
                        + "it is to go on."
                )
            }
            throw Problem(
                code: "token-unknown", title: "Token unknown", status: 401,
                detail:
                    "This token is not known here, or it was revoked. Make one with: muster token create NAME --role operator"
            )
        }
        memory.withLock { memory in
            if memory.generation == generation { memory.keep(token, found) }
        }
        return found
    }

    /// After a revocation or a deletion nothing remembered counts.
    package func forgetAll() { memory.withLock { $0.forget() } }

    /// The token that a registration has just given: what was looked up before it is not remembered after it.
    func remember(_ token: String, _ principal: Principal) {
        memory.withLock { memory in
            memory.generation += 1
            memory.keep(token, principal)
        }
    }

    static func token(of headers: HTTPFields) -> String? {
        if let authorization = headers[.authorization] {
            return authorization.hasPrefix("Bearer ") ? String(authorization.dropFirst("Bearer ".count)) : nil
        }
        guard let cookies = headers[.cookie] else { return nil }
        for cookie in cookies.split(separator: ";") {
            let pair = cookie.drop { $0 == " " }
            if pair.hasPrefix("\(cookieName)=") { return String(pair.dropFirst(cookieName.count + 1)) }
        }
        return nil
    }
}

extension Principal {
    package func requireOperator() throws {
        guard canOperate else { throw Self.forbidden("change this", "operator") }
    }

    func requireAdministrator() throws {
        guard canAdminister else { throw Self.forbidden("do this", "admin") }
    }

    package func requireWorker() throws {
        guard canWork else { throw Self.forbidden("register a worker", "worker") }
    }

    /// A session speaks for itself alone.
    func requireSession(_ id: SessionID) throws {
        switch self {
        case .session(let own) where own == id: return
        case .token(.admin): return
        case .session, .token, .local:
            throw Problem(
                code: "not-this-session", title: "Forbidden", status: 403,
                detail: "Only session \(id) itself may say this, with the token it got when it registered."
            )
        }
    }

    private static func forbidden(_ what: String, _ role: String) -> Problem {
        Problem(
            code: "forbidden", title: "Forbidden", status: 403,
            detail: "This token may not \(what). Use one of role \(role): muster token create NAME --role \(role)"
        )
    }
}
