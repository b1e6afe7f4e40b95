import HTTPTypes
import Hummingbird
import NIOCore

/// Lets an address carry a token: `/s/TOKEN/api/…` is `/api/…` with that token, for programs that are given an
/// address and nothing else. In that of a program that an agent starts the attempt follows: `/s/TOKEN/j12.1/api/…`.
struct BoundPaths<Next: HTTPResponder>: HTTPResponder where Next.Context == PeerContext {
    let next: Next

    func respond(to request: Request, context: Next.Context) async throws -> Response {
        guard let whole = request.head.path, whole.hasPrefix("/s/") || whole.hasPrefix("/t/") else {
            return try await next.respond(to: request, context: context)
        }
        let rest = whole.dropFirst(3)
        guard let slash = rest.firstIndex(of: "/") else {
            return try await next.respond(to: request, context: context)
        }
        var head = request.head
        head.path = String(rest[slash...])
        head.headerFields[.authorization] = "Bearer \(rest[..<slash])"
        let path = rest[slash...].dropFirst()
        if let end = path.firstIndex(of: "/"), let attempt = BoundAttempt.read(String(path[..<end])) {
            head.path = String(path[end...])
            head.headerFields[BoundAttempt.header] = BoundAttempt.text(attempt)
        }
        return try await next.respond(to: Request(head: head, body: request.body), context: context)
    }
}
