import CEpoll
import Glibc

/// The sockets that something happened on, by the number each was added with.
@safe final class Poller {
    /// As many are told of at once; the rest next time.
    private static let batchCount = 256

    private let descriptor: Int32
    private var events = unsafe [epoll_event](repeating: epoll_event(), count: batchCount)

    init() throws {
        descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard descriptor >= 0 else { throw BenchError("epoll can't be used: \(Socket.reason()).") }
    }

    deinit { close(descriptor) }

    func add(_ connection: Connection, number: Int) throws {
        try control(EPOLL_CTL_ADD, connection, number, writing: false)
    }

    /// Tells of room to write too, until it is turned off again.
    func watchWriting(_ connection: Connection, number: Int, _ isOn: Bool) throws {
        try control(EPOLL_CTL_MOD, connection, number, writing: isOn)
    }

    private func control(_ what: Int32, _ connection: Connection, _ number: Int, writing: Bool) throws {
        var event = unsafe epoll_event()
        unsafe event.events = EPOLLIN.rawValue | (writing ? EPOLLOUT.rawValue : 0)
        unsafe event.data.u64 = UInt64(number)
        guard unsafe epoll_ctl(descriptor, what, connection.descriptor, &event) == 0 else {
            throw BenchError("epoll refuses a socket: \(Socket.reason()).")
        }
    }

    /// Calls `body` with the number of each socket that can be read or written, after at most so many milliseconds.
    func wait(milliseconds: Int32, _ body: (Int) throws -> Void) throws {
        let count = unsafe events.withUnsafeMutableBufferPointer { buffer in
            unsafe epoll_wait(descriptor, buffer.baseAddress, Int32(buffer.count), milliseconds)
        }
        if Interruption.isAsked { throw BenchError("Interrupted.") }
        guard count > 0 else { return }
        for position in 0..<Int(count) { try body(unsafe Int(events[position].data.u64)) }
    }
}
