import Domain
import Foundation
import TestKit
import Testing

/// What a lab complained of, each as a test: assignments that shift, workers that are mixed up, nothing to delete with.
@Suite("GOLIAT's clients: a lab's complaints", .timeLimit(.minutes(15)))
struct LegacyChecklistTests {
    private func indices(_ client: GoliatClient, _ study: String) async throws -> [String] {
        try await client.assignments(study).map { "\($0["index"]?.intValue ?? -1):\($0["id"]?.stringValue ?? "")" }
    }

    @Test("Indices stay where they are: looked at again, claimed, failed, a neighbour to be deleted")
    func indicesStay() async throws {
        try await TestServer.with { server in
            let client = GoliatClient(server)
            let study = try await client.study()
            let before = try await indices(client, study.id)
            #expect(before == study.assignments.enumerated().map { "\($0):\($1)" })
            #expect(try await indices(client, study.id) == before)
            _ = try await client.claim(study.assignments[2], from: "a")
            _ = try await client.claim(study.assignments[0], from: "b")
            #expect(try await indices(client, study.id) == before)
            #expect(try await client.assignments(study.id)[2]["status"] == "RUNNING")
            _ = try await client.beat("H", from: "a")
            _ = try await client.say(#"{"type": "finished", "message": "Study finished with errors"}"#, from: "a")
            #expect(try await indices(client, study.id) == before)
            // An assignment can't be taken out of its study: its index is for ever.
            #expect(try await server.delete("/api/v1/jobs/\(study.assignments[1])").status == 409)
            let page = try await server.get("/jobs/\(study.assignments[1])").text
            #expect(!page.contains("/delete"))
            #expect(try await server.get("/jobs/\(study.assignments[1])/delete").status == 404)
            #expect(try await indices(client, study.id) == before)
        }
    }

    @Test("Whoever names an index gets that index, with its configuration as it was sent")
    func namedIndex() async throws {
        try await TestServer.with { server in
            let client = GoliatClient(server)
            let study = try await client.study()
            for index in [3, 0, 2] {
                let listed = try await client.assignments(study.id)
                let wanted = try #require(listed.first { $0["index"]?.intValue == Int64(index) })
                let id = try #require(wanted["id"]?.stringValue)
                #expect(try await client.claim(id, from: "m\(index)").status == 200)
                #expect(try await client.assignments(study.id)[index]["status"] == "RUNNING")
            }
            let text = try await client.get("/api/super-studies/\(study.id)/assignments").text
            for phantom in ["duke", "ella", "billie", "thelonious"] {
                #expect(text.contains(GoliatClient.configuration(phantom)))
            }
        }
    }

    @Test("New processes at one address are new workers, and nothing of one is shown with another")
    func newWorkers() async throws {
        try await TestServer.with { server in
            let client = GoliatClient(server)
            let study = try await client.study()
            var seen: [String] = []
            for index in 0..<3 {
                _ = try await client.claim(study.assignments[index], from: "a")
                _ = try await client.beat("H", from: "a")
                _ = try await client.lines(
                    ["run \(index)"], sequence: 0, from: "a", at: 1_767_225_600 + Double(index) * 60)
                _ = try await client.say(#"{"type": "finished", "message": "Study finished successfully"}"#, from: "a")
                let worker = try await client.assignments(study.id)[index]["workerId"]?.stringValue
                seen.append(try #require(worker))
            }
            #expect(Set(seen).count == 3)
            for (index, worker) in seen.enumerated() {
                let told = try await client.worker(worker)
                let messages = told["guiState"]?["logMessages"]?.arrayValue?.map { $0["message"]?.stringValue }
                #expect(messages == ["run \(index)"])
                #expect(told["assignments"]?.arrayValue?.count == 1)
                #expect(told["hostname"] == "H")
            }
            // Only the newest is one of the fleet; the others are its history.
            let history = try await client.workers(includeStale: true)
            #expect(Set(history.compactMap { $0["id"]?.stringValue }) == Set(seen))
            let page = try await server.get("/workers/\(seen[2])").text
            #expect(page.contains("/workers/\(seen[0])") && page.contains("before it"))
            #expect(try await server.get("/workers/\(seen[0])").text.contains("after it"))
        }
    }

    @Test("The link of an assignment leads to the worker that has it, and the stale one is not in the list")
    func links() async throws {
        try await TestServer.with { server in
            let client = GoliatClient(server)
            let study = try await client.study()
            _ = try await client.claim(study.assignments[0], from: "a")
            _ = try await client.beat("H", from: "a")
            let old = try await client.assignments(study.id)[0]["workerId"]?.stringValue
            _ = try await client.claim(study.assignments[0], from: "a")
            _ = try await client.beat("H", from: "a")
            let new = try #require(try await client.assignments(study.id)[0]["workerId"]?.stringValue)
            #expect(new != old)
            #expect(try await client.workers().map { $0["id"]?.stringValue } == [new])
            #expect(try await client.workers(includeStale: true).count == 2)
            #expect(try await server.get("/studies/\(study.id)").text.contains("/workers/\(new)"))
            #expect(try await server.get("/jobs/\(study.assignments[0])").text.contains("/workers/\(new)"))
        }
    }

    @Test("A study is deleted from its list and from its page, with all that is of it; who runs it leaves no ghost")
    func deletedStudy() async throws {
        try await TestServer.with { server in
            let client = GoliatClient(server)
            let study = try await client.study("lab")
            _ = try await client.claim(study.assignments[0], from: "a")
            _ = try await client.beat("H", from: "a")
            #expect(try await server.get("/studies").text.contains("/studies/lab/delete"))
            #expect(try await server.get("/studies/lab").text.contains("/studies/lab/delete"))
            let question = try await server.get("/studies/lab/delete").text
            #expect(question.contains("4 assignments with their history and logs") && question.contains("under way"))
            #expect(try await client.delete("/api/super-studies/\(study.id)").status == 200)
            for message in [
                #"{"type": "overall_progress", "current": 50, "total": 100}"#,
                #"{"type": "print", "message": "still here", "stream": "stdout"}"#,
                #"{"type": "finished", "message": "Study finished successfully"}"#,
            ] {
                #expect(try await client.say(message, from: "a").status == 200)
            }
            #expect(try await client.get("/api/super-studies").text == "[]")
            #expect(try await client.get("/api/super-studies/\(study.id)").status == 404)
            #expect(try await client.claim(study.assignments[0], from: "a").status == 404)
            let part = GoliatClient.Part("files", file: "a.json", [1])
            #expect(try await client.form("/api/assignments/\(study.assignments[0])/results", [part]).status == 404)
            for worker in try await client.workers() { #expect(worker["assignments"]?.arrayValue?.isEmpty == true) }
            #expect(try await server.get("/jobs/\(study.assignments[0])").status == 404)
        }
    }

    @Test("Pictures of a deleted worker are gone from the disk, and those of the others stay")
    func deletedPictures() async throws {
        try await TestServer.with(prunePeriod: .milliseconds(20)) { (server) async throws in
            let client = GoliatClient(server)
            for machine in ["a", "b"] {
                _ = try await client.beat("H\(machine)", from: machine)
                let picture = GoliatClient.Part("Timings", file: "Timings.jpg", type: "image/jpeg", GoliatClient.jpeg())
                let form = [GoliatClient.Part("machineId", Array(machine.utf8)), picture]
                #expect(try await client.form("/api/gui-screenshots", form).status == 200)
            }
            let folder = server.folder.appendingPathComponent("pictures").path
            func count() throws -> Int { try FileManager.default.contentsOfDirectory(atPath: folder).count }
            #expect(try count() == 2)
            let gone = try #require(try await client.workers().first { $0["hostname"] == "Ha" }?["id"]?.stringValue)
            #expect(try await client.delete("/api/workers/\(gone)?force=true").status == 200)
            try await Patience.until { try count() == 1 }
            let left = try #require(try await client.workers().first)
            let shown = try await client.worker(try #require(left["id"]?.stringValue))["guiState"]?["screenshots"]
            #expect(try await client.get(try #require(shown?[0]?["url"]?.stringValue)).bytes == GoliatClient.jpeg())
        }
    }

    @Test("A worker is deleted from its list and from its page, a live one by force, with all that is of it")
    func deletedWorker() async throws {
        try await TestServer.with { server in
            let client = GoliatClient(server)
            let study = try await client.study("lab")
            _ = try await client.claim(study.assignments[0], from: "a")
            _ = try await client.beat("H", from: "a")
            _ = try await client.lines(["x"], sequence: 0, from: "a")
            let id = try #require(try await client.workers().first?["id"]?.stringValue)
            #expect(try await server.get("/workers").text.contains("/workers/\(id)/delete"))
            #expect(try await server.get("/workers/\(id)").text.contains("/workers/\(id)/delete"))
            let question = try await server.get("/workers/\(id)/delete").text
            #expect(question.contains("comes back as a new worker") && question.contains("1 job under way"))
            #expect(try await client.delete("/api/workers/\(id)").status == 409)
            #expect(try await client.delete("/api/workers/\(id)?force=true").status == 200)
            #expect(try await client.get("/api/workers/\(id)").status == 404)
            #expect(try await client.workers(includeStale: true).isEmpty)
            #expect(try await client.assignments(study.id)[0]["status"] == "PENDING")
        }
    }
}
