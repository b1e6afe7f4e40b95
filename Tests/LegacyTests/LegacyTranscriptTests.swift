import Domain
import Foundation
import TestKit
import Testing

/// What every endpoint of GOLIAT's protocol answers, as one text: requests and replies of a day in a lab.
///
/// With `MUSTER_RECORD=1` the text is written anew, to be read before it is kept.
@Suite("GOLIAT's clients: transcript", .timeLimit(.minutes(15)))
struct LegacyTranscriptTests {
    private static let golden = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Golden/goliat.txt")

    @Test("Every endpoint answers as it always did")
    func transcript() async throws {
        let text = try await TestServer.with { server in
            var transcript = Transcript(client: GoliatClient(server))
            try await play(&transcript)
            return transcript.text
        }
        if ProcessInfo.processInfo.environment["MUSTER_RECORD"] != nil {
            try FileManager.default.createDirectory(
                at: Self.golden.deletingLastPathComponent(), withIntermediateDirectories: true
            )
            try text.write(to: Self.golden, atomically: true, encoding: .utf8)
        }
        let kept = try String(contentsOf: Self.golden, encoding: .utf8)
        let (now, before) = (text.split(separator: "\n"), kept.split(separator: "\n"))
        for (line, other) in zip(now, before) where line != other {
            Issue.record("now:    \(line)\nbefore: \(other)")
            return
        }
        #expect(now.count == before.count)
    }

    private struct Transcript {
        let client: GoliatClient
        var text = ""

        mutating func note(_ request: String, _ body: String?, _ reply: TestReply) {
            text += "\(request)\n"
            if let body { text += "\(body)\n" }
            text += "\(reply.status) \(reply.header("content-type") ?? "-")\n\(reply.text)\n\n"
        }

        mutating func get(_ path: String) async throws {
            note("GET \(path)", nil, try await client.get(path))
        }

        mutating func post(_ path: String, _ body: String) async throws {
            note("POST \(path)", body, try await client.post(path, body))
        }

        mutating func delete(_ path: String) async throws {
            note("DELETE \(path)", nil, try await client.delete(path))
        }

        mutating func form(_ path: String, _ parts: [GoliatClient.Part]) async throws {
            let names = parts.map { $0.file.map { "file \($0)" } ?? "a field" }.joined(separator: ", ")
            note("POST \(path)", "form of \(names)", try await client.form(path, parts))
        }

        mutating func say(_ message: String) async throws {
            try await post(
                "/api/gui-update",
                #"{"machineId": "157.193.240.190", "message": \#(message), "timestamp": 1767225600.25}"#
            )
        }
    }

    private func play(_ transcript: inout Transcript) async throws {
        try await study(&transcript)
        try await run(&transcript)
        try await pictures(&transcript)
        try await results(&transcript)
        try await transcript.say(#"{"type": "finished", "message": "Study finished successfully"}"#)
        try await transcript.get("/api/super-studies/st1/assignments")
        try await transcript.get("/api/super-studies/st1")
        try await transcript.get("/api/workers/s11?logs=2")
        try await transcript.get("/api/workers")
        try await transcript.delete("/api/workers/s11")
        try await transcript.delete("/api/workers/s11?force=true")
        try await transcript.get("/api/workers?includeStale=true")
        try await transcript.delete("/api/super-studies/st1")
        try await transcript.get("/api/super-studies")
    }

    private func study(_ transcript: inout Transcript) async throws {
        let split = #"{"extends": "base.json", "phantoms": ["duke"], "cell": 1.0, "width": 2.50, "name": "na\u00efve"}"#
        try await transcript.post(
            "/api/super-studies",
            #"""
            {"name": "my study/\u00fc&x", "description": "", "baseConfig": \#(split), "assignments": \#
            [{"splitConfig": \#(split), "status": "PENDING"}, {"splitConfig": {"b": 1, "a": 1.0e3}, "status": \#
            "PENDING"}]}
            """#
        )
        try await transcript.get("/api/super-studies?name=my+study%2F%C3%BC%26x")
        try await transcript.get("/api/super-studies?name=nobody")
        try await transcript.get("/api/super-studies/st1/assignments")
        try await transcript.get("/api/assignment?machineId=157.193.240.188")
    }

    private func run(_ transcript: inout Transcript) async throws {
        try await transcript.post("/api/assignments/j6/claim", #"{"machineId": "157.193.240.188"}"#)
        try await transcript.post("/api/assignments/j6/claim", #"{"machineId": "10.0.0.9"}"#)
        try await transcript.post(
            "/api/heartbeat",
            #"""
            {"machineId": "157.193.240.190", "gpuName": "RTX A4000", "cpuCores": 12, "totalRamGB": 15.699999, \#
            "hostname": "UG-GNS0S34"}
            """#
        )
        for message in [
            #"""
            {"type": "log_batch", "logs": [{"type": "status", "message": "\n    - Done in 0.11s", "log_type": \#
            "success", "timestamp": 1767225599.5}, {"type": "status", "message": "Study stopped by user."}], \#
            "sequence": 1}
            """#,
            #"""
            {"type": "log_batch", "logs": [{"type": "status", "message": "Bad", "log_type": "error", "timestamp": \#
            1767225598.5}], "sequence": 0}
            """#,
            #"{"type": "status", "message": "alone", "log_type": "header", "timestamp": 1767225600.0}"#,
            #"""
            {"type": "terminal_only", "message": "\u001b[34mdetail\u001b[0m [Class.method]", "log_type": \#
            "verbose", "timestamp": 1767225600.0}
            """#,
            #"{"type": "print", "message": "printed", "stream": "stdout"}"#,
            #"{"type": "overall_progress", "current": 37.7, "total": 100}"#,
            #"{"type": "stage_progress", "name": "Run", "current": 15.4, "total": 100, "sub_stage": "mesh"}"#,
            #"{"type": "profiler_update", "eta_seconds": 1234.5}"#,
            #"{"type": "start_animation", "estimate": 12.5, "end_value": 40}"#,
            #"{"type": "end_animation"}"#,
            #"{"type": "sim_details", "count": 6, "total": 108, "details": "duke, 700MHz, x_pos, theta"}"#,
            #"""
            {"type": "simulation_details", "simulation_count": 6, "total_simulations": 108, "current_case": \#
            "duke, 700MHz, x_pos, theta"}
            """#,
            #"{"type": "gui_screenshots"}"#, #"{"type": "something_new", "x": [1]}"#,
        ] {
            try await transcript.say(message)
        }
    }

    private func pictures(_ transcript: inout Transcript) async throws {
        try await transcript.form(
            "/api/gui-screenshots",
            [
                .init("machineId", Array("157.193.240.190".utf8)),
                .init("Timings", file: "Timings.jpg", type: "image/jpeg", GoliatClient.jpeg(40)),
                .init("Disk_I/O", file: "Disk_I/O.jpg", type: "image/jpeg", GoliatClient.jpeg(60)),
            ]
        )
    }

    private func results(_ transcript: inout Transcript) async throws {
        try await transcript.form(
            "/api/assignments/j6/results",
            [
                .init("relativePath", Array("far_field/duke/700MHz/environmental_x_pos_theta".utf8)),
                .init("files", file: "config.json", Array("{}".utf8)),
                .init("files", file: "sar_stats_all_tissues.html", Array("<p>".utf8)),
            ]
        )
        try await transcript.get("/api/assignments/j6/results")
    }
}
