import HTTPTypes
import Hummingbird
import NIOCore

/// Lets an address carry a token: `/s/TOKEN/api/…` is `/api/…` with that token, for programs that are given an
/// address and nothing else, as those that an agent starts.
struct BoundPaths<Next: HTTPResponder>: HTTPResponder where Next.Context == PeerContext {
    let next: Next

    func respond(to request: Request, context: Next.Context) async throws -> Response {
        guard let path = request.head.path, path.hasPrefix("/s/") || path.hasPrefix("/t/") else {
            return try await next.respond(to: request, context: context)
        }
        let rest = path.dropFirst(3)
        guard let slash = rest.firstIndex(of: "/") else {
            return try await next.respond(to: request, context: context)
        }
        var head = request.head
        head.path = String(rest[slash...])
        head.headerFields[.authorization] = "Bearer \(rest[..<slash])"
        return try await next.respond(to: Request(head: head, body: request.body), context: context)
    }
}
