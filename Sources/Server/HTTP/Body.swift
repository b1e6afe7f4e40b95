import HTTPTypes
package import Hummingbird
import NIOCore
import Wire

extension Request {
    /// The whole body, refused with 413 without being read to the end where it is over `limit`.
    package func bytes(limit: Int) async throws -> [UInt8] {
        if let length = headers[.contentLength].flatMap({ Int($0) }), length > limit { throw Self.tooLarge(limit) }
        var bytes: [UInt8] = []
        do {
            for try await buffer in body {
                guard bytes.count + buffer.readableBytes <= limit else { throw Self.tooLarge(limit) }
                bytes.append(contentsOf: buffer.readableBytesView)
            }
        } catch let error as Problem {
            throw error
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            // Its end never came, or it is not framed as HTTP frames a body.
            throw Problem(
                code: "body-broken", title: "Body broken", status: 400,
                detail: "The body ended before its end, or its pieces are not what HTTP makes of a body."
            )
        }
        return bytes
    }

    /// The body as a value, read strictly: what is not known is refused.
    func value<Value: WireValue>(
        _ type: Value.Type = Value.self, limit: Int = RequestLimit.bodyBytes
    ) async throws -> Value {
        try await Value(body: bytes(limit: limit), isStrict: true)
    }

    /// Runs `operation` and calls `isGone` if the client hangs up meanwhile. No more of the body is read.
    func whileConnected<Value: Sendable>(
        _ operation: () async throws -> Value, isGone: @escaping @Sendable () -> Void
    ) async throws -> Value {
        try await body.consumeWithInboundCloseHandler { rest in
            Self.letGo(rest)
            return try await operation()
        } onInboundClosed: {
            isGone()
        }
    }

    /// Runs `operation`, cancelled if the client hangs up meanwhile. No more of the body is read.
    func cancelledWithConnection(_ operation: @escaping @Sendable () async throws -> Void) async throws {
        try await body.consumeWithCancellationOnInboundClose { rest in
            Self.letGo(rest)
            try await operation()
        }
    }

    /// What is left of a body that is watched for its end comes through a stream whose source traps when it goes
    /// before its reader, as it does where the connection ends before the body's end was seen. A reader that was there
    /// and went first settles it.
    private static func letGo(_ rest: RequestBody) { _ = rest.makeAsyncIterator() }

    private static func tooLarge(_ limit: Int) -> Problem {
        Problem(
            code: "too-large", title: "Body too large", status: 413,
            detail: "The body is larger than \(limit) bytes, which is all that is taken here."
        )
    }

    func query(_ name: String) -> String? {
        uri.queryParameters[Substring(name)].map(String.init)
    }

    /// A whole number in the query; absent where it is not there.
    package func queryNumber(_ name: String, in range: ClosedRange<Int64>) throws -> Int64? {
        guard let text = query(name) else { return nil }
        guard let number = Int64(text), range.contains(number) else {
            throw WireError(
                field: name, "must be a whole number from \(range.lowerBound) to \(range.upperBound)"
            )
        }
        return number
    }

    package func queryFlag(_ name: String) throws -> Bool {
        switch query(name) {
        case nil, "0", "false": return false
        case "1", "true", "": return true
        case let other?: throw WireError(field: name, "must be true or false, not \(other)")
        }
    }

    /// How many of a list: 1…500.
    func listLimit() throws -> Int {
        Int(try queryNumber("limit", in: 1...Int64(RequestLimit.listMaximum)) ?? Int64(RequestLimit.listDefault))
    }
}
