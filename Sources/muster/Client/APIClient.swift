import AsyncHTTPClient
import Domain
import NIOCore
import NIOHTTP1
import Wire

/// An answer, understood and as it came: `--json` gives the server's own bytes.
struct Reply<Value: Sendable>: Sendable {
    let value: Value
    let body: [UInt8]
    /// The server's clock when it answered, to the second.
    let serverTime: Instant?
}

/// Calls the HTTP API for the command line. Every failure is a ``ClientError``.
struct APIClient: Sendable {
    typealias Query = [(name: String, value: String?)]

    let address: ServerAddress
    private let token: String?
    private let http: HTTPClient

    /// A connection within a machine room takes milliseconds; whoever waits at a terminal should not wait for more.
    private static let connectTimeout = TimeAmount.seconds(5)
    /// The server says something at least every 15 s on a stream, and answers calls far sooner.
    private static let readTimeout = TimeAmount.seconds(50)
    /// Until the head of an answer is there.
    private static let answerTimeout = TimeAmount.seconds(60)
    /// A snapshot of a large fleet is the largest answer there is.
    private static let replyLimitBytes = 512 * 1_024 * 1_024

    /// Runs `body` with a client, whose connections are closed after it.
    static func with<Result: Sendable>(
        _ address: ServerAddress, token: String?, _ body: (APIClient) async throws -> Result
    ) async throws -> Result {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow, timeout: .init(connect: connectTimeout, read: readTimeout)
        )
        configuration.connectionPool.retryConnectionEstablishment = false
        let http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        do {
            let result = try await body(APIClient(address: address, token: token, http: http))
            try? await http.shutdown()
            return result
        } catch {
            try? await http.shutdown()
            throw error
        }
    }

    func get<Value: WireValue>(
        _ path: String, query: Query = [], as type: Value.Type = Value.self
    ) async throws -> Reply<Value> {
        try read(await call(.GET, path, query: query))
    }

    func post<Value: WireValue>(
        _ path: String, body: [UInt8]? = nil, as type: Value.Type = Value.self
    ) async throws -> Reply<Value> {
        try read(await call(.POST, path, body: body))
    }

    /// For answers that say nothing more than that it is done.
    func post(_ path: String) async throws { _ = try await call(.POST, path) }

    func delete(_ path: String, query: Query = []) async throws { _ = try await call(.DELETE, path, query: query) }

    /// The bytes of any answer with a good status.
    func fetch(_ path: String, query: Query = []) async throws -> Reply<[UInt8]> {
        let answer = try await call(.GET, path, query: query)
        return Reply(value: answer.body, body: answer.body, serverTime: answer.serverTime)
    }

    /// Follows an event stream until `take` answers `false` or the server ends it.
    ///
    /// - Parameter lastEventID: where to go on, as a browser says it.
    func follow(
        _ path: String, query: Query = [], lastEventID: String? = nil, _ take: (ServerSentEvent) async throws -> Bool
    ) async throws {
        var request = request(.GET, path, query: query)
        request.headers.add(name: "Accept", value: "text/event-stream")
        if let lastEventID { request.headers.add(name: "Last-Event-ID", value: lastEventID) }
        let response = try await send(request)
        guard response.status.code == 200 else { throw await refusal(response) }
        guard response.headers.first(name: "Content-Type")?.hasPrefix("text/event-stream") == true else {
            throw ClientError.notMuster(address, status: Int(response.status.code))
        }
        do {
            var decoder = EventStreamDecoder()
            for try await chunk in response.body {
                for event in try decoder.append(chunk.readableBytesView) {
                    do {
                        guard try await take(event) else { return }
                    } catch {
                        throw OfCaller(cause: error)
                    }
                }
            }
        } catch let error as OfCaller {
            throw error.cause
        } catch let error as EventTooLarge {
            throw ClientError.unreadable(address, detail: error.description)
        } catch {
            throw try unreachable(error)
        }
    }

    /// What the taker of events threw, kept apart from what the connection did.
    private struct OfCaller: Error {
        let cause: any Error
    }

    private struct Answer {
        let body: [UInt8]
        let serverTime: Instant?
    }

    private func request(_ method: HTTPMethod, _ path: String, query: Query) -> HTTPClientRequest {
        let pairs = query.compactMap { pair in
            pair.value.map { "\(APIPath.escape(pair.name))=\(APIPath.escape($0))" }
        }
        let tail = pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&")
        var request = HTTPClientRequest(url: address.text + path + tail)
        request.method = method
        request.headers.add(name: "User-Agent", value: "muster/\(ProgramVersion.text)")
        if let token { request.headers.add(name: "Authorization", value: "Bearer \(token)") }
        return request
    }

    private func call(
        _ method: HTTPMethod, _ path: String, query: Query = [], body: [UInt8]? = nil
    ) async throws -> Answer {
        var request = request(method, path, query: query)
        request.headers.add(name: "Accept", value: "application/json")
        if let body {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(body)
        }
        let response = try await send(request)
        guard (200..<300).contains(response.status.code) else { throw await refusal(response) }
        let date = response.headers.first(name: "Date").flatMap(HTTPDate.instant)
        return Answer(body: try await collect(response.body), serverTime: date)
    }

    private func send(_ request: HTTPClientRequest) async throws -> HTTPClientResponse {
        do {
            return try await http.execute(request, timeout: Self.answerTimeout)
        } catch {
            throw try unreachable(error)
        }
    }

    private func collect(_ body: HTTPClientResponse.Body) async throws -> [UInt8] {
        do {
            return Array(buffer: try await body.collect(upTo: Self.replyLimitBytes))
        } catch is NIOTooManyBytesError {
            throw ClientError.unreadable(address, detail: "more than \(Spoken.bytes(Int64(Self.replyLimitBytes)))")
        } catch {
            throw try unreachable(error)
        }
    }

    private func read<Value: WireValue>(_ answer: Answer) throws -> Reply<Value> {
        do {
            let value = try Value(body: answer.body, isStrict: false)
            return Reply(value: value, body: answer.body, serverTime: answer.serverTime)
        } catch {
            throw ClientError.unreadable(address, detail: error.description)
        }
    }

    /// What a status other than good means: the server's problem document, or a stranger.
    private func refusal(_ response: HTTPClientResponse) async -> ClientError {
        let status = Int(response.status.code)
        guard let body = try? await collect(response.body), let problem = try? Problem(body: body, isStrict: false)
        else {
            return .notMuster(address, status: status)
        }
        return .problem(problem)
    }

    /// - Throws: a cancellation stays one.
    private func unreachable(_ error: any Error) throws -> ClientError {
        if error is CancellationError || Task.isCancelled { throw CancellationError() }
        if let error = error as? ClientError { return error }
        return .unreachable(address, reason: Self.words(for: error))
    }

    private static func words(for error: any Error) -> String? {
        if let error = error as? HTTPClientError {
            switch error {
            case .connectTimeout: return "no connection within \(connectTimeout.nanoseconds / 1_000_000_000) s"
            case .deadlineExceeded, .readTimeout: return "it did not answer in time"
            case .remoteConnectionClosed: return "it closed the connection"
            default: break
            }
        }
        if error is HTTPParserError { return "what it answers is no HTTP, or breaks off" }
        let text = String(describing: error).lowercased()
        let known = [
            ("refused", "connection refused"), ("unreachable", "network unreachable"), ("reset", "connection reset"),
            ("unknown host", "no such host"), ("resolution", "no such host"),
            ("getaddrinfo", "no such host"), ("nodename", "no such host"),
            ("certificate", "its certificate is not trusted"), ("handshake", "no TLS there"), ("tls", "no TLS there"),
        ]
        return known.first { text.contains($0.0) }?.1
    }
}
