import Domain
import Foundation
import TestKit

/// Numbers that look random and are the same for the same seed (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}

/// Workers and people who do what comes to their minds. What is refused is part of the play.
struct Play {
    private let server: TestServer
    private var generator: SeededGenerator
    private var workers: [Worker] = []
    private var studies: [String] = []
    private var jobs: [String] = []
    private(set) var mainStudy = ""
    private(set) var steps = 0
    private(set) var refusals = 0
    private(set) var failures: [String] = []
    private var names = 0

    private struct Worker {
        var worker: TestWorker
        var slot: Int
        var held: [JSON] = []
        var report = 0
    }

    init(server: TestServer, seed: UInt64) {
        self.server = server
        generator = SeededGenerator(seed: seed)
    }

    mutating func begin() async throws {
        let study = try await server.study("main", count: 40)
        mainStudy = study["id"]?.stringValue ?? ""
        for slot in 0..<5 { try await register(slot) }
    }

    /// One change of each scope, which nobody may miss.
    mutating func end() async throws {
        _ = try await server.post("/api/v1/studies/main/pause")
        _ = try await server.post("/api/v1/studies/main/resume")
        try await register(0)
    }

    mutating func step() async throws {
        steps += 1
        switch Int.random(in: 0..<100, using: &generator) {
        case 0..<22: try await claim()
        case 22..<52: try await report()
        case 52..<62: try await beat()
        case 62..<68: try await submit()
        case 68..<72: try await register(Int.random(in: 0..<5, using: &generator))
        case 72..<75: try await createStudy()
        case 75..<82: try await changeStudy()
        case 82..<90: try await changeJob()
        case 90..<92: try await removeSession()
        case 92..<93: try await together()
        case 93..<95: note(try await server.post("\(anyone().worker.path)/drain"))
        default: server.clock.advance(milliseconds: Int64.random(in: 50...400, using: &generator))
        }
    }

    private mutating func note(_ reply: TestReply) {
        if reply.status >= 400 { refusals += 1 }
        // A refusal is an answer; a failure is not.
        if reply.status >= 500 { failures.append(reply.text) }
    }

    private func anyone() -> Worker { workers[steps % workers.count] }

    private mutating func register(_ slot: Int) async throws {
        let machine = "machine-\(slot % 2)"
        let worker = try await server.worker(
            "worker-\(slot)", machine: machine, boot: "boot-\(Int.random(in: 0..<12, using: &generator) / 11)",
            queues: ["default"], studies: ["main"], ended: slot.isMultiple(of: 2)
        )
        workers.removeAll { $0.slot == slot }
        workers.append(Worker(worker: worker, slot: slot))
    }

    private mutating func claim() async throws {
        let position = Int.random(in: workers.indices, using: &generator)
        let worker = workers[position]
        let reply = try await worker.worker.claim(
            count: Int.random(in: 1...3, using: &generator),
            study: studies.isEmpty || Bool.random(using: &generator) ? nil : studies.randomElement(using: &generator),
            held: worker.held.map { ["job": $0["job"] ?? .null, "attempt": $0["attempt"] ?? .null] }
        )
        note(reply)
        if reply.status == 200 { workers[position].held += try reply.json()["jobs"]?.arrayValue ?? [] }
    }

    private mutating func report() async throws {
        let position = Int.random(in: workers.indices, using: &generator)
        guard let place = workers[position].held.indices.randomElement(using: &generator) else { return }
        let job = workers[position].held[place]
        workers[position].report += 1
        let number = workers[position].report
        let worker = workers[position].worker
        let kind =
            ["started", "progress", "log", "progress", "completed", "completed", "failed", "retryable", "released"]
            .randomElement(using: &generator) ?? "started"
        let more: [(String, JSON)] =
            switch kind {
            case "progress":
                [
                    ("fraction", JSON(Double.random(in: 0...1, using: &generator))), ("stage", "solve"),
                    ("etaSeconds", JSON(Int.random(in: 0...90, using: &generator))),
                ]
            case "log": [("lines", [["level": "warning", "text": "it is warm"]])]
            case "failed": [("exitCode", 3), ("reason", "no reason")]
            default: []
            }
        let reply = try await worker.report(number, kind, job, more)
        note(reply)
        if reply.status == 409 || !["started", "progress", "log"].contains(kind) {
            workers[position].held.remove(at: place)
        }
    }

    private mutating func beat() async throws {
        let position = Int.random(in: workers.indices, using: &generator)
        let worker = workers[position]
        let held = worker.held.map { job -> JSON in
            [
                "job": job["job"] ?? .null, "attempt": job["attempt"] ?? .null, "running": true,
                "fraction": JSON(Double.random(in: 0...1, using: &generator)), "stage": "mesh",
            ]
        }
        let reply = try await worker.worker.beat(held: held)
        note(reply)
        let lost = try reply.json()["lost"]?.arrayValue ?? []
        workers[position].held.removeAll { job in lost.contains { $0["job"] == job["job"] } }
    }

    private mutating func submit() async throws {
        for _ in 0..<Int.random(in: 1...4, using: &generator) { jobs.append(try await server.job()) }
    }

    private mutating func createStudy() async throws {
        names += 1
        studies.append("study-\(names)")
        try await server.study("study-\(names)", count: Int.random(in: 1...6, using: &generator))
    }

    private mutating func changeStudy() async throws {
        let name = (studies + ["main"]).randomElement(using: &generator) ?? "main"
        let action =
            ["pause", "resume", "resume", "cancel", "retry-failed", "delete"]
            .randomElement(using: &generator) ?? "pause"
        if action == "delete" {
            guard name != "main" else { return }
            note(try await server.delete("/api/v1/studies/\(name)"))
            studies.removeAll { $0 == name }
        } else if name != "main" || action != "cancel" {
            note(try await server.post("/api/v1/studies/\(name)/\(action)"))
        }
    }

    private mutating func changeJob() async throws {
        let list = try await server.get("/api/v1/jobs?study=main&limit=50").json()["items"]?.arrayValue ?? []
        let assignment = list.randomElement(using: &generator)?["id"]?.stringValue
        let random = jobs.randomElement(using: &generator)
        guard let job = Bool.random(using: &generator) ? random : assignment else { return }
        switch Int.random(in: 0..<5, using: &generator) {
        case 0..<2: note(try await server.post("/api/v1/jobs/\(job)/cancel"))
        case 2..<4: note(try await server.post("/api/v1/jobs/\(job)/retry"))
        default:
            // Not so many that the study runs out of assignments.
            guard list.count > 20 || job != assignment else { return }
            note(try await server.delete("/api/v1/jobs/\(job)"))
            jobs.removeAll { $0 == job }
        }
    }

    private mutating func removeSession() async throws {
        let worker = workers.remove(at: Int.random(in: workers.indices, using: &generator))
        note(try await server.delete("\(worker.worker.path)?force=true"))
        try await register(worker.slot)
    }

    /// Many at once, so that several are in one commit.
    private mutating func together() async throws {
        let server = server
        let workers = workers.map(\.worker)
        let replies = try await withThrowingTaskGroup(of: TestReply.self) { group in
            for worker in workers {
                group.addTask { try await worker.beat() }
                group.addTask { try await server.post("/api/v1/jobs", #"{"queue":"default"}"#) }
                group.addTask { try await server.post("/api/v1/studies/main/pause") }
                group.addTask { try await server.post("/api/v1/studies/main/resume") }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        for reply in replies { note(reply) }
    }
}
