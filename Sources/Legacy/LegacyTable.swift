import Domain
import Foundation
import HTTPTypes
import Hummingbird
import Server

/// Routes for clients that speak GOLIAT's protocol: what went wrong is said as `{"error": …}`, in plain words and
/// first in the body, since a client shows its beginning. Nothing is ever redirected, and success is 200 alone.
struct LegacyTable: AskedRoutes {
    let table: RouteTable
    var server: ServerContext { table.server }

    /// Described by a page of their own and not by the API's document.
    func add(
        _ method: HTTPRequest.Method, _ path: String, _ body: @escaping @Sendable (Ask) async throws -> Response
    ) {
        let server = server
        table.router.on(RouterPath(path), method: method) { request, context in
            var response = await Self.answer(server) {
                let isExplicit = request.headers[.authorization] != nil
                // A token in the request itself is no cookie that a foreign page could borrow.
                if method != .get, !isExplicit { try RequestGuard.requireSameOrigin(request) }
                let principal = try await server.guest(request, context)
                return try await body(Ask(request: request, context: context, principal: principal))
            }
            Self.share(request, &response)
            return response
        }
    }

    /// A page of another site may ask where it brings a token, and only there: without one it would be trusted for
    /// standing on this machine.
    static func share(_ request: Request, _ response: inout Response) {
        guard request.headers[.origin] != nil else { return }
        response.headers[.vary] = "Origin"
        guard request.headers[.authorization] != nil || request.method == .options else { return }
        response.headers[.accessControlAllowOrigin] = "*"
    }

    /// What a browser asks before it lets a page of another site ask.
    func preflight(_ path: String) {
        table.router.on(RouterPath(path), method: .options) { request, _ in
            var response = Response(status: .noContent)
            response.headers[.accessControlAllowMethods] = "GET, POST, DELETE, OPTIONS"
            response.headers[.accessControlAllowHeaders] = "authorization, content-type"
            response.headers[.accessControlMaxAge] = "600"
            Self.share(request, &response)
            return response
        }
    }

    static func answer(_ server: ServerContext, _ body: () async throws -> Response) async -> Response {
        do {
            return try await body()
        } catch let refusal as LegacyRefusal {
            return error(refusal.status, refusal.reason)
        } catch is CancellationError {
            return error(503, "The request was given up.")
        } catch {
            let refusal = server.refusal(of: error)
            var response = Self.error(refusal.status, refusal.reason)
            if refusal.status == 503 { response.headers[.retryAfter] = "1" }
            if refusal.status == 401 { response.headers[.wwwAuthenticate] = "Bearer" }
            return response
        }
    }

    private static func error(_ status: Int, _ reason: String) -> Response {
        var writer = JSONWriter(capacity: 64 + reason.utf8.count)
        writer.beginObject()
        writer.field("error", reason)
        writer.endObject()
        return Reply.json(writer.bytes, status: HTTPResponse.Status(code: status))
    }
}

/// Why a request of such a client is refused.
struct LegacyRefusal: Error {
    let status: Int
    let reason: String

    init(_ status: Int = 400, _ reason: String) {
        self.status = status
        self.reason = reason
    }
}

/// What requests of such clients may bring.
enum LegacyLimit {
    static let messageBytes = 1_048_576
    static let screenshotsBytes = 16 * 1_048_576
    static let superStudyBytes = 128 * 1_048_576
    static let resultsBytes: Int64 = 2 * 1_073_741_824
    static let machineIDCharacters = 255
    static let logLines = 5_000
    static let logLinesDefault = 500
    static let workers = 5_000
}

extension Request {
    /// A body that must be one JSON object, said to be JSON.
    func legacyObject(limit: Int) async throws -> (json: JSON, bytes: [UInt8]) {
        let type = headers[.contentType]?.split(separator: ";").first.map { $0.lowercased() } ?? ""
        guard type.filter({ $0 != " " }) == "application/json" else {
            throw LegacyRefusal(415, "The body must be JSON, with Content-Type: application/json.")
        }
        let bytes = try await bytes(limit: limit)
        let json: JSON
        do {
            json = try JSON(parsing: bytes)
        } catch {
            throw LegacyRefusal(400, "\(error)")
        }
        guard json.objectValue != nil else { throw LegacyRefusal(400, "The body must be a JSON object.") }
        return (json, bytes)
    }
}

extension Request {
    /// A value of the query as a form writes it: `my+study%2F` is `my study/`.
    func formQuery(_ name: String) -> String? {
        for pair in (uri.query ?? "").split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard Self.formDecoded(parts[0]) == name else { continue }
            return parts.count > 1 ? Self.formDecoded(parts[1]) : ""
        }
        return nil
    }

    private static func formDecoded(_ text: Substring) -> String {
        let spaced = text.replacing("+", with: " ")
        return spaced.removingPercentEncoding ?? String(spaced)
    }
}

extension JSON {
    /// Who sends it.
    func machineID() throws(LegacyRefusal) -> String {
        try LegacyName.check(self["machineId"]?.stringValue, "machineId")
    }
}

enum LegacyName {
    /// A name of a machine: not blank, of at most 255 characters, without control characters.
    static func check(_ text: String?, _ field: String) throws(LegacyRefusal) -> String {
        guard let text, !text.allSatisfy(\.isWhitespace), text.unicodeScalars.count <= LegacyLimit.machineIDCharacters,
            text.unicodeScalars.allSatisfy({ $0.value >= 32 && $0.value != 127 })
        else {
            throw LegacyRefusal(
                400, "\(field) must be a name of 1 to \(LegacyLimit.machineIDCharacters) characters without controls."
            )
        }
        return text
    }
}
