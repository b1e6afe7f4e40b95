import Domain
import NIOHTTP1
import TestKit
import Testing
import Wire

@Suite("Logs", .timeLimit(.minutes(15)))
struct LogTests {
    private func say(_ worker: TestWorker, _ number: Int, _ job: JSON?, _ texts: [String]) async throws {
        var report: [JSONMember] = [
            JSONMember(key: "number", value: JSON(number)), JSONMember(key: "type", value: "log"),
            JSONMember(key: "lines", value: .array(texts.map { ["level": "info", "text": .string($0)] })),
        ]
        if let job {
            report.append(JSONMember(key: "job", value: job["job"] ?? .null))
            report.append(JSONMember(key: "attempt", value: job["attempt"] ?? .null))
        }
        let reply = try await worker.post("reports", ["reports": [.object(JSONObject(report))]])
        #expect(reply.status == 200, "\(reply.text)")
    }

    @Test("Pages go on where the one before ended, and together are everything in order")
    func pages() async throws {
        try await TestServer.with { server in
            let worker = try await server.worker()
            let id = try await server.job()
            let job = try #require(try await worker.claim().json()["jobs"]?[0])
            try await say(worker, 1, job, (0..<25).map { "line \($0)" })
            try await say(worker, 2, nil, ["of the worker itself"])
            var texts: [String] = []
            var after: Int64 = 0
            while true {
                let page = try await server.get("/api/v1/jobs/\(id)/logs?limit=10&after=\(after)").json()
                let lines = page["lines"]?.arrayValue ?? []
                texts += lines.compactMap { $0["text"]?.stringValue }
                let next = try #require(page["next"]?.intValue)
                if lines.isEmpty {
                    #expect(next == after)
                    break
                }
                after = next
            }
            #expect(texts == (0..<25).map { "line \($0)" })
            let all = try await server.get("\(worker.path)/logs").json()["lines"]?.arrayValue ?? []
            #expect(all.count == 26)
            #expect(all.last?["text"] == "of the worker itself")
        }
    }

    @Test("A stream tells what was before and what comes, each line once, also across a lost connection")
    func stream() async throws {
        try await TestServer.with { server in
            let worker = try await server.worker()
            let id = try await server.job()
            let job = try #require(try await worker.claim().json()["jobs"]?[0])
            try await say(worker, 1, job, ["one", "two"])
            func texts(_ events: [ServerSentEvent]) -> [String] {
                events.flatMap { (try? LogFrame.lines(of: $0)) ?? [] }.map(\.text)
            }
            let path = "/api/v1/jobs/\(id)/logs/stream"
            let (first, last) = try await server.client.watching(TestRequest(.GET, path)) { log in
                #expect(try await log.wait { texts($0).count >= 2 })
                try await say(worker, 2, job, ["three"])
                #expect(try await log.wait { texts($0).count >= 3 })
                return (texts(log.events), log.events.last?.id)
            }
            #expect(first == ["one", "two", "three"])
            try await say(worker, 3, job, ["four"])
            let again = TestRequest(.GET, path, headers: [("Last-Event-ID", try #require(last))])
            try await server.client.watching(again) { log in
                try await say(worker, 4, job, ["five\u{1b}[31m"])
                #expect(try await log.wait { texts($0).count >= 2 })
                #expect(texts(log.events) == ["four", "five\u{1b}[31m"])
            }
        }
    }

    @Test("A page's stream says whether lines may still come, at the beginning and when that changes")
    func state() async throws {
        try await TestServer.with { server in
            let worker = try await server.worker()
            let id = try await server.job()
            let job = try #require(try await worker.claim().json()["jobs"]?[0])
            func states(_ events: [ServerSentEvent]) -> [String] {
                events.filter { $0.event == "state" }.map { String(decoding: $0.data, as: UTF8.self) }
            }
            let (live, ended) = (#"{"live":true}"#, #"{"live":false}"#)
            try await server.client.watching(TestRequest(.GET, "/live/logs/\(id)")) { (log) async throws in
                #expect(try await log.wait { states($0) == [live] })
                try await say(worker, 1, job, ["a line changes nothing"])
                #expect(try await worker.report(2, "failed", job).status == 200)
                #expect(try await log.wait { states($0) == [live, ended] })
                #expect(try await server.post("/api/v1/jobs/\(id)/retry").status == 200)
                #expect(try await log.wait { states($0) == [live, ended, live] })
            }
            try await server.client.watching(TestRequest(.GET, "/live/logs/\(worker.id)")) { (log) async throws in
                #expect(try await log.wait { states($0) == [live] })
                #expect(try await worker.beat(status: "stopped").status == 200)
                #expect(try await log.wait { states($0) == [live, ended] })
            }
        }
    }

    @Test(
        "There is no log of what there is not",
        arguments: [
            "/api/v1/jobs/j99/logs", "/api/v1/jobs/j99/logs/stream", "/api/v1/sessions/s99/logs",
            "/api/v1/sessions/s99/logs/stream",
        ])
    func unknown(path: String) async throws {
        try await TestServer.with { server in
            let reply = try await server.get(path)
            #expect(reply.status == 404)
            #expect(reply.code?.hasPrefix("unknown-") == true)
        }
    }
}
