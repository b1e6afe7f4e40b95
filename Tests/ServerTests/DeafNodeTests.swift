import Domain
import NIOHTTP1
import StoragePostgres
import TestKit
import Testing
import Wire

/// Two real servers on one PostgreSQL, one of which hears no `NOTIFY`: what reaches it, it finds by looking.
@Suite("A server that hears no calls", .timeLimit(.minutes(3)))
struct DeafNodeTests {
    private func two(_ body: @Sendable (_ calling: TestServer, _ deaf: TestServer) async throws -> Void) async throws {
        let database = try TemporaryPostgres.shared()
        let target = database.newTarget()
        defer { database.drop(target) }
        var limits = PostgresLimits()
        limits.listens = false
        let clock = ManualClock()
        try await TestServer.with(clock: clock, database: target) { calling in
            try await TestServer.with(clock: clock, database: target, limits: limits) { deaf in
                try await body(calling, deaf)
            }
        }
    }

    @Test("A claim that waits there is answered with a job that is submitted elsewhere")
    func arrival() async throws {
        try await two { calling, deaf in
            let worker = try await deaf.worker()
            async let claimed = worker.claim(wait: 60_000)
            try await Patience.until { try await deaf.get("/metrics").text.contains("muster_waiting_claims 1\n") }
            let id = try await calling.job()
            #expect(try await claimed.json()["jobs"]?[0]?["job"]?.stringValue == id)
        }
    }

    @Test("A watcher there is told of it")
    func watcher() async throws {
        try await two { calling, deaf in
            let start = WatchedState(try await deaf.snapshot("fleet"))
            let request = TestRequest(.GET, "/api/v1/watch?scope=fleet&since=\(start.sequence)")
            let worker = try await calling.worker("elsewhere")
            let session = try #require(worker.path.split(separator: "/").last.map(String.init))
            try await deaf.client.open(request) { _, incoming in
                var decoder = EventStreamDecoder()
                while let bytes = try await incoming.next() {
                    let changes = Change.all(try decoder.append(bytes))
                    if changes.contains(where: { $0.key == "session:\(session)" }) { return }
                }
                Issue.record("The stream ended before the session was told of.")
            }
        }
    }

    @Test("A worker there is told of a cancel though its beats repeat themselves")
    func cancel() async throws {
        try await two { calling, deaf in
            let worker = try await deaf.worker()
            let id = try await deaf.job()
            let job = try #require(try await worker.claim().json()["jobs"]?[0])
            let held: [JSON] = [["job": job["job"] ?? .null, "attempt": 1]]
            for _ in 0..<3 { #expect(try await worker.beat(held: held).json()["cancel"]?.arrayValue?.isEmpty == true) }
            #expect(try await calling.post("/api/v1/jobs/\(id)/cancel").status == 200)
            try await Patience.until { try await worker.beat(held: held).json()["cancel"]?.arrayValue?.count == 1 }
        }
    }
}
