import Domain
import HTTPTypes
import Hummingbird
import NIOCore
import Server
import Storage

/// Pictures of a window's tabs, every few seconds: taken in, and shown.
struct LegacyPictures {
    let server: ServerContext

    func add(to table: LegacyTable) {
        table.post("/api/gui-screenshots", receive)
        table.get("/api/workers/:id/screenshots/:position", show)
    }

    /// The `v` makes a picture that changed another address, so that a browser keeps what it has of the others.
    static func path(of picture: LegacyReads.Screenshot, session: SessionID) -> String {
        "/api/workers/\(session)/screenshots/\(picture.position)?\(PictureRoutes.query(of: picture))"
    }

    /// Tabs of one upload.
    private static let tabLimit = 16
    private static let tabCharacters = 64

    private struct Form {
        var machineID: String?
        var pictures: [KeepScreenshots.Picture] = []
        /// All pictures behind each other.
        var bytes: [UInt8] = []
    }

    @Sendable private func receive(_ ask: Ask) async throws -> Response {
        let form = try await read(ask.request)
        let address = try LegacyName.check(form.machineID, "machineId")
        let bound = try LegacyMessageRoutes.bound(ask)
        guard !form.pictures.isEmpty else { throw LegacyRefusal(400, "The form brings no picture.") }
        let sender: ApplyWindowMessage.Sender =
            bound
            ?? .legacy(LegacyOrigin(address: address, peer: server.trace(of: ask)))
        let file = try server.pictures.put(form.bytes)
        let operation = KeepScreenshots(sender: sender, file: file, pictures: form.pictures)
        let store = server.store
        do {
            let answer = try await store.write { transaction in
                let answer = try operation.run(transaction)
                store.heard(answer.session)
                return answer
            }
            server.pictures.remove(answer.orphans)
        } catch {
            server.pictures.remove([file])
            throw error
        }
        return Reply.json(LegacyMessageRoutes.done)
    }

    private func read(_ request: Request) async throws -> Form {
        guard let boundary = MultipartParser.boundary(of: request.headers[.contentType]) else {
            throw LegacyRefusal(415, "The body must be a form: multipart/form-data with a boundary.")
        }
        let body = try await request.bytes(limit: LegacyLimit.screenshotsBytes)
        var parser = MultipartParser(boundary: boundary)
        var form = Form()
        var head: MultipartHead?
        var part: [UInt8] = []
        do {
            for event in try parser.feed(ByteBuffer(bytes: body)) {
                switch event {
                case .head(let next):
                    head = next
                    part = []
                case .bytes(let bytes): part += bytes
                case .end:
                    if let head { try Self.take(head, part, into: &form) }
                }
            }
            try parser.finish()
        } catch let error as MultipartParser.Malformed {
            throw LegacyRefusal(400, error.description)
        }
        return form
    }

    private static func take(_ head: MultipartHead, _ bytes: [UInt8], into form: inout Form) throws(LegacyRefusal) {
        guard head.fileName != nil else {
            if head.name == "machineId" { form.machineID = String(decoding: bytes, as: UTF8.self) }
            return
        }
        guard form.pictures.count < tabLimit else {
            throw LegacyRefusal(400, "The form brings more than \(tabLimit) pictures.")
        }
        guard let type = mediaType(bytes) else {
            throw LegacyRefusal(422, "\(printable(head.name)) is no picture: it begins as neither JPEG nor PNG.")
        }
        let tab = try LegacyName.check(head.name.replacing("_", with: " "), "the name of a tab")
        guard tab.unicodeScalars.count <= tabCharacters else {
            throw LegacyRefusal(400, "The name of a tab may have \(tabCharacters) characters.")
        }
        form.pictures.append(
            KeepScreenshots.Picture(
                tab: tab, position: form.pictures.count, firstByte: form.bytes.count, byteCount: bytes.count,
                mediaType: type
            )
        )
        form.bytes += bytes
    }

    /// What the bytes are, whatever they are said to be.
    static func mediaType(_ bytes: [UInt8]) -> String? {
        if bytes.starts(with: [0xFF, 0xD8, 0xFF]) { return "image/jpeg" }
        return bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) ? "image/png" : nil
    }

    @Sendable private func show(_ ask: Ask) async throws -> Response {
        let asked = try LegacyWorkerRoutes.id(ask)
        let position = Int(ask.context.parameters.get("position") ?? "") ?? -1
        guard let response = try await PictureRoutes.answer(position, of: asked, ask.request, server) else {
            throw LegacyRefusal(404, "There is no such picture of worker \(asked).")
        }
        return response
    }
}
