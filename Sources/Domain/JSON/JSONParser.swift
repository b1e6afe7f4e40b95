extension JSON {
    /// How deep arrays and objects may lie in each other. Deeper is refused: the parser calls itself once a level, and
    /// a stack must not end by what a stranger sends.
    package static let depthLimit = 128

    /// Parses one whole document in UTF-8. Refused, each with its place: anything that RFC 8259 doesn't allow, a key
    /// that stands twice in one object, nesting beyond ``depthLimit``, half a surrogate pair, bytes that are not
    /// UTF-8, a byte order mark, and anything but space after the value.
    package init(parsing bytes: [UInt8]) throws(JSONParseError) {
        self = try unsafe bytes.withUnsafeBytes { unsafe JSONParser.parse($0) }.get()
    }

    package init(parsing text: String) throws(JSONParseError) {
        var text = text
        self = try text.withUTF8 { unsafe JSONParser.parse(UnsafeRawBufferPointer($0)) }.get()
    }

    package init(parsing bytes: Span<UInt8>) throws(JSONParseError) {
        self = try unsafe bytes.withUnsafeBufferPointer { unsafe JSONParser.parse(UnsafeRawBufferPointer($0)) }.get()
    }

    /// - Parameter bytes: read during the call, not kept.
    @unsafe package init(parsing bytes: UnsafeRawBufferPointer) throws(JSONParseError) {
        self = try unsafe JSONParser.parse(bytes).get()
    }

    /// For byte collections of others, such as a slice of a request's body.
    package init(parsing bytes: some Sequence<UInt8>) throws(JSONParseError) {
        let result = bytes.withContiguousStorageIfAvailable {
            unsafe JSONParser.parse(UnsafeRawBufferPointer($0))
        }
        if let result {
            self = try result.get()
        } else {
            try self.init(parsing: Array(bytes))
        }
    }
}

/// A recursive descent over raw bytes, one pass, made for many small documents: names and values without escapes are
/// taken from the input in one piece, and no more is allocated than the value itself needs.
///
/// Every read is behind a comparison with `count`; ``byte`` answers 0 at the end, which no rule of the grammar
/// accepts. Safe to use while the closure that lent the bytes runs, which ``parse(_:)`` sees to.
@safe struct JSONParser: ~Copyable {
    private let bytes: UnsafeRawBufferPointer
    private let count: Int
    private var position = 0
    private var depth = 0

    private init(_ bytes: UnsafeRawBufferPointer) {
        unsafe self.bytes = unsafe bytes
        count = bytes.count
    }

    /// A `Result`, since closures of the standard library that lend memory don't all pass typed errors on.
    @unsafe static func parse(_ bytes: UnsafeRawBufferPointer) -> Result<JSON, JSONParseError> {
        var parser = unsafe JSONParser(bytes)
        do throws(JSONParseError) {
            return .success(try parser.document())
        } catch {
            return .failure(error)
        }
    }

    private mutating func document() throws(JSONParseError) -> JSON {
        if count >= 3, unsafe bytes[0] == 0xEF, unsafe bytes[1] == 0xBB, unsafe bytes[2] == 0xBF {
            throw failure("the text starts with a byte order mark; save it as UTF-8 without one", at: 0)
        }
        skipSpace()
        let value = try value()
        skipSpace()
        guard position == count else {
            throw failure("\(found) follows the end of the document", at: position)
        }
        return value
    }

    private mutating func value() throws(JSONParseError) -> JSON {
        switch byte {
        case .quote: return .string(try string())
        case .openBrace: return .object(try object())
        case .openBracket: return .array(try array())
        case .minus, .zero ... .nine: return .number(try number())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: throw failure("a value was expected, but \(found) stands here", at: position)
        }
    }

    private mutating func object() throws(JSONParseError) -> JSONObject {
        try open()
        var members: [JSONMember] = []
        if byte == .closeBrace {
            close()
            return JSONObject()
        }
        members.reserveCapacity(Self.expectedMembers)
        var keys = JSONKeyTable()
        while true {
            let keyPosition = position
            guard byte == .quote else { throw failure("a key in quotes was expected, but \(found) stands here") }
            let key = try string()
            guard keys.isNew(key, among: members) else {
                throw failure("the key \(MessageWords.quoted(key)) stands twice in one object", at: keyPosition)
            }
            skipSpace()
            guard byte == .colon else { throw failure("a colon was expected after the key, but \(found) stands here") }
            position += 1
            skipSpace()
            members.append(JSONMember(key: key, value: try value()))
            skipSpace()
            if byte == .comma {
                position += 1
                skipSpace()
            } else if byte == .closeBrace {
                close()
                return JSONObject(distinctMembers: members)
            } else {
                throw failure("a comma or the end of the object was expected, but \(found) stands here")
            }
        }
    }

    private mutating func array() throws(JSONParseError) -> [JSON] {
        try open()
        if byte == .closeBracket {
            close()
            return []
        }
        var elements: [JSON] = []
        elements.reserveCapacity(Self.expectedElements)
        while true {
            elements.append(try value())
            skipSpace()
            if byte == .comma {
                position += 1
                skipSpace()
            } else if byte == .closeBracket {
                close()
                return elements
            } else {
                throw failure("a comma or the end of the array was expected, but \(found) stands here")
            }
        }
    }

    /// Room that is made at once, so that a small object or array is allocated once.
    private static let expectedMembers = 8
    private static let expectedElements = 4

    private mutating func open() throws(JSONParseError) {
        guard depth < JSON.depthLimit else {
            throw failure("arrays and objects lie more than \(JSON.depthLimit) deep in each other", at: position)
        }
        depth += 1
        position += 1
        skipSpace()
    }

    private mutating func close() {
        depth -= 1
        position += 1
    }

    private mutating func word(_ word: StaticString, _ value: JSON) throws(JSONParseError) -> JSON {
        let length = word.utf8CodeUnitCount
        guard count - position >= length,
            unsafe bytes[position..<position + length].elementsEqual(
                UnsafeBufferPointer(start: word.utf8Start, count: length)
            )
        else {
            throw failure("a value was expected, but \(found) stands here; did you mean \(word)?", at: position)
        }
        position += length
        return value
    }

    private mutating func number() throws(JSONParseError) -> JSONNumber {
        let start = position
        if byte == .minus { position += 1 }
        if byte == .zero {
            position += 1
            if byte.isDigit { throw failure("a number can't begin with a zero that more digits follow", at: start) }
        } else {
            try digits()
        }
        if byte == UInt8(ascii: ".") {
            position += 1
            try digits()
        }
        if byte | 0x20 == UInt8(ascii: "e") {
            position += 1
            if byte == UInt8(ascii: "+") || byte == .minus { position += 1 }
            try digits()
        }
        let spelling = unsafe UnsafeRawBufferPointer(rebasing: bytes[start..<position])
        return unsafe JSONNumber(
            checkedText: String(decoding: spelling.assumingMemoryBound(to: UInt8.self), as: UTF8.self)
        )
    }

    private mutating func digits() throws(JSONParseError) {
        guard byte.isDigit else { throw failure("a digit was expected, but \(found) stands here") }
        repeat { position += 1 } while byte.isDigit
    }
}

// MARK: - Strings

extension JSONParser {
    /// From the opening quote to behind the closing one.
    private mutating func string() throws(JSONParseError) -> String {
        let opening = position
        position += 1
        let isASCII = skipPlain()
        guard byte == .quote else {
            return try stringWithEscapes(opening: opening)
        }
        let content = unsafe UnsafeRawBufferPointer(rebasing: bytes[opening + 1..<position])
        let text = unsafe String(decoding: content.assumingMemoryBound(to: UInt8.self), as: UTF8.self)
        guard unsafe isASCII || text.utf8.elementsEqual(content) else { throw notUTF8(opening: opening) }
        position += 1
        return text
    }

    /// Where the first plain run ended in something else than the closing quote.
    private mutating func stringWithEscapes(opening: Int) throws(JSONParseError) -> String {
        var content: [UInt8] = []
        var runStart = opening + 1
        while true {
            unsafe content.append(contentsOf: bytes[runStart..<position])
            guard position < count else { throw failure("the text ends inside a string", at: opening) }
            switch byte {
            case .quote:
                let text = String(decoding: content, as: UTF8.self)
                guard text.utf8.elementsEqual(content) else { throw notUTF8(opening: opening) }
                position += 1
                return text
            case .backslash:
                try escape(into: &content)
            default:
                throw failure("\(found) must be written as an escape in a string")
            }
            runStart = position
            _ = skipPlain()
        }
    }

    private mutating func escape(into content: inout [UInt8]) throws(JSONParseError) {
        let start = position
        position += 1
        let code = byte
        switch code {
        case .quote, .backslash, UInt8(ascii: "/"): content.append(code)
        case UInt8(ascii: "b"): content.append(0x08)
        case UInt8(ascii: "f"): content.append(0x0C)
        case UInt8(ascii: "n"): content.append(0x0A)
        case UInt8(ascii: "r"): content.append(0x0D)
        case UInt8(ascii: "t"): content.append(0x09)
        case UInt8(ascii: "u"):
            position += 1
            let scalar = try unicodeEscape(start: start)
            content.append(contentsOf: Unicode.UTF8.encode(scalar) ?? Unicode.UTF8.encodedReplacementCharacter)
            return
        default:
            throw failure("\(found) can't follow a backslash; write two backslashes to mean one", at: position)
        }
        position += 1
    }

    private mutating func unicodeEscape(start: Int) throws(JSONParseError) -> Unicode.Scalar {
        let first = try fourHexDigits()
        if let scalar = Unicode.Scalar(first) { return scalar }
        let half: JSONParseError = failure("the escape is half of a surrogate pair without its other half", at: start)
        guard first < 0xDC00, byte == .backslash else { throw half }
        position += 1
        guard byte == UInt8(ascii: "u") else { throw half }
        position += 1
        let second = try fourHexDigits()
        guard (0xDC00...0xDFFF).contains(second),
            let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
        else { throw half }
        return scalar
    }

    private mutating func fourHexDigits() throws(JSONParseError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = byte.hexDigitValue else {
                throw failure("\\u must be followed by four hexadecimal digits, but \(found) stands here")
            }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        return value
    }

    /// Decoding repairs what is not UTF-8 and so changes its bytes: that is how it is noticed.
    private func notUTF8(opening: Int) -> JSONParseError {
        failure("the string is not valid UTF-8", at: opening)
    }
}

// MARK: - Bytes

extension JSONParser {
    /// The byte at the position, 0 at the end.
    private var byte: UInt8 {
        position < count ? unsafe bytes[position] : 0
    }

    private mutating func skipSpace() {
        while byte == .space || byte == .newline || byte == .carriageReturn || byte == .tab { position += 1 }
    }

    /// Moves over everything that stands for itself in a string: to a quote, a backslash, a control or the end.
    /// Answers whether all of it is ASCII (no, if in doubt).
    private mutating func skipPlain() -> Bool {
        var seen: UInt64 = 0
        while count - position >= MemoryLayout<UInt64>.size {
            let word = unsafe UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self))
            let stops = JSONText.stops(in: word)
            seen |= word
            if stops != 0 {
                position += stops.trailingZeroBitCount / 8
                return seen & JSONText.highBits == 0
            }
            position += MemoryLayout<UInt64>.size
        }
        while position < count, unsafe !JSONText.isStop(bytes[position]) {
            unsafe seen |= UInt64(bytes[position])
            position += 1
        }
        return seen & JSONText.highBits == 0
    }

    private func failure(_ reason: String) -> JSONParseError {
        failure(reason, at: position)
    }

    private func failure(_ reason: String, at offset: Int) -> JSONParseError {
        var line = 1
        var column = 1
        for index in 0..<min(offset, count) {
            let byte = unsafe bytes[index]
            if byte == .newline {
                line += 1
                column = 1
            } else if byte & 0xC0 != 0x80 {
                column += 1
            }
        }
        return JSONParseError(offset: offset, line: line, column: column, reason: reason)
    }

    /// What stands at the position, as a message says it.
    private var found: String {
        guard position < count else { return "the end of the text" }
        switch byte {
        case .quote: return "a quote"
        case .space + 1..<0x7F: return "\"\(Unicode.Scalar(byte))\""
        case .newline: return "a line break"
        case .tab: return "a tab"
        case let byte where byte < 0x80: return "the control character \(byte)"
        default: return "a character beyond ASCII"
        }
    }
}
