import HTTPTypes
import Hummingbird
import Wire

/// An address that there is not is said as everything else is: to programs by a problem document, to people by a page.
///
/// Added after every route, so that it stands before none of them.
struct UnknownAddress: RouterMiddleware {
    let pages: PageRoutes

    @concurrent func handle(
        _ request: Request, context: PeerContext,
        next: @concurrent (Request, PeerContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as HTTPError where error.status == .notFound {
            let isRead = request.method == .get || request.method == .head
            let isForPeople = isRead && !APIPath.isForPrograms(request.uri.path)
            let answer =
                isForPeople
                ? await pages.answer(request) { _ in throw PageRoutes.missing("such page") }
                : Self.problem(request)
            return request.method == .head ? answer.createHeadResponse() : answer
        }
    }

    private static func problem(_ request: Request) -> Response {
        Reply.problem(
            Problem(
                code: "not-found", title: "Not found", status: 404,
                detail: "Nothing answers to \(request.method.rawValue) \(printable(request.uri.path)). "
                    + "What does is told at \(APIPath.openAPI)."
            )
        )
    }
}

extension APIPath {
    /// What no person opens in a browser.
    fileprivate static func isForPrograms(_ path: String) -> Bool {
        path.hasPrefix("/api/") || path.hasPrefix("\(files)/") || path.hasPrefix("/live/")
    }
}
