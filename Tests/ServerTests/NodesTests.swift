import Domain
import Foundation
import NIOHTTP1
import StoragePostgres
import TestKit
import Testing
import Wire

/// Two real servers on one PostgreSQL, spoken to over HTTP.
@Suite("Several servers", .timeLimit(.minutes(15)))
struct NodesTests {
    /// Servers that share a database, each with the same clock.
    private func two(_ body: @Sendable (TestServer, TestServer) async throws -> Void) async throws {
        let database = try TemporaryPostgres.shared()
        let target = database.newTarget()
        defer { database.drop(target) }
        let clock = ManualClock()
        try await TestServer.with(clock: clock, database: target) { a in
            try await TestServer.with(clock: clock, database: target) { b in try await body(a, b) }
        }
    }

    private func untilWaiting(_ count: Int, _ server: TestServer) async throws {
        try await Patience.until { try await server.get("/metrics").text.contains("muster_waiting_claims \(count)\n") }
    }

    @Test("A job that is submitted to one answers the claim that waits at the other")
    func arrival() async throws {
        try await two { a, b in
            let worker = try await b.worker()
            async let claimed = worker.claim(wait: 60_000)
            try await untilWaiting(1, b)
            let id = try await a.job()
            #expect(try await claimed.json()["jobs"]?[0]?["job"]?.stringValue == id)
        }
    }

    @Test("A session registers at one, and beats, claims and reports at whichever it finds")
    func anyNode() async throws {
        try await two { a, b in
            let atA = try await a.worker()
            let atB = atA.at(b)
            for number in 1...6 {
                let id = try await (number.isMultiple(of: 2) ? a : b).job()
                let claims = number.isMultiple(of: 3) ? atA : atB
                let reports = number.isMultiple(of: 2) ? atB : atA
                let job = try #require(try await claims.claim().json()["jobs"]?[0])
                #expect(job["job"]?.stringValue == id)
                #expect(try await reports.report(2 * number, "started", job).status == 200)
                #expect(try await claims.beat(held: [["job": job["job"] ?? .null, "attempt": 1]]).status == 200)
                #expect(try await claims.report(2 * number + 1, "completed", job).status == 200)
                // Said again to the other, as after an answer that was lost: it is acknowledged and changes nothing.
                let again = try await reports.report(2 * number + 1, "completed", job)
                #expect(again.status == 200)
                for server in [a, b] {
                    let record = try await server.get("/api/v1/jobs/\(id)").json()["job"]
                    #expect(record?["status"] == "completed")
                    #expect(record?["attempt"] == 1)
                }
            }
            #expect(try await b.get(atA.path).json()["session"]?["completedCount"] == 6)
        }
    }

    @Test("A cancel at one is in the answer to the next beat at the other, though that beat repeats itself")
    func cancel() async throws {
        try await two { a, b in
            let worker = try await b.worker()
            let id = try await a.job()
            let job = try #require(try await worker.claim().json()["jobs"]?[0])
            let held: [JSON] = [["job": job["job"] ?? .null, "attempt": 1]]
            for _ in 0..<3 { #expect(try await worker.beat(held: held).json()["cancel"]?.arrayValue?.isEmpty == true) }
            #expect(try await a.post("/api/v1/jobs/\(id)/cancel").status == 200)
            try await Patience.until {
                try await worker.beat(held: held).json()["cancel"]?.arrayValue?.count == 1
            }
        }
    }

    @Test("A watcher that goes from one to the other with its last number misses nothing and sees nothing twice")
    func watcherThatMoves() async throws {
        try await two { a, b in
            let start = WatchedState(try await a.snapshot("fleet"))
            let count = 60
            let seen = try await withThrowingTaskGroup(of: [Change].self) { group in
                group.addTask { try await Self.follow([a, b], since: start, sessions: count) }
                for number in 0..<count {
                    _ = try await (number % 3 == 0 ? b : a).worker("worker-\(number)")
                    _ = try await (number % 2 == 0 ? a : b).job(queue: "queue-\(number % 5)")
                }
                return try await group.next() ?? []
            }
            let numbers = seen.map(\.sequence)
            #expect(numbers == numbers.sorted())
            #expect(Set(seen.map { "\($0.key) \($0.sequence)" }).count == seen.count)
            let end = try #require(numbers.last)
            let shown = start.applying(seen, upTo: end)
            // Nothing was committed after the last session but one job, whose queue the watcher may not have seen yet.
            let now = WatchedState(try await b.snapshot("fleet"))
            let difference = shown.difference(from: now).filter { !$0.hasPrefix("queue:") }
            #expect(difference.isEmpty)
        }
    }

    /// Reads a few events from one server, then goes to the next with the last id.
    private static func follow(
        _ servers: [TestServer], since start: WatchedState, sessions: Int
    ) async throws -> [Change] {
        var changes: [Change] = []
        var last: String?
        var turn = 0
        while Set(changes.filter { $0.key.hasPrefix("session:") }.map(\.key)).count < sessions {
            try Task.checkCancellation()
            let request = TestRequest(
                .GET, "/api/v1/watch?scope=fleet&since=\(start.sequence)",
                headers: last.map { [("Last-Event-ID", $0)] } ?? []
            )
            let patience = turn % 5 + 1
            let events = try await servers[turn % servers.count].client.open(request) { _, incoming in
                var decoder = EventStreamDecoder()
                var events: [ServerSentEvent] = []
                for _ in 0..<patience {
                    guard let bytes = try await incoming.next() else { break }
                    events += try decoder.append(bytes)
                }
                return events
            }
            #expect(!events.contains { $0.event == "reset" })
            changes += Change.all(events)
            last = events.last { $0.id != nil }?.id ?? last
            turn += 1
        }
        return changes
    }

    @Test("A token that is revoked at one is refused by the other")
    func revoked() async throws {
        let database = try TemporaryPostgres.shared()
        let target = database.newTarget()
        defer { database.drop(target) }
        let clock = ManualClock()
        try await TestServer.with(
            requiresTokens: true, roles: [.admin, .viewer], clock: clock, database: target
        ) { a in
            try await TestServer.with(requiresTokens: true, clock: clock, database: target) { b in
                let (admin, viewer) = (a.tokens[.admin], a.tokens[.viewer])
                #expect(try await b.get("/api/v1/sessions", token: viewer).status == 200)
                let tokens = try await a.get("/api/v1/tokens", token: admin).json()["items"]?.arrayValue ?? []
                let id = try #require(tokens.first { $0["role"] == "viewer" }?["id"]?.stringValue)
                #expect(try await a.delete("/api/v1/tokens/\(id)", token: admin).status == 204)
                try await Patience.until { try await b.get("/api/v1/sessions", token: viewer).status == 401 }
            }
        }
    }

    @Test("The settings page names every server of the database")
    func settingsPage() async throws {
        try await two { a, b in
            for server in [a, b] {
                let page = try await server.get("/settings").text
                #expect(page.contains("PostgreSQL"))
                #expect(page.components(separatedBy: "looks after leases").count == 2)
                #expect(page.components(separatedBy: "heard 0 s ago").count == 3)
            }
        }
    }
}

/// One server whose PostgreSQL goes away.
@Suite("A database that is away", .timeLimit(.minutes(15)))
struct AwayTests {
    @Test("Writes and reads are answered 503 with Retry-After; then all is as before and nothing promised is lost")
    func away() async throws {
        let database = try TemporaryPostgres()
        defer { database.stop() }
        try await TestServer.with(database: database.newTarget()) { server in
            let worker = try await server.worker()
            let first = try await server.job()
            let job = try #require(try await worker.claim().json()["jobs"]?[0])
            try database.crash()
            for reply in [
                try await server.post("/api/v1/jobs", ["payload": ["n": 1]] as JSON),
                try await worker.report(1, "completed", job), try await server.get("/api/v1/jobs/\(first)"),
            ] {
                #expect(reply.status == 503, "\(reply.text)")
                #expect(reply.header("retry-after") == "1")
                #expect(reply.code == "database-away", "\(reply.text)")
            }
            // It lives, but is no place to send anybody to.
            #expect(try await server.get("/healthz").status == 200)
            #expect(try await server.get("/readyz").status == 503)
            try database.start()
            try await Patience.until { try await server.get("/readyz").status == 200 }
            try await Patience.until { try await worker.report(1, "completed", job).status == 200 }
            #expect(try await server.get("/api/v1/jobs/\(first)").json()["job"]?["status"] == "completed")
        }
    }
}
