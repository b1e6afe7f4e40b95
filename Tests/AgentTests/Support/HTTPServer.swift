import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization
import Wire

/// A request as a test sees it, whole.
struct TestRequest: Sendable {
    var method: String
    var path: String
    var query: String
    var token: String?
    var body: [UInt8]
}

enum TestAnswer: Sendable {
    case status(Int, body: [UInt8])
    /// The connection is cut without an answer, as by a network that lost it.
    case cut
    /// An event stream that stays open; what it sends is sent through this.
    case stream(TestStream)
    /// Comes later, perhaps never.
    case later(EventLoopFuture<TestAnswer>)
}

/// The sending end of an event stream.
final class TestStream: Sendable {
    private let channel = Mutex<(any Channel)?>(nil)

    func open(_ channel: any Channel) { self.channel.withLock { $0 = channel } }

    func send(_ event: ServerSentEvent) {
        guard let channel = channel.withLock({ $0 }) else { return }
        channel.writeAndFlush(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(bytes: event.encoded))), promise: nil)
    }
}

/// A small HTTP/1.1 server that can be taken away and brought back at the same address.
final class TestHTTPServer: Sendable {
    private struct State {
        var listener: (any Channel)?
        var connections: [ObjectIdentifier: any Channel] = [:]
        var port: Int?
    }

    private let state = Mutex(State())
    private let answer: @Sendable (TestRequest, any EventLoop) -> TestAnswer

    init(answer: @escaping @Sendable (TestRequest, any EventLoop) -> TestAnswer) {
        self.answer = answer
    }

    /// Listens; the second time where it listened the first time.
    func start() async throws {
        let port = state.withLock { $0.port } ?? 0
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    self.state.withLock { $0.connections[ObjectIdentifier(channel)] = channel }
                    channel.closeFuture.whenComplete { _ in
                        _ = self.state.withLock { $0.connections.removeValue(forKey: ObjectIdentifier(channel)) }
                    }
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Handler(self.answer))
                }
            }
            .bind(host: "127.0.0.1", port: port).get()
        state.withLock { state in
            state.listener = listener
            state.port = listener.localAddress?.port
        }
    }

    /// Nobody answers any more, and every connection is cut.
    func stop() async {
        let (listener, connections) = state.withLock { state in
            defer { state.listener = nil }
            return (state.listener, Array(state.connections.values))
        }
        try? await listener?.close()
        for connection in connections { try? await connection.close() }
    }

    /// The address; kept when the server is away.
    var url: String { "http://127.0.0.1:\(state.withLock { $0.port } ?? 1)" }

    /// Chooses a port without listening on it yet.
    func choosePort() async throws {
        try await start()
        await stop()
    }
}

private final class Handler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let answer: @Sendable (TestRequest, any EventLoop) -> TestAnswer
    private var request: TestRequest?

    init(_ answer: @escaping @Sendable (TestRequest, any EventLoop) -> TestAnswer) {
        self.answer = answer
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            let parts = head.uri.split(separator: "?", maxSplits: 1).map(String.init)
            let bearer = head.headers.first(name: "authorization")?.split(separator: " ").last.map(String.init)
            request = TestRequest(
                method: head.method.rawValue, path: parts.first ?? "", query: parts.count > 1 ? parts[1] : "",
                token: bearer, body: []
            )
        case .body(let buffer):
            request?.body += Array(buffer: buffer)
        case .end:
            guard let request else { return }
            give(answer(request, context.eventLoop), to: context.channel)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func give(_ answer: TestAnswer, to channel: any Channel) {
        switch answer {
        case .cut: channel.close(promise: nil)
        case .later(let future):
            future.whenComplete { result in
                Self.respond((try? result.get()) ?? .cut, channel)
            }
        default: Self.respond(answer, channel)
        }
    }

    private static func respond(_ answer: TestAnswer, _ channel: any Channel) {
        switch answer {
        case .status(let code, let body):
            let isProblem = code >= 400
            let head = HTTPResponseHead(
                version: .http1_1, status: HTTPResponseStatus(statusCode: code),
                headers: [
                    "content-length": "\(body.count)",
                    "content-type": isProblem ? "application/problem+json" : "application/json",
                ]
            )
            channel.write(HTTPServerResponsePart.head(head), promise: nil)
            channel.write(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(bytes: body))), promise: nil)
            channel.writeAndFlush(HTTPServerResponsePart.end(nil), promise: nil)
        case .stream(let stream):
            let head = HTTPResponseHead(
                version: .http1_1, status: .ok, headers: ["content-type": "text/event-stream"]
            )
            channel.writeAndFlush(HTTPServerResponsePart.head(head)).whenSuccess { stream.open(channel) }
        case .cut: channel.close(promise: nil)
        case .later: break
        }
    }
}
