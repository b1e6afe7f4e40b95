/// An internet address as bytes: 4 of IPv4 or 16 of IPv6. An IPv4 address in its IPv6 form (`::ffff:10.0.0.1`) is the
/// IPv4 address, since a socket that takes both shows it so.
package struct NetworkAddress: Sendable, Hashable, CustomStringConvertible {
    package let bytes: [UInt8]

    /// `10.0.0.1`, `2001:db8::1`, `fe80::1%eth0`; `nil` for anything else, also for a name.
    package init?(_ text: some StringProtocol) {
        let bare = text.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)[0]
        guard let bytes = bare.contains(":") ? Self.long(bare) : Self.short(bare) else { return nil }
        let isMapped = bytes.count == 16 && bytes[..<10].allSatisfy { $0 == 0 } && bytes[10] == 255 && bytes[11] == 255
        self.bytes = isMapped ? Array(bytes[12...]) : bytes
    }

    /// Of this very machine.
    package var isLoopback: Bool {
        bytes.count == 4 ? bytes[0] == 127 : bytes.dropLast().allSatisfy { $0 == 0 } && bytes.last == 1
    }

    /// Whether `host`, as it stands in a URL or a setting, can only be this very machine: an address of its own, maybe
    /// in brackets, or the one name that no resolver gives to another. A name like `127.example.org` is somebody's.
    package static func isThisMachine(_ host: some StringProtocol) -> Bool {
        // Asked with every request of a server without tokens, and this is mostly the answer.
        if host == "127.0.0.1" || host.lowercased() == "localhost" { return true }
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
        let bare = isBracketed ? String(host.dropFirst().dropLast()) : String(host)
        return NetworkAddress(bare)?.isLoopback ?? false
    }

    /// `10.0.0.1`, `2001:db8:0:0:0:0:0:1`: one text for one address.
    package var description: String {
        if bytes.count == 4 { return bytes.map(String.init).joined(separator: ".") }
        let groups = stride(from: 0, to: 16, by: 2).map { UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]) }
        return groups.map { String($0, radix: 16) }.joined(separator: ":")
    }

    /// Four numbers of 0 to 255, without leading zeros, which some take for octal.
    private static func short(_ text: some StringProtocol) -> [UInt8]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var bytes: [UInt8] = []
        for part in parts {
            let isPlain = part.utf8.allSatisfy { (48...57).contains($0) } && (part.count == 1 || part.first != "0")
            guard isPlain, let byte = UInt8(part) else { return nil }
            bytes.append(byte)
        }
        return bytes
    }

    /// Eight groups of up to four hexadecimal digits, of which one run of zeros may be left out; the last two may be
    /// written as an IPv4 address.
    private static func long(_ text: some StringProtocol) -> [UInt8]? {
        var halves: [[UInt8]] = [[]]
        var rest = Substring(text)
        if rest.hasPrefix("::") {
            rest = rest.dropFirst(2)
            halves.append([])
        }
        while !rest.isEmpty {
            let group = rest.prefix { $0 != ":" }
            rest = rest.dropFirst(group.count)
            if rest.isEmpty, group.contains(".") {
                guard let tail = short(group) else { return nil }
                halves[halves.count - 1] += tail
                break
            }
            guard (1...4).contains(group.utf8.count), group.allSatisfy(\.isHexDigit),
                let number = UInt16(group, radix: 16)
            else { return nil }
            halves[halves.count - 1] += [UInt8(number >> 8), UInt8(number & 255)]
            if rest.hasPrefix("::") {
                guard halves.count == 1 else { return nil }
                halves.append([])
                rest = rest.dropFirst(2)
            } else if rest.hasPrefix(":") {
                rest = rest.dropFirst()
                guard !rest.isEmpty else { return nil }
            }
        }
        let count = halves.reduce(0) { $0 + $1.count }
        guard halves.count == 2 else { return count == 16 ? halves[0] : nil }
        guard count <= 14 else { return nil }
        return halves[0] + [UInt8](repeating: 0, count: 16 - count) + halves[1]
    }
}
