import Domain
import Foundation
import NIOHTTP1
import Storage
import StorageSQLite
import TestKit
import Testing
import Wire

/// A deleted study is gone with the answer; its rows go afterwards, and nobody sees them go.
@Suite("Deleting a study", .timeLimit(.minutes(15)))
struct StudyDeletionTests {
    /// Returns when nothing is left to remove. It asks; nothing is slept away.
    private func untilRemoved(_ server: TestServer) async throws {
        while try await !server.get("/metrics").text.contains("muster_deleted_studies 0\n") {
            try Task.checkCancellation()
        }
    }

    /// Rows in the database of a server that has ended.
    private func rows(_ table: String, in folder: URL) async throws -> Int {
        let test = try await TestStore.open(folder: folder, clock: ManualClock())
        let count = try await test.store.read { connection in
            try connection.row(Statement("test.rows", "SELECT COUNT(*) FROM \(table)"), [])?.int(0)
        }
        await test.store.close()
        return try #require(count)
    }

    @Test("It is gone at once for everybody, its name is free, and its workers hear that their work is lost")
    func goneAtOnce() async throws {
        try await TestServer.with { server in
            let study = try #require(try await server.study("heads", count: 500)["id"]?.stringValue)
            let worker = try await server.worker(queues: [], studies: ["heads"])
            let jobs = try #require(try await worker.claim(count: 2).json()["jobs"]?.arrayValue)
            let (held, done) = (jobs[0], jobs[1])
            #expect(try await worker.report(1, "completed", done).status == 200)
            #expect(try await server.delete("/api/v1/studies/heads").status == 204)

            for path in ["heads", study, "\(study)/assignments", "heads/assignments"] {
                #expect(try await server.get("/api/v1/studies/\(path)").status == 404, "\(path)")
            }
            #expect(try await server.delete("/api/v1/studies/\(study)").status == 404)
            #expect(try await server.get("/api/v1/jobs").json()["items"]?.arrayValue == [])
            for job in jobs {
                let id = try #require(job["job"]?.stringValue)
                #expect(try await server.get("/api/v1/jobs/\(id)").status == 404)
                #expect(try await server.get("/api/v1/jobs/\(id)/logs").status == 404)
                #expect(try await server.get("/jobs/\(id)").status == 404)
                #expect(try await server.post("/api/v1/jobs/\(id)/retry").status == 404)
            }
            let detail = try await server.get(worker.path).json()
            #expect(detail["attempts"]?.arrayValue == [])
            let ref: JSON = ["job": held["job"] ?? .null, "attempt": held["attempt"] ?? .null]
            #expect(try await worker.beat(held: [ref]).json()["lost"]?.arrayValue?.count == 1)
            let late = try await worker.report(2, "completed", held)
            #expect(late.status == 409)
            #expect(late.code == "lease-lost")

            try await server.study("heads", count: 3)
            #expect(try await worker.claim(count: 9).json()["jobs"]?.arrayValue?.count == 3)
            try await untilRemoved(server)
            #expect(try await server.get("/api/v1/studies/heads").json()["counts"]?["total"] == 3)
        }
    }

    @Test("A server that ends in the middle goes on where it was, and leaves nothing in the end")
    func restartInTheMiddle() async throws {
        try await withFolder { folder in
            let count = 2 * RemoveStudies.biteCount + 50
            let test = try await TestStore.open(folder: folder, clock: ManualClock())
            _ = try await test.study(count: count)
            let delete = ChangeStudy(study: "study", action: .delete, actor: "operator")
            _ = try await test.store.write { try delete.run($0) }
            let bite = try #require(try await test.store.read { try RemoveStudies($0) })
            try await test.store.write { try bite.run($0) }
            await test.store.close()
            #expect(try await rows("job", in: folder) == count - RemoveStudies.biteCount)

            try await TestServer.with(folder: folder) { try await untilRemoved($0) }
            for table in ["study", "queue", "queue_requirement", "job_count", "job", "ended_attempt", "artifact"] {
                #expect(try await rows(table, in: folder) == 0, "\(table)")
            }
        }
    }

    @Test("Its files go, those of finished and of running attempts")
    func files() async throws {
        try await TestServer.with { server in
            try await server.study("heads", count: 2)
            let worker = try await server.worker(queues: [], studies: ["heads"])
            let jobs = try #require(try await worker.claim(count: 2).json()["jobs"]?.arrayValue)
            for job in jobs {
                let ticket = try await server.post(
                    "/api/v1/artifacts",
                    ["job": job["job"] ?? .null, "attempt": job["attempt"] ?? .null, "name": "a.txt"] as JSON,
                    token: worker.token
                ).json()
                let upload = try #require(ticket["uploadUrl"]?.stringValue)
                let put = TestRequest(.PUT, upload, body: Array("text".utf8))
                #expect(try await server.client.send(put).status == 201)
            }
            #expect(try await worker.report(1, "completed", jobs[0]).status == 200)
            let place = server.folder.appendingPathComponent("artifacts")
            #expect(files(below: place) == 2)
            #expect(try await server.delete("/api/v1/studies/heads").status == 204)
            try await untilRemoved(server)
            #expect(files(below: place) == 0)
        }
    }

    private func files(below folder: URL) -> Int {
        let all = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: [.isRegularFileKey])
        return (all?.compactMap { $0 as? URL } ?? []).count { url in
            (try? url.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile) == true
        }
    }

    @Test("Whoever watches one of its jobs hears that it is gone, now or when coming back", arguments: [true, false])
    func watchedJob(isHeld: Bool) async throws {
        try await TestServer.with { server in
            try await server.study("heads", count: 3)
            let worker = try await server.worker(queues: [], studies: ["heads"])
            _ = try await worker.claim(count: 1)
            let list = try await server.get("/api/v1/studies/heads/assignments").json()["items"]?.arrayValue
            let id = try #require(list?[isHeld ? 0 : 2]["id"]?.stringValue)
            let before = WatchedState(try await server.snapshot("job:\(id)"))
            #expect(before.items.count == 1)
            let request = TestRequest(.GET, "/api/v1/watch?scope=job:\(id)&since=\(before.sequence)")
            try await server.client.watching(request) { log in
                // Connected: the first comment came before, so that what follows is live.
                try await untilWatching(server)
                #expect(try await server.delete("/api/v1/studies/heads").status == 204)
                #expect(try await log.wait { $0.contains { $0.event == "delete" } })
                try await expectGone(before, log, server)
            }
            try await untilRemoved(server)
            try await server.client.watching(request) { log in
                #expect(try await log.wait { $0.contains { $0.event == "delete" } })
                try await expectGone(before, log, server)
            }
        }
    }

    private func untilWatching(_ server: TestServer) async throws {
        while try await server.get("/metrics").text.contains("muster_watchers 0\n") { try Task.checkCancellation() }
    }

    private func expectGone(_ before: WatchedState, _ log: EventLog, _ server: TestServer) async throws {
        let after = WatchedState(try await server.snapshot(before.scope))
        #expect(after.items.isEmpty)
        #expect(before.applying(Change.all(log.events), upTo: after.sequence).difference(from: after) == [])
    }
}
