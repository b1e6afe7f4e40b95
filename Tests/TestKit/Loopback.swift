import Glibc

/// This machine's own network.
package enum Loopback {
    package struct NoPort: Error, CustomStringConvertible {
        package let description = "the loopback has no free port"
    }

    /// A TCP socket with a port that nobody has. Whoever asks closes it.
    package static func boundSocket() throws -> (descriptor: Int32, port: Int) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                unsafe bind(descriptor, generic, length) == 0 ? getsockname(descriptor, generic, &length) : -1
            }
        }
        guard status == 0 else {
            close(descriptor)
            throw NoPort()
        }
        return (descriptor, Int(UInt16(bigEndian: address.sin_port)))
    }
}
