import Domain
import NIOHTTP1
import Server
import TestKit
import Testing
import Wire

@Suite("Access", .timeLimit(.minutes(15)))
struct AccessTests {
    private static let everybody: [TokenRole] = [.admin, .operator, .worker, .viewer]

    @Test("Each role may do its own and no more")
    func matrix() async throws {
        try await TestServer.with(requiresTokens: true, roles: Self.everybody) { server in
            let register = TestServer.registration().text
            let table: [(HTTPMethod, String, String, Set<TokenRole>)] = [
                (.GET, "/api/v1/jobs", "", [.admin, .operator, .worker, .viewer]),
                (.GET, "/metrics", "", [.admin, .operator, .worker, .viewer]),
                (.GET, "/api/v1/snapshot?scope=fleet", "", [.admin, .operator, .worker, .viewer]),
                (.POST, "/api/v1/jobs", #"{"queue":"q"}"#, [.admin, .operator]),
                (.POST, "/api/v1/studies", #"{"name":""}"#, [.admin, .operator]),
                (.POST, "/api/v1/studies/x/cancel", "", [.admin, .operator]),
                (.DELETE, "/api/v1/jobs/j999", "", [.admin, .operator]),
                (.POST, "/api/v1/sessions/s999/drain", "", [.admin, .operator]),
                (.DELETE, "/api/v1/sessions/s999", "", [.admin, .operator]),
                (.POST, "/api/v1/sessions", register, [.admin, .operator, .worker]),
                (.POST, "/api/v1/sessions/s1/claims", "{}", [.admin]),
                (.POST, "/api/v1/sessions/s1/heartbeat", #"{"status":"running"}"#, [.admin]),
                (.POST, "/api/v1/artifacts", "{}", []),
                (.GET, "/api/v1/tokens", "", [.admin]),
                (.POST, "/api/v1/tokens", #"{"name":"","role":"viewer"}"#, [.admin]),
                (.DELETE, "/api/v1/tokens/999", "", [.admin]),
            ]
            for (method, path, body, allowed) in table {
                for role in Self.everybody {
                    let reply = try await server.client.send(
                        TestRequest(method, path, token: server.tokens[role], body: Array(body.utf8))
                    )
                    #expect((reply.status != 403) == allowed.contains(role), "\(role) \(method) \(path): \(reply.text)")
                    #expect(reply.status != 401)
                }
                let nobody = try await server.client.send(TestRequest(method, path, body: Array(body.utf8)))
                #expect(nobody.status == 401, "\(method) \(path)")
                #expect(nobody.code == "token-missing")
                #expect(nobody.header("www-authenticate") == "Bearer")
                let stranger = try await server.client.send(
                    TestRequest(method, path, token: "mst_0000", body: Array(body.utf8))
                )
                #expect(stranger.status == 401, "\(method) \(path)")
                #expect(stranger.code == "token-unknown")
            }
        }
    }

    @Test("A session speaks for itself alone, and reads what all may read")
    func sessions() async throws {
        try await TestServer.with { server in
            let one = try await server.worker("one")
            let two = try await server.worker("two")
            for what in ["heartbeat", "claims", "reports"] {
                let reply = try await server.post("\(two.path)/\(what)", #"{"status":"running"}"#, token: one.token)
                #expect(reply.status == 403, "\(what)")
                #expect(reply.code == "not-this-session")
                // Nor does anybody on the machine, who needs no token for the rest.
                #expect(try await server.post("\(two.path)/\(what)", #"{"status":"running"}"#).status == 403)
            }
            #expect(try await server.post("/api/v1/jobs", "{}", token: one.token).status == 403)
            #expect(try await server.delete(two.path, token: one.token).status == 403)
            #expect(try await server.get("/api/v1/jobs", token: one.token).status == 200)
            #expect(try await one.beat().status == 200)
        }
    }

    @Test("A revoked token is worth nothing from the next request on")
    func revoked() async throws {
        try await TestServer.with(requiresTokens: true, roles: [.admin]) { server in
            let admin = server.tokens[.admin]
            let made = try await server.post(
                "/api/v1/tokens", ["name": "guest", "role": "viewer"] as JSON, token: admin
            )
            #expect(made.status == 201)
            let token = try #require(try made.json()["token"]?.stringValue)
            let id = try #require(try made.json()["id"]?.stringValue)
            #expect(try await server.get("/api/v1/jobs", token: token).status == 200)
            #expect(try await server.delete("/api/v1/tokens/\(id)", token: admin).status == 204)
            #expect(try await server.get("/api/v1/jobs", token: token).status == 401)
            let list = try await server.get("/api/v1/tokens", token: admin)
            #expect(!list.text.contains(token))
            #expect(list.text.contains("revokedAt"))
        }
    }

    @Test("The token of a registration that was sent again takes the place of the first one's")
    func renewed() async throws {
        try await TestServer.with { server in
            let first = try await server.worker(processKey: "same")
            #expect(try await first.beat().status == 200)
            let again = try await server.worker(processKey: "same")
            #expect(again.id == first.id)
            #expect(try await again.beat().status == 200)
            #expect(try await first.beat().status == 401)
        }
    }

    @Test("A deleted session's token is worth nothing, and whoever speaks with it is told why")
    func deletedSession() async throws {
        try await TestServer.with { server in
            let worker = try await server.worker()
            #expect(try await worker.beat().status == 200)
            #expect(try await server.delete("\(worker.path)").status == 409)
            #expect(try await server.delete("\(worker.path)?force=true").status == 204)
            let told = try await worker.beat()
            #expect(told.status == 410 && told.code == "session-deleted")
            #expect(try await server.get("/api/v1/sessions", token: worker.token).status == 410)
        }
    }

    @Test("On an address that others reach it does not start without tokens, and says the commands that make them")
    func refusesToStart() async throws {
        let error = await #expect(throws: MusterServer.StartError.self) {
            try await TestServer.with(host: "0.0.0.0") { _ in }
        }
        #expect(error?.next?.contains("muster token create") == true)
        try await TestServer.with(host: "0.0.0.0", roles: [.viewer]) { (server) async throws in
            #expect(try await server.get("/api/v1/jobs").status == 401)
            #expect(try await server.get("/api/v1/jobs", token: server.tokens[.viewer]).status == 200)
            for open in ["/healthz", "/readyz", "/api/v1/version"] {
                #expect(try await server.get(open).status == 200, "\(open)")
            }
        }
    }

    @Test("On loopback it asks for tokens where it is told to, and then needs one to start")
    func requiredOnLoopback() async throws {
        let error = await #expect(throws: MusterServer.StartError.self) {
            try await TestServer.with(requiresTokens: true) { _ in }
        }
        #expect(error?.description == "This server is to ask for tokens, and it has none.")
        #expect(error?.next?.contains("muster token create") == true)
    }

    @Test("A write that comes from a page of another site is refused; one from our own is not")
    func foreignOrigin() async throws {
        try await TestServer.with { server in
            let before = try await server.sequence()
            for origin in ["http://evil.example", "null", "https://127.0.0.1.evil.example"] {
                for path in ["/api/v1/jobs", "/signin", "/studies/x/pause"] {
                    let reply = try await server.post(path, "{}", headers: [("Origin", origin)])
                    #expect(reply.status == 403, "\(path) from \(origin)")
                }
            }
            #expect(try await server.sequence() == before)
            let own = "http://127.0.0.1:\(server.client.port)"
            #expect(try await server.post("/api/v1/jobs", "{}", headers: [("Origin", own)]).status == 201)
        }
    }

    @Test("A name that was made to point at this machine does not make a foreign page one of ours")
    func reboundName() async throws {
        try await TestServer.with { server in
            let before = try await server.sequence()
            let reply = try await server.post(
                "/api/v1/jobs", "{}",
                headers: [("Host", "evil.example:7117"), ("Origin", "http://evil.example:7117")]
            )
            #expect(reply.status == 403)
            #expect(try await server.sequence() == before)
        }
    }

    @Test(
        "This machine is asked by its own names alone",
        arguments: [
            ("127.0.0.1", 201), ("127.0.0.1:7117", 201), ("localhost:7117", 201), ("LOCALHOST", 201),
            ("[::1]:7117", 201), ("127.0.0.1.evil.example:80", 403), ("evil.example", 403), (":80", 403),
            ("[2001:db8::1]:7117", 403), ("10.0.0.1", 403), ("localhost.evil.example", 403),
        ])
    func ownNames(name: String, status: Int) async throws {
        try await TestServer.with { server in
            let reply = try await server.post("/api/v1/jobs", "{}", headers: [("Host", name)])
            #expect(reply.status == status)
        }
    }

    @Test("An address may carry a token in front, for programs that know nothing of headers")
    func tokenInPath() async throws {
        try await TestServer.with(requiresTokens: true, roles: [.operator, .viewer]) { server in
            let token = try #require(server.tokens[.operator])
            #expect(try await server.post("/s/\(token)/api/v1/jobs", "{}").status == 201)
            #expect(try await server.get("/s/\(token)/api/v1/jobs").status == 200)
            #expect(try await server.get("/s/mst_wrong/api/v1/jobs").status == 401)
            let viewer = try #require(server.tokens[.viewer])
            #expect(try await server.post("/s/\(viewer)/api/v1/jobs", "{}").status == 403)
        }
    }
}
