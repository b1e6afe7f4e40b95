/// A JSON value that keeps the order of its keys and the spelling of its numbers, so that a result can repeat its
/// inputs as they were written and a study runs in the order in which it is read.
package indirect enum JSONValue: Equatable, Sendable {
    case null
    case bool(Bool)
    /// A number as it was spelled.
    case number(String)
    case string(String)
    case array([JSONValue])
    case object([Member])

    package struct Member: Equatable, Sendable {
        package var key: String
        package var value: JSONValue

        package init(_ key: String, _ value: JSONValue) {
            self.key = key
            self.value = value
        }
    }

    /// The word by which an error message calls this value.
    package var kind: String {
        switch self {
        case .null: "null"
        case .bool: "a truth value"
        case .number: "a number"
        case .string: "a text"
        case .array: "a list"
        case .object: "an object"
        }
    }
}

extension JSONValue {
    /// A number with `digits` significant digits; what is not finite has no spelling in JSON and becomes `null`.
    package static func rounded(_ value: Double, digits: Int = 6) -> JSONValue {
        guard value.isFinite else { return .null }
        guard value != 0 else { return .number("0") }
        return .number(SignificantDigits.spell(value, digits: digits))
    }

    package static func integer(_ value: Int) -> JSONValue {
        .number(String(value))
    }
}

extension JSONValue {
    /// The value as text, two spaces a level, lists of plain values on one line, keys in their own order.
    package func text(indent: Int = 0) -> String {
        let margin = String(repeating: " ", count: indent)
        let inner = margin + "  "
        switch self {
        case .null: return "null"
        case .bool(let value): return value ? "true" : "false"
        case .number(let spelling): return spelling
        case .string(let value): return JSONValue.quoted(value)
        case .array(let items) where items.allSatisfy(\.isPlain):
            return "[" + items.map { $0.text() }.joined(separator: ", ") + "]"
        case .array(let items):
            let lines = items.map { inner + $0.text(indent: indent + 2) }
            return "[\n" + lines.joined(separator: ",\n") + "\n" + margin + "]"
        case .object(let members):
            if members.isEmpty { return "{}" }
            let lines = members.map {
                inner + JSONValue.quoted($0.key) + ": " + $0.value.text(indent: indent + 2)
            }
            return "{\n" + lines.joined(separator: ",\n") + "\n" + margin + "}"
        }
    }

    private var isPlain: Bool {
        switch self {
        case .array, .object: false
        default: true
        }
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _ where scalar.value < 0x20:
                let hexadecimal = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - hexadecimal.count) + hexadecimal
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
