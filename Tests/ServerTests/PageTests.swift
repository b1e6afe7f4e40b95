import Domain
import NIOHTTP1
import TestKit
import Testing
import Wire

@Suite("Pages", .timeLimit(.minutes(15)))
struct PageTests {
    private func requirePage(_ reply: TestReply, _ status: Int, _ what: String) {
        #expect(reply.status == status, "\(what)")
        #expect(reply.header("content-type") == "text/html; charset=utf-8", "\(what)")
        let policy = reply.header("content-security-policy") ?? ""
        #expect(policy.contains("default-src 'none'") && policy.contains("script-src 'self'"), "\(what)")
        #expect(!policy.contains("unsafe"), "\(what)")
        #expect(reply.header("x-content-type-options") == "nosniff", "\(what)")
        #expect(reply.text.contains("<!doctype html>") || reply.text.contains("<!DOCTYPE html>"), "\(what)")
        #expect(!reply.text.contains("<script>"), "\(what)")
        #expect(!reply.text.contains(" onclick="), "\(what)")
    }

    @Test("Every page answers, empty and with something to show, under the strict policy")
    func allPages() async throws {
        try await TestServer.with { server in
            for path in ["/", "/workers", "/studies", "/jobs", "/settings", "/signin"] {
                requirePage(try await server.get(path), 200, path)
            }
            try await server.study("<heads>", count: 3)
            let worker = try await server.worker("<pc>", studies: ["<heads>"])
            let id = try await server.job()
            let job = try #require(try await worker.claim().json()["jobs"]?[0])
            _ = try await worker.report(1, "started", job)
            let pages = [
                "/", "/workers", "/workers?status=stale&q=x", "/workers/\(worker.id)", "/studies",
                "/studies/%3Cheads%3E", "/studies/st1", "/jobs", "/jobs?status=running&queue=default",
                "/jobs?study=%3Cheads%3E", "/jobs?cursor=nonsense", "/jobs/\(id)", "/settings",
                "/workers/\(worker.id)/drain", "/workers/\(worker.id)/delete", "/studies/st1/cancel",
                "/studies/st1/delete", "/jobs/\(id)/cancel", "/jobs/\(id)/delete",
            ]
            for path in pages {
                let reply = try await server.get(path)
                requirePage(reply, 200, path)
                #expect(!reply.text.contains("<heads>") && !reply.text.contains("<pc>"), "\(path)")
            }
        }
    }

    @Test(
        "What there is not is said as a page",
        arguments: [
            "/nothing", "/workers/s99", "/workers/x", "/studies/nobody", "/jobs/j99", "/jobs/%2e%2e%2fetc",
            "/workers/s99/drain",
            "/studies/nobody/delete", "/artifacts/a99", "/../etc/passwd", "/studies/a/b/c",
        ])
    func unknown(path: String) async throws {
        try await TestServer.with { server in
            requirePage(try await server.get(path), 404, path)
        }
    }

    @Test("The files that pages are made with are there, with a tag; others are not")
    func assets() async throws {
        try await TestServer.with { server in
            let page = try await server.get("/").text
            var count = 0
            for piece in page.split(separator: "\"") where piece.hasPrefix("/assets/") {
                count += 1
                let reply = try await server.get(String(piece))
                #expect(reply.status == 200, "\(piece)")
                let tag = try #require(reply.header("etag"))
                let again = try await server.get(String(piece), headers: [("If-None-Match", tag)])
                #expect(again.status == 304)
            }
            #expect(count > 1)
            for path in ["/assets/nothing.js", "/assets/../Package.swift", "/assets/%2e%2e/x"] {
                #expect(try await server.get(path).status == 404, "\(path)")
            }
        }
    }

    @Test("A form does what its button says, and leads back to a page")
    func actions() async throws {
        try await TestServer.with { server in
            let study = try #require(try await server.study("heads")["id"]?.stringValue)
            let worker = try await server.worker()
            let id = try await server.job()
            func act(_ path: String, _ form: String = "") async throws -> TestReply {
                try await server.post(path, form, headers: [("Content-Type", "application/x-www-form-urlencoded")])
            }
            func status() async throws -> JSON? { try await server.get("/api/v1/studies/heads").json()["status"] }
            #expect(try await act("/studies/heads/pause").status == 303)
            #expect(try await status() == "paused")
            #expect(try await act("/studies/heads/resume").header("location")?.hasPrefix("/studies/") == true)
            #expect(try await status() == "active")
            #expect(try await act("/studies/heads/cancel").status == 303)
            #expect(try await status() == "cancelled")
            #expect(try await act("/studies/heads/retry-failed").status == 303)
            #expect(try await status() == "active")
            #expect(try await act("/studies/\(study)/delete").header("location") == "/studies")
            #expect(try await server.get("/api/v1/studies/heads").status == 404)
            #expect(try await act("/jobs/\(id)/cancel").status == 303)
            #expect(try await server.get("/api/v1/jobs/\(id)").json()["job"]?["status"] == "cancelled")
            #expect(try await act("/jobs/\(id)/retry").header("location") == "/jobs/\(id)")
            #expect(try await act("/jobs/\(id)/delete").status == 303)
            #expect(try await server.get("/api/v1/jobs/\(id)").status == 404)
            #expect(try await act("/workers/\(worker.id)/drain").status == 303)
            #expect(try await server.get(worker.path).json()["session"]?["draining"] == true)
            requirePage(try await act("/workers/\(worker.id)/delete"), 409, "a live worker")
            #expect(try await act("/workers/\(worker.id)/delete", "force=true").header("location") == "/workers")
            #expect(try await server.get(worker.path).status == 404)
            requirePage(try await act("/workers/\(worker.id)/drain"), 404, "a worker that is gone")
        }
    }

    @Test("Whoever is not signed in is led to the sign-in page, and from there to where they wanted")
    func signIn() async throws {
        try await TestServer.with(requiresTokens: true, roles: [.operator, .viewer]) { server in
            let asked = try await server.get("/workers?q=a%20b")
            #expect(asked.status == 303)
            #expect(asked.header("location") == "/signin?next=%2Fworkers%3Fq%3Da%2520b")
            requirePage(try await server.get("/signin?next=/workers"), 200, "sign in")
            let wrong = try await server.post("/signin", "token=mst_wrong&next=/workers")
            requirePage(wrong, 401, "a wrong token")
            #expect(wrong.header("set-cookie") == nil)
            let token = try #require(server.tokens[.operator])
            let signedIn = try await server.post("/signin", "token=\(token)&next=%2Fworkers%3Fq%3Da")
            #expect(signedIn.status == 303)
            #expect(signedIn.header("location") == "/workers?q=a")
            let cookie = try #require(signedIn.header("set-cookie"))
            #expect(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"))
            let own = [("Cookie", "other=1; \(cookie.split(separator: ";")[0])")]
            requirePage(try await server.get("/workers", headers: own), 200, "signed in")
            #expect(try await server.get("/api/v1/jobs", headers: own).status == 200)
            let out = try await server.post("/signout", "", headers: own)
            #expect(out.status == 303)
            #expect(out.header("set-cookie")?.contains("Max-Age=0") == true)
            let viewer = [("Cookie", "muster_token=\(server.tokens[.viewer] ?? "")")]
            requirePage(try await server.get("/jobs", headers: viewer), 200, "a viewer")
            requirePage(try await server.post("/studies/x/pause", "", headers: viewer), 403, "a viewer who writes")
            requirePage(try await server.get("/studies/x/delete", headers: viewer), 403, "a viewer who would delete")
        }
    }

    @Test(
        "Signing in leads nowhere else",
        arguments: [
            "//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "/a\r\nX-Evil: 1", "",
        ])
    func safeNext(next: String) async throws {
        try await TestServer.with(requiresTokens: true, roles: [.viewer]) { server in
            let form = "token=\(server.tokens[.viewer] ?? "")&next=\(APIPath.escape(next))"
            let reply = try await server.post("/signin", form)
            #expect(reply.status == 303)
            #expect(reply.header("location") == "/")
            #expect(reply.header("x-evil") == nil)
        }
    }

    @Test("What keeps a page true tells of a change, and of nothing that there is not")
    func live() async throws {
        try await TestServer.with { server in
            try await server.client.watching(TestRequest(.GET, "/live/studies")) { log in
                #expect(try await log.wait { $0.contains { $0.event == "beats" } })
                try await server.study("heads")
                #expect(
                    try await log.wait { events in
                        events.contains { String(decoding: $0.data, as: UTF8.self).contains("heads") }
                    }
                )
            }
            try await server.client.watching(TestRequest(.GET, "/live/studies/nobody")) { (log) async throws in
                #expect(try await log.wait { _ in false } == false)
                #expect(log.events.compactMap(\.event) == ["reset"])
            }
            #expect(try await server.get("/live/nothing").status == 404)
        }
    }

    @Test("A job whose worker falls silent is unknown on every page, open or new, until the worker is heard again")
    func silentHolder() async throws {
        try await TestServer.with { server in
            try await server.study("heads", count: 3)
            let worker = try await server.worker("pc", studies: ["heads"])
            let job = try #require(try await worker.claim().json()["jobs"]?[0])
            let id = try #require(job["job"]?.stringValue)
            _ = try await worker.report(1, "started", job)
            let unknown = "badge is-unknown"
            let aged = "<span>unknown</span> <span class=\"age\">"
            let pages = [
                "/jobs/\(id)": aged, "/jobs": aged, "/studies/heads": aged, "/workers/\(worker.id)": unknown,
            ]
            for (path, unknown) in pages {
                let page = try await server.get(path).text
                #expect(page.contains("badge is-running"), "\(path)")
                #expect(!page.contains(unknown), "\(path)")
            }
            try await server.client.watching(TestRequest(.GET, "/live/jobs/\(id)")) { log in
                #expect(try await log.wait { $0.contains { $0.event == "beats" } })
                server.clock.advance(seconds: 20)
                #expect(try await log.wait { Self.swapped($0, unknown) }, "an open page says so")
                for (path, unknown) in pages {
                    #expect(try await server.get(path).text.contains(unknown), "\(path)")
                }
                let map = try await server.get("/studies/heads").text
                #expect(map.contains("cell is-unknown") && map.contains("bar-unknown"))
                for path in ["/", "/studies", "/studies/heads"] {
                    #expect(try await server.get(path).text.contains("1 unknown"), "\(path)")
                }
                let held: JSON = ["job": job["job"] ?? .null, "attempt": 1]
                #expect(try await worker.beat(held: [held]).status == 200)
                #expect(
                    try await log.wait { events in
                        Self.swapped(Array(events.drop { !Self.says($0, unknown) }), "badge is-running")
                    })
            }
            for (path, unknown) in pages {
                #expect(try await server.get(path).text.contains(unknown) == false, "\(path)")
            }
        }
    }

    private static func swapped(_ events: [ServerSentEvent], _ words: String) -> Bool {
        events.contains { says($0, words) }
    }

    private static func says(_ event: ServerSentEvent, _ words: String) -> Bool {
        event.event == "swap" && String(decoding: event.data, as: UTF8.self).contains(words)
    }
}
