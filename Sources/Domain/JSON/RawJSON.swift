/// Finds values in a text without reading them anew: each is the bytes that somebody wrote, with spaces and escapes.
///
/// For documents whose parts are kept and given back as the same text. The text must have been parsed before; of one
/// that is no JSON nothing is promised but an end.
package struct RawJSON: Sendable {
    private let bytes: [UInt8]
    private let range: Range<Int>

    package init(_ bytes: [UInt8]) {
        self.init(bytes, bytes.indices)
    }

    private init(_ bytes: [UInt8], _ range: Range<Int>) {
        self.bytes = bytes
        var (lower, upper) = (range.lowerBound, range.upperBound)
        while lower < upper, Self.isSpace(bytes[lower]) { lower += 1 }
        while upper > lower, Self.isSpace(bytes[upper - 1]) { upper -= 1 }
        self.range = lower..<upper
    }

    /// The value as it was written.
    package var text: String { String(decoding: bytes[range], as: UTF8.self) }

    /// The member of that name, if this is an object that has it. A key that is written with escapes is found too.
    package subscript(key: String) -> RawJSON? {
        guard range.first.map({ bytes[$0] }) == UInt8(ascii: "{") else { return nil }
        for part in parts() {
            guard let end = stringEnd(part.lowerBound),
                let colon = bytes[end..<part.upperBound].firstIndex(of: UInt8(ascii: ":"))
            else { continue }
            let name = try? JSON(parsing: Array(bytes[part.lowerBound..<end]))
            if name?.stringValue == key { return RawJSON(bytes, colon + 1..<part.upperBound) }
        }
        return nil
    }

    /// The elements of an array; none of anything else.
    package var elements: [RawJSON] {
        guard range.first.map({ bytes[$0] }) == UInt8(ascii: "[") else { return [] }
        return parts().map { RawJSON(bytes, $0) }
    }

    /// What commas part at the first depth, without the space around it.
    private func parts() -> [Range<Int>] {
        guard range.count >= 2 else { return [] }
        var found: [Range<Int>] = []
        var depth = 0
        var start = range.lowerBound + 1
        var position = start
        let end = range.upperBound - 1
        while position < end {
            switch bytes[position] {
            case UInt8(ascii: "\""):
                position = stringEnd(position) ?? end
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
            case UInt8(ascii: ",") where depth == 0:
                found.append(RawJSON(bytes, start..<position).range)
                start = position + 1
            default: break
            }
            position += 1
        }
        let last = RawJSON(bytes, start..<end).range
        return last.isEmpty ? found : found + [last]
    }

    /// Behind the closing quote of the string that begins at `start`.
    private func stringEnd(_ start: Int) -> Int? {
        guard start < range.upperBound, bytes[start] == UInt8(ascii: "\"") else { return nil }
        var position = start + 1
        while position < range.upperBound {
            switch bytes[position] {
            case UInt8(ascii: "\\"): position += 2
            case UInt8(ascii: "\""): return position + 1
            default: position += 1
            }
        }
        return nil
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
    }
}
