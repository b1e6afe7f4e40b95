extension JSON {
    /// Compact: no space that needn't be, members in their order, numbers as they were spelled. Parsing it gives an
    /// equal value.
    package var text: String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.expectedTextByteCount)
        append(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Room that is made at once, so that the text of a small value is allocated once.
    private static let expectedTextByteCount = 512

    /// For people: a line for each member and element, two spaces a level, no line break at the end.
    package func prettyText() -> String {
        var bytes: [UInt8] = []
        appendPretty(to: &bytes, level: 0)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Appends ``text`` in UTF-8.
    package func append(to bytes: inout [UInt8]) {
        switch self {
        case .array(let elements):
            bytes.append(.openBracket)
            var isFirst = true
            for element in elements {
                if !isFirst { bytes.append(.comma) }
                isFirst = false
                element.append(to: &bytes)
            }
            bytes.append(.closeBracket)
        case .object(let object):
            bytes.append(.openBrace)
            var isFirst = true
            for member in object.members {
                if !isFirst { bytes.append(.comma) }
                isFirst = false
                JSONText.append(member.key, to: &bytes)
                bytes.append(.colon)
                member.value.append(to: &bytes)
            }
            bytes.append(.closeBrace)
        case .string(let text): JSONText.append(text, to: &bytes)
        case .number(let number): bytes.append(contentsOf: number.text.utf8)
        case .bool(let value): bytes.append(contentsOf: (value ? "true" : "false").utf8)
        case .null: bytes.append(contentsOf: "null".utf8)
        }
    }

    private func appendPretty(to bytes: inout [UInt8], level: Int) {
        switch self {
        case .array(let elements) where !elements.isEmpty:
            bytes.append(.openBracket)
            for (position, element) in elements.enumerated() {
                if position > 0 { bytes.append(.comma) }
                Self.appendLineBreak(to: &bytes, level: level + 1)
                element.appendPretty(to: &bytes, level: level + 1)
            }
            Self.appendLineBreak(to: &bytes, level: level)
            bytes.append(.closeBracket)
        case .object(let object) where !object.isEmpty:
            bytes.append(.openBrace)
            for (position, member) in object.members.enumerated() {
                if position > 0 { bytes.append(.comma) }
                Self.appendLineBreak(to: &bytes, level: level + 1)
                JSONText.append(member.key, to: &bytes)
                bytes.append(.colon)
                bytes.append(.space)
                member.value.appendPretty(to: &bytes, level: level + 1)
            }
            Self.appendLineBreak(to: &bytes, level: level)
            bytes.append(.closeBrace)
        default: append(to: &bytes)
        }
    }

    private static func appendLineBreak(to bytes: inout [UInt8], level: Int) {
        bytes.append(.newline)
        bytes.append(contentsOf: repeatElement(.space, count: 2 * level))
    }
}
