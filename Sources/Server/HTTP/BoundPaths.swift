import HTTPTypes
import Hummingbird
import NIOCore
import Wire

/// Lets an address carry a token: `/s/TOKEN/api/…` is `/api/…` with that token, for programs that are given an
/// address and nothing else, as those that an agent starts.
struct BoundPaths<Next: HTTPResponder>: HTTPResponder where Next.Context == BasicRequestContext {
    let next: Next
    let pages: PageRoutes

    func respond(to request: Request, context: Next.Context) async throws -> Response {
        guard let path = request.head.path, path.hasPrefix("/s/") || path.hasPrefix("/t/") else {
            return try await answer(request, context)
        }
        let rest = path.dropFirst(3)
        guard let slash = rest.firstIndex(of: "/") else {
            return try await answer(request, context)
        }
        var head = request.head
        head.path = String(rest[slash...])
        head.headerFields[.authorization] = "Bearer \(rest[..<slash])"
        return try await answer(Request(head: head, body: request.body), context)
    }

    /// An address that there is not is said as everything else is: to programs by a problem document, to people by a
    /// page.
    private func answer(_ request: Request, _ context: Next.Context) async throws -> Response {
        do {
            return try await next.respond(to: request, context: context)
        } catch let error as HTTPError where error.status == .notFound {
            let isForPeople = request.method == .get && !APIPath.isForPrograms(request.uri.path)
            if isForPeople { return await pages.answer(request) { _ in throw PageRoutes.missing("such page") } }
            return Reply.problem(
                Problem(
                    code: "not-found", title: "Not found", status: 404,
                    detail: "Nothing answers to \(request.method.rawValue) \(printable(request.uri.path)). "
                        + "What does is told at \(APIPath.openAPI)."
                )
            )
        }
    }
}

extension APIPath {
    /// What no person opens in a browser.
    fileprivate static func isForPrograms(_ path: String) -> Bool {
        path.hasPrefix("/api/") || path.hasPrefix("\(files)/") || path.hasPrefix("/live/")
    }
}
