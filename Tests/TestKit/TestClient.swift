package import Domain
import NIOCore
package import NIOHTTP1
import NIOPosix
import Wire

/// An answer, whole.
package struct TestReply: Sendable {
    package var status: Int
    package var headers: HTTPHeaders
    package var bytes: [UInt8]

    package var text: String { String(decoding: bytes, as: UTF8.self) }

    /// - Throws: where it is no JSON.
    package func json() throws -> JSON { try JSON(parsing: bytes) }

    package func header(_ name: String) -> String? { headers.first(name: name) }

    /// The problem document, `nil` where the answer is none.
    package var problem: JSON? {
        guard header("content-type") == "application/problem+json" else { return nil }
        return try? json()
    }

    /// The problem's word for programs: `lease-lost`.
    package var code: String? {
        problem?["type"]?.stringValue.map { String($0.drop { $0 != ":" }.split(separator: ":").last ?? "") }
    }

    /// The fields that the problem complains of.
    package var fields: [String] { problem?["errors"]?.arrayValue?.compactMap { $0["field"]?.stringValue } ?? [] }
}

/// What a request brings.
package struct TestRequest: Sendable {
    package var method: HTTPMethod
    package var path: String
    package var headers: [(String, String)]
    package var body: [UInt8]
    /// The length that is announced, where it is not the body's own: the rest is never sent.
    package var announcedLength: Int?

    package init(
        _ method: HTTPMethod, _ path: String, token: String? = nil, headers: [(String, String)] = [],
        body: [UInt8] = [], announcedLength: Int? = nil
    ) {
        self.method = method
        self.path = path
        self.headers = headers + (token.map { [("Authorization", "Bearer \($0)")] } ?? [])
        self.body = body
        self.announcedLength = announcedLength
    }
}

/// HTTP/1.1 as a test wants it: one connection for each request, every part of the answer as it comes.
package struct TestClient: Sendable {
    package let port: Int

    package init(port: Int) { self.port = port }

    private typealias Channel = NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart>

    /// Parts of an answer that are read as slowly as the test likes: what it leaves fills the kernel's buffers, and
    /// then the server waits.
    package struct Incoming {
        fileprivate var iterator: NIOAsyncChannelInboundStream<HTTPClientResponsePart>.AsyncIterator

        /// The next bytes of the body; `nil` at its end.
        package mutating func next() async throws -> [UInt8]? {
            while let part = try await iterator.next(isolation: #isolation) {
                switch part {
                case .head: continue
                case .body(let buffer): return Array(buffer.readableBytesView)
                case .end: return nil
                }
            }
            return nil
        }

        package mutating func rest() async throws -> [UInt8] {
            var bytes: [UInt8] = []
            while let more = try await next() { bytes += more }
            return bytes
        }
    }

    /// Sends and reads the whole answer.
    package func send(_ request: TestRequest) async throws -> TestReply {
        try await open(request) { reply, incoming in
            var reply = reply
            reply.bytes = try await incoming.rest()
            return reply
        }
    }

    /// Sends, and hands the head of the answer and its body to `use`; the connection ends with it.
    package func open<Value: Sendable>(
        _ request: TestRequest, _ use: (TestReply, inout Incoming) async throws -> Value
    ) async throws -> Value {
        let port = port
        // Nobody listening is known at once; a machine that is busy may take its time.
        let channel: Channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connectTimeout(.minutes(5))
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHTTPClientHandlers()
                    return try Channel(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            var headers = HTTPHeaders(request.headers)
            if !headers.contains(name: "host") { headers.add(name: "Host", value: "127.0.0.1:\(port)") }
            let length = request.announcedLength ?? request.body.count
            if length > 0 || request.method == .POST || request.method == .PUT {
                headers.add(name: "Content-Length", value: String(length))
            }
            let head = HTTPRequestHead(version: .http1_1, method: request.method, uri: request.path, headers: headers)
            try await outbound.write(.head(head))
            if !request.body.isEmpty { try await outbound.write(.body(.byteBuffer(ByteBuffer(bytes: request.body)))) }
            if request.announcedLength == nil { try await outbound.write(.end(nil)) }
            var incoming = Incoming(iterator: inbound.makeAsyncIterator())
            guard case .head(let head)? = try await incoming.iterator.next(isolation: #isolation) else {
                throw ConnectionEnded()
            }
            let reply = TestReply(status: Int(head.status.code), headers: head.headers, bytes: [])
            return try await use(reply, &incoming)
        }
    }

    /// The server ended the connection without an answer.
    package struct ConnectionEnded: Error {}
}
