import Domain
package import HTTPTypes
package import Hummingbird
import NIOCore
import Wire

/// Answers as they go out.
package enum Reply {
    package static func json(_ bytes: [UInt8], status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status,
            headers: [.contentType: "application/json; charset=utf-8", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes))
        )
    }

    static func value(_ value: some WireValue, status: HTTPResponse.Status = .ok) -> Response {
        json(value.body, status: status)
    }

    static var empty: Response { Response(status: .noContent) }

    static func text(_ text: String, type: String = "text/plain; charset=utf-8") -> Response {
        Response(
            status: .ok, headers: [.contentType: type, .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text))
        )
    }

    static func problem(_ problem: Problem) -> Response {
        var headers: HTTPFields = [.contentType: "application/problem+json", .cacheControl: "no-store"]
        if problem.status == 503 { headers[.retryAfter] = "1" }
        if problem.status == 401 { headers[.wwwAuthenticate] = "Bearer" }
        return Response(
            status: HTTPResponse.Status(code: problem.status), headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: problem.body))
        )
    }

    /// A list with the key of its next page, where there may be one.
    static func list<Item: WireValue>(_ items: [Item], limit: Int, cursor: (Item) -> String) -> Response {
        value(ListReply(items: items, next: items.count < limit ? nil : items.last.map(cursor)))
    }
}
