import Domain
import Foundation
import TestKit
import Testing

/// Programs that an agent started: their address says whose they are, and of which attempt.
@Suite("GOLIAT's clients: bound to an agent", .timeLimit(.minutes(15)))
struct LegacyBoundTests {
    private func claimed(_ agent: TestWorker, _ index: Int, beside held: [JSON] = []) async throws -> JSON {
        let refs: [JSON] = held.map { ["job": $0["job"] ?? .null, "attempt": $0["attempt"] ?? .null] }
        return try #require(try await agent.claim(study: "lab", index: index, held: refs).json()["jobs"]?[0])
    }

    /// A program that an agent started for a job: its address names the attempt.
    private func program(_ server: TestServer, _ agent: TestWorker, _ job: JSON) throws -> GoliatClient {
        let (id, attempt) = (try #require(job["job"]?.stringValue), try #require(job["attempt"]?.intValue))
        return GoliatClient(server, prefix: "/s/\(agent.token)/\(id).\(attempt)")
    }

    private func progress(_ server: TestServer, _ job: JSON) async throws -> Double? {
        let detail = try await server.get("/api/v1/jobs/\(job["job"]?.stringValue ?? "")").json()
        return detail["job"]?["progress"]?["fraction"]?.doubleValue
    }

    private func lines(_ server: TestServer, _ job: JSON) async throws -> [String?] {
        let page = try await server.get("/api/v1/jobs/\(job["job"]?.stringValue ?? "")/logs").json()
        return (page["lines"]?.arrayValue ?? []).map { $0["text"]?.stringValue }
    }

    @Test(
        "Programs that one agent runs side by side have each a window, lines and progress of its own",
        arguments: Engine.all)
    func sideBySide(_ engine: Engine) async throws {
        try await TestServer.with(engine: engine) { server in
            _ = try await GoliatClient(server).study()
            let agent = try await server.worker(queues: [], studies: ["lab"])
            let first = try await claimed(agent, 0)
            let jobs = [first, try await claimed(agent, 1, beside: [first])]
            let programs = try jobs.map { try program(server, agent, $0) }
            for (place, program) in programs.enumerated() {
                for number in 0..<2 {
                    _ = try await program.lines(["\(place).\(number)"], sequence: number, from: "a", type: "error")
                }
                _ = try await program.say(
                    #"{"type": "overall_progress", "current": \#(place + 1), "total": 4}"#, from: "a")
                let picture = GoliatClient.Part(
                    "Timings", file: "Timings.jpg", type: "image/jpeg", GoliatClient.jpeg(40, UInt8(place)))
                let form = [GoliatClient.Part("machineId", Array("a".utf8)), picture]
                #expect(try await program.form("/api/gui-screenshots", form).status == 200)
            }
            _ = try await programs[0].say(
                #"{"type": "stage_progress", "name": "Run", "current": 1, "total": 2}"#, from: "a")
            for place in 0..<2 {
                #expect(try await lines(server, jobs[place]) == ["\(place).0", "\(place).1"])
                #expect(try await progress(server, jobs[place]) == Double(place + 1) / 4)
            }
            // Both are on the agent's page, each with its own picture.
            let page = try await server.get("/workers/\(agent.id)").text
            #expect(page.components(separatedBy: "<h2>Window ").count == 3)
            for (place, job) in jobs.enumerated() {
                let path = "/api/v1/sessions/\(agent.id)/pictures/0"
                let name = "\(job["job"]?.stringValue ?? "").1"
                #expect(page.contains("attempt=\(name)"))
                let reply = try await server.get("\(path)?attempt=\(name)")
                #expect(reply.bytes == GoliatClient.jpeg(40, UInt8(place)))
                #expect(reply.header("content-type") == "image/jpeg")
                #expect(try await server.get(path).status == 404)
            }
            // Results are of the attempt that the program is, and of no other.
            let part = GoliatClient.Part("files", file: "a.json", [1])
            func results(_ program: GoliatClient, _ job: JSON) async throws -> Int {
                try await program.form("/api/assignments/\(job["job"]?.stringValue ?? "")/results", [part]).status
            }
            #expect(try await results(programs[0], jobs[0]) == 200)
            #expect(try await results(programs[0], jobs[1]) == 409)
            let stranger = try await server.worker("other", queues: [], studies: ["lab"])
            #expect(try await results(GoliatClient(server, prefix: "/s/\(stranger.token)"), jobs[0]) == 409)
            // What names none of several is put down to none of them.
            let unnamed = GoliatClient(server, prefix: "/s/\(agent.token)")
            _ = try await unnamed.lines(["whose?"], sequence: 7, from: "a")
            for place in 0..<2 { #expect(try await lines(server, jobs[place]).count == 2) }
        }
    }

    @Test(
        "An agent's next program begins with an empty window, and what the last one says late is refused",
        arguments: Engine.all)
    func oneAfterTheOther(_ engine: Engine) async throws {
        try await TestServer.with(engine: engine) { server in
            _ = try await GoliatClient(server).study()
            let agent = try await server.worker(queues: [], studies: ["lab"])
            let first = try await claimed(agent, 0)
            let one = try program(server, agent, first)
            _ = try await one.lines(["x"], sequence: 0, from: "a", type: "warning")
            _ = try await one.say(#"{"type": "finished", "message": "Study finished with errors"}"#, from: "a")
            // Exit code 42: the same assignment again, by the same agent.
            #expect(try await agent.report(1, "retryable", first, [("exitCode", 42)]).status == 200)
            let again = try await claimed(agent, 0)
            #expect(again["attempt"] == 2)
            let late = try await one.say(#"{"type": "overall_progress", "current": 3, "total": 4}"#, from: "a")
            #expect(late.status == 409)
            #expect(late.text.contains("is not held by this session"))
            #expect(try await one.lines(["late"], sequence: 1, from: "a").status == 409)
            let two = try program(server, agent, again)
            _ = try await two.say(#"{"type": "overall_progress", "current": 1, "total": 4}"#, from: "a")
            #expect(try await progress(server, again) == 0.25)
            let state = try await GoliatClient(server).worker(agent.id.description)["guiState"]
            #expect(state?["progress"]?.doubleValue == 25 && state?["warningCount"] == 0)
            #expect(try await lines(server, again) == ["x"])
        }
    }

    @Test("A program that an agent started reports into its agent's session")
    func bound() async throws {
        try await TestServer.with { server in
            let study = try await GoliatClient(server).study()
            let agent = try await server.worker(queues: [], studies: ["lab"])
            let claimed = try await agent.claim(study: "lab").json()["jobs"]?[0]
            let client = GoliatClient(server, prefix: "/s/\(agent.token)")
            let job = try #require(claimed?["job"]?.stringValue)
            #expect(try await client.claim(job, from: "1.2.3.4").status == 200)
            #expect(try await client.claim(study.assignments[3], from: "1.2.3.4").status == 409)
            #expect(try await client.beat("H", from: "1.2.3.4").status == 200)
            #expect(try await client.lines(["hello"], sequence: 0, from: "1.2.3.4").status == 200)
            #expect(
                try await client.say(#"{"type": "overall_progress", "current": 1, "total": 4}"#, from: "1.2.3.4").status
                    == 200)
            let jpeg = GoliatClient.Part("Timings", file: "Timings.jpg", type: "image/jpeg", GoliatClient.jpeg())
            #expect(
                try await client.form("/api/gui-screenshots", [.init("machineId", Array("1.2.3.4".utf8)), jpeg]).status
                    == 200)
            _ = try await client.say(
                #"{"type": "finished", "message": "Study finished successfully"}"#, from: "1.2.3.4")
            let workers = try await GoliatClient(server).workers()
            #expect(workers.count == 1)
            let worker = try await GoliatClient(server).worker(agent.id.description)
            #expect(worker["guiState"]?["screenshots"]?.arrayValue?.count == 1)
            #expect(worker["guiState"]?["logMessages"]?[0]?["message"] == "hello")
            // The end is the agent's to tell: it sees the exit code.
            let detail = try await server.get("/api/v1/jobs/\(job)").json()
            #expect(detail["job"]?["progress"]?["fraction"]?.doubleValue == 0.25)
            #expect(detail["job"]?["status"] != "completed")
        }
    }
}
