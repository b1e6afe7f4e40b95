/// Reads JSON text (RFC 8259) into a ``JSONValue``.
///
/// It says where text is wrong by line, refuses an object with the same key twice, and bounds its depth, so that a
/// hostile file ends in an error and never in an exhausted stack.
package struct JSONParser {
    /// A configuration of a person is a handful of levels deep.
    private static let deepestLevel = 64

    private let bytes: [UInt8]
    private var position = 0
    private var level = 0

    /// - Throws: ``ConfigurationError`` that names the line where the text stops being JSON.
    package static func parse(_ text: String) throws(ConfigurationError) -> JSONValue {
        var parser = JSONParser(bytes: Array(text.utf8))
        let value = try parser.value()
        parser.skipSpace()
        guard parser.position == parser.bytes.count else {
            throw parser.error("something follows the end of the value")
        }
        return value
    }

    private init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    private mutating func value() throws(ConfigurationError) -> JSONValue {
        skipSpace()
        guard let byte = peek() else { throw error("the text ends too early") }
        switch byte {
        case UInt8(ascii: "{"): return try nested { (parser) throws(ConfigurationError) in try parser.object() }
        case UInt8(ascii: "["): return try nested { (parser) throws(ConfigurationError) in try parser.array() }
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number(try number())
        default:
            if take("true") { return .bool(true) }
            if take("false") { return .bool(false) }
            if take("null") { return .null }
            throw error("a value was expected")
        }
    }

    private mutating func nested(
        _ read: (inout JSONParser) throws(ConfigurationError) -> JSONValue
    ) throws(ConfigurationError) -> JSONValue {
        guard level < JSONParser.deepestLevel else {
            throw error("more than \(JSONParser.deepestLevel) levels of lists and objects")
        }
        level += 1
        position += 1
        defer { level -= 1 }
        return try read(&self)
    }

    private mutating func object() throws(ConfigurationError) -> JSONValue {
        var members: [JSONValue.Member] = []
        var known: Set<String> = []
        skipSpace()
        if take("}") { return .object([]) }
        while true {
            skipSpace()
            guard peek() == UInt8(ascii: "\"") else { throw error("a key in double quotes was expected") }
            let key = try string()
            guard known.insert(key).inserted else { throw error("the key '\(key)' is there twice") }
            skipSpace()
            guard take(":") else { throw error("a ':' was expected after the key '\(key)'") }
            members.append(JSONValue.Member(key, try value()))
            skipSpace()
            if take("}") { return .object(members) }
            guard take(",") else { throw error("a ',' or '}' was expected") }
        }
    }

    private mutating func array() throws(ConfigurationError) -> JSONValue {
        var items: [JSONValue] = []
        skipSpace()
        if take("]") { return .array([]) }
        while true {
            items.append(try value())
            skipSpace()
            if take("]") { return .array(items) }
            guard take(",") else { throw error("a ',' or ']' was expected") }
        }
    }
}

extension JSONParser {
    private mutating func number() throws(ConfigurationError) -> String {
        let start = position
        _ = take("-")
        let whole = digits()
        let startsWithZero = whole > 1 && bytes[position - whole] == UInt8(ascii: "0")
        guard whole > 0, !startsWithZero else { throw error("this is no number") }
        if take("."), digits() == 0 { throw error("a digit was expected after the point") }
        if take("e") || take("E") {
            if !take("+") { _ = take("-") }
            if digits() == 0 { throw error("a digit was expected in the exponent") }
        }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    private mutating func digits() -> Int {
        let start = position
        while let byte = peek(), (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
        return position - start
    }

    private mutating func string() throws(ConfigurationError) -> String {
        position += 1
        var units: [UInt8] = []
        while let byte = peek() {
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: units, as: UTF8.self)
            case UInt8(ascii: "\\"): units += Array(try escaped().utf8)
            case 0..<0x20: throw error("a line break or control character stands inside a text")
            default: units.append(byte)
            }
        }
        throw error("a text has no closing quote")
    }

    private mutating func escaped() throws(ConfigurationError) -> String {
        guard let byte = peek() else { throw error("a text has no closing quote") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{c}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"):
            let first = try hexadecimalUnit()
            guard UTF16.isLeadSurrogate(first) else { return String(decoding: [first], as: UTF16.self) }
            guard take("\\u") else { throw error("half of a surrogate pair stands alone") }
            return String(decoding: [first, try hexadecimalUnit()], as: UTF16.self)
        default: throw error("this escape is not known to JSON")
        }
    }

    private mutating func hexadecimalUnit() throws(ConfigurationError) -> UInt16 {
        guard position + 4 <= bytes.count else { throw error("four hexadecimal digits were expected") }
        let text = String(decoding: bytes[position..<(position + 4)], as: UTF8.self)
        guard text.allSatisfy(\.isHexDigit), let unit = UInt16(text, radix: 16) else {
            throw error("four hexadecimal digits were expected")
        }
        position += 4
        return unit
    }

    private func peek() -> UInt8? {
        position < bytes.count ? bytes[position] : nil
    }

    private mutating func take(_ word: String) -> Bool {
        guard bytes[position...].starts(with: word.utf8) else { return false }
        position += word.utf8.count
        return true
    }

    private mutating func skipSpace() {
        while let byte = peek(), byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 { position += 1 }
    }

    private func error(_ message: String) -> ConfigurationError {
        let line = 1 + bytes[..<position].count { $0 == 0x0a }
        return ConfigurationError(field: "line \(line)", message: "\(message); correct the JSON there")
    }
}
