import Hummingbird

/// Answers each request in a task of its own.
///
/// A task keeps the memory that its deepest call needed until it ends, and a connection's task lives as long as the
/// connection: with ten thousand agents connected, what their last heartbeats used once would be held for all of them.
struct OwnStack<Next: HTTPResponder>: HTTPResponder where Next.Context: Sendable {
    let next: Next

    func respond(to request: Request, context: Next.Context) async throws -> Response {
        async let response = next.respond(to: request, context: context)
        return try await response
    }
}
