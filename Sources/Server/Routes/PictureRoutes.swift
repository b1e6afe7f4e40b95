package import Domain
import HTTPTypes
package import Hummingbird
import NIOCore
package import Storage
import Wire

/// The newest pictures that the windows of a session's programs sent, as they are shown.
package struct PictureRoutes {
    let server: ServerContext

    func add(to table: RouteTable) {
        table.get("/api/v1/sessions/:id/pictures/:position", show)
    }

    /// The `v` makes a picture that changed another address, so that a browser keeps what it has of the others.
    static func path(of picture: LegacyReads.Screenshot, session: SessionID) -> String {
        "\(APIPath.session(session))/pictures/\(picture.position)?\(query(of: picture))"
    }

    /// Which picture of its position it is: when it was taken, and of which attempt, where an agent runs it.
    package static func query(of picture: LegacyReads.Screenshot) -> String {
        let attempt = picture.attempt.map { "&attempt=\(BoundAttempt.text($0))" } ?? ""
        return "v=\(picture.takenAt.milliseconds)\(attempt)"
    }

    @Sendable private func show(_ ask: Ask) async throws -> Response {
        let session: SessionID = try ask.id()
        let position = ask.context.parameters.get("position").flatMap { Int($0) }
        guard let response = try await Self.answer(position ?? -1, of: session, ask.request, server) else {
            throw Problem.notFound("such picture of session \(session)", code: "unknown-picture")
        }
        return response
    }

    /// The picture of one tab, served so that a browser takes it for a picture and nothing else.
    ///
    /// - Parameters:
    ///   - position: of the tab among the window's, from 0.
    ///   - request: whose query may name the attempt; without one it is the window of none.
    /// - Returns: `nil` where there is none.
    package static func answer(
        _ position: Int, of session: SessionID, _ request: Request, _ server: ServerContext
    ) async throws -> Response? {
        let attempt = request.query("attempt").flatMap { BoundAttempt.read($0) }
        let picture = try await server.store.read { connection in
            let id = try LegacyReads.alias(of: session, connection) ?? session
            return try LegacyReads.screenshots(of: id, connection).first {
                $0.position == position && $0.attempt == attempt
            }
        }
        guard let picture, let bytes = server.pictures.bytes(of: picture) else { return nil }
        var headers: HTTPFields = [
            .contentType: picture.mediaType, .cacheControl: "private, max-age=600",
            .contentSecurityPolicy: "default-src 'none'; sandbox",
        ]
        headers[.xContentTypeOptions] = "nosniff"
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }
}
