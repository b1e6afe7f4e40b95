import Domain
import Hummingbird
import Server
import Storage

/// Results of simulations, streamed to disk, and listed.
struct LegacyResults {
    let server: ServerContext

    func add(to table: LegacyTable) {
        table.post("/api/assignments/:id/results", receive)
        table.get("/api/assignments/:id/results", list)
    }

    private static let pathCharacters = 1_024
    private static let fieldBytes = 4_096
    private static let fileLimit = 100

    private struct Form {
        var relativePath = ""
        var files: [(name: String, received: ArtifactStore.Received)] = []
    }

    @Sendable private func receive(_ ask: Ask) async throws -> Response {
        let job = try LegacyMessageRoutes.assignment(ask)
        let bound = try LegacyMessageRoutes.session(ask)
        guard try await server.store.read({ try RecordReads.job(job, $0) }) != nil else {
            throw LegacyRefusal(404, "There is no assignment \(job).")
        }
        var form = Form()
        defer { for file in form.files { server.artifacts.discard(file.received) } }
        try await read(ask.request, into: &form)
        guard !form.files.isEmpty else { throw LegacyRefusal(400, "The form brings no file.") }
        let folder = try Self.folder(form.relativePath)
        let files = form.files
        let operation = KeepLegacyResults(
            job: job, peer: server.trace(of: ask),
            files: files.map { file in
                KeepLegacyResults.File(
                    name: folder + file.name, mediaType: MediaTypes.of(name: file.name),
                    byteCount: file.received.byteCount, sha256: file.received.sha256
                )
            }, bound: bound, attempt: bound == nil ? nil : BoundAttempt.of(ask)
        )
        let (store, artifacts) = (server.store, server.artifacts)
        let answer = try await store.write { transaction in
            let answer = try operation.run(transaction)
            for (id, file) in zip(answer.artifacts, files) { try artifacts.keep(file.received, as: id) }
            if let session = answer.session { store.heard(session) }
            return answer
        }
        server.artifacts.remove(answer.replaced)
        return Reply.json(LegacyMessageRoutes.done)
    }

    private func read(_ request: Request, into form: inout Form) async throws {
        guard let boundary = MultipartParser.boundary(of: request.headers[.contentType]) else {
            throw LegacyRefusal(415, "The body must be a form: multipart/form-data with a boundary.")
        }
        if let length = request.headers[.contentLength].flatMap({ Int64($0) }), length > LegacyLimit.resultsBytes {
            throw Self.tooLarge
        }
        var parser = MultipartParser(boundary: boundary)
        var reading = Reading(artifacts: server.artifacts)
        defer { reading.abandon() }
        var count: Int64 = 0
        do {
            for try await buffer in request.body {
                count += Int64(buffer.readableBytes)
                guard count <= LegacyLimit.resultsBytes else { throw Self.tooLarge }
                for event in try parser.feed(buffer) { try reading.take(event, into: &form) }
            }
            try parser.finish()
        } catch let error as MultipartParser.Malformed {
            throw LegacyRefusal(400, error.description)
        }
    }

    private static let tooLarge = LegacyRefusal(
        413, "Results of one simulation may have \(LegacyLimit.resultsBytes) bytes.")

    /// The part under way.
    private struct Reading {
        let artifacts: ArtifactStore
        var head: MultipartHead?
        var text: [UInt8] = []
        var file: ArtifactStore.Receiving?

        mutating func take(_ event: MultipartParser.Event, into form: inout Form) throws {
            switch event {
            case .head(let next):
                head = next
                text = []
                guard let name = next.fileName else { return }
                guard form.files.count < fileLimit else {
                    throw LegacyRefusal(400, "The form brings more than \(fileLimit) files.")
                }
                _ = try LegacyResults.fileName(name)
                file = try artifacts.begin()
            case .bytes(let bytes):
                if file != nil {
                    try file?.write(bytes)
                } else {
                    text += bytes
                    guard text.count <= fieldBytes else { throw LegacyRefusal(400, "A field of the form is too long.") }
                }
            case .end:
                if let finished = try file?.finish(), let name = head?.fileName {
                    form.files.append((name, finished))
                } else if head?.name == "relativePath" {
                    form.relativePath = String(decoding: text, as: UTF8.self)
                }
                file = nil
            }
        }

        mutating func abandon() {
            file?.abandon()
            file = nil
        }
    }

    /// A plain name: no folder, no climbing, no drive.
    static func fileName(_ name: String) throws(LegacyRefusal) -> String {
        let isPlain =
            !name.isEmpty && name != "." && name != ".." && name.utf8.count <= 255
            && name.unicodeScalars.allSatisfy {
                $0.value >= 32 && $0.value != 127 && !"/\\:".unicodeScalars.contains($0)
            }
        guard isPlain else {
            throw LegacyRefusal(400, "A file of the form is named \(printable(name)), which is no plain name.")
        }
        return name
    }

    /// `far_field/duke/` of `far_field/duke`; empty for none. Odd paths are kept where they can do no harm.
    static func folder(_ path: String) throws(LegacyRefusal) -> String {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        let isSafe =
            path.isEmpty
            || (path.utf8.count <= pathCharacters
                && parts.allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." }
                && path.unicodeScalars.allSatisfy {
                    $0.value >= 32 && $0.value != 127 && !"\\:".unicodeScalars.contains($0)
                })
        guard isSafe else {
            throw LegacyRefusal(
                400, "relativePath must be a relative path with forward slashes and without .. or a drive.")
        }
        return path.isEmpty ? "" : path + "/"
    }

    @Sendable private func list(_ ask: Ask) async throws -> Response {
        let job = try LegacyMessageRoutes.assignment(ask)
        let bytes = try await server.store.read { connection -> [UInt8]? in
            guard try RecordReads.job(job, connection) != nil else { return nil }
            var writer = JSONWriter(capacity: 4_096)
            writer.beginArray()
            for artifact in try ListReads.artifacts(of: job, connection) {
                let parts = artifact.name.split(separator: "/")
                writer.beginObject()
                writer.field("relativePath", parts.dropLast().joined(separator: "/"))
                writer.field("filename", parts.last.map(String.init) ?? artifact.name)
                writer.field("size", artifact.byteCount)
                writer.field("url", "/artifacts/\(artifact.id)")
                writer.endObject()
            }
            writer.endArray()
            return writer.bytes
        }
        guard let bytes else { throw LegacyRefusal(404, "There is no assignment \(job).") }
        return Reply.json(bytes)
    }
}
