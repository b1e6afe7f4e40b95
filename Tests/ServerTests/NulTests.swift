import Domain
import TestKit
import Testing

@Suite("NUL characters", .timeLimit(.minutes(15)))
struct NulTests {
    @Test("A name has none: the request is refused, says where, and changes nothing")
    func names() async throws {
        try await TestServer.with { server in
            let before = try await server.sequence()
            for (path, body, field) in [
                ("/api/v1/jobs", #"{"queue":"a\u0000b"}"#, "queue"),
                ("/api/v1/jobs", #"{"label":"\u0000"}"#, "label"),
                ("/api/v1/studies", #"{"name":"a\u0000","assignments":[1]}"#, "name"),
                ("/api/v1/sessions", TestServer.registration("\0").text, "workerName"),
                ("/api/v1/sessions", TestServer.registration(queues: ["\0"]).text, "queues[0]"),
            ] {
                let reply = try await server.post(path, body)
                #expect(reply.status == 422, "\(field)")
                #expect(try reply.json()["errors"]?[0]?["field"]?.stringValue == field)
            }
            #expect(try await server.sequence() == before)
        }
    }

    @Test("What a program says is kept whatever is in it")
    func words() async throws {
        try await TestServer.with { server in
            let worker = try await server.worker()
            let id = try await server.job()
            let job = try #require(try await worker.claim().json()["jobs"]?[0])
            let line: JSON = ["level": "info", "text": "a\0b"]
            #expect(try await worker.report(1, "log", job, [("lines", [line])]).status == 200)
            #expect(try await worker.report(2, "failed", job, [("reason", "why\0")]).status == 200)
            let lines = try await server.get("/api/v1/jobs/\(id)/logs").json()["lines"]
            #expect(lines?[0]?["text"] == "a\u{FFFD}b")
            #expect(try await server.get("/api/v1/jobs/\(id)").json()["job"]?["reason"] == "why\u{FFFD}")
        }
    }
}
