import AsyncHTTPClient
import Connectors
import Domain
import NIOCore
import NIOHTTP1
import Wire

/// The server's side of the protocol, a function each. Nothing is tried twice here: whoever asks knows when it makes
/// sense.
struct ServerAPI: Sendable {
    let baseURL: String
    let client: HTTPClient

    private static let bodyLimitBytes = 256 * 1_024 * 1_024
    private static let timeoutMilliseconds: Int64 = 15_000
    /// An upload is slow where the line is; this long without an answer after the last byte is too long.
    private static let uploadTimeoutMilliseconds: Int64 = 3_600_000

    init(server: String, client: HTTPClient) {
        baseURL = String(server.reversed().drop { $0 == "/" }.reversed())
        self.client = client
    }

    /// What children speak to: the server's address with the session's right in it.
    func boundURL(token: String, _ ref: AttemptRef) -> String {
        "\(baseURL)/s/\(token)/\(ref.job).\(ref.attempt)"
    }

    func register(_ request: RegisterRequest, token: String?) async throws(ServerError) -> RegisterReply {
        try read(try await post(APIPath.sessions, request.body, token: token))
    }

    func heartbeat(
        _ session: SessionID, _ request: HeartbeatRequest, token: String
    ) async throws(ServerError) -> HeartbeatReply {
        try read(try await post(APIPath.heartbeat(session), request.body, token: token))
    }

    func claim(_ session: SessionID, _ request: ClaimRequest, token: String) async throws(ServerError) -> ClaimReply {
        let timeout = Self.timeoutMilliseconds + Int64(request.waitMilliseconds)
        return try read(
            try await post(APIPath.claims(session), request.body, token: token, timeoutMilliseconds: timeout)
        )
    }

    /// - Parameter body: a ``ClaimRequest`` with reports, as they lie in the spool. It does not wait.
    func claim(_ session: SessionID, body: [UInt8], token: String) async throws(ServerError) -> ClaimReply {
        try read(try await post(APIPath.claims(session), body, token: token))
    }

    /// - Parameter body: a ``ReportBatch``, put together from what the spool holds.
    func report(_ session: SessionID, body: [UInt8], token: String) async throws(ServerError) -> ReportReply {
        try read(try await post(APIPath.reports(session), body, token: token))
    }

    func openArtifact(_ artifact: NewArtifact, token: String) async throws(ServerError) -> ArtifactTicket {
        try read(try await post(APIPath.artifacts, artifact.body, token: token))
    }

    /// Sends a file's bytes to where a ticket points.
    func upload(_ file: OpenFile, byteCount: Int64, to ticket: ArtifactTicket) async throws(ServerError) {
        let isHere = ticket.uploadURL.hasPrefix("/")
        var request = HTTPClientRequest(url: isHere ? baseURL + ticket.uploadURL : ticket.uploadURL)
        request.method = .PUT
        request.headers.add(name: "content-type", value: "application/octet-stream")
        request.body = .stream(FileChunks(file: file, byteCount: byteCount), length: .known(byteCount))
        _ = try await send(request, timeoutMilliseconds: Self.uploadTimeoutMilliseconds)
    }

    /// The session as the server shows it, and from where its watch goes on.
    func snapshot(_ session: SessionID, token: String) async throws(ServerError) -> Snapshot {
        var request = HTTPClientRequest(url: "\(baseURL)\(APIPath.snapshot)?scope=\(Self.scope(session))")
        authorise(&request, token)
        return try read(try await send(request, timeoutMilliseconds: Self.timeoutMilliseconds))
    }

    private static func scope(_ session: SessionID) -> String { APIPath.escape(Scope.session(session).description) }

    /// Gives `took` every frame of a session's watch until the stream ends.
    func watch(
        _ session: SessionID, from position: WatchPosition, token: String, took: @Sendable (WatchFrame) -> Void
    ) async throws(ServerError) {
        let place = "since=\(position.sequence)&epoch=\(APIPath.escape(position.epoch))"
        var request = HTTPClientRequest(url: "\(baseURL)\(APIPath.watch)?scope=\(Self.scope(session))&\(place)")
        request.headers.add(name: "accept", value: "text/event-stream")
        authorise(&request, token)
        do {
            let response = try await client.execute(request, timeout: .milliseconds(Self.timeoutMilliseconds))
            guard response.status == .ok else { throw try await Self.error(of: response) }
            var decoder = EventStreamDecoder()
            for try await chunk in response.body {
                for event in try decoder.append(chunk.readableBytesView) {
                    if let frame = try WatchFrame(event) { took(frame) }
                }
            }
        } catch let error as ServerError {
            throw error
        } catch {
            throw .away("\(error)")
        }
    }

    // MARK: - The way there and back

    private func post(
        _ path: String, _ body: [UInt8], token: String?, timeoutMilliseconds: Int64 = timeoutMilliseconds
    ) async throws(ServerError) -> [UInt8] {
        var request = HTTPClientRequest(url: baseURL + path)
        request.method = .POST
        request.headers.add(name: "content-type", value: "application/json")
        authorise(&request, token)
        request.body = .bytes(ByteBuffer(bytes: body))
        return try await send(request, timeoutMilliseconds: timeoutMilliseconds)
    }

    private func authorise(_ request: inout HTTPClientRequest, _ token: String?) {
        if let token { request.headers.add(name: "authorization", value: "Bearer \(token)") }
    }

    private func send(
        _ request: HTTPClientRequest, timeoutMilliseconds: Int64
    ) async throws(ServerError) -> [UInt8] {
        do {
            let response = try await client.execute(request, timeout: .milliseconds(timeoutMilliseconds))
            guard (200..<300).contains(response.status.code) else { throw try await Self.error(of: response) }
            return Array(buffer: try await response.body.collect(upTo: Self.bodyLimitBytes))
        } catch let error as ServerError {
            throw error
        } catch {
            throw .away("\(error)")
        }
    }

    private static func error(of response: HTTPClientResponse) async throws -> ServerError {
        let body = try await response.body.collect(upTo: bodyLimitBytes)
        return ServerError(
            status: Int(response.status.code), body: Array(buffer: body),
            retryAfter: response.headers.first(name: "retry-after")
        )
    }

    private func read<Value: WireValue>(_ body: [UInt8]) throws(ServerError) -> Value {
        do {
            return try Value(body: body, isStrict: false)
        } catch {
            throw .away("the answer can't be read: \(error)")
        }
    }
}

/// A file's bytes, a piece at a time.
private struct FileChunks: AsyncSequence, Sendable {
    let file: OpenFile
    let byteCount: Int64

    static let chunkBytes: Int64 = 262_144

    struct AsyncIterator: AsyncIteratorProtocol {
        let file: OpenFile
        let byteCount: Int64
        var position: Int64 = 0

        mutating func next() async throws -> ByteBuffer? {
            guard position < byteCount else { return nil }
            let bytes = try file.read(Int(Swift.min(FileChunks.chunkBytes, byteCount - position)), at: position)
            // Shorter than it was: the request fails by its length and is made anew.
            guard !bytes.isEmpty else { return nil }
            position += Int64(bytes.count)
            return ByteBuffer(bytes: bytes)
        }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(file: file, byteCount: byteCount) }
}
