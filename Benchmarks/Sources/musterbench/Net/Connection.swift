import Glibc

/// One HTTP/1.1 connection that is kept alive and has at most one request under way.
final class Connection {
    private static let firstCapacity = 2_048

    let port: UInt16
    private(set) var descriptor: Int32
    /// What has come and is not yet taken: the first `filled` bytes.
    private(set) var input: [UInt8]
    private(set) var filled = 0
    /// The request under way; callers write it here and then call `flush`.
    var output: [UInt8] = []
    private var flushed = 0
    /// When the request under way was begun, in nanoseconds.
    var sentAt: UInt64 = 0
    var isWatchingWrites = false

    init(port: UInt16) throws {
        self.port = port
        descriptor = try Socket.connect(port: port)
        input = [UInt8](repeating: 0, count: Self.firstCapacity)
    }

    deinit { close(descriptor) }

    /// After the server has closed its end.
    func reconnect() throws {
        close(descriptor)
        descriptor = -1
        descriptor = try Socket.connect(port: port)
        filled = 0
        output.removeAll(keepingCapacity: true)
        flushed = 0
        isWatchingWrites = false
    }

    func beginRequest() {
        output.removeAll(keepingCapacity: true)
        flushed = 0
    }

    /// Sends what is left of the request; false where the socket takes no more for now.
    func flush() throws -> Bool {
        while flushed < output.count {
            let count = unsafe output.withUnsafeBytes { bytes in
                unsafe send(
                    descriptor, bytes.baseAddress?.advanced(by: flushed), bytes.count - flushed,
                    Int32(MSG_NOSIGNAL)
                )
            }
            if count >= 0 {
                flushed += count
            } else if errno == EAGAIN {
                return false
            } else if errno != EINTR {
                throw BenchError("The server can't be written to: \(Socket.reason()).")
            }
        }
        return true
    }

    enum Arrival { case bytes, nothing, end }

    /// Takes what has come, once.
    func receive() throws -> Arrival {
        if filled == input.count { input.append(contentsOf: [UInt8](repeating: 0, count: input.count)) }
        while true {
            let count = unsafe input.withUnsafeMutableBytes { bytes in
                unsafe recv(descriptor, bytes.baseAddress?.advanced(by: filled), bytes.count - filled, 0)
            }
            if count > 0 {
                filled += count
                return .bytes
            }
            if count == 0 { return .end }
            if errno == EAGAIN { return .nothing }
            if errno == ECONNRESET { return .end }
            if errno != EINTR { throw BenchError("The server can't be read from: \(Socket.reason()).") }
        }
    }

    /// Drops a reply that was dealt with. There is never more than one, since there is never more than one request.
    func drop(_ reply: Reply) throws {
        guard filled == reply.body.upperBound else {
            throw BenchError("The server sent more than one reply to one request.")
        }
        filled = 0
    }

    /// Drops what has come of a stream, which has no end.
    func passOver() { filled = 0 }

    /// One request and its reply, waiting: for preparation, never for measuring.
    func call(_ request: [UInt8]) throws -> (status: Int, body: [UInt8]) {
        beginRequest()
        output += request
        while !(try flush()) { waitFor(Int16(POLLOUT)) }
        while true {
            switch try receive() {
            case .nothing: waitFor(Int16(POLLIN))
            case .end: throw BenchError("The server closed a connection.")
            case .bytes:
                guard let reply = Reply(input, count: filled) else { continue }
                let body = Array(input[reply.body])
                try drop(reply)
                return (reply.status, body)
            }
        }
    }

    private func waitFor(_ events: Int16) {
        var entry = pollfd(fd: descriptor, events: events, revents: 0)
        unsafe poll(&entry, 1, 10_000)
    }
}
