/// The bytes of JSON's grammar, and what of a string must be escaped.
enum JSONText {
    /// The bit of each of eight bytes that ASCII doesn't use.
    static let highBits: UInt64 = 0x8080_8080_8080_8080

    /// Marks (with the high bit of the byte) which of eight bytes, the first in the lowest, end a plain run in a
    /// string: a quote, a backslash, a control. The lowest mark is exact; those above it may be false.
    @inline(__always) static func stops(in word: UInt64) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let quotes = word ^ (ones &* UInt64(UInt8.quote))
        let backslashes = word ^ (ones &* UInt64(UInt8.backslash))
        let isQuote = (quotes &- ones) & ~quotes
        let isBackslash = (backslashes &- ones) & ~backslashes
        let isControl = (word &- ones &* UInt64(UInt8.space)) & ~word
        return (isQuote | isBackslash | isControl) & highBits
    }

    @inline(__always) static func isStop(_ byte: UInt8) -> Bool {
        byte < .space || byte == .quote || byte == .backslash
    }

    /// Appends the string in quotes. Only quotes, backslashes and controls are escaped; all else stands in UTF-8.
    static func append(_ text: String, to bytes: inout [UInt8]) {
        var text = text
        text.withUTF8 { unsafe append($0, to: &bytes) }
    }

    private static func append(_ text: UnsafeBufferPointer<UInt8>, to bytes: inout [UInt8]) {
        bytes.append(.quote)
        var start = 0
        var stop = unsafe plainEnd(of: text, from: 0)
        while stop < text.count {
            unsafe bytes.append(contentsOf: text[start..<stop])
            unsafe appendEscape(of: text[stop], to: &bytes)
            start = stop + 1
            stop = unsafe plainEnd(of: text, from: start)
        }
        if start == 0 {
            unsafe bytes.append(contentsOf: text)
        } else {
            unsafe bytes.append(contentsOf: text[start...])
        }
        bytes.append(.quote)
    }

    private static func plainEnd(of text: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        var position = start
        let raw = UnsafeRawBufferPointer(text)
        while text.count - position >= MemoryLayout<UInt64>.size {
            let word = unsafe UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: position, as: UInt64.self))
            let stops = stops(in: word)
            if stops != 0 { return position + stops.trailingZeroBitCount / 8 }
            position += MemoryLayout<UInt64>.size
        }
        while position < text.count, unsafe !isStop(text[position]) { position += 1 }
        return position
    }

    private static func appendEscape(of byte: UInt8, to bytes: inout [UInt8]) {
        bytes.append(.backslash)
        switch byte {
        case .quote, .backslash: bytes.append(byte)
        case 0x08: bytes.append(UInt8(ascii: "b"))
        case 0x09: bytes.append(UInt8(ascii: "t"))
        case 0x0A: bytes.append(UInt8(ascii: "n"))
        case 0x0C: bytes.append(UInt8(ascii: "f"))
        case 0x0D: bytes.append(UInt8(ascii: "r"))
        default:
            bytes.append(contentsOf: [UInt8(ascii: "u"), .zero, .zero])
            bytes.append(hexDigit(byte >> 4))
            bytes.append(hexDigit(byte & 0xF))
        }
    }

    private static func hexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? .zero + value : UInt8(ascii: "a") + value - 10
    }
}

extension UInt8 {
    static let quote = UInt8(ascii: "\"")
    static let backslash = UInt8(ascii: "\\")
    static let openBrace = UInt8(ascii: "{")
    static let closeBrace = UInt8(ascii: "}")
    static let openBracket = UInt8(ascii: "[")
    static let closeBracket = UInt8(ascii: "]")
    static let colon = UInt8(ascii: ":")
    static let comma = UInt8(ascii: ",")
    static let minus = UInt8(ascii: "-")
    static let zero = UInt8(ascii: "0")
    static let nine = UInt8(ascii: "9")
    static let space = UInt8(ascii: " ")
    static let newline = UInt8(ascii: "\n")
    static let carriageReturn = UInt8(ascii: "\r")
    static let tab = UInt8(ascii: "\t")

    var isDigit: Bool { self &- .zero < 10 }

    var hexDigitValue: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
