package import Domain
import NIOHTTP1

/// GOLIAT's programs, by hand: what they send, as Python's `requests` sends it.
package struct GoliatClient: Sendable {
    package let server: TestServer
    /// `/s/TOKEN` or `/t/TOKEN` for a base address that carries a token.
    package var prefix = ""

    package init(_ server: TestServer, prefix: String = "") {
        self.server = server
        self.prefix = prefix
    }

    package static let headers = [
        ("User-Agent", "python-requests/2.32.3"), ("Accept-Encoding", "gzip, deflate"), ("Accept", "*/*"),
        ("Connection", "keep-alive"),
    ]

    package func get(_ path: String) async throws -> TestReply {
        try await server.client.send(TestRequest(.GET, prefix + path, headers: Self.headers))
    }

    package func post(_ path: String, _ body: String) async throws -> TestReply {
        try await server.client.send(
            TestRequest(
                .POST, prefix + path, headers: Self.headers + [("Content-Type", "application/json")],
                body: Array(body.utf8)
            )
        )
    }

    package func delete(_ path: String) async throws -> TestReply {
        try await server.client.send(TestRequest(.DELETE, prefix + path, headers: Self.headers))
    }

    /// A configuration of one phantom in the text that Python writes.
    package static func configuration(_ phantom: String) -> String {
        """
        {"extends": "near.json", "phantoms": ["\(phantom)"], "frequencies_mhz": [700, 2.50e3], "cell": 1.0, \
        "far_field_setup": {"environmental": {"incident_directions": ["x_pos"], "polarizations": ["theta"]}}, \
        "title": "na\\u00efve"}
        """
    }

    /// Makes a super study of a phantom each; gives its id and those of its assignments.
    package func study(
        _ name: String = "lab", phantoms: [String] = ["duke", "ella", "billie", "thelonious"]
    ) async throws -> (id: String, assignments: [String]) {
        let splits = phantoms.map { #"{"splitConfig": \#(Self.configuration($0)), "status": "PENDING"}"# }
        let body = """
            {"name": "\(name)", "description": "", "baseConfig": \(Self.configuration("all")), \
            "assignments": [\(splits.joined(separator: ", "))]}
            """
        let made = try await post("/api/super-studies", body)
        guard made.status == 200, let id = try made.json()["id"]?.stringValue else {
            throw TestServer.Unexpected("no super study: \(made.status) \(made.text)")
        }
        let listed = try await get("/api/super-studies/\(id)/assignments").json()
        return (id, (listed.arrayValue ?? []).compactMap { $0["id"]?.stringValue })
    }

    package func claim(_ assignment: String, from address: String) async throws -> TestReply {
        try await post("/api/assignments/\(assignment)/claim", #"{"machineId": "\#(address)"}"#)
    }

    package func beat(_ hostname: String, from address: String) async throws -> TestReply {
        try await post(
            "/api/heartbeat",
            """
            {"machineId": "\(address)", "gpuName": "RTX A4000", "cpuCores": 12, "totalRamGB": 15.699999, \
            "hostname": "\(hostname)"}
            """
        )
    }

    package func say(
        _ message: String, from address: String, at seconds: Double = 1_767_225_600
    ) async throws -> TestReply {
        try await post(
            "/api/gui-update", #"{"machineId": "\#(address)", "message": \#(message), "timestamp": \#(seconds)}"#
        )
    }

    package func lines(
        _ texts: [String], sequence: Int, from address: String, type: String = "info",
        at seconds: Double = 1_767_225_600
    ) async throws -> TestReply {
        let logs = texts.enumerated().map { place, text in
            let moment = seconds + Double(sequence) + Double(place) / 100
            return
                #"{"type": "status", "message": "\#(text)", "log_type": "\#(type)", "timestamp": \#(moment)}"#
        }
        return try await say(
            #"{"type": "log_batch", "sequence": \#(sequence), "logs": [\#(logs.joined(separator: ", "))]}"#,
            from: address, at: seconds
        )
    }

    /// A file part: the field's name, the file's name, its type if it has one, its bytes.
    package struct Part: Sendable {
        package let field: String
        package let file: String?
        package let type: String?
        package let bytes: [UInt8]

        package init(_ field: String, file: String? = nil, type: String? = nil, _ bytes: [UInt8]) {
            self.field = field
            self.file = file
            self.type = type
            self.bytes = bytes
        }
    }

    /// `multipart/form-data` as `requests` writes it.
    package func form(
        _ path: String, _ parts: [Part], boundary: String = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
    ) async throws -> TestReply {
        var body: [UInt8] = []
        for part in parts {
            var head = #"--\#(boundary)\#r\#nContent-Disposition: form-data; name="\#(part.field)""#
            if let file = part.file { head += #"; filename="\#(file)""# }
            if let type = part.type { head += "\r\nContent-Type: \(type)" }
            body += Array((head + "\r\n\r\n").utf8) + part.bytes + Array("\r\n".utf8)
        }
        body += Array("--\(boundary)--\r\n".utf8)
        return try await server.client.send(
            TestRequest(
                .POST, prefix + path,
                headers: Self.headers + [("Content-Type", "multipart/form-data; boundary=\(boundary)")], body: body
            )
        )
    }

    package static func jpeg(_ count: Int = 64, _ fill: UInt8 = 7) -> [UInt8] {
        [0xFF, 0xD8, 0xFF, 0xE0] + [UInt8](repeating: fill, count: count)
    }

    package func workers(includeStale: Bool = false) async throws -> [JSON] {
        try await get("/api/workers\(includeStale ? "?includeStale=true" : "")").json().arrayValue ?? []
    }

    package func worker(_ id: String) async throws -> JSON { try await get("/api/workers/\(id)").json() }

    package func assignments(_ study: String) async throws -> [JSON] {
        try await get("/api/super-studies/\(study)/assignments").json().arrayValue ?? []
    }
}
