import Domain
import Foundation
package import HTTPTypes
package import Hummingbird
import Logging
import NIOCore
import Synchronization
import Wire

package typealias Router = Hummingbird.Router<PeerContext>

/// A request with the one who asks.
package struct Ask: Sendable {
    package let request: Request
    package let context: PeerContext
    package let principal: Principal

    package init(request: Request, context: PeerContext, principal: Principal) {
        self.request = request
        self.context = context
        self.principal = principal
    }

    /// An id in the path; an id of another kind is no such thing.
    func id<ID: EntityID>(_ type: ID.Type = ID.self) throws -> ID {
        let text = context.parameters.get("id") ?? ""
        guard let id = ID(text: text) else {
            throw Problem(
                code: "not-found", title: "Not found", status: 404,
                detail: "\(printable(text)) is no id here; one looks like \(ID.prefix)12."
            )
        }
        return id
    }

    /// A name or id in the path, with its escapes undone.
    package func name() -> String {
        let text = context.parameters.get("id") ?? ""
        return text.removingPercentEncoding ?? text
    }
}

/// A stranger's text in a message: short, and without control characters.
package func printable(_ text: String) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.prefix(64).filter { $0.value >= 32 && $0.value != 127 }))
}

/// Where routes are put that are asked with a principal.
package protocol AskedRoutes {
    func add(
        _ method: HTTPRequest.Method, _ path: String, _ body: @escaping @Sendable (Ask) async throws -> Response
    )
}

extension AskedRoutes {
    package func get(_ path: String, _ body: @escaping @Sendable (Ask) async throws -> Response) {
        add(.get, path, body)
    }

    package func post(_ path: String, _ body: @escaping @Sendable (Ask) async throws -> Response) {
        add(.post, path, body)
    }

    package func delete(_ path: String, _ body: @escaping @Sendable (Ask) async throws -> Response) {
        add(.delete, path, body)
    }
}

/// Puts routes into the router: each is asked with its principal, and every error becomes a problem document.
package struct RouteTable: AskedRoutes {
    package let router: Router
    package let server: ServerContext
    let record: RouteRecord

    package func add(
        _ method: HTTPRequest.Method, _ path: String, _ body: @escaping @Sendable (Ask) async throws -> Response
    ) {
        let server = server
        record.add("\(method.rawValue) \(path)")
        router.on(RouterPath(path), method: method) { request, context in
            await Self.answer(server) {
                if method != .get { try RequestGuard.requireSameOrigin(request) }
                let principal = try await server.access.principal(of: request)
                return try await body(Ask(request: request, context: context, principal: principal))
            }
        }
    }

    /// A route that needs no principal: health, signed files.
    func open(
        _ method: HTTPRequest.Method, _ path: String,
        _ body: @escaping @Sendable (Request, PeerContext) async throws -> Response
    ) {
        let server = server
        record.add("\(method.rawValue) \(path)")
        router.on(RouterPath(path), method: method) { request, context in
            await Self.answer(server) { try await body(request, context) }
        }
    }

    static func answer(_ server: ServerContext, _ body: () async throws -> Response) async -> Response {
        do {
            return try await body()
        } catch is CancellationError {
            // Whoever asked is gone or the server stops: nobody reads this.
            return Reply.problem(
                Problem(code: "cancelled", title: "Cancelled", status: 503, detail: "The request was given up.")
            )
        } catch {
            return Reply.problem(server.problem(of: error))
        }
    }
}

extension ServerContext {
    /// What whoever asked is told of an error. One that is ours stands in the log, too.
    func problem(of error: any Error) -> Problem {
        let problem = Problem(error)
        if problem.status >= 500 {
            logger.error("request failed", metadata: ["error": "\(error)", "code": "\(problem.code)"])
        }
        return problem
    }

    /// The same for a guest that has a shape of its own for errors: the status, and the reason in words.
    package func refusal(of error: any Error) -> (status: Int, reason: String) {
        let problem = problem(of: error)
        return (problem.status, problem.detail)
    }
}

/// The routes of the API, as they were put into the router: `GET /api/v1/jobs/:id`.
package final class RouteRecord: Sendable {
    private let routes = Mutex<[String]>([])

    func add(_ route: String) { routes.withLock { $0.append(route) } }

    package var all: [String] { routes.withLock { $0 } }
}

/// What a browser on a foreign page could do to a server that trusts its own machine.
package enum RequestGuard {
    /// A write that comes from a page must come from one of ours.
    package static func requireSameOrigin(_ request: Request) throws {
        guard let origin = request.headers[.origin] else { return }
        let host = request.head.authority ?? ""
        if origin == "http://\(host)" || origin == "https://\(host)" { return }
        throw Problem(
            code: "foreign-origin", title: "Forbidden", status: 403,
            detail: "This came from a page of another site (\(printable(origin))) and changes something here."
        )
    }
}
