import Domain
import Foundation
import NIOHTTP1
import Storage
import TestKit
import Testing
import Wire

@testable import Server

@Suite("A database that was put back", .timeLimit(.minutes(5)))
struct SequenceFileTests {
    /// What a server finds in its database when it starts.
    struct Found: Sendable, CustomTestStringConvertible {
        let epoch: String
        let sequence: Int64
        let isDoubted: Bool

        var testDescription: String { "\(epoch) at \(sequence)" }
    }

    @Test(
        "What was kept last is compared with what the database says",
        arguments: [
            Found(epoch: "e1", sequence: 70, isDoubted: false),
            // Killed before it could keep its last second.
            Found(epoch: "e1", sequence: 71, isDoubted: false),
            Found(epoch: "e1", sequence: 69, isDoubted: true), Found(epoch: "e1", sequence: 0, isDoubted: true),
            Found(epoch: "e2", sequence: 70, isDoubted: true), Found(epoch: "e2", sequence: 3, isDoubted: true),
        ])
    func compared(found: Found) async throws {
        try await withFolder { folder in
            let file = SequenceFile(folder: folder)
            file.keep(epoch: "a longer epoch", sequence: SequenceNumber(9_000_000))
            file.keep(epoch: "e1", sequence: SequenceNumber(70))
            let next = SequenceFile(folder: folder)
            #expect(next.doubts(epoch: found.epoch, sequence: SequenceNumber(found.sequence)) == found.isDoubted)
        }
    }

    @Test("A file that isn't there or can't be read proves nothing")
    func unreadable() async throws {
        try await withFolder { folder in
            let place = folder.appendingPathComponent(SequenceFile.name)
            let file = SequenceFile(folder: folder)
            #expect(!file.doubts(epoch: "e1", sequence: .zero), "a database that was just made")
            #expect(file.doubts(epoch: "e1", sequence: SequenceNumber(5)), "none")
            file.keep(epoch: "e1", sequence: SequenceNumber(70))
            let whole = try Data(contentsOf: place)
            for length in 0..<whole.count {
                let handle = try FileHandle(forWritingTo: place)
                try handle.truncate(atOffset: 0)
                try handle.write(contentsOf: whole.prefix(length))
                try handle.close()
                #expect(file.doubts(epoch: "e1", sequence: SequenceNumber(70)), "cut to \(length) bytes")
            }
            // And it is made good by the next that is kept.
            SequenceFile(folder: folder).keep(epoch: "e1", sequence: SequenceNumber(5))
            #expect(!file.doubts(epoch: "e1", sequence: SequenceNumber(5)))
        }
    }

    @Test("A copy that is put back is known as one, whichever way", arguments: Copying.allCases)
    func copied(copying: Copying) async throws {
        try await withFolder { folder in
            SequenceFile(folder: folder).keep(epoch: "e1", sequence: SequenceNumber(70))
            try await Self.shell("cp -a sequence kept", in: folder)
            try await Task.sleep(for: .seconds(3))
            #expect(!SequenceFile(folder: folder).doubts(epoch: "e1", sequence: SequenceNumber(70)), "it lay there")
            try await Self.shell(copying.rawValue, in: folder)
            #expect(SequenceFile(folder: folder).doubts(epoch: "e1", sequence: SequenceNumber(70)))
        }
    }

    enum Copying: String, CaseIterable {
        case over = "cp -a kept sequence"
        case anew = "rm sequence; cp -a kept sequence"
        case moved = "mv kept sequence"
        case archive = "mv sequence aside; mv kept sequence; tar cf all.tar sequence; rm sequence; tar xf all.tar"
    }

    private static func shell(_ command: String, in folder: URL) async throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", command]
        process.currentDirectoryURL = folder
        try process.run()
        let status = await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                process.waitUntilExit()
                continuation.resume(returning: process.terminationStatus)
            }
        }
        #expect(status == 0, "\(command)")
    }

    private static func epoch(_ server: TestServer) async throws -> String {
        try await server.get("/api/v1/version").json()["epoch"]?.stringValue ?? ""
    }

    @Test("After a restore the epoch is another by itself, and whoever watched begins anew; a restart keeps it")
    func restored() async throws {
        try await withFolder { folder in
            let data = folder.appendingPathComponent("data")
            let backup = folder.appendingPathComponent("backup")
            try await TestServer.with(folder: data) { server in _ = try await server.study("one", count: 2) }
            let (epoch, early) = try await TestServer.with(folder: data) { server in
                (try await Self.epoch(server), try await server.sequence())
            }
            try FileManager.default.copyItem(at: data.appendingPathComponent("muster.sqlite"), to: backup)
            let seen = try await TestServer.with(folder: data) { server in
                #expect(try await Self.epoch(server) == epoch, "a restart is no restore")
                try await server.study("two", count: 2)
                return try await server.sequence()
            }
            #expect(seen > early)
            for name in try FileManager.default.contentsOfDirectory(atPath: data.path)
            where name.hasPrefix("muster.sqlite") {
                try FileManager.default.removeItem(at: data.appendingPathComponent(name))
            }
            try FileManager.default.copyItem(at: backup, to: data.appendingPathComponent("muster.sqlite"))
            try await TestServer.with(folder: data) { server in
                let other = try await Self.epoch(server)
                #expect(other != epoch)
                // The numbers have come as far again, and mean something else now.
                for number in 0..<3 { try await server.study("three-\(number)", count: 2) }
                #expect(try await server.sequence() > seen)
                let path = "/api/v1/watch?scope=fleet&since=\(seen)&epoch=\(epoch)"
                try await server.client.watching(TestRequest(.GET, path)) { (log) async throws in
                    #expect(try await log.wait { !$0.isEmpty })
                    #expect(log.events.first?.event == "reset")
                }
                #expect(try await Self.epoch(server) == other)
            }
        }
    }
}
