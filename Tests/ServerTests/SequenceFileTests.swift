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
    private static func withFolder<Value>(_ body: (URL) async throws -> Value) async throws -> Value {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("muster-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        return try await body(folder)
    }

    /// What a server finds in its folder when it starts.
    struct Found: Sendable, CustomTestStringConvertible {
        let epoch: String
        let sequence: Int64
        /// Doubted by the only server there is, and by one of several.
        let alone: Bool
        let several: Bool

        var testDescription: String { "\(epoch) at \(sequence)" }
    }

    @Test(
        "What was kept last is compared with what the database says",
        arguments: [
            Found(epoch: "e1", sequence: 70, alone: false, several: false),
            // Killed before it could keep its last second.
            Found(epoch: "e1", sequence: 71, alone: false, several: false),
            Found(epoch: "e1", sequence: 69, alone: true, several: true),
            Found(epoch: "e1", sequence: 0, alone: true, several: true),
            // Another server has begun anew; alone there is none, so it is an old copy.
            Found(epoch: "e2", sequence: 70, alone: true, several: false),
            Found(epoch: "e2", sequence: 3, alone: true, several: false),
        ])
    func compared(found: Found) async throws {
        try await Self.withFolder { folder in
            for isAlone in [true, false] {
                let file = SequenceFile(folder: folder, isAlone: isAlone)
                file.keep(epoch: "a longer epoch", sequence: SequenceNumber(9_000_000))
                file.keep(epoch: "e1", sequence: SequenceNumber(70))
                let doubts = SequenceFile(folder: folder, isAlone: isAlone)
                    .doubts(epoch: found.epoch, sequence: SequenceNumber(found.sequence))
                #expect(doubts == (isAlone ? found.alone : found.several))
            }
        }
    }

    @Test("A file that isn't there, can't be read or is a copy proves nothing")
    func unreadable() async throws {
        try await Self.withFolder { folder in
            let place = folder.appendingPathComponent(SequenceFile.name)
            func doubts(isAlone: Bool) -> Bool {
                SequenceFile(folder: folder, isAlone: isAlone).doubts(epoch: "e1", sequence: SequenceNumber(5))
            }
            #expect(doubts(isAlone: true) && !doubts(isAlone: false), "none")
            let empty = SequenceFile(folder: folder, isAlone: true)
            #expect(!empty.doubts(epoch: "e1", sequence: .zero), "a database that was just made")
            SequenceFile(folder: folder, isAlone: true).keep(epoch: "e1", sequence: SequenceNumber(70))
            let whole = try Data(contentsOf: place)
            #expect(doubts(isAlone: false))
            for length in 0..<whole.count {
                let file = try FileHandle(forWritingTo: place)
                try file.truncate(atOffset: 0)
                try file.write(contentsOf: whole.prefix(length))
                try file.close()
                #expect(doubts(isAlone: true) && !doubts(isAlone: false), "cut to \(length) bytes")
            }
            let aside = folder.appendingPathComponent("aside")
            try whole.write(to: place)
            try FileManager.default.moveItem(at: place, to: aside)
            try whole.write(to: place)
            #expect(doubts(isAlone: true) && !doubts(isAlone: false), "a copy of it")
            // And it is made good by the next that is kept.
            SequenceFile(folder: folder, isAlone: true).keep(epoch: "e1", sequence: SequenceNumber(5))
            #expect(!doubts(isAlone: true))
        }
    }

    private static func epoch(_ server: TestServer) async throws -> String {
        try await server.get("/api/v1/version").json()["epoch"]?.stringValue ?? ""
    }

    @Test("After a restore the epoch is another by itself, and whoever watched begins anew; a restart keeps it")
    func restored() async throws {
        try await Self.withFolder { folder in
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
