import Domain
import Foundation
import NIOHTTP1
import TestKit
import Testing
import Wire

/// What these clients may not send, and what else they may rely on.
@Suite("GOLIAT's clients: refusals", .timeLimit(.minutes(15)))
struct LegacyRefusalTests {
    struct Bad: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let path: String
        let body: String
        var type = "application/json"
        var status = 400

        init(_ name: String, _ path: String, _ body: String, type: String = "application/json", status: Int = 400) {
            testDescription = name
            self.path = path
            self.body = body
            self.type = type
            self.status = status
        }
    }

    static let all: [Bad] = [
        Bad("no JSON", "/api/heartbeat", "{"), Bad("an array", "/api/heartbeat", "[]"),
        Bad("nothing", "/api/gui-update", ""),
        Bad("not said to be JSON", "/api/heartbeat", "{}", type: "text/plain", status: 415),
        Bad("no machineId", "/api/heartbeat", #"{"hostname":"H"}"#),
        Bad("a blank machineId", "/api/heartbeat", #"{"machineId":"  "}"#),
        Bad("a machineId that is a number", "/api/heartbeat", #"{"machineId":7}"#),
        Bad("a machineId with a control", "/api/heartbeat", #"{"machineId":"a\u0000b"}"#),
        Bad(
            "a machineId that is too long", "/api/heartbeat", #"{"machineId":"\#(String(repeating: "a", count: 256))"}"#
        ),
        Bad(
            "a machineId of few letters and a heap of accents", "/api/heartbeat",
            #"{"machineId":"a\#(String(repeating: "\u{301}", count: 5_000))"}"#),
        Bad("a hostname that is a number", "/api/heartbeat", #"{"machineId":"a","hostname":7}"#),
        Bad("no message", "/api/gui-update", #"{"machineId":"a"}"#),
        Bad("a message that is a text", "/api/gui-update", #"{"machineId":"a","message":"x"}"#),
        Bad("a message without a type", "/api/gui-update", #"{"machineId":"a","message":{}}"#),
        Bad(
            "logs that are no array", "/api/gui-update",
            #"{"machineId":"a","message":{"type":"log_batch","logs":{}}}"#),
        Bad(
            "more lines than anybody sends", "/api/gui-update",
            #"{"machineId":"a","message":{"type":"log_batch","logs":["#
                + String(repeating: "{},", count: 10_000) + "{}]}}"),
        Bad(
            "progress that is no number", "/api/gui-update",
            #"{"machineId":"a","message":{"type":"overall_progress","current":"x","total":1}}"#),
        Bad(
            "too large", "/api/gui-update", #"{"machineId":"\#(String(repeating: "a", count: 10_000_000))"}"#,
            status: 413),
        Bad("an unknown assignment", "/api/assignments/j999/claim", #"{"machineId":"a"}"#, status: 404),
        Bad("an assignment of no id", "/api/assignments/x%27/claim", #"{"machineId":"a"}"#, status: 404),
        Bad("a claim of nobody", "/api/assignments/j6/claim", "{}"),
        Bad("a study without a name", "/api/super-studies", #"{"baseConfig":{},"assignments":[{"splitConfig":{}}]}"#),
        Bad("a study without a base", "/api/super-studies", #"{"name":"x","assignments":[{"splitConfig":{}}]}"#),
        Bad("a study of nothing", "/api/super-studies", #"{"name":"x","baseConfig":{},"assignments":[]}"#),
        Bad("an assignment of nothing", "/api/super-studies", #"{"name":"x","baseConfig":{},"assignments":[{}]}"#),
        Bad("splits of none", "/api/super-studies", #"{"name":"x","baseConfig":{},"numSplits":0}"#),
        Bad("a split that can't be", "/api/super-studies", #"{"name":"x","baseConfig":{},"numSplits":2}"#, status: 422),
        Bad(
            "a study that is there", "/api/super-studies",
            #"{"name":"lab","baseConfig":{},"assignments":[{"splitConfig":{}}]}"#, status: 409),
        Bad("pictures that are no form", "/api/gui-screenshots", "{}", status: 415),
        Bad("results that are no form", "/api/assignments/j6/results", "{}", status: 415),
        Bad("a form that is none", "/api/gui-screenshots", "hello", type: "multipart/form-data; boundary=x"),
        Bad(
            "a form without an end", "/api/gui-screenshots",
            "--x\r\nContent-Disposition: form-data; name=\"machineId\"\r\n\r\na",
            type: "multipart/form-data; boundary=x"),
    ]

    @Test("Each is refused in plain words, and nothing is changed")
    func table() async throws {
        try await TestServer.with { server in
            let client = GoliatClient(server)
            _ = try await client.study("lab")
            let before = try await server.sequence()
            for bad in Self.all {
                let reply = try await server.client.send(
                    TestRequest(
                        .POST, bad.path, headers: GoliatClient.headers + [("Content-Type", bad.type)],
                        body: Array(bad.body.utf8))
                )
                #expect(reply.status == bad.status, "\(bad.testDescription): \(reply.text.prefix(200))")
                #expect(reply.text.hasPrefix(#"{"error":""#), "\(bad.testDescription): \(reply.text.prefix(200))")
                #expect(reply.text.utf8.count < 500, "\(bad.testDescription)")
            }
            #expect(try await server.sequence() == before)
        }
    }

    @Test("Numbers beyond all measure are taken for what they can be, and the server stays up")
    func numbers() async throws {
        try await TestServer.with { server in
            let client = GoliatClient(server)
            _ = try await client.beat("H", from: "a")
            let line = #"{"type":"status","message":"m","log_type":"info","timestamp":1e308}"#
            for message in [
                #"{"type":"log_batch","sequence":9223372036854775807,"logs":[\#(line)]}"#,
                #"{"type":"log_batch","sequence":-9223372036854775808,"logs":[\#(line)]}"#,
                #"{"type":"log_batch","sequence":1e300,"logs":[\#(line)]}"#,
                #"{"type":"log_batch","sequence":0.5,"logs":[\#(line)]}"#,
                #"{"type":"overall_progress","current":1e308,"total":1e-308}"#,
                #"{"type":"overall_progress","current":-5,"total":-1}"#,
                #"{"type":"overall_progress","current":1e400,"total":1e400}"#,
                #"{"type":"stage_progress","name":"Run","current":5,"total":0}"#,
                #"{"type":"profiler_update","eta_seconds":1e300}"#,
                #"{"type":"profiler_update","eta_seconds":-1e300}"#,
                #"{"type":"start_animation","estimate":1e300}"#,
                #"{"type":"sim_details","count":9223372036854775807,"total":-9223372036854775808,"details":"x"}"#,
            ] {
                let reply = try await client.say(message, from: "a")
                #expect(reply.status == 200 || reply.status == 400, "\(message): \(reply.text)")
            }
            for beat in [
                #"{"machineId":"a","hostname":"H","cpuCores":9223372036854775807,"totalRamGB":1e308,"gpuName":"x"}"#,
                #"{"machineId":"a","hostname":"H","cpuCores":-1,"totalRamGB":-1,"gpuName":7}"#,
            ] {
                #expect(try await client.post("/api/heartbeat", beat).status == 200)
            }
            #expect(try await client.get("/api/workers/s1?logs=99999999999999999999").status == 422)
            let workers = try await client.workers()
            #expect(workers.count == 1)
            let worker = try await client.worker(try #require(workers[0]["id"]?.stringValue))
            #expect(worker["guiState"]?["logMessages"]?.arrayValue?.count == 4)
            #expect(try await server.get("/workers").status == 200)
        }
    }

    @Test("Pictures that are none and files with climbing names are refused whole")
    func forms() async throws {
        try await TestServer.with { server in
            let client = GoliatClient(server)
            let study = try await client.study("lab")
            _ = try await client.claim(study.assignments[0], from: "a")
            let before = try await server.sequence()
            let who = GoliatClient.Part("machineId", Array("a".utf8))
            let picture = GoliatClient.Part("Timings", file: "Timings.jpg", type: "image/jpeg", GoliatClient.jpeg())
            let page = GoliatClient.Part("Run", file: "Run.jpg", type: "image/jpeg", Array("<script>".utf8))
            #expect(try await client.form("/api/gui-screenshots", [who, picture, page]).status == 422)
            #expect(try await client.form("/api/gui-screenshots", [who]).status == 400)
            #expect(try await client.form("/api/gui-screenshots", [picture]).status == 400)
            let results = "/api/assignments/\(study.assignments[0])/results"
            for path in ["../x", "/x", "a//b", "C:/x", "a\\b", "a/./b"] {
                let parts: [GoliatClient.Part] = [
                    .init("relativePath", Array(path.utf8)), .init("files", file: "a.json", [1]),
                ]
                #expect(try await client.form(results, parts).status == 400, "\(path)")
            }
            for name in ["../a", "a/b", "C:a", ".."] {
                #expect(try await client.form(results, [.init("files", file: name, [1])]).status == 400, "\(name)")
            }
            #expect(try await client.form(results, [.init("relativePath", Array("x".utf8))]).status == 400)
            #expect(
                try await client.form("/api/assignments/j999/results", [.init("files", file: "a", [1])]).status == 404)
            #expect(
                try await client.form(
                    "/api/assignments/\(study.assignments[1])/results", [.init("files", file: "a", [1])]
                ).status == 409)
            #expect(try await server.sequence() == before)
            let left = try FileManager.default.contentsOfDirectory(
                atPath: server.folder.appendingPathComponent("artifacts/incoming").path)
            #expect(left.isEmpty)
            #expect(
                try await client.form(results, [.init("relativePath", []), .init("files", file: "a.json", [1, 2])])
                    .status == 200)
        }
    }

    @Test("Pictures are served as pictures and as nothing else, the newest of each tab")
    func pictures() async throws {
        try await TestServer.with { server in
            let client = GoliatClient(server)
            _ = try await client.beat("H", from: "a")
            let who = GoliatClient.Part("machineId", Array("a".utf8))
            for fill in [UInt8(1), 2] {
                server.clock.advance(milliseconds: 10)
                let parts = ["Timings", "Disk_I/O"].map {
                    GoliatClient.Part($0, file: "\($0).jpg", type: "image/jpeg", GoliatClient.jpeg(50, fill))
                }
                #expect(try await client.form("/api/gui-screenshots", [who] + parts).status == 200)
            }
            let worker = try #require(try await client.workers().first?["id"]?.stringValue)
            let shown = try await client.worker(worker)["guiState"]?["screenshots"]?.arrayValue ?? []
            #expect(shown.map { $0["tab"]?.stringValue } == ["Timings", "Disk I/O"])
            let reply = try await client.get(try #require(shown.last?["url"]?.stringValue))
            #expect(reply.bytes == GoliatClient.jpeg(50, 2))
            #expect(reply.header("content-type") == "image/jpeg" && reply.header("x-content-type-options") == "nosniff")
            let files = try FileManager.default.contentsOfDirectory(
                atPath: server.folder.appendingPathComponent("pictures").path)
            #expect(files.count == 1)
            #expect(try await client.get("/api/workers/\(worker)/screenshots/7").status == 404)
            let page = try await server.get("/workers/\(worker)").text
            #expect(page.contains("The tab Disk I/O of the window"))
        }
    }

    @Test("Results of 64 MB are taken, and configurations of megabytes come back byte for byte")
    func large() async throws {
        try await TestServer.with { server in
            let client = GoliatClient(server)
            let configuration =
                #"{"a": 1.0, "text": "\#(String(repeating: "x\\u00e9 ", count: 1_200_000))", "z": [ 1,2 ]}"#
            let split = #"{"splitConfig": \#(configuration)}"#
            let body = #"{"name": "big", "baseConfig": {}, "assignments": [\#(split), \#(split), \#(split)]}"#
            #expect(body.utf8.count > 25_000_000)
            let made = try await client.post("/api/super-studies", body)
            #expect(made.status == 200)
            let id = try #require(try made.json()["id"]?.stringValue)
            let listed = try await client.get("/api/super-studies/\(id)/assignments")
            #expect(listed.text.components(separatedBy: #""splitConfig":\#(configuration)"#).count == 4)
            let job = try #require(try listed.json()[0]?["id"]?.stringValue)
            _ = try await client.claim(job, from: "a")
            let bytes = [UInt8](repeating: 13, count: 64 * 1_048_576)
            let reply = try await client.form(
                "/api/assignments/\(job)/results", [.init("files", file: "verbose.log", bytes)])
            #expect(reply.status == 200)
            let listing = try await client.get("/api/assignments/\(job)/results").json()
            #expect(listing[0]?["size"]?.intValue == Int64(bytes.count))
        }
    }

    @Test("A base and a number are split as GOLIAT does, and it is said where that makes fewer")
    func splits() async throws {
        try await TestServer.with { server in
            let client = GoliatClient(server)
            let base =
                #"{"study_type": "far_field", "phantoms": ["a","b","c","d"], "frequencies_mhz": [1,2,3,4,5,6,7,8,9]}"#
            func make(_ name: String, _ splits: Int) async throws -> JSON {
                try await client.post(
                    "/api/super-studies", #"{"name": "\#(name)", "baseConfig": \#(base), "numSplits": \#(splits)}"#
                ).json()
            }
            let even = try await make("even", 6)
            #expect(even["totalAssignments"] == 6 && even["notes"] == nil)
            let fewer = try await make("fewer", 11)
            #expect(fewer["totalAssignments"] == 9 && fewer["notes"]?.arrayValue?.isEmpty == false)
            let first = try await client.assignments(try #require(even["id"]?.stringValue))[0]["splitConfig"]
            #expect(first?["phantoms"] == ["a", "b"] && first?["frequencies_mhz"] == [1, 2, 3, 4, 5])
        }
    }

    @Test("Nothing is redirected, and the page that the client prints is there")
    func addresses() async throws {
        try await TestServer.with { server in
            let client = GoliatClient(server)
            let study = try await client.study("lab")
            #expect(try await client.get("/super-studies/\(study.id)").status == 200)
            #expect(try await client.get("/super-studies").status == 200)
            for path in ["/api/workers/", "/api/super-studies/", "/api/heartbeat/"] {
                #expect(!(300..<400).contains(try await client.get(path).status), "\(path)")
            }
        }
    }

    @Test("Another site's page is answered where it brings a token, and not on trust")
    func origins() async throws {
        try await TestServer.with(requiresTokens: true, roles: [.worker, .viewer]) { (server) async throws in
            let worker = try #require(server.tokens[.worker])
            let viewer = try #require(server.tokens[.viewer])
            let origin = [("Origin", "https://elsewhere.example"), ("Content-Type", "application/json")]
            func send(_ method: HTTPMethod, _ path: String, body: String = "") async throws -> TestReply {
                try await server.client.send(TestRequest(method, path, headers: origin, body: Array(body.utf8)))
            }
            let read = try await send(.GET, "/t/\(viewer)/api/workers")
            #expect(read.status == 200 && read.header("access-control-allow-origin") == "*")
            let beat = #"{"machineId":"a","hostname":"H"}"#
            #expect(try await send(.POST, "/t/\(worker)/api/heartbeat", body: beat).status == 200)
            #expect(try await send(.POST, "/t/\(viewer)/api/heartbeat", body: beat).status == 403)
            let refused = try await send(.POST, "/api/heartbeat", body: beat)
            #expect(refused.status == 401 || refused.status == 403)
            #expect(refused.header("access-control-allow-origin") == nil)
            #expect(try await send(.OPTIONS, "/t/\(worker)/api/heartbeat").status == 204)
        }
        try await TestServer.with { (server) async throws in
            let foreign = TestRequest(.GET, "/api/workers", headers: [("Origin", "https://elsewhere.example")])
            #expect(try await server.client.send(foreign).header("access-control-allow-origin") == nil)
            let write = TestRequest(
                .POST, "/api/heartbeat",
                headers: [("Origin", "https://elsewhere.example"), ("Content-Type", "application/json")],
                body: Array(#"{"machineId":"a"}"#.utf8))
            #expect(try await server.client.send(write).status == 403)
        }
    }
}
