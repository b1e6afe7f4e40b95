import Domain
import NIOHTTP1
import Server
import TestKit
import Testing
import Wire

/// Clients that can send no token: from where they need none, and how that is told behind a proxy.
@Suite("GOLIAT's clients: access", .timeLimit(.minutes(15)))
struct LegacyAccessTests {
    private func ranges(_ texts: String...) throws -> [AddressRange] { try texts.map { try AddressRange($0) } }

    private func send(
        _ server: TestServer, _ method: HTTPMethod, _ path: String, _ body: String = "",
        headers: [(String, String)] = []
    ) async throws -> TestReply {
        let type = body.isEmpty ? [] : [("Content-Type", "application/json")]
        return try await server.client.send(
            TestRequest(method, path, headers: GoliatClient.headers + type + headers, body: Array(body.utf8)))
    }

    private static let beat = #"{"machineId": "157.193.240.190", "hostname": "H"}"#

    @Test("From an address that was named they may what a worker may, and nothing beside their own endpoints")
    func named() async throws {
        try await TestServer.with(
            requiresTokens: true, guestAddresses: ranges("127.0.0.1"), roles: [.viewer]
        ) { (server) async throws in
            let client = GoliatClient(server)
            let study = try await client.study()
            #expect(try await client.claim(study.assignments[0], from: "a").status == 200)
            #expect(try await client.beat("H", from: "a").status == 200)
            #expect(try await client.workers().count == 1)
            let worker = try #require(try await client.workers()[0]["id"]?.stringValue)
            #expect(try await client.delete("/api/workers/\(worker)?force=true").status == 403)
            #expect(try await client.delete("/api/super-studies/\(study.id)").status == 403)
            for path in ["/api/v1/jobs", "/api/v1/sessions", "/metrics"] {
                #expect(try await server.get(path).status == 401, "\(path)")
            }
            #expect(try await server.post("/api/v1/jobs", "{}").status == 401)
            #expect(try await server.get("/workers").status != 200)
            // A token that is sent is the one that counts.
            let viewer = GoliatClient(server, prefix: "/t/\(try #require(server.tokens[.viewer]))")
            #expect(try await viewer.beat("H", from: "a").status == 403)
            #expect(try await GoliatClient(server, prefix: "/t/mst_wrong").beat("H", from: "a").status == 401)
        }
    }

    @Test("A page that is open there is no such client")
    func page() async throws {
        try await TestServer.with(requiresTokens: true, guestAddresses: ranges("127.0.0.0/8"), roles: [.viewer]) {
            (server) async throws in
            let own = "http://127.0.0.1:\(server.client.port)"
            for origin in ["https://elsewhere.example", own] {
                let reply = try await send(
                    server, .POST, "/api/heartbeat", Self.beat, headers: [("Origin", origin)])
                #expect(reply.status == 401 || reply.status == 403, "\(origin): \(reply.status)")
                let read = try await send(server, .GET, "/api/workers", headers: [("Origin", origin)])
                #expect(read.status == 401 && read.header("access-control-allow-origin") == nil, "\(origin)")
            }
            #expect(try await send(server, .GET, "/api/workers").text == "[]")
        }
    }

    @Test("From any other address they are asked for a token, whatever they say of themselves")
    func unnamed() async throws {
        try await TestServer.with(requiresTokens: true, guestAddresses: ranges("10.0.0.0/8"), roles: [.viewer]) {
            (server) async throws in
            for headers in [[], [("X-Forwarded-For", "10.0.0.7")], [("Forwarded", "for=10.0.0.7")]] {
                let reply = try await send(server, .POST, "/api/heartbeat", Self.beat, headers: headers)
                #expect(reply.status == 401)
                #expect(reply.text.hasPrefix(#"{"error":""#))
                #expect(reply.header("www-authenticate") == "Bearer")
            }
        }
    }

    @Test("Behind a trusted proxy it is the address that the proxy heard them from")
    func proxied() async throws {
        try await TestServer.with(
            requiresTokens: true, trustedProxies: ranges("127.0.0.1", "10.255.0.0/16"),
            guestAddresses: ranges("10.0.0.0/24"), roles: [.viewer]
        ) { (server) async throws in
            let table: [(String?, Int)] = [
                ("10.0.0.7", 200), ("203.0.113.9, 10.0.0.7", 200), ("10.0.0.7, 10.255.3.3", 200),
                ("10.0.0.7, 203.0.113.9", 401), ("203.0.113.9", 401), ("nobody", 401), ("10.0.0.7, ", 401), (nil, 401),
            ]
            for (forwarded, status) in table {
                let headers = forwarded.map { [("X-Forwarded-For", $0)] } ?? []
                let reply = try await send(server, .POST, "/api/heartbeat", Self.beat, headers: headers)
                #expect(reply.status == status, "\(forwarded ?? "-"): \(reply.text)")
            }
        }
    }

    @Test("A server that trusts this machine lets them in by a foreign name from where they were named")
    func foreignName() async throws {
        let host = [("Host", "monitor.goliat.waves-ugent.be"), ("X-Forwarded-For", "10.0.0.7")]
        try await TestServer.with { (server) async throws in
            #expect(try await send(server, .POST, "/api/heartbeat", Self.beat, headers: host).status == 403)
        }
        try await TestServer.with(trustedProxies: ranges("127.0.0.1"), guestAddresses: ranges("10.0.0.0/24")) {
            (server) async throws in
            #expect(try await send(server, .POST, "/api/heartbeat", Self.beat, headers: host).status == 200)
            let other = [host[0], ("X-Forwarded-For", "10.0.1.7")]
            #expect(try await send(server, .POST, "/api/heartbeat", Self.beat, headers: other).status == 403)
            #expect(try await send(server, .GET, "/api/v1/jobs", headers: host).status == 403)
        }
    }

    @Test(
        "Whose results these are is told by the connection's address, as a trusted proxy names it",
        arguments: [true, false])
    func evidence(_ isTrusted: Bool) async throws {
        try await TestServer.with(trustedProxies: isTrusted ? ranges("127.0.0.1") : []) { (server) async throws in
            let client = GoliatClient(server)
            let study = try await client.study()
            _ = try await client.claim(study.assignments[0], from: "a1")
            _ = try await client.claim(study.assignments[1], from: "a2")
            for number in 1...2 {
                let body = #"{"machineId": "b\#(number)", "hostname": "H\#(number)"}"#
                let from = [("X-Forwarded-For", "203.0.113.\(number)")]
                #expect(try await send(server, .POST, "/api/heartbeat", body, headers: from).status == 200)
            }
            let boundary = "0f1e2d3c"
            let form =
                "--\(boundary)\r\nContent-Disposition: form-data; name=\"files\"; filename=\"a.json\"\r\n\r\n{}\r\n"
                + "--\(boundary)--\r\n"
            let reply = try await server.client.send(
                TestRequest(
                    .POST, "/api/assignments/\(study.assignments[1])/results",
                    headers: [
                        ("X-Forwarded-For", "203.0.113.2"),
                        ("Content-Type", "multipart/form-data; boundary=\(boundary)"),
                    ], body: Array(form.utf8)))
            #expect(reply.status == 200)
            let named = try await client.workers().filter { $0["hostname"] == "H2" }
            #expect(named.count == 1)
            #expect(named[0]["assignments"]?.arrayValue?.count == (isTrusted ? 1 : 0))
        }
    }

    @Test("The settings page says who is trusted, and a server without this protocol knows nothing of it")
    func told() async throws {
        try await TestServer.with(trustedProxies: ranges("10.9.0.1"), guestAddresses: ranges("10.0.0.0/24")) {
            (server) async throws in
            let page = try await server.get("/settings").text
            #expect(page.contains("10.9.0.1") && page.contains("10.0.0.0/24"))
        }
        try await TestServer.with(guests: []) { (server) async throws in
            for path in ["/api/workers", "/api/super-studies", "/api/assignment?machineId=a"] {
                #expect(try await server.get(path).status == 404, "\(path)")
            }
            #expect(try await send(server, .POST, "/api/heartbeat", Self.beat).status == 404)
            #expect(try await server.get("/workers").status == 200)
        }
    }
}
