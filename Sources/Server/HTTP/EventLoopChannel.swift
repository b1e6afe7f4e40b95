import Hummingbird
import HummingbirdCore
import Logging
import NIOCore

/// HTTP/1.1 whose requests are worked on by the thread that reads and writes their connection.
///
/// Left alone, a request would go to the runtime's thread pool after each part that was read and come back for each
/// that is written: six changes of thread for a heartbeat, which cost more than the heartbeat. What blocks for long
/// (reads of the database) runs on threads of its own as before.
///
/// Each request has a task of its own inside its connection's: a task keeps the memory that its deepest call needed
/// until it ends, and a connection's task lives as long as the connection; with ten thousand agents connected, what
/// their last heartbeats used once would be held for all of them.
struct EventLoopChannel: ServerChildChannel {
    private let http: HTTP1Channel

    init(responder: @escaping HTTPChannelHandler.Responder, idleTimeout: TimeAmount?) {
        http = HTTP1Channel(
            responder: { request, writer, channel in
                let handed = HandedWriter(writer)
                async let answered: Void = Self.answer(request, handed, channel, responder)
                try await answered
            },
            configuration: HTTP1Channel.Configuration(idleTimeout: idleTimeout)
        )
    }

    private static func answer(
        _ request: Request, _ handed: HandedWriter, _ channel: any Channel,
        _ responder: HTTPChannelHandler.Responder
    ) async throws {
        guard let writer = handed.take() else { return }
        try await responder(request, writer, channel)
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<HTTP1Channel.Value> {
        http.setup(channel: channel, logger: logger)
    }

    func handle(value: HTTP1Channel.Value, logger: Logger) async {
        await withTaskExecutorPreference(EventLoopTaskExecutor(value.channel.eventLoop)) {
            await http.handle(value: value, logger: logger)
        }
    }
}

extension HTTPServerBuilder {
    /// HTTP/1.1 on the event loops.
    ///
    /// - Parameter idleTimeout: how long a connection may stay that says nothing and waits for nothing.
    static func eventLoops(idleTimeout: TimeAmount?) -> HTTPServerBuilder {
        HTTPServerBuilder { responder in EventLoopChannel(responder: responder, idleTimeout: idleTimeout) }
    }
}

/// Hands a response's writer from a connection's task to a request's. The one waits until the other has ended, so it is
/// never used by both.
private final class HandedWriter: @unchecked Sendable {
    private var writer: ResponseWriter?

    init(_ writer: consuming ResponseWriter) {
        self.writer = consume writer
    }

    func take() -> ResponseWriter? { writer.take() }
}

/// Runs tasks on an event loop.
private final class EventLoopTaskExecutor: TaskExecutor {
    private let loop: any EventLoop

    init(_ loop: any EventLoop) {
        self.loop = loop
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        loop.execute { unsafe job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
