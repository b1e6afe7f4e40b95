import Domain
import NIOHTTP1
import Storage
import TestKit
import Testing
import Wire

/// What is too old goes by itself, of a server that runs, by its clock and no other.
@Suite("Forgetting", .timeLimit(.minutes(15)))
struct RetentionTests {
    private func with(_ body: (TestServer) async throws -> Void) async throws {
        var retention = Retention()
        retention.endedSessionMilliseconds = 3_000_000
        retention.logLineMilliseconds = 2_000_000
        retention.finishedJobMilliseconds = 4_000_000
        try await TestServer.with(retention: retention, prunePeriod: .milliseconds(1), body)
    }

    /// Asks until it is so; the suite's limit ends what never is.
    private func until(_ isSo: () async throws -> Bool) async throws {
        while try await !isSo() { try Task.checkCancellation() }
    }

    @Test("Lines, sessions and jobs with their history go in their time, and the young stay")
    func everyKind() async throws {
        try await with { server in
            let old = try await server.worker("old")
            let id = try await server.job()
            let job = try #require(try await old.claim().json()["jobs"]?[0])
            // The worker's own clock is years behind: it is not asked.
            let line: JSON = ["level": "info", "text": "said", "at": "2001-01-01T00:00:00.000Z"]
            #expect(try await old.report(1, "log", job, [("lines", [line])]).status == 200)
            #expect(try await old.report(2, "completed", job).status == 200)
            #expect(try await old.beat(status: "stopped").status == 200)
            let lines = { try await server.get("/api/v1/jobs/\(id)/logs").json()["lines"]?.arrayValue?.count }
            server.clock.advance(milliseconds: 1_900_000)
            let young = try await server.worker("young")
            let next = try await server.job()
            let second = try #require(try await young.claim().json()["jobs"]?[0])
            #expect(try await young.report(1, "log", second, [("lines", [line])]).status == 200)
            #expect(try await young.report(2, "completed", second).status == 200)
            #expect(try await young.beat(status: "stopped").status == 200)
            #expect(try await lines() == 1)

            server.clock.advance(milliseconds: 200_000)
            try await until { try await lines() == 0 }
            #expect(try await server.get("/api/v1/jobs/\(next)/logs").json()["lines"]?.arrayValue?.count == 1)
            #expect(try await server.get(old.path).status == 200)

            server.clock.advance(milliseconds: 1_000_000)
            try await until { try await server.get(old.path).status == 404 }
            #expect(try await server.get(young.path).status == 200)
            #expect(try await server.get("/api/v1/jobs/\(id)").status == 200)

            server.clock.advance(milliseconds: 1_000_000)
            try await until { try await server.get("/api/v1/jobs/\(id)").status == 404 }
            #expect(try await server.get("/api/v1/jobs/\(next)").status == 200)
            let queue = try await server.get("/api/v1/queues").json()["items"]?[0]
            #expect(queue?["counts"]?["completed"] == 1)
        }
    }

    @Test("Deletions go after a day; who comes back from before them is told to begin anew")
    func tombstones() async throws {
        try await with { server in
            let id = try await server.job()
            let before = try await server.sequence()
            #expect(try await server.delete("/api/v1/jobs/\(id)").status == 204)
            let request = TestRequest(.GET, "/api/v1/watch?scope=queue:default&since=\(before)")
            try await server.client.watching(request) { (log) async throws in
                #expect(try await log.wait { $0.contains { $0.event == "delete" } })
            }
            server.clock.advance(milliseconds: 2 * 86_400_000)
            try await until {
                try await server.client.watching(request) { (log) async throws in
                    // Until it is forgotten the stream tells it and goes on.
                    try await log.wait { events in events.contains { $0.event == "reset" || $0.event == "delete" } }
                    return log.events.contains { $0.event == "reset" }
                }
            }
        }
    }
}
