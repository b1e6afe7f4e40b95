import Domain
import TestKit
import Testing

@Suite("Waiting for work", .timeLimit(.minutes(15)))
struct LongPollTests {
    /// Returns when that many claims wait. It asks; nothing is slept away.
    private func untilWaiting(_ count: Int, _ server: TestServer) async throws {
        while try await !server.get("/metrics").text.contains("muster_waiting_claims \(count)\n") {
            try Task.checkCancellation()
        }
    }

    private func jobs(_ count: Int) -> JSON { ["jobs": .array((0..<count).map { ["payload": ["n": JSON($0)]] })] }

    @Test("A job that arrives answers the claim that waits for it")
    func arrival() async throws {
        try await TestServer.with { server in
            let worker = try await server.worker()
            async let claimed = worker.claim(wait: 60_000)
            try await untilWaiting(1, server)
            let id = try await server.job()
            let reply = try await claimed
            #expect(try reply.json()["jobs"]?[0]?["job"]?.stringValue == id)
            try await untilWaiting(0, server)
        }
    }

    @Test("Of fifty that wait, twenty jobs find exactly twenty, and the next thirty the others")
    func exactlyAsMany() async throws {
        try await TestServer.with { server in
            var workers: [TestWorker] = []
            for number in 0..<50 { workers.append(try await server.worker("worker-\(number)")) }
            let given = try await withThrowingTaskGroup(of: [String].self) { group in
                for worker in workers {
                    group.addTask {
                        let jobs = try await worker.claim(wait: 60_000).json()["jobs"]?.arrayValue ?? []
                        return jobs.compactMap { $0["job"]?.stringValue }
                    }
                }
                try await untilWaiting(50, server)
                #expect(try await server.post("/api/v1/jobs", jobs(20)).status == 201)
                var given: [String] = []
                for _ in 0..<20 {
                    let jobs = try await group.next() ?? []
                    #expect(jobs.count == 1)
                    given += jobs
                }
                try await untilWaiting(30, server)
                #expect(try await server.post("/api/v1/jobs", jobs(30)).status == 201)
                for _ in 0..<30 {
                    let jobs = try await group.next() ?? []
                    #expect(jobs.count == 1)
                    given += jobs
                }
                return given
            }
            #expect(Set(given).count == 50)
        }
    }

    @Test("A wait ends at its time, with nothing")
    func timeout() async throws {
        try await TestServer.with { server in
            let worker = try await server.worker()
            let reply = try await worker.claim(wait: 1)
            #expect(reply.status == 200)
            #expect(try reply.json() == ["jobs": [], "finished": false])
        }
    }

    @Test("A worker that hung up is handed nothing, and the one behind it is served in its place")
    func hungUp() async throws {
        try await TestServer.with { server in
            let gone = try await server.worker("gone")
            let waits = try await server.worker("waits")
            let call = Task { try await gone.claim(wait: 60_000) }
            try await untilWaiting(1, server)
            async let claimed = waits.claim(wait: 60_000)
            try await untilWaiting(2, server)
            call.cancel()
            _ = await call.result
            try await untilWaiting(1, server)
            let id = try await server.job()
            #expect(try await claimed.json()["jobs"]?[0]?["job"]?.stringValue == id)
            let holder = try await server.get("/api/v1/jobs/\(id)").json()["job"]?["holder"]?.stringValue
            #expect(holder == "\(waits.id)")
        }
    }

    @Test("Those who hang up just as work comes cost nobody a job")
    func hangUpAtTheMoment() async throws {
        try await TestServer.with { server in
            let stays = try await server.worker("stays")
            var reports = 0
            for round in 0..<40 {
                let leaver = try await server.worker("leaver")
                let call = Task { try await leaver.claim(wait: 60_000) }
                try await untilWaiting(1, server)
                async let claimed = stays.claim(wait: 60_000)
                try await untilWaiting(2, server)
                async let submitted = server.post("/api/v1/jobs", jobs(2))
                call.cancel()
                // The one who stays gets a job whatever becomes of the other.
                let job = try #require(try await claimed.json()["jobs"]?[0], "round \(round)")
                #expect(try await submitted.status == 201)
                _ = await call.result
                // What went to the one who left is free again with its session.
                #expect(try await server.delete("\(leaver.path)?force=true").status == 204)
                let held: [JSON] = [["job": job["job"] ?? .null, "attempt": job["attempt"] ?? .null]]
                let other = try #require(try await stays.claim(held: held).json()["jobs"]?[0], "round \(round)")
                for done in [job, other] {
                    reports += 1
                    #expect(try await stays.report(reports, "completed", done).status == 200)
                }
            }
        }
    }

    @Test("Whoever asks twice at once takes no job from those behind it")
    func twiceAtOnce() async throws {
        try await TestServer.with { server in
            // The first job of a queue wakes all who wait there.
            _ = try await server.job()
            _ = try await server.worker("holder").claim()
            let twice = try await server.worker("twice")
            let other = try await server.worker("other")
            async let first = twice.claim(wait: 60_000)
            try await untilWaiting(1, server)
            async let second = twice.claim(wait: 60_000)
            try await untilWaiting(2, server)
            async let others = other.claim(wait: 60_000)
            try await untilWaiting(3, server)
            #expect(try await server.post("/api/v1/jobs", jobs(2)).status == 201)
            let handed = try #require(try await first.json()["jobs"]?[0])
            #expect(try await second.json()["jobs"]?[0] == handed)
            let rest = try #require(try await others.json()["jobs"]?[0])
            #expect(rest["job"] != handed["job"])
        }
    }

    @Test("Whoever finds something better in another queue leaves no job where others wait for it")
    func betterElsewhere() async throws {
        try await TestServer.with { server in
            let both = try await server.worker("both", queues: ["good", "better"])
            let good = try await server.worker("good", queues: ["good"])
            let better = try await server.worker("better", queues: ["better"])
            let bulk: JSON = [
                "jobs": [
                    ["queue": "good", "payload": 1, "priority": 0], ["queue": "better", "payload": 2, "priority": 5],
                ]
            ]
            // The first job of a queue wakes all who wait there.
            #expect(try await server.post("/api/v1/jobs", bulk).status == 201)
            _ = try await server.worker("holder", queues: ["good", "better"]).claim(count: 2)
            // Which of the queues is called first is anybody's guess, so it is done several times.
            var reports: [SessionID: Int] = [:]
            for _ in 0..<12 {
                async let ofBoth = both.claim(wait: 60_000)
                try await untilWaiting(1, server)
                async let ofGood = good.claim(wait: 60_000)
                try await untilWaiting(2, server)
                let call = Task { try await better.claim(wait: 60_000) }
                try await untilWaiting(3, server)
                #expect(try await server.post("/api/v1/jobs", bulk).status == 201)
                for (worker, reply) in [(both, try await ofBoth), (good, try await ofGood)] {
                    let job = try #require(try reply.json()["jobs"]?[0])
                    reports[worker.id, default: 0] += 1
                    #expect(try await worker.report(reports[worker.id] ?? 0, "completed", job).status == 200)
                }
                call.cancel()
                _ = await call.result
                try await untilWaiting(0, server)
            }
        }
    }

    @Test("A person who drains a worker ends its wait")
    func drain() async throws {
        try await TestServer.with { server in
            let worker = try await server.worker()
            async let claimed = worker.claim(wait: 60_000)
            try await untilWaiting(1, server)
            #expect(try await server.post("\(worker.path)/drain").status == 200)
            let reply = try await claimed
            #expect(reply.status == 409)
            #expect(reply.code == "not-serving")
        }
    }

    @Test(
        "A study that ends ends the waits for it, and says that nothing more will come",
        arguments: ["cancel", "delete"])
    func studyEnds(action: String) async throws {
        try await TestServer.with { server in
            try await server.study("heads", count: 1)
            let holder = try await server.worker("holder", queues: [], studies: ["heads"])
            let waits = try await server.worker("waits", queues: [], studies: ["heads"])
            let job = try #require(try await holder.claim().json()["jobs"]?[0])
            async let claimed = waits.claim(wait: 60_000)
            try await untilWaiting(1, server)
            if action == "delete" {
                #expect(try await server.delete("/api/v1/studies/heads").status == 204)
            } else {
                #expect(try await holder.report(1, "completed", job).status == 200)
            }
            #expect(try await claimed.json() == ["jobs": [], "finished": true])
        }
    }

    @Test("A server that stops ends every wait")
    func shutdown() async throws {
        let worker = try await TestServer.with { server in
            let worker = try await server.worker()
            let call = Task { try await worker.claim(wait: 60_000) }
            try await untilWaiting(1, server)
            return (worker, call)
        }
        _ = await worker.1.result
    }
}
