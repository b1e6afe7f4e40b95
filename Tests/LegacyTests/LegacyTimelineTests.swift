import Domain
import Foundation
import TestKit
import Testing

/// The stories of clients that name no session, over HTTP.
@Suite("GOLIAT's clients: who is who", .timeLimit(.minutes(15)))
struct LegacyTimelineTests {
    private func play<Value: Sendable>(
        _ engine: Engine = .sqlite, _ body: (GoliatClient) async throws -> Value
    ) async throws -> Value {
        try await TestServer.with(engine: engine) { try await body(GoliatClient($0)) }
    }

    private func history(_ client: GoliatClient, _ id: String) async throws -> [String] {
        let detail = try await client.server.get("/api/v1/sessions/\(id)").json()
        return (detail["transitions"]?.arrayValue ?? []).compactMap { $0["why"]?.stringValue }
    }

    /// A study, of which the process `H` at the address `a` has claimed an assignment.
    private func begin(
        _ index: Int, _ client: GoliatClient
    ) async throws -> (id: String, assignments: [String]) {
        let study = try await client.study()
        _ = try await client.claim(study.assignments[index], from: "a")
        _ = try await client.beat("H", from: "a")
        return study
    }

    private func id(_ worker: JSON) throws -> String { try #require(worker["id"]?.stringValue) }
    private let seconds = 1_767_225_600.0

    @Test("Claimed by one address, heard seconds later from another: one worker with everything", arguments: Engine.all)
    func moved(_ engine: Engine) async throws {
        try await play(engine) { client in
            let study = try await client.study()
            #expect(try await client.claim(study.assignments[0], from: "157.193.240.188").status == 200)
            #expect(try await client.beat("UG-GNS0S34", from: "157.193.240.190").status == 200)
            #expect(try await client.lines(["one"], sequence: 0, from: "157.193.240.190").status == 200)
            #expect(
                try await client.say(
                    #"{"type": "overall_progress", "current": 37.7, "total": 100}"#, from: "157.193.240.190"
                ).status == 200)
            let workers = try await client.workers()
            #expect(workers.count == 1)
            let worker = try await client.worker(try id(workers[0]))
            #expect(worker["hostname"] == "UG-GNS0S34" && worker["ipAddress"] == "157.193.240.190")
            #expect(worker["assignments"]?[0]?["index"] == 0 && worker["status"] == "RUNNING")
            #expect(worker["guiState"]?["progress"]?.doubleValue == 37.7)
            #expect(worker["guiState"]?["logMessages"]?[0]?["message"] == "one")
            let told = try await history(client, try id(workers[0]))
            #expect(told.contains("heard from 157.193.240.190, by only fresh claim"))
        }
    }

    @Test(
        "Two heartbeats at the same instant and a message that overtakes them are of one worker", arguments: Engine.all)
    func overtaking(_ engine: Engine) async throws {
        try await play(engine) { client in
            let study = try await client.study()
            _ = try await client.claim(study.assignments[1], from: "a")
            try await withThrowingTaskGroup(of: TestReply.self) { group in
                group.addTask { try await client.beat("H", from: "b") }
                group.addTask { try await client.lines(["x"], sequence: 0, from: "b") }
                group.addTask { try await client.beat("H", from: "b") }
                for try await reply in group { #expect(reply.status == 200) }
            }
            let workers = try await client.workers()
            #expect(workers.count == 1)
            #expect(workers[0]["hostname"] == "H" && workers[0]["assignments"]?.arrayValue?.count == 1)
        }
    }

    @Test(
        "Two machines that claim and move at once are two workers in the end, by evidence", arguments: Engine.all,
        [false, true])
    func twoMove(_ engine: Engine, _ isReversed: Bool) async throws {
        try await play(engine) { client in
            let study = try await client.study()
            _ = try await client.claim(study.assignments[0], from: "a1")
            _ = try await client.claim(study.assignments[1], from: "a2")
            let claims = try await client.assignments(study.id).compactMap { $0["workerId"]?.stringValue }
            var machines = [("H1", "b1", "duke"), ("H2", "b2", "ella")]
            if isReversed { machines.reverse() }
            for (host, address, _) in machines {
                _ = try await client.beat(host, from: address)
                _ = try await client.lines(["of \(host)"], sequence: 0, from: address)
            }
            #expect(try await client.workers().count == 4)
            for (_, address, phantom) in machines {
                _ = try await client.say(
                    #"{"type": "sim_details", "count": 1, "total": 2, "details": "\#(phantom), 700MHz, x_pos, theta"}"#,
                    from: address)
            }
            let workers = try await client.workers()
            #expect(workers.count == 2)
            for worker in workers {
                let told = try await client.worker(try id(worker))
                let host = try #require(told["hostname"]?.stringValue)
                #expect(
                    told["guiState"]?["logMessages"]?.arrayValue?.map { $0["message"]?.stringValue } == ["of \(host)"])
                #expect(told["assignments"]?[0]?["index"] == (host == "H1" ? 0 : 1))
                #expect(try await history(client, try id(worker)).contains { $0.hasPrefix("joined with ") })
            }
            // The page of a claim leads on to the worker that it turned out to be.
            for (claim, place) in zip(claims, 0...) {
                let holder = try #require(try await client.assignments(study.id)[place]["workerId"]?.stringValue)
                #expect(claim != holder)
                #expect(try await client.worker(claim)["id"]?.stringValue == holder)
                #expect(try await client.server.get("/workers/\(claim)").text.contains("<small>\(holder)</small>"))
            }
            let assignments = try await client.assignments(study.id)
            for assignment in assignments.prefix(2) {
                let holder = try #require(assignment["workerId"]?.stringValue)
                #expect(workers.contains { $0["id"]?.stringValue == holder })
            }
        }
    }

    @Test("The same claim of a machine that is known needs no evidence", arguments: Engine.all)
    func known(_ engine: Engine) async throws {
        try await play(engine) { client in
            let study = try await client.study()
            _ = try await client.beat("H1", from: "a1")
            _ = try await client.say(#"{"type": "finished", "message": "Study finished successfully"}"#, from: "a1")
            _ = try await client.claim(study.assignments[0], from: "a1")
            _ = try await client.claim(study.assignments[1], from: "a2")
            _ = try await client.beat("H1", from: "b1")
            let workers = try await client.workers().filter { $0["hostname"] == "H1" && $0["ipAddress"] == "b1" }
            #expect(workers.count == 1)
            #expect(workers[0]["assignments"]?[0]?["index"] == 0)
        }
    }

    @Test("Two hostnames behind one address: each its own, and what names none is nobody's", arguments: Engine.all)
    func oneAddress(_ engine: Engine) async throws {
        try await play(engine) { client in
            _ = try await client.beat("H1", from: "nat")
            _ = try await client.beat("H2", from: "nat")
            #expect(try await client.workers().count == 2)
            _ = try await client.say(#"{"type": "overall_progress", "current": 50, "total": 100}"#, from: "nat")
            _ = try await client.say(#"{"type": "print", "message": "whose?", "stream": "stdout"}"#, from: "nat")
            let workers = try await client.workers()
            #expect(workers.count == 3)
            for worker in workers where worker["hostname"] != nil { #expect(worker["guiState"]?.isNull == true) }
            let shared = try #require(workers.first { $0["hostname"] == nil })
            let lines = try await client.server.get("/api/v1/sessions/\(try id(shared))/logs").json()["lines"]?
                .arrayValue
            #expect(lines?.count == 1)
        }
    }

    @Test("Two processes of one machine: numbered lines tell them apart, the rest is nobody's", arguments: Engine.all)
    func twoProcesses(_ engine: Engine) async throws {
        try await play(engine) { client in
            let study = try await begin(0, client)
            for number in 0..<100 { _ = try await client.lines(["first \(number)"], sequence: number, from: "a") }
            _ = try await client.claim(study.assignments[1], from: "a")
            _ = try await client.beat("H", from: "a")
            _ = try await client.lines(["second"], sequence: 0, from: "a", at: seconds + 500)
            _ = try await client.lines(["first again"], sequence: 100, from: "a")
            let workers = try await client.workers()
            let first = try #require(workers.first { $0["assignments"]?[0]?["index"] == 0 })
            let second = try #require(workers.first { $0["assignments"]?[0]?["index"] == 1 })
            #expect(
                try await client.worker(try id(second))["guiState"]?["logMessages"]?.arrayValue?.map {
                    $0["message"]?.stringValue
                } == ["second"])
            #expect(
                try await client.worker(try id(first))["guiState"]?["logMessages"]?.arrayValue?.last?["message"]
                    == "first again")
        }
    }

    @Test("A restart after a kill is a new worker, and the former one is stale at once", arguments: Engine.all)
    func restart(_ engine: Engine) async throws {
        try await play(engine) { client in
            let study = try await begin(2, client)
            let before = try id(try await client.workers()[0])
            #expect(try await client.claim(study.assignments[2], from: "a").status == 200)
            let workers = try await client.workers()
            #expect(workers.count == 1)
            let after = try id(workers[0])
            #expect(after != before)
            #expect(try await client.worker(before)["isStale"] == true)
            _ = try await client.beat("H", from: "a")
            let assignment = try await client.assignments(study.id)[2]
            #expect(assignment["workerId"]?.stringValue == after && assignment["status"] == "RUNNING")
            let record = try await client.server.get("/api/v1/sessions/\(after)").json()["session"]
            #expect(record?["previous"]?.stringValue == before && record?["hostname"] == "H")
        }
    }

    @Test("A second run after the first is a worker of its own, and the first keeps what it did", arguments: Engine.all)
    func secondRun(_ engine: Engine) async throws {
        try await play(engine) { client in
            let study = try await begin(0, client)
            _ = try await client.lines(["bad"], sequence: 0, from: "a", type: "error")
            _ = try await client.say(#"{"type": "finished", "message": "Study finished successfully"}"#, from: "a")
            let first = try id(try await client.workers()[0])
            _ = try await client.claim(study.assignments[1], from: "a")
            _ = try await client.beat("H", from: "a")
            _ = try await client.lines(["next"], sequence: 0, from: "a", at: seconds + 60)
            let assignments = try await client.assignments(study.id)
            #expect(assignments[0]["status"] == "COMPLETED" && assignments[0]["errorCount"] == 1)
            #expect(assignments[0]["progress"]?.doubleValue == 100 && assignments[0]["workerId"]?.stringValue == first)
            let second = try #require(assignments[1]["workerId"]?.stringValue)
            #expect(second != first)
            let told = try await client.worker(second)
            #expect(told["hostname"] == "H")
            #expect(told["guiState"]?["logMessages"]?.arrayValue?.map { $0["message"]?.stringValue } == ["next"])
        }
    }

    @Test("Somebody else's live assignment is refused, a failed one is not", arguments: Engine.all)
    func refused(_ engine: Engine) async throws {
        try await play(engine) { client in
            let study = try await begin(0, client)
            let taken = try await client.claim(study.assignments[0], from: "z")
            #expect(taken.status == 409)
            #expect(taken.text.hasPrefix(#"{"error":"Assignment 0 is running on H (s"#))
            _ = try await client.say(
                #"{"type": "memory_error", "message": "out of memory", "exit_code": 42}"#, from: "a")
            _ = try await client.say(
                #"{"type": "stage_progress", "name": "Memory Error", "current": 100, "total": 100}"#, from: "a")
            let failed = try await client.assignments(study.id)[0]
            #expect(failed["status"] == "FAILED")
            #expect(try await client.claim(study.assignments[0], from: "z").status == 200)
            let job = try await client.server.get("/api/v1/jobs/\(study.assignments[0])").json()
            #expect(job["attempts"]?.arrayValue?.first?["exitCode"] == 42)
            #expect(job["attempts"]?.arrayValue?.count == 2)
        }
    }

    @Test("Batches that come out of order stand in order, and one that comes twice counts once", arguments: Engine.all)
    func order(_ engine: Engine) async throws {
        try await play(engine) { client in
            _ = try await client.beat("H", from: "a")
            for (number, text) in [(2, "c"), (0, "a"), (1, "b"), (1, "b"), (5, "d")] {
                _ = try await client.lines([text, "\(text)2"], sequence: number, from: "a")
            }
            let worker = try await client.worker(try id(try await client.workers()[0]))
            let messages = worker["guiState"]?["logMessages"]?.arrayValue?.compactMap { $0["message"]?.stringValue }
            #expect(messages == ["a", "a2", "b", "b2", "c", "c2", "d", "d2"])
        }
    }

    @Test("Of a client that numbers nothing the lines stand in the order of their envelopes")
    func olderClient() async throws {
        try await play { client in
            let study = try await begin(0, client)
            for (text, second) in [("c", 3.0), ("a", 1.0), ("b", 2.0)] {
                let line = #"{"type": "status", "message": "\#(text)", "log_type": "warning"}"#
                _ = try await client.say(
                    #"{"type": "log_batch", "logs": [\#(line)]}"#, from: "a", at: seconds + second)
            }
            // Its last word is lost as often as not: the stage before it says the same.
            _ = try await client.say(
                #"{"type": "stage_progress", "name": "Finished", "current": 100, "total": 100}"#, from: "a")
            let worker = try await client.worker(try id(try await client.workers()[0]))
            let told = worker["guiState"]?["logMessages"]?.arrayValue?.map { $0["message"]?.stringValue }
            #expect(told == ["a", "b", "c"])
            #expect(worker["guiState"]?["warningCount"] == 3)
            #expect(try await client.assignments(study.id)[0]["status"] == "COMPLETED")
        }
    }

    @Test("What is completed may be claimed again, as a new attempt of a new worker")
    func again() async throws {
        try await play { client in
            let study = try await client.study()
            for attempt in 1...2 {
                #expect(try await client.claim(study.assignments[0], from: "a").status == 200)
                #expect(try await client.assignments(study.id)[0]["status"] == "RUNNING")
                _ = try await client.beat("H", from: "a")
                let part = GoliatClient.Part("files", file: "a.json", [UInt8(attempt)])
                #expect(try await client.form("/api/assignments/\(study.assignments[0])/results", [part]).status == 200)
                _ = try await client.say(
                    #"{"type": "finished", "message": "Study finished successfully"}"#, from: "a")
                #expect(try await client.assignments(study.id)[0]["status"] == "COMPLETED")
            }
            let job = try await client.server.get("/api/v1/jobs/\(study.assignments[0])").json()
            #expect(job["attempts"]?.arrayValue?.count == 2)
            #expect(try await client.workers(includeStale: true).count == 2)
        }
    }
}
