import Domain
import HTTPTypes
import Hummingbird
import NIOCore
import Storage
import Wire

/// Tokens, and what programs ask of a server before they trust it: health, readiness, version, metrics.
struct ServiceRoutes {
    let server: ServerContext

    func add(to table: RouteTable) {
        table.post("/api/v1/tokens", createToken)
        table.get("/api/v1/tokens", listTokens)
        table.delete("/api/v1/tokens/:id", revokeToken)
        table.open(.get, "/healthz") { _, _ in Reply.text("ok\n") }
        table.open(.get, "/readyz", ready)
        table.get("/metrics", metrics)
        table.open(.get, "/api/v1/version") { _, _ in
            Reply.value(VersionReply(version: server.settings.version, epoch: server.store.epoch))
        }
        table.open(.get, "/api/v1/openapi.json") { _, _ in Reply.json(OpenAPIDocument.bytes) }
    }

    @Sendable private func createToken(_ ask: Ask) async throws -> Response {
        try ask.principal.requireAdministrator()
        let new = try await ask.request.value(NewToken.self)
        let token = TokenSecret.make()
        let id = try await server.store.write { transaction in
            try Tokens.create(
                name: new.name, role: new.role.rawValue, hash: TokenSecret.hash(token), transaction
            )
        }
        return Reply.value(TokenReply(id: id, name: new.name, role: new.role, token: token), status: .created)
    }

    @Sendable private func listTokens(_ ask: Ask) async throws -> Response {
        try ask.principal.requireAdministrator()
        let tokens = try await server.store.read { try Tokens.all($0) }
        return Reply.value(
            ListReply(
                items: tokens.map { token in
                    TokenRecord(
                        id: token.id, name: token.name, role: TokenRole(rawValue: token.role) ?? .viewer,
                        createdAt: token.createdAt, revokedAt: token.revokedAt
                    )
                }
            )
        )
    }

    @Sendable private func revokeToken(_ ask: Ask) async throws -> Response {
        try ask.principal.requireAdministrator()
        guard let id = Int64(ask.context.parameters.get("id") ?? "") else {
            throw Problem.notFound("such token", code: "unknown-token")
        }
        try await server.store.write { try Tokens.revoke(id, $0) }
        server.access.forgetAll()
        return Reply.empty
    }

    /// Ready is who can write: a full disk is not.
    @Sendable private func ready(_ request: Request, _ context: PeerContext) async throws -> Response {
        try await server.store.write { _ in }
        return Reply.text("ready\n")
    }

    @Sendable private func metrics(_ ask: Ask) async throws -> Response {
        let (snapshot, leaving) = try await server.store.read { connection in
            (try WatchReads.snapshot(.fleet, connection), try RemoveStudies.count(connection))
        }
        return Reply.text(
            Metrics.text(
                snapshot, deletedStudies: leaving, waitingWrites: server.store.waitingWrites,
                waitingClaims: server.waiters.count,
                watchers: server.hub.subscriberCount, walBytes: server.store.unmergedBytes()
            ),
            type: "text/plain; version=0.0.4; charset=utf-8"
        )
    }
}

/// The figures of a server in the text format that Prometheus reads.
enum Metrics {
    static func text(
        _ fleet: WatchReads.Snapshot, deletedStudies: Int, waitingWrites: Int, waitingClaims: Int, watchers: Int,
        walBytes: Int64?
    ) -> String {
        var text = ""
        func family(_ name: String, _ help: String, _ samples: [(labels: String, value: Int64)]) {
            text += "# HELP \(name) \(help)\n# TYPE \(name) gauge\n"
            for sample in samples { text += "\(name)\(sample.labels) \(sample.value)\n" }
        }
        var sessions: [SessionStatus: Int64] = [:]
        var jobs: [(labels: String, value: Int64)] = []
        for record in fleet.records {
            switch record {
            case .session(let session): sessions[session.status, default: 0] += 1
            case .queue(let queue): jobs += samples("queue", queue.name, queue.counts)
            case .study(let study): jobs += samples("study", study.name, study.counts)
            case .machine, .job: break
            }
        }
        family(
            "muster_sessions", "Sessions that are the newest of their worker, by status.",
            SessionStatus.allCases.map { ("{status=\"\($0.rawValue)\"}", sessions[$0] ?? 0) }
        )
        family("muster_jobs", "Jobs by where they belong and status.", jobs)
        family("muster_sequence", "The sequence after the last commit.", [("", fleet.sequence.value)])
        family(
            "muster_deleted_studies", "Deleted studies whose rows are still being removed.",
            [("", Int64(deletedStudies))]
        )
        family("muster_waiting_writes", "Operations that wait for the writer.", [("", Int64(waitingWrites))])
        family("muster_waiting_claims", "Claims that wait for work.", [("", Int64(waitingClaims))])
        family("muster_watchers", "Streams that watch.", [("", Int64(watchers))])
        if let walBytes { family("muster_wal_bytes", "Size of the write-ahead log.", [("", walBytes)]) }
        return text
    }

    private static func samples(_ kind: String, _ name: String, _ counts: JobCounts) -> [(labels: String, value: Int64)]
    {
        let escaped = name.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
        return JobStatus.allCases.map { status in
            ("{\(kind)=\"\(escaped)\",status=\"\(status.rawValue)\"}", Int64(counts[status]))
        }
    }
}
