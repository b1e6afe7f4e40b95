import Connectors
package import Domain
import Glibc
package import Wire

/// What this machine is, as far as it can be found out; what can't be stays absent.
package enum MachineInspection {
    package static func describe(id: MachineID, hostname: String, gpus: [String]) -> MachineDescription {
        let cores = sysconf(Int32(_SC_NPROCESSORS_ONLN))
        return MachineDescription(
            id: id, hostname: hostname, addresses: addresses(), os: "linux", arch: architecture,
            cores: cores > 0 ? cores : nil, memoryBytes: MemoryReading.now()?.totalBytes, gpus: gpus,
            bootID: ProcessTable.bootID()
        )
    }

    private static var architecture: String {
        #if arch(x86_64)
            "x86_64"
        #elseif arch(arm64)
            "arm64"
        #else
            "other"
        #endif
    }

    /// The name that the machine gives itself.
    package static func hostname() -> String {
        var buffer = [CChar](repeating: 0, count: 256)
        let code = unsafe gethostname(&buffer, buffer.count - 1)
        let name = text(of: buffer)
        return code == 0 && !name.isEmpty ? name : "unknown"
    }

    private static let addressLimit = 32

    /// The addresses of its interfaces, without those that lead only to itself.
    private static func addresses() -> [String] {
        var first: UnsafeMutablePointer<ifaddrs>?
        guard unsafe getifaddrs(&first) == 0 else { return [] }
        defer { unsafe freeifaddrs(first) }
        var addresses: [String] = []
        var next = unsafe first
        while let interface = unsafe next {
            unsafe next = unsafe interface.pointee.ifa_next
            let isLoopback = unsafe interface.pointee.ifa_flags & UInt32(IFF_LOOPBACK) != 0
            guard !isLoopback, let text = unsafe text(of: interface.pointee.ifa_addr), !addresses.contains(text) else {
                continue
            }
            addresses.append(text)
        }
        return Array(addresses.prefix(addressLimit))
    }

    private static func text(of buffer: [CChar]) -> String {
        String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func text(of address: UnsafeMutablePointer<sockaddr>?) -> String? {
        guard let address = unsafe address else { return nil }
        let family = Int32(unsafe address.pointee.sa_family)
        let length = family == AF_INET ? MemoryLayout<sockaddr_in>.size : MemoryLayout<sockaddr_in6>.size
        guard family == AF_INET || family == AF_INET6 else { return nil }
        var buffer = [CChar](repeating: 0, count: 256)
        let code = unsafe getnameinfo(
            address, socklen_t(length), &buffer, socklen_t(buffer.count), nil, 0, NI_NUMERICHOST
        )
        guard code == 0 else { return nil }
        let text = text(of: buffer)
        // An address of a link means nothing on another machine.
        return text.hasPrefix("fe80:") ? nil : text
    }
}
