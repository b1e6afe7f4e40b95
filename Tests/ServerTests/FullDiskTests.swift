import Domain
import Foundation
import NIOHTTP1
import TestKit
import Testing

/// A disk of a few megabytes, which only root may make.
private struct SmallDisk {
    let folder: URL

    init?(megabytes: Int) {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("muster-disk-\(UUID().uuidString)")
        try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        guard Self.run("mount", "-t", "tmpfs", "-o", "size=\(megabytes)m", "tmpfs", folder.path) else {
            try? FileManager.default.removeItem(at: folder)
            return nil
        }
    }

    func unmount() {
        _ = Self.run("umount", folder.path)
        try? FileManager.default.removeItem(at: folder)
    }

    static func run(_ arguments: String...) -> Bool {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = arguments
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }

    static let isPossible: Bool = {
        guard let disk = SmallDisk(megabytes: 1) else { return false }
        disk.unmount()
        return true
    }()
}

@Suite("A full disk", .timeLimit(.minutes(15)), .enabled(if: SmallDisk.isPossible, "mounting a small disk needs root"))
struct FullDiskTests {
    @Test("Writes are answered 503, nothing of them is kept, reads go on; with room again all is as before")
    func fullDisk() async throws {
        let disk = try #require(SmallDisk(megabytes: 8))
        defer { disk.unmount() }
        try await TestServer.with(folder: disk.folder) { server in
            let worker = try await server.worker()
            let first = try await server.job()
            let job = try #require(try await worker.claim().json()["jobs"]?[0])
            let ticketBody: JSON = ["job": job["job"] ?? .null, "attempt": job["attempt"] ?? .null, "name": "x.bin"]
            let ticket = try await server.post("/api/v1/artifacts", ticketBody, token: worker.token).json()
            let upload = try #require(ticket["uploadUrl"]?.stringValue)
            // Somebody else takes all the room there is.
            let filler = disk.folder.appendingPathComponent("filler")
            let handle = try fill(filler)
            let before = try await server.sequence()
            let large = String(repeating: "x", count: 200_000)
            var refused: TestReply?
            for _ in 0..<100 {
                let reply = try await server.post("/api/v1/jobs", ["payload": ["text": .string(large)]] as JSON)
                if reply.status != 201 {
                    refused = reply
                    break
                }
            }
            let reply = try #require(refused)
            #expect(reply.status == 503, "\(reply.text)")
            #expect(reply.code == "disk-full", "\(reply.text)")
            #expect(reply.header("retry-after") == "1")
            let during = try await server.sequence()
            let again = try await server.post("/api/v1/jobs", ["payload": ["text": .string(large)]] as JSON)
            #expect(again.status == 503)
            #expect(try await server.sequence() == during)
            #expect(during >= before)
            let put = try await server.client.send(
                TestRequest(.PUT, upload, body: [UInt8](repeating: 1, count: 2_000_000))
            )
            #expect(put.status == 503)
            #expect(put.code == "disk-full")
            #expect(try await server.get("/healthz").status == 200)
            #expect(try await server.get("/api/v1/jobs/\(first)").status == 200)
            #expect(try await server.get("/").status == 200)
            try handle.close()
            try FileManager.default.removeItem(at: filler)
            #expect(try await server.get("/readyz").status == 200)
            #expect(try await server.post("/api/v1/jobs", ["payload": ["n": 1]] as JSON).status == 201)
            #expect(try await server.client.send(TestRequest(.PUT, upload, body: [1, 2, 3])).status == 201)
            #expect(try await worker.report(1, "completed", job).status == 200)
            #expect(try await server.get("/api/v1/jobs/\(first)").json()["job"]?["status"] == "completed")
        }
    }

    private func fill(_ file: URL) throws -> FileHandle {
        #expect(FileManager.default.createFile(atPath: file.path, contents: nil))
        let handle = try FileHandle(forWritingTo: file)
        for size in [262_144, 4_096] {
            while (try? handle.write(contentsOf: Data(count: size))) != nil {}
        }
        return handle
    }
}
