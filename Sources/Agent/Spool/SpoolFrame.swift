/// How one report lies in a spool's file: length, checksum, number, then its JSON.
///
///     0   4  bytes of the JSON, little-endian
///     4   4  CRC-32C of number and JSON
///     8   8  the report's number
///     16  …  the report as JSON
///
/// A frame that was torn by a crash fails its length or its checksum, and the file ends before it.
package struct SpoolFrame: Sendable, Hashable {
    package let number: Int64
    package let json: [UInt8]

    package static let headBytes = 16
    /// Beyond any report the server would take (result 64 KiB, reason, lines); a length past it is no length.
    package static let jsonLimitBytes = 16 * 1_024 * 1_024

    package init(number: Int64, json: [UInt8]) {
        self.number = number
        self.json = json
    }

    package var byteCount: Int { Self.headBytes + json.count }

    package var bytes: [UInt8] {
        let body = Self.bytes(of: UInt64(bitPattern: number), count: 8) + json
        return Self.bytes(of: UInt64(json.count), count: 4)
            + Self.bytes(of: UInt64(CRC32C.checksum(body)), count: 4) + body
    }

    /// The frame that begins at `start`; `nil` where none does, be it the end, a torn one or anything else.
    package init?(_ bytes: [UInt8], at start: Int) {
        guard start >= 0, bytes.count - start >= Self.headBytes else { return nil }
        let count = Int(Self.value(bytes[start..<start + 4]))
        guard count <= Self.jsonLimitBytes, bytes.count - start - Self.headBytes >= count else { return nil }
        let body = bytes[start + 8..<start + Self.headBytes + count]
        guard UInt64(CRC32C.checksum(body)) == Self.value(bytes[start + 4..<start + 8]) else { return nil }
        number = Int64(bitPattern: Self.value(body.prefix(8)))
        json = Array(body.dropFirst(8))
        guard number > 0 else { return nil }
    }

    private static func bytes(of value: UInt64, count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * UInt64($0))) }
    }

    private static func value(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
}
