/// What is looked at of an HTTP reply: the status, where the body lies, and whether the connection ends with it.
struct Reply {
    let status: Int
    /// In the bytes it was read from.
    let body: Range<Int>
    let closes: Bool

    init(status: Int, body: Range<Int>) {
        self.status = status
        self.body = body
        closes = false
    }

    /// `nil` where it has not come whole. Replies of this server carry their length; nothing else is read.
    init?(_ bytes: [UInt8], count: Int) {
        guard count > 12 else { return nil }
        var length = 0
        var closes = false
        var line = 0
        var position = 0
        while true {
            while position < count, bytes[position] != UInt8(ascii: "\n") { position += 1 }
            guard position < count else { return nil }
            if position - line <= 1 { break }
            // Only two headers matter, and both begin with a C.
            if bytes[line] | 0x20 == UInt8(ascii: "c") {
                if Self.matches("content-length:", bytes, at: line) {
                    length = Bytes.number(bytes, from: line + 15) ?? 0
                } else if Self.matches("connection: close", bytes, at: line) {
                    closes = true
                }
            }
            position += 1
            line = position
        }
        let start = position + 1
        guard count - start >= length else { return nil }
        status = Bytes.number(bytes, from: 9) ?? 0
        body = start..<start + length
        self.closes = closes
    }

    private static func matches(_ name: StaticString, _ bytes: [UInt8], at start: Int) -> Bool {
        guard start + name.utf8CodeUnitCount <= bytes.count else { return false }
        for offset in 0..<name.utf8CodeUnitCount
        where unsafe bytes[start + offset] | 0x20 != name.utf8Start[offset] | 0x20 {
            return false
        }
        return true
    }
}

/// Looking for the few fields that are needed, without reading JSON.
enum Bytes {
    /// The digits from `start` on, after spaces.
    static func number(_ bytes: [UInt8], from start: Int) -> Int? {
        var position = start
        while position < bytes.count, bytes[position] == UInt8(ascii: " ") { position += 1 }
        let first = position
        var value = 0
        while position < bytes.count, bytes[position] >= 48, bytes[position] <= 57 {
            value = value * 10 + Int(bytes[position] - 48)
            position += 1
        }
        return position > first ? value : nil
    }

    /// The position behind the next `text` in the range.
    static func after(_ text: StaticString, _ bytes: [UInt8], _ range: Range<Int>) -> Int? {
        let count = text.utf8CodeUnitCount
        guard range.count >= count else { return nil }
        let first = unsafe text.utf8Start[0]
        var position = range.lowerBound
        let last = range.upperBound - count
        search: while position <= last {
            if bytes[position] == first {
                for offset in 1..<count where unsafe bytes[position + offset] != text.utf8Start[offset] {
                    position += 1
                    continue search
                }
                return position + count
            }
            position += 1
        }
        return nil
    }

    /// The range of the text from `start` to the next quote.
    static func untilQuote(_ bytes: [UInt8], from start: Int) -> Range<Int> {
        var end = start
        while end < bytes.count, bytes[end] != UInt8(ascii: "\"") { end += 1 }
        return start..<end
    }

    /// The range of the text from `start` to the next space or end of line.
    static func untilSpace(_ bytes: [UInt8], from start: Int) -> Range<Int> {
        var end = start
        while end < bytes.count, bytes[end] > UInt8(ascii: " ") { end += 1 }
        return start..<end
    }

    static func append(_ number: Int, to bytes: inout [UInt8]) {
        var divisor = 1
        while number / divisor >= 10 { divisor *= 10 }
        var rest = number
        while divisor > 0 {
            bytes.append(48 + UInt8(rest / divisor))
            rest %= divisor
            divisor /= 10
        }
    }
}
