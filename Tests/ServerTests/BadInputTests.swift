import Domain
import Foundation
import NIOHTTP1
import Server
import Storage
import StorageSQLite
import TestKit
import Testing

/// One request that must not be taken.
struct BadRequest: Sendable, CustomTestStringConvertible {
    let name: String
    let method: HTTPMethod
    let path: String
    let body: String
    let status: Int
    let code: String
    /// Which field the problem names; `nil` where it is about no field.
    let field: String?

    init(
        _ name: String, _ path: String, _ body: String = "", method: HTTPMethod = .POST, status: Int = 422,
        code: String = "invalid", field: String? = nil
    ) {
        self.name = name
        self.path = path
        self.method = method
        self.body = body
        self.status = status
        self.code = code
        self.field = field
    }

    var testDescription: String { name }

    private static let configuration = #""configuration":{"phantoms":["a","b"],"solver":{"grid":[1,2]},"empty":[]}"#

    private static func split(_ split: String, _ name: String, code: String, field: String) -> BadRequest {
        BadRequest(
            name, "/api/v1/studies", #"{"name":"new",\#(configuration),"split":\#(split)}"#, code: code, field: field
        )
    }

    static let all: [BadRequest] = [
        split(#"{"preset":"other"}"#, "an unknown preset", code: "split-syntax", field: "split.preset"),
        split(
            #"{"preset":"goliat","by":"phantoms"}"#, "what GOLIAT can't split by", code: "split-syntax",
            field: "split.by"),
        split(
            #"{"preset":"goliat","by":"frequency"}"#, "GOLIAT's split of what is not there",
            code: "split-path-missing", field: "split.by"),
        split(
            #"{"preset":"goliat","splits":0}"#, "no splits as GOLIAT makes them", code: "split-count",
            field: "split.splits"),
        BadRequest("no JSON", "/api/v1/jobs", "{", status: 400, code: "malformed", field: ""),
        BadRequest("an empty body", "/api/v1/jobs", "", status: 400, code: "malformed", field: ""),
        BadRequest(
            "a control character in a text", "/api/v1/jobs", "{\"label\":\"\u{0}\"}", status: 400, code: "malformed",
            field: ""),
        BadRequest("two values", "/api/v1/jobs", "{} {}", status: 400, code: "malformed", field: ""),
        BadRequest("an array for an object", "/api/v1/jobs", "[]", field: ""),
        BadRequest("a number for a text", "/api/v1/jobs", #"{"queue":7}"#, field: "queue"),
        BadRequest("a text for a number", "/api/v1/jobs", #"{"priority":"high"}"#, field: "priority"),
        BadRequest("a fraction for a whole number", "/api/v1/jobs", #"{"priority":1.5}"#, field: "priority"),
        BadRequest("a number out of range", "/api/v1/jobs", #"{"maximumAttempts":0}"#, field: "maximumAttempts"),
        BadRequest("a misspelt field", "/api/v1/jobs", #"{"priorty":1}"#, field: "priorty"),
        BadRequest(
            "a misspelt field inside", "/api/v1/jobs", #"{"jobs":[{"queue":"a"},{"quue":"b"}]}"#,
            field: "jobs[1].quue"),
        BadRequest("no time", "/api/v1/jobs", #"{"runAt":"tomorrow"}"#, field: "runAt"),
        BadRequest("requirements that are no object", "/api/v1/jobs", #"{"requires":[1]}"#, field: "requires"),
        BadRequest("an empty list of jobs", "/api/v1/jobs", #"{"jobs":[]}"#, field: "jobs"),
        BadRequest("an unknown job", "/api/v1/jobs/j999/cancel", status: 404, code: "unknown-job"),
        BadRequest("an id of another kind", "/api/v1/jobs/s1/cancel", status: 404, code: "not-found"),
        BadRequest("an unknown study", "/api/v1/studies/nobody/cancel", status: 404, code: "unknown-study"),
        BadRequest("an unknown session", "/api/v1/sessions/s999/drain", status: 404, code: "unknown-session"),
        BadRequest(
            "an unknown session deleted", "/api/v1/sessions/s999", method: .DELETE, status: 404, code: "unknown-session"
        ),
        BadRequest("an unknown job deleted", "/api/v1/jobs/j999", method: .DELETE, status: 404, code: "unknown-job"),
        BadRequest(
            "an unknown token revoked", "/api/v1/tokens/999", method: .DELETE, status: 404, code: "unknown-token"),
        BadRequest("a token of no role", "/api/v1/tokens", #"{"name":"x","role":"king"}"#, field: "role"),
        BadRequest("a study of no name", "/api/v1/studies", #"{"name":"","assignments":[1]}"#, field: "name"),
        BadRequest("a study like an id", "/api/v1/studies", #"{"name":"st1","assignments":[1]}"#, field: "name"),
        BadRequest("a study like a folder", "/api/v1/studies", #"{"name":"..","assignments":[1]}"#, field: "name"),
        BadRequest("a study of two lines", "/api/v1/studies", #"{"name":"a\nb","assignments":[1]}"#, field: "name"),
        BadRequest("a study of a space", "/api/v1/studies", #"{"name":" a","assignments":[1]}"#, field: "name"),
        BadRequest("a study of nothing", "/api/v1/studies", #"{"name":"new","assignments":[]}"#, field: "assignments"),
        BadRequest("a study without a split", "/api/v1/studies", #"{"name":"new","configuration":{}}"#, field: "split"),
        BadRequest(
            "a study that is there", "/api/v1/studies", #"{"name":"heads","assignments":[1]}"#, status: 409,
            code: "study-exists"),
        split(
            #"{"by":["nothing"]}"#, "a key path that is not there", code: "split-path-missing",
            field: "split.by[0].path"),
        split(#"{"by":[]}"#, "a split by nothing", code: "split-empty", field: "split.by"),
        split(#"{"by":["empty"]}"#, "a split by an empty array", code: "split-no-items", field: "split.by[0].path"),
        split(#"{"by":["solver","solver.grid"]}"#, "a cyclic split", code: "split-cyclic", field: "split.by[1].path"),
        split(
            #"{"by":["phantoms","phantoms"]}"#, "a split by one thing twice", code: "split-repeated",
            field: "split.by[1].path"),
        split(
            #"{"by":[{"path":"phantoms","groups":3}]}"#, "more groups than items", code: "split-count",
            field: "split.by[0].groups"),
        split(
            #"{"by":["phantoms"],"into":2}"#, "a split with a field too many", code: "split-syntax", field: "split.into"
        ),
        BadRequest("an unknown scope", "/api/v1/snapshot?scope=world", method: .GET, field: "scope"),
        BadRequest("a sequence that is no number", "/api/v1/watch?since=x", method: .GET, field: "since"),
        BadRequest("a list of none", "/api/v1/jobs?limit=0", method: .GET, field: "limit"),
        BadRequest("a list of too many", "/api/v1/jobs?limit=501", method: .GET, field: "limit"),
        BadRequest("a state that there is not", "/api/v1/jobs?status=lost", method: .GET, field: "status"),
        BadRequest("a cursor that is no key", "/api/v1/jobs?cursor=x", method: .GET, field: "cursor"),
        BadRequest("files of nothing", "/api/v1/artifacts", method: .GET, field: "job"),
        BadRequest("a path that climbs", "/api/v1/../../etc/passwd", method: .GET, status: 404, code: "not-found"),
        BadRequest(
            "a path that climbs by escapes", "/api/v1/jobs/%2e%2e%2fetc", method: .GET, status: 404, code: "not-found"),
        BadRequest("an address that there is not", "/api/v1/nothing", method: .GET, status: 404, code: "not-found"),
        BadRequest("a method that there is not", "/api/v1/version", method: .DELETE, status: 404, code: "not-found"),
    ]
}

@Suite("Bad input", .timeLimit(.minutes(15)))
struct BadInputTests {
    @Test("Each gets a problem document that names the field, and nothing is changed")
    func table() async throws {
        try await TestServer.with { server in
            try await server.study("heads")
            let before = try await server.sequence()
            for bad in BadRequest.all {
                let reply = try await server.client.send(
                    TestRequest(bad.method, bad.path, body: Array(bad.body.utf8))
                )
                #expect(reply.status == bad.status, "\(bad.name): \(reply.text)")
                #expect(reply.code == bad.code, "\(bad.name): \(reply.text)")
                #expect(reply.problem?["detail"]?.stringValue?.isEmpty == false, "\(bad.name)")
                if let field = bad.field {
                    #expect(reply.fields == [field], "\(bad.name): \(reply.text)")
                }
                let after = try await server.sequence()
                #expect(after == before, "\(bad.name) changed something")
            }
            #expect(try await server.get("/healthz").status == 200)
        }
    }

    @Test("What a worker says wrongly is refused with the field, and nothing is changed")
    func workers() async throws {
        try await TestServer.with { server in
            try await server.study("heads")
            let worker = try await server.worker(studies: ["heads"])
            let job = try #require(try await worker.claim(study: "heads", index: 0).json()["jobs"]?[0])
            let other = try await server.worker("other", studies: ["heads"])
            let before = try await server.sequence()
            func refused(
                _ what: String, _ body: JSON, _ status: Int, _ code: String, _ field: String? = nil,
                by someone: TestWorker? = nil
            ) async throws {
                let reply = try await (someone ?? worker).post(what, body)
                #expect(reply.status == status, "\(reply.text)")
                #expect(reply.code == code, "\(reply.text)")
                if let field { #expect(reply.fields == [field], "\(reply.text)") }
                #expect(try await server.sequence() == before, "\(what) \(body.text) changed something")
            }
            let held: JSON = [["job": job["job"] ?? .null, "attempt": job["attempt"] ?? .null]]
            try await refused("claims", ["held": held, "study": "heads", "index": 99], 404, "unknown-assignment")
            try await refused("claims", ["study": "heads", "index": -1], 422, "invalid", "index")
            try await refused("claims", ["study": "heads", "index": 5_000_000_000], 422, "invalid", "index")
            try await refused("claims", ["held": held, "study": "nobody", "index": 0], 404, "unknown-study")
            try await refused("claims", ["index": 0], 422, "invalid", "index")
            try await refused("claims", ["count": 0], 422, "invalid", "count")
            try await refused("claims", ["waitMilliseconds": 60_001], 422, "invalid", "waitMilliseconds")
            let line: JSON = ["number": 1, "type": "log", "lines": [["text": "up"]]]
            try await refused("claims", ["waitMilliseconds": 1, "reports": [line]], 422, "invalid", "waitMilliseconds")
            try await refused("claims", ["reports": [line, line]], 422, "invalid", "reports[1].number")
            try await refused("claims", ["study": "heads", "index": 0], 409, "not-pending", by: other)
            try await refused("heartbeat", ["status": "stale"], 422, "invalid", "status")
            try await refused("heartbeat", [:], 422, "invalid", "status")
            try await refused(
                "heartbeat", ["status": "running", "utilisation": ["cpu": 1.5]], 422, "invalid", "utilisation.cpu"
            )
            try await refused(
                "reports", ["reports": [["number": 1, "type": "done"]]], 422, "invalid", "reports[0].type")
            try await refused(
                "reports", ["reports": [["number": 0, "type": "log"]]], 422, "invalid", "reports[0].number")
            try await refused(
                "reports",
                ["reports": [["number": 2, "type": "log"], ["number": 1, "type": "log"]]], 422, "invalid",
                "reports[1].number"
            )
            try await refused("reports", ["reports": [["number": 1, "type": "completed"]]], 422, "invalid", "job")
            for name in ["../x", "a/../b", "/etc/passwd", "a//b", "a\\b", ".", "a/..", "a\u{7}b", ""] {
                let body: JSON = [
                    "job": job["job"] ?? .null, "attempt": job["attempt"] ?? .null, "name": .string(name),
                ]
                let reply = try await server.post("/api/v1/artifacts", body, token: worker.token)
                #expect(reply.status == 422, "\(name): \(reply.text)")
                #expect(reply.fields == ["name"], "\(name): \(reply.text)")
            }
            #expect(try await server.sequence() == before)
        }
    }

    @Test("A report for a lost lease is answered 409 with what is lost and what is acknowledged, and changes no job")
    func lostLease() async throws {
        try await TestServer.with { server in
            let id = try await server.job()
            let first = try await server.worker(processKey: "one")
            let job = try #require(try await first.claim().json()["jobs"]?[0])
            // The same name by another process: the first is dead, its work is free.
            let second = try await server.worker(processKey: "two", ended: true)
            let again = try #require(try await second.claim().json()["jobs"]?[0])
            #expect(again["attempt"]?.intValue == 2)
            let before = try await server.get("/api/v1/jobs/\(id)").json()["job"]
            let reply = try await first.report(1, "completed", job)
            #expect(reply.status == 409)
            #expect(reply.code == "lease-lost")
            #expect(reply.problem?["lost"] == [["job": .string(id), "attempt": 1]])
            #expect(reply.problem?["acknowledged"] == 1)
            #expect(try await server.get("/api/v1/jobs/\(id)").json()["job"] == before)
            // Sent again it is skipped, and acknowledged.
            let replayed = try await first.report(1, "completed", job)
            #expect(replayed.status == 200)
            #expect(try replayed.json()["acknowledged"] == 1)
        }
    }

    @Test("A body over its limit is refused while it is still being sent")
    func tooLarge() async throws {
        try await TestServer.with { server in
            let worker = try await server.worker()
            let before = try await server.sequence()
            for (path, length) in [
                ("/api/v1/jobs", 300_000_000), ("/api/v1/sessions", 9_000_000), ("\(worker.path)/heartbeat", 5_000_000),
            ] {
                // The rest never comes: an answer means that nobody waits for it.
                let request = TestRequest(
                    .POST, path, token: path.hasPrefix(worker.path) ? worker.token : nil, body: Array("{".utf8),
                    announcedLength: length
                )
                let reply = try await server.client.open(request) { reply, _ in reply }
                #expect(reply.status == 413)
            }
            #expect(try await server.sequence() == before)
            #expect(try await server.get("/healthz").status == 200)
        }
    }

    @Test("A port in use is said, with a command that leads on")
    func portInUse() async throws {
        try await TestServer.with { (server) async throws in
            let error = await #expect(throws: MusterServer.StartError.self) {
                try await TestServer.with(port: server.client.port) { _ in }
            }
            #expect(error?.description.contains("\(server.client.port)") == true)
            #expect(error?.next?.hasPrefix("muster serve") == true)
            #expect(try await server.get("/healthz").status == 200)
        }
    }

    @Test("A data folder in use by another server is refused, and the other goes on")
    func dataInUse() async throws {
        try await TestServer.with { (server) async throws in
            let error = await #expect(throws: StoreError.self) {
                try await TestServer.with(folder: server.folder) { _ in }
            }
            #expect(error?.code == .inUse)
            #expect(error?.message.contains("--data") == true)
            #expect(try await server.get("/readyz").status == 200)
        }
    }
}
