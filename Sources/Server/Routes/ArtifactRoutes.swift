import Domain
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Storage
import Wire

/// Files of attempts: a place is asked for, the bytes go there by a signed URL, and come from there by another.
struct ArtifactRoutes {
    let server: ServerContext
    private static let chunkBytes = 256 * 1_024

    func add(to table: RouteTable) {
        table.post("/api/v1/artifacts", open)
        table.get("/api/v1/artifacts", list)
        table.get("/api/v1/artifacts/:id", show)
        table.open(.put, "/files/:id", put)
        table.open(.get, "/files/:id", get)
        table.open(.head, "/files/:id", get)
    }

    @Sendable private func open(_ ask: Ask) async throws -> Response {
        guard case .session(let session) = ask.principal else {
            throw Problem(
                code: "not-a-session", title: "Forbidden", status: 403,
                detail: "Only the session that holds the attempt may upload for it."
            )
        }
        let new = try await ask.request.value(NewArtifact.self)
        try Self.check(name: new.name)
        let operation = OpenArtifact(
            session: session, key: new.ref.key, name: new.name,
            mediaType: new.mediaType ?? MediaTypes.of(name: new.name)
        )
        let id = try await server.store.write { try operation.run($0) }
        let until = server.store.now.adding(milliseconds: ArtifactStore.urlLifeMilliseconds)
        let ticket = ArtifactTicket(
            id: id, uploadURL: server.artifacts.path(id, .write, until: until), expiresAt: until
        )
        return Reply.value(ticket, status: .created)
    }

    /// Relative, without `..`, `\` or control characters: what is safe as a name on any disk it is saved to.
    static func check(name: String) throws(WireError) {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        let isSafe =
            parts.allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." }
            && name.unicodeScalars.allSatisfy { $0.value >= 32 && $0.value != 127 && $0 != "\\" }
        guard isSafe else {
            throw WireError(field: "name", "must be a relative path without .., empty parts, backslashes or controls")
        }
    }

    @Sendable private func put(_ request: Request, _ context: PeerContext) async throws -> Response {
        let id = try Self.id(context)
        guard server.artifacts.allows(.write, id, request, now: server.store.now) else { throw Self.notSigned }
        let received = try await server.artifacts.receive(id, request.body)
        defer { server.artifacts.discard(received) }
        let operation = StoreArtifact(artifact: id, byteCount: received.byteCount, sha256: received.sha256)
        let artifacts = server.artifacts
        let answer = try await server.store.write { transaction in
            let answer = try operation.run(transaction)
            if answer.isNew { try artifacts.keep(received, as: id) }
            return answer
        }
        server.artifacts.remove(answer.replaced)
        return Reply.value(answer.artifact, status: .created)
    }

    @Sendable private func list(_ ask: Ask) async throws -> Response {
        if let text = ask.request.query("job") {
            guard let job = JobID(text: text) else { throw WireError(field: "job", "must be an id such as j12") }
            let artifacts = try await server.store.read { try ListReads.artifacts(of: job, $0) }
            return Reply.value(ListReply(items: artifacts))
        }
        guard let name = ask.request.query("study") else {
            throw WireError(field: "job", "is missing (or name a study)")
        }
        let artifacts = try await server.store.read { connection -> [ArtifactRecord]? in
            guard let study = try RecordReads.study(named: name, connection) else { return nil }
            return try ListReads.artifacts(of: study.id, connection)
        }
        guard let artifacts else { throw Problem.notFound("study \(printable(name))", code: "unknown-study") }
        return Reply.value(ListReply(items: artifacts))
    }

    @Sendable private func show(_ ask: Ask) async throws -> Response {
        let id: ArtifactID = try ask.id()
        guard let artifact = try await server.store.read({ try ListReads.artifact(id, $0) }) else {
            throw Problem.notFound("artifact \(id)", code: "unknown-artifact")
        }
        let until = server.store.now.adding(milliseconds: ArtifactStore.urlLifeMilliseconds)
        return Reply.value(
            ArtifactDetail(artifact: artifact, downloadURL: server.artifacts.path(id, .read, until: until))
        )
    }

    @Sendable private func get(_ request: Request, _ context: PeerContext) async throws -> Response {
        let id = try Self.id(context)
        guard server.artifacts.allows(.read, id, request, now: server.store.now) else { throw Self.notSigned }
        return try await bytes(of: id, request)
    }

    /// The bytes of a file, whole or a range of them.
    func bytes(of id: ArtifactID, _ request: Request) async throws -> Response {
        guard let artifact = try await server.store.read({ try ListReads.artifact(id, $0) }) else {
            throw Problem.notFound("artifact \(id)", code: "unknown-artifact")
        }
        var headers: HTTPFields = [
            .contentType: MediaTypes.harmless(artifact.mediaType),
            .cacheControl: "private, max-age=31536000, immutable",
            .eTag: "\"\(artifact.sha256)\"", .acceptRanges: "bytes",
            .contentDisposition: Self.disposition(artifact),
        ]
        headers[.xContentTypeOptions] = "nosniff"
        if request.headers[.ifNoneMatch] == headers[.eTag] { return Response(status: .notModified, headers: headers) }
        let range: ByteRange?
        do {
            range = try ByteRange(request.headers[.range], size: artifact.byteCount)
        } catch let problem as Problem {
            var response = Reply.problem(problem)
            response.headers[.contentRange] = "bytes */\(artifact.byteCount)"
            return response
        }
        if let range { headers[.contentRange] = "bytes \(range.lower)-\(range.upper)/\(artifact.byteCount)" }
        let lower = range?.lower ?? 0
        let count = range.map { $0.upper - $0.lower + 1 } ?? artifact.byteCount
        let status: HTTPResponse.Status = range == nil ? .ok : .partialContent
        if request.method == .head {
            headers[.contentLength] = String(count)
            return Response(status: status, headers: headers)
        }
        let handle = try FileHandle(forReadingFrom: server.artifacts.file(id))
        return Response(
            status: status, headers: headers,
            body: ResponseBody(contentLength: Int(count)) { writer in
                defer { try? handle.close() }
                try handle.seek(toOffset: UInt64(lower))
                var left = Int(count)
                while left > 0, let data = try handle.read(upToCount: min(left, Self.chunkBytes)), !data.isEmpty {
                    try await writer.write(ByteBuffer(bytes: data))
                    left -= data.count
                }
                try await writer.finish(nil)
            }
        )
    }

    /// Pictures and texts are shown, everything else is saved.
    private static func disposition(_ artifact: ArtifactRecord) -> String {
        let isShown = MediaTypes.isShown(artifact.mediaType)
        let name = artifact.name.split(separator: "/").last.map(String.init) ?? "file"
        return "\(isShown ? "inline" : "attachment"); filename*=UTF-8''\(APIPath.escape(name))"
    }

    private static func id(_ context: PeerContext) throws -> ArtifactID {
        guard let id = ArtifactID(text: context.parameters.get("id") ?? "") else {
            throw Problem.notFound("such file", code: "unknown-artifact")
        }
        return id
    }

    private static let notSigned = Problem(
        code: "not-signed", title: "Forbidden", status: 403,
        detail: "This address is not signed, or its time is over. Ask for a new one at /api/v1/artifacts."
    )
}

extension HTTPField.Name {
    static let xContentTypeOptions = HTTPField.Name("X-Content-Type-Options") ?? .contentType
}

/// One range of bytes, as a `Range` header asks for it.
struct ByteRange: Sendable, Hashable {
    let lower: Int64
    /// The last byte, included.
    let upper: Int64

    /// `nil` where the whole is asked for: no header, several ranges, or another unit.
    ///
    /// - Throws: 416 for a range that is not there.
    init?(_ header: String?, size: Int64) throws {
        guard let header, header.hasPrefix("bytes="), !header.contains(",") else { return nil }
        let parts = header.dropFirst("bytes=".count).split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        if parts[0].isEmpty {
            guard let suffix = Int64(parts[1]), suffix > 0, size > 0 else { throw Self.unsatisfiable(size) }
            lower = max(0, size - suffix)
            upper = size - 1
            return
        }
        guard let first = Int64(parts[0]), first >= 0, first < size else { throw Self.unsatisfiable(size) }
        lower = first
        upper = min(size - 1, parts[1].isEmpty ? size - 1 : Int64(parts[1]) ?? -1)
        guard upper >= lower else { throw Self.unsatisfiable(size) }
    }

    private static func unsatisfiable(_ size: Int64) -> Problem {
        Problem(
            code: "range", title: "Range not satisfiable", status: 416,
            detail: "The file has \(size) bytes; the range asked for is not in it."
        )
    }
}

/// What a file is, by the end of its name.
package enum MediaTypes {
    private static let byEnding = [
        "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif", "webp": "image/webp",
        "svg": "image/svg+xml", "json": "application/json", "txt": "text/plain; charset=utf-8",
        "log": "text/plain; charset=utf-8", "csv": "text/csv; charset=utf-8", "pdf": "application/pdf",
        "html": "text/html; charset=utf-8", "zip": "application/zip", "gz": "application/gzip",
        "npy": "application/octet-stream", "h5": "application/x-hdf5",
    ]
    private static let shown: Set<String> = [
        "image/png", "image/jpeg", "image/gif", "image/webp", "application/json", "text/plain; charset=utf-8",
        "text/csv; charset=utf-8",
    ]

    package static func of(name: String) -> String {
        let ending = name.split(separator: ".").last.map { $0.lowercased() } ?? ""
        return byEnding[ending] ?? "application/octet-stream"
    }

    static func isShown(_ type: String) -> Bool { shown.contains(type) }

    /// A stranger's page or picture with a program in it must not run as ours: it goes out as bytes.
    static func harmless(_ type: String) -> String {
        let isPlain = type.unicodeScalars.allSatisfy { $0.value >= 32 && $0.value < 127 }
        return isPlain && (isShown(type) || byEnding.values.contains(type))
            && !type.hasPrefix("text/html") && !type.hasPrefix("image/svg") ? type : "application/octet-stream"
    }
}
