import HTTPTypes
import Hummingbird
import NIOCore
import ServiceLifecycle
import Synchronization

/// A response that is an event stream: never cached, never buffered, kept alive by a comment, ended when the reader
/// goes away or the server stops.
enum HTTPEventStream {
    /// Keeps proxies from cutting a silent line.
    static let keepAlive = Duration.seconds(15)

    static func lastEventID(of request: Request) -> String? {
        HTTPField.Name("Last-Event-ID").flatMap { request.headers[$0] }
    }

    static func response(
        _ request: Request, _ body: @escaping @Sendable (EventPipe) async throws -> Void
    ) -> Response {
        var headers: HTTPFields = [.contentType: "text/event-stream; charset=utf-8", .cacheControl: "no-store"]
        if let name = HTTPField.Name("X-Accel-Buffering") { headers[name] = "no" }
        return Response(
            status: .ok, headers: headers,
            body: ResponseBody { writer in
                let pipe = EventPipe()
                await withTaskGroup(of: Void.self) { group in
                    group.addTask {
                        _ = try? await request.cancelledWithConnection {
                            try await cancelWhenGracefulShutdown { try await run(pipe, body) }
                        }
                        await pipe.close()
                    }
                    while let bytes = await pipe.take() {
                        do {
                            try await writer.write(ByteBuffer(bytes: bytes))
                        } catch {
                            break
                        }
                    }
                    await pipe.close()
                    group.cancelAll()
                }
                try await writer.finish(nil)
            }
        )
    }

    private static func run(
        _ sink: EventPipe, _ body: @escaping @Sendable (EventPipe) async throws -> Void
    ) async throws {
        // A first comment at once: the reader learns that it is connected.
        try await sink.send(Array(":\n\n".utf8))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await body(sink) }
            group.addTask {
                while true {
                    try await Task.sleep(for: keepAlive)
                    try await sink.send(Array(":\n\n".utf8))
                }
            }
            try await group.next()
            group.cancelAll()
        }
    }
}

/// Bytes between those who make events and the one who writes them to the reader. It holds a quarter of a megabyte;
/// past that, whoever makes events waits, and so falls behind, which its own source knows how to bound.
actor EventPipe {
    private static let capacityBytes = 262_144

    private var bytes: [UInt8] = []
    private var isClosed = false
    private var reader: CheckedContinuation<Void, Never>?
    private var writers: [CheckedContinuation<Void, Never>] = []

    /// - Throws: `CancellationError` once the reader is gone.
    func send(_ more: [UInt8]) async throws {
        while bytes.count >= Self.capacityBytes && !isClosed {
            await withCheckedContinuation { writers.append($0) }
        }
        if isClosed { throw CancellationError() }
        bytes += more
        reader?.resume()
        reader = nil
    }

    /// Everything that waits; `nil` when it is closed and empty.
    func take() async -> [UInt8]? {
        while bytes.isEmpty && !isClosed {
            await withCheckedContinuation { reader = $0 }
        }
        guard !bytes.isEmpty else { return nil }
        defer {
            bytes = []
            wakeWriters()
        }
        return bytes
    }

    func close() {
        isClosed = true
        reader?.resume()
        reader = nil
        wakeWriters()
    }

    private func wakeWriters() {
        for writer in writers { writer.resume() }
        writers = []
    }
}
