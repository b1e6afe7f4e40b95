import Domain
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization
import Wire

/// A request as the stub saw it.
struct StubRequest: Sendable, Hashable {
    var method: String
    /// Path and query.
    var target: String
    var headers: [String: String]
    var body: String

    var path: String { String(target.split(separator: "?", maxSplits: 1).first ?? "") }
}

/// What the stub answers.
struct StubAnswer: Sendable {
    var status = 200
    var headers: [String: String] = ["Content-Type": "application/json", "Date": "Sun, 01 Mar 2026 12:00:07 GMT"]
    var chunks: [[UInt8]]
    /// Close the connection without the end of the body.
    var breaksOff = false

    static func json(_ value: some WireValue, status: Int = 200) -> StubAnswer {
        StubAnswer(status: status, chunks: [value.body])
    }

    static func text(_ text: String, status: Int = 200, type: String = "application/json") -> StubAnswer {
        var answer = StubAnswer(status: status, chunks: [Array(text.utf8)])
        answer.headers["Content-Type"] = type
        return answer
    }

    static func problem(_ status: Int, _ code: String, _ detail: String, errors: [FieldError] = []) -> StubAnswer {
        .json(Problem(code: code, title: code, status: status, detail: detail, errors: errors), status: status)
    }

    /// An event stream that ends after these.
    static func events(_ events: [ServerSentEvent]) -> StubAnswer {
        var answer = StubAnswer(chunks: events.map(\.encoded))
        answer.headers["Content-Type"] = "text/event-stream"
        return answer
    }
}

/// A tiny HTTP server on a free port of loopback, with the answers of one test.
enum StubServer {
    typealias Answering = @Sendable (StubRequest) -> StubAnswer

    /// - Returns: what `body` returned, with every request that came, in order.
    static func with<Result: Sendable>(
        _ answering: @escaping Answering, _ body: (String) async throws -> Result
    ) async throws -> (result: Result, requests: [StubRequest]) {
        let requests = Requests()
        let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Handler(answering: answering, requests: requests))
                }
            }
        let channel = try await bootstrap.bind(host: "127.0.0.1", port: 0).get()
        let port = channel.localAddress?.port ?? 0
        do {
            let result = try await body("http://127.0.0.1:\(port)")
            try await channel.close()
            return (result, requests.all)
        } catch {
            try await channel.close()
            throw error
        }
    }

    private final class Requests: Sendable {
        private let list = Mutex<[StubRequest]>([])
        var all: [StubRequest] { list.withLock { $0 } }
        func append(_ request: StubRequest) { list.withLock { $0.append(request) } }
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let answering: Answering
        private let requests: Requests
        private var request: StubRequest?

        init(answering: @escaping Answering, requests: Requests) {
            self.answering = answering
            self.requests = requests
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head):
                var headers: [String: String] = [:]
                for (name, value) in head.headers { headers[name.lowercased()] = value }
                request = StubRequest(method: head.method.rawValue, target: head.uri, headers: headers, body: "")
            case .body(let buffer):
                request?.body += String(buffer: buffer)
            case .end:
                guard let request else { return }
                requests.append(request)
                answer(answering(request), context: context)
            }
        }

        private func answer(_ answer: StubAnswer, context: ChannelHandlerContext) {
            var headers = HTTPHeaders()
            for (name, value) in answer.headers { headers.add(name: name, value: value) }
            if answer.status == 204 || answer.breaksOff == false && answer.chunks.count == 1 {
                headers.add(name: "Content-Length", value: "\(answer.chunks.first?.count ?? 0)")
            }
            let head = HTTPResponseHead(
                version: .http1_1, status: HTTPResponseStatus(statusCode: answer.status), headers: headers)
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            for chunk in answer.chunks {
                context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: chunk)))), promise: nil)
            }
            if answer.breaksOff {
                context.close(promise: nil)
            } else {
                context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            }
        }
    }
}
