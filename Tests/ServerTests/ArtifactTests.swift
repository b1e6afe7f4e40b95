import Domain
import Foundation
import NIOHTTP1
import Server
import TestKit
import Testing

@Suite("Artifacts", .timeLimit(.minutes(15)))
struct ArtifactTests {
    private struct Holder {
        let worker: TestWorker
        let job: JSON

        init(_ server: TestServer) async throws {
            worker = try await server.worker()
            _ = try await server.job()
            job = try #require(try await worker.claim().json()["jobs"]?[0])
        }

        func ticket(_ name: String, type: String? = nil) async throws -> JSON {
            var body: [JSONMember] = [
                JSONMember(key: "job", value: job["job"] ?? .null),
                JSONMember(key: "attempt", value: job["attempt"] ?? .null),
                JSONMember(key: "name", value: .string(name)),
            ]
            if let type { body.append(JSONMember(key: "mediaType", value: .string(type))) }
            let reply = try await worker.server.post(
                "/api/v1/artifacts", .object(JSONObject(body)), token: worker.token
            )
            #expect(reply.status == 201, "\(reply.text)")
            return try reply.json()
        }

        func put(_ ticket: JSON, _ bytes: [UInt8]) async throws -> TestReply {
            let path = try #require(ticket["uploadUrl"]?.stringValue)
            return try await worker.server.client.send(TestRequest(.PUT, path, body: bytes))
        }

        func upload(_ name: String, _ bytes: [UInt8], type: String? = nil) async throws -> JSON {
            let reply = try await put(try await ticket(name, type: type), bytes)
            #expect(reply.status == 201, "\(reply.text)")
            return try reply.json()
        }

        func downloadPath(_ artifact: JSON) async throws -> String {
            let id = artifact["id"]?.stringValue ?? ""
            let detail = try await worker.server.get("/api/v1/artifacts/\(id)").json()
            return try #require(detail["downloadUrl"]?.stringValue)
        }
    }

    @Test("What is uploaded comes back the same, with its sum, in the job and in its lists")
    func roundTrip() async throws {
        try await TestServer.with { server in
            let holder = try await Holder(server)
            let bytes = (0..<3_000_000).map { (place: Int) -> UInt8 in
                let letter = (place &* 31 &+ place / 257) % 26
                return UInt8(97 + letter)
            }
            let artifact = try await holder.upload("fields/out.bin", bytes)
            let sum = TokenSecret.hash(String(decoding: bytes, as: UTF8.self))
            #expect(artifact["sha256"]?.stringValue == sum)
            #expect(artifact["byteCount"]?.intValue == Int64(bytes.count))
            let reply = try await server.get(try await holder.downloadPath(artifact))
            #expect(reply.status == 200)
            #expect(reply.bytes == bytes)
            #expect(reply.header("etag") == "\"\(sum)\"")
            let job = holder.job["job"]?.stringValue ?? ""
            #expect(try await server.get("/api/v1/artifacts?job=\(job)").json()["items"] == [artifact])
            #expect(try await server.get("/api/v1/jobs/\(job)").json()["job"]?["artifactCount"] == 1)
            let path = try await holder.downloadPath(artifact)
            let same = try await server.get(path, headers: [("If-None-Match", "\"\(sum)\"")])
            #expect(same.status == 304)
            #expect(same.bytes.isEmpty)
        }
    }

    @Test("One of the same name takes the place of the first")
    func replaced() async throws {
        try await TestServer.with { server in
            let holder = try await Holder(server)
            let first = try await holder.upload("out.txt", Array("one".utf8))
            let old = try await holder.downloadPath(first)
            let second = try await holder.upload("out.txt", Array("two!".utf8))
            let job = holder.job["job"]?.stringValue ?? ""
            #expect(try await server.get("/api/v1/artifacts?job=\(job)").json()["items"] == [second])
            #expect(try await server.get("/api/v1/jobs/\(job)").json()["job"]?["artifactCount"] == 1)
            #expect(try await server.get(old).status == 404)
            #expect(try await server.get(try await holder.downloadPath(second)).text == "two!")
        }
    }

    @Test("An upload sent twice is one; with other bytes the second is refused and the first stays as it was")
    func sentTwice() async throws {
        try await TestServer.with { server in
            let holder = try await Holder(server)
            let ticket = try await holder.ticket("out.txt")
            let first = try await holder.put(ticket, Array("one".utf8))
            #expect(first.status == 201)
            let again = try await holder.put(ticket, Array("one".utf8))
            #expect(again.status == 201)
            #expect(again.bytes == first.bytes)
            let other = try await holder.put(ticket, Array("other".utf8))
            #expect(other.status == 409)
            #expect(other.code == "artifact-stored")
            let reply = try await server.get(try await holder.downloadPath(try first.json()))
            #expect(reply.text == "one")
        }
    }

    @Test("An upload that breaks off leaves nothing")
    func broken() async throws {
        try await TestServer.with { server in
            let holder = try await Holder(server)
            let ticket = try await holder.ticket("out.txt")
            let path = try #require(ticket["uploadUrl"]?.stringValue)
            let request = TestRequest(.PUT, path, body: Array("half".utf8), announcedLength: 1_000)
            let call = Task { try await server.client.open(request) { reply, _ in reply.status } }
            // Its part is there before it is cut.
            let folder = server.folder.appendingPathComponent("artifacts/0")
            func parts() -> Int { (try? FileManager.default.contentsOfDirectory(atPath: folder.path))?.count ?? 0 }
            while parts() == 0 { await Task.yield() }
            call.cancel()
            _ = await call.result
            while parts() > 0 { await Task.yield() }
            let job = holder.job["job"]?.stringValue ?? ""
            #expect(try await server.get("/api/v1/artifacts?job=\(job)").json()["items"] == [])
            #expect(try await holder.put(ticket, Array("whole".utf8)).status == 201)
        }
    }

    @Test(
        "Ranges: the first, the last, the rest, and none that is not there",
        arguments: [
            ("bytes=0-3", 206, "0123", "bytes 0-3/10"), ("bytes=9-9", 206, "9", "bytes 9-9/10"),
            ("bytes=7-", 206, "789", "bytes 7-9/10"), ("bytes=-4", 206, "6789", "bytes 6-9/10"),
            ("bytes=-99", 206, "0123456789", "bytes 0-9/10"), ("bytes=8-99", 206, "89", "bytes 8-9/10"),
            ("bytes=10-", 416, "", nil), ("bytes=-0", 416, "", nil), ("bytes=0-1,3-4", 200, "0123456789", nil),
            ("lines=1-2", 200, "0123456789", nil),
        ] as [(String, Int, String, String?)])
    func ranges(range: String, status: Int, text: String, content: String?) async throws {
        try await TestServer.with { server in
            let holder = try await Holder(server)
            let artifact = try await holder.upload("digits.txt", Array("0123456789".utf8))
            let path = try await holder.downloadPath(artifact)
            let reply = try await server.get(path, headers: [("Range", range)])
            #expect(reply.status == status)
            if status == 416 {
                #expect(reply.code == "range")
                #expect(reply.header("content-range") == "bytes */10")
            } else {
                #expect(reply.text == text)
                #expect(reply.header("content-range") == content)
                #expect(reply.header("accept-ranges") == "bytes")
            }
            let head = try await server.client.send(TestRequest(.HEAD, path, headers: [("Range", range)]))
            #expect(head.status == status)
            #expect(head.bytes.isEmpty)
            if status != 416 { #expect(head.header("content-length") == String(text.utf8.count)) }
        }
    }

    @Test("An address that was changed, is for something else, or has had its time, opens nothing")
    func signatures() async throws {
        try await TestServer.with { server in
            let holder = try await Holder(server)
            let artifact = try await holder.upload("secret.txt", Array("secret".utf8))
            let path = try await holder.downloadPath(artifact)
            let ticket = try await holder.ticket("other.txt")
            let upload = try #require(ticket["uploadUrl"]?.stringValue)
            let id = artifact["id"]?.stringValue ?? ""
            let other = ticket["id"]?.stringValue ?? ""
            for changed in [
                path.replacing("right=read", with: "right=write"), path.replacing("until=1", with: "until=9"),
                path.replacing("/\(id)?", with: "/\(other)?"), String(path.dropLast()), path + "0",
                "/files/\(id)", upload,
            ] {
                #expect(try await server.get(changed).status == 403, "\(changed)")
            }
            let put = try await server.client.send(TestRequest(.PUT, path, body: [1]))
            #expect(put.status == 403)
            #expect(put.code == "not-signed")
            server.clock.advance(milliseconds: 3_600_001)
            #expect(try await server.get(path).status == 403)
            #expect(try await server.client.send(TestRequest(.PUT, upload, body: [1])).status == 403)
            #expect(try await server.get(try await holder.downloadPath(artifact)).text == "secret")
        }
    }

    @Test(
        "A stranger's page or picture with a program in it goes out as bytes to be saved",
        arguments: [
            ("page.html", nil), ("picture.svg", nil), ("data.txt", "text/html"), ("x.bin", "Text/HTML; charset=utf-8"),
            ("x.png", "image/svg+xml"), ("x.txt", "text/plain\r\nX-Evil: 1"), ("x.xhtml", "application/xhtml+xml"),
        ] as [(String, String?)])
    func harmless(name: String, type: String?) async throws {
        try await TestServer.with { server in
            let holder = try await Holder(server)
            let artifact = try await holder.upload(name, Array("<script>alert(1)</script>".utf8), type: type)
            let id = artifact["id"]?.stringValue ?? ""
            for path in [try await holder.downloadPath(artifact), "/artifacts/\(id)"] {
                let reply = try await server.get(path)
                #expect(reply.status == 200)
                #expect(reply.header("content-type") == "application/octet-stream")
                #expect(reply.header("content-disposition")?.hasPrefix("attachment") == true)
                #expect(reply.header("x-content-type-options") == "nosniff")
                #expect(reply.header("x-evil") == nil)
            }
            let page = try await server.get("/artifacts/\(id)")
            #expect(page.header("content-security-policy")?.contains("sandbox") == true)
        }
    }

    @Test("Only who holds the attempt may bring files for it")
    func onlyTheHolder() async throws {
        try await TestServer.with { server in
            let holder = try await Holder(server)
            let other = try await server.worker("other")
            let body: JSON = [
                "job": holder.job["job"] ?? .null, "attempt": holder.job["attempt"] ?? .null, "name": "x",
            ]
            let before = try await server.sequence()
            #expect(try await server.post("/api/v1/artifacts", body, token: other.token).code == "lease-lost")
            #expect(try await server.post("/api/v1/artifacts", body).code == "not-a-session")
            #expect(try await server.sequence() == before)
        }
    }
}
