import Crypto
package import Domain
import Foundation
import Hummingbird
import NIOCore
import Storage
import Wire

/// Files of attempts on this machine's disk, beside the database: `artifacts/12/a1234`, written beside their place,
/// synced, and then moved there.
package struct ArtifactStore: Sendable {
    private let folder: URL
    private let secret: SymmetricKey
    /// A folder for every thousand files, so that none grows without end.
    private static let filesPerFolder: Int64 = 1_000
    /// How long an upload or download URL is good for.
    static let urlLifeMilliseconds: Int64 = 3_600_000

    init(dataFolder: URL, secret: [UInt8]) throws {
        folder = dataFolder.appendingPathComponent("artifacts", isDirectory: true)
        self.secret = SymmetricKey(data: secret)
        // What uploads left that a crash ended.
        try? FileManager.default.removeItem(at: incoming)
        try FileManager.default.createDirectory(at: incoming, withIntermediateDirectories: true)
    }

    /// Pieces of uploads on their way.
    private var incoming: URL { folder.appendingPathComponent("incoming", isDirectory: true) }

    // MARK: - Signed URLs

    enum Right: String { case read, write }

    /// A path that carries its own right until a moment; nothing else is asked of whoever has it.
    func path(_ id: ArtifactID, _ right: Right, until: Instant) -> String {
        "\(APIPath.files)/\(id)?right=\(right.rawValue)&until=\(until.milliseconds)&signature=\(signature(id, right, until))"
    }

    /// Whether the query of a signed URL gives this right now.
    func allows(_ right: Right, _ id: ArtifactID, _ request: Request, now: Instant) -> Bool {
        guard request.query("right") == right.rawValue, let text = request.query("until"),
            let until = Int64(text), until >= now.milliseconds, let given = request.query("signature")
        else { return false }
        let code = Array(signature(id, right, Instant(milliseconds: until)).utf8)
        let other = Array(given.utf8)
        guard code.count == other.count else { return false }
        // Every byte is looked at, so that time tells nothing about how many were right.
        return zip(code, other).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }

    private func signature(_ id: ArtifactID, _ right: Right, _ until: Instant) -> String {
        let text = "\(id) \(right.rawValue) \(until.milliseconds)"
        return hexadecimal(HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: secret))
    }

    // MARK: - Bytes

    func file(_ id: ArtifactID) -> URL {
        folder.appendingPathComponent(String(id.number / Self.filesPerFolder)).appendingPathComponent(id.description)
    }

    /// Bytes that are whole and synced beside their place, and not yet in it.
    package struct Received: Sendable {
        fileprivate let part: URL
        package let byteCount: Int64
        package let sha256: String
    }

    /// Streams a body to a file beside its place: whole and synced, or not there at all. Ends in `keep` or `discard`.
    func receive(_ id: ArtifactID, _ body: RequestBody) async throws -> Received {
        let place = file(id)
        let part = place.appendingPathExtension("part-\(UInt64.random(in: 0...UInt64.max))")
        try? FileManager.default.createDirectory(
            at: place.deletingLastPathComponent(), withIntermediateDirectories: true
        )
        guard FileManager.default.createFile(atPath: part.path, contents: nil) else { throw Self.diskFull }
        do {
            return try await write(body, to: part)
        } catch {
            try? FileManager.default.removeItem(at: part)
            throw error
        }
    }

    /// A file that is written in pieces, beside its place; ends in `finish` or `abandon`.
    package struct Receiving {
        fileprivate let part: URL
        fileprivate let handle: FileHandle
        private var hash = SHA256()
        private var count: Int64 = 0

        fileprivate init(part: URL, handle: FileHandle) {
            self.part = part
            self.handle = handle
        }

        package mutating func write(_ bytes: some Collection<UInt8>) throws {
            let data = Data(bytes)
            count += Int64(data.count)
            hash.update(data: data)
            do {
                try handle.write(contentsOf: data)
            } catch {
                throw ArtifactStore.diskFull
            }
        }

        /// The bytes are whole and synced.
        package func finish() throws -> Received {
            defer { try? handle.close() }
            do {
                try handle.synchronize()
            } catch {
                throw ArtifactStore.diskFull
            }
            return Received(part: part, byteCount: count, sha256: hexadecimal(hash.finalize()))
        }

        package func abandon() {
            try? handle.close()
            try? FileManager.default.removeItem(at: part)
        }
    }

    /// Begins a file whose id is given when it is kept.
    package func begin() throws -> Receiving {
        let part = incoming.appendingPathComponent("part-\(UInt64.random(in: 0...UInt64.max))")
        guard FileManager.default.createFile(atPath: part.path, contents: nil) else { throw Self.diskFull }
        return Receiving(part: part, handle: try FileHandle(forWritingTo: part))
    }

    /// Moves received bytes to their place. Called inside the transaction that makes them count, so that bytes that
    /// count are never changed; one rename is short enough for the writer.
    package func keep(_ received: Received, as id: ArtifactID) throws {
        let place = file(id)
        try? FileManager.default.createDirectory(
            at: place.deletingLastPathComponent(), withIntermediateDirectories: true
        )
        guard unsafe rename(received.part.path, place.path) == 0 else { throw Self.diskFull }
        // The name too must outlive a power cut before it is promised.
        let folder = unsafe open(place.deletingLastPathComponent().path, O_RDONLY | O_CLOEXEC)
        guard folder >= 0 else { throw Self.diskFull }
        defer { close(folder) }
        guard fsync(folder) == 0 else { throw Self.diskFull }
    }

    /// Removes what was received and not kept.
    package func discard(_ received: Received) {
        try? FileManager.default.removeItem(at: received.part)
    }

    private func write(_ body: RequestBody, to part: URL) async throws -> Received {
        let handle = try FileHandle(forWritingTo: part)
        defer { try? handle.close() }
        var hash = SHA256()
        var count: Int64 = 0
        for try await buffer in body {
            count += Int64(buffer.readableBytes)
            guard count <= RequestLimit.artifactBytes else {
                throw Problem(
                    code: "too-large", title: "Body too large", status: 413,
                    detail: "A file may have \(RequestLimit.artifactBytes) bytes."
                )
            }
            let data = Data(buffer.readableBytesView)
            hash.update(data: data)
            do {
                try handle.write(contentsOf: data)
            } catch {
                throw Self.diskFull
            }
        }
        do {
            try handle.synchronize()
        } catch {
            throw Self.diskFull
        }
        return Received(part: part, byteCount: count, sha256: hexadecimal(hash.finalize()))
    }

    private static let diskFull = Problem(
        code: "disk-full", title: "Disk full", status: 503,
        detail: "The file could not be written to the data folder. Make room and send it again."
    )

    /// Removes files whose rows are gone. One that can't be removed costs room, nothing else.
    package func remove(_ ids: [ArtifactID]) {
        for id in ids { try? FileManager.default.removeItem(at: file(id)) }
    }
}
