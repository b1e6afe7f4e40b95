/// Addresses with the same first bits: `10.0.0.0/8`, `2001:db8::/32`, or one alone.
package struct AddressRange: Sendable, Hashable, CustomStringConvertible {
    package let description: String
    private let bytes: [UInt8]
    private let bitCount: Int

    /// Why a text names no range, as the end of a sentence that begins with the text.
    package struct Malformed: Error, Sendable, Hashable {
        package let reason: String
    }

    package init(_ text: String) throws(Malformed) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard !text.contains("%"), let address = NetworkAddress(parts[0]) else {
            throw Malformed(reason: "is no address or range of addresses, such as 10.0.0.5 or 10.0.0.0/8")
        }
        let most = address.bytes.count * 8
        var bits = most
        if parts.count == 2 {
            let isPlain = !parts[1].isEmpty && parts[1].utf8.allSatisfy { (48...57).contains($0) }
            guard isPlain, let number = Int(parts[1]), number <= most else {
                throw Malformed(reason: "must have 0 to \(most) behind its slash")
            }
            bits = number
        }
        guard Self.masked(address.bytes, bits) == address.bytes else {
            throw Malformed(
                reason: "names one address and a range at once: the bits behind the first \(bits) must be 0")
        }
        bytes = address.bytes
        bitCount = bits
        description = text
    }

    package func contains(_ address: NetworkAddress) -> Bool {
        address.bytes.count == bytes.count && Self.masked(address.bytes, bitCount) == bytes
    }

    /// The first `bits` as they are, the others 0.
    private static func masked(_ bytes: [UInt8], _ bits: Int) -> [UInt8] {
        bytes.enumerated().map { place, byte in
            let kept = min(8, max(0, bits - place * 8))
            return kept == 0 ? 0 : byte & (255 << UInt8(8 - kept))
        }
    }
}

extension [AddressRange] {
    package func contains(_ address: NetworkAddress) -> Bool { contains { $0.contains(address) } }
}
