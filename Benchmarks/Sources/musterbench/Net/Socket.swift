import Glibc

/// Sockets on loopback, without waiting; and those in a folder, which wait.
enum Socket {
    /// A connected socket that never blocks and sends at once.
    static func connect(port: UInt16) throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw BenchError("No socket can be made: \(reason()).") }
        var address = loopback(port: port)
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe Glibc.connect(descriptor, address, size)
            }
        }
        guard result == 0 else {
            let why = reason()
            close(descriptor)
            throw BenchError("Port \(port) can't be reached: \(why).")
        }
        var one: Int32 = 1
        unsafe setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
        guard fcntl(descriptor, F_SETFL, O_NONBLOCK) == 0 else {
            throw BenchError("A socket can't be made non-blocking: \(reason()).")
        }
        return descriptor
    }

    /// A port that nobody has at this moment.
    static func freePort() throws -> UInt16 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw BenchError("No socket can be made: \(reason()).") }
        defer { close(descriptor) }
        var address = loopback(port: 0)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                guard unsafe bind(descriptor, pointer, size) == 0 else { return Int32(-1) }
                return unsafe getsockname(descriptor, pointer, &size)
            }
        }
        guard result == 0 else { throw BenchError("No free port is found: \(reason()).") }
        return UInt16(bigEndian: address.sin_port)
    }

    // MARK: - In a folder

    /// A connected socket that waits.
    static func connect(path: String) throws -> Int32 {
        try unsafe local(path, "can't be reached") { unsafe Glibc.connect($0, $1, $2) }
    }

    /// A socket that others can connect to, which does not wait for them.
    static func listen(path: String) throws -> Int32 {
        let descriptor = try unsafe local(path, "can't be made") { unsafe bind($0, $1, $2) }
        guard Glibc.listen(descriptor, 64) == 0, fcntl(descriptor, F_SETFL, O_NONBLOCK) == 0 else {
            let why = reason()
            close(descriptor)
            throw BenchError("Nobody can be heard at \(path): \(why).")
        }
        return descriptor
    }

    private static func local(
        _ path: String, _ complaint: String, _ use: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) throws -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        let isShort = unsafe withUnsafeMutableBytes(of: &address.sun_path) { room in
            guard bytes.count < room.count else { return false }
            unsafe room.copyBytes(from: bytes)
            return true
        }
        guard isShort else { throw BenchError("\(path) is too long for a socket.") }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw BenchError("No socket can be made: \(reason()).") }
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        let result = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe use(descriptor, $0, size) }
        }
        guard result == 0 else {
            let why = reason()
            close(descriptor)
            throw BenchError("\(path) \(complaint): \(why).")
        }
        return descriptor
    }

    static func reason() -> String { unsafe String(cString: strerror(errno)) }

    private static func loopback(port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return address
    }
}
