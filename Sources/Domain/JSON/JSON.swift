/// One JSON value that keeps what people and programs see in a configuration: the order of an object's members and
/// the spelling of its numbers. `1.0` stays `1.0`, `1e3` stays `1e3` and `-0` stays `-0` through parse → ``text``.
///
/// Two values are equal when their compact texts are: members in another order, `1` and `1.0`, and two spellings of
/// one character in Unicode ("é" as one scalar or as two) are different values. Rule: DESIGN.md section 6,
/// "Configurations are text".
package enum JSON: Sendable {
    case null
    case bool(Bool)
    case number(JSONNumber)
    case string(String)
    case array([JSON])
    case object(JSONObject)
}

extension JSON {
    package init(_ value: Bool) { self = .bool(value) }
    package init(_ value: String) { self = .string(value) }
    package init(_ value: Int) { self = .number(JSONNumber(Int64(value))) }
    package init(_ value: Int64) { self = .number(JSONNumber(value)) }
    package init(_ value: [JSON]) { self = .array(value) }
    package init(_ value: JSONObject) { self = .object(value) }

    /// The shortest spelling that reads back as the same number; JSON has no word for infinities and NaN, they
    /// become `null`.
    package init(_ value: Double) {
        self = JSONNumber(value).map(JSON.number) ?? .null
    }

    package var isNull: Bool {
        if case .null = self { true } else { false }
    }

    package var boolValue: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    package var stringValue: String? {
        if case .string(let value) = self { value } else { nil }
    }

    package var numberValue: JSONNumber? {
        if case .number(let value) = self { value } else { nil }
    }

    /// The whole number, if it is spelled as one (`12`, not `12.0` or `1.2e1`) and fits.
    package var intValue: Int64? {
        if case .number(let value) = self { value.int64 } else { nil }
    }

    /// The nearest number in binary; `nil` where it is beyond the range of a `Double` (`1e999`).
    package var doubleValue: Double? {
        guard case .number(let value) = self else { return nil }
        let double = value.double
        return double.isFinite ? double : nil
    }

    package var arrayValue: [JSON]? {
        if case .array(let value) = self { value } else { nil }
    }

    package var objectValue: JSONObject? {
        if case .object(let value) = self { value } else { nil }
    }

    /// The member of that name, if this is an object that has it.
    package subscript(key: String) -> JSON? {
        if case .object(let value) = self { value[key] } else { nil }
    }

    /// The element at that position, if this is an array that long.
    package subscript(position: Int) -> JSON? {
        if case .array(let value) = self, value.indices.contains(position) { value[position] } else { nil }
    }

    /// What it is, as a person says it in a message: "an object", "a number" …
    package var kindName: String {
        switch self {
        case .null: "null"
        case .bool: "true or false"
        case .number: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}

extension JSON: Hashable {
    package static func == (left: JSON, right: JSON) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let left), .bool(let right)): left == right
        case (.number(let left), .number(let right)): left == right
        case (.string(let left), .string(let right)): left.isSameText(as: right)
        case (.array(let left), .array(let right)): left == right
        case (.object(let left), .object(let right)): left == right
        default: false
        }
    }

    package func hash(into hasher: inout Hasher) {
        switch self {
        case .null: hasher.combine(0 as UInt8)
        case .bool(let value): hasher.combine(value)
        case .number(let value): hasher.combine(value)
        case .string(let value): hasher.combine(ExactText(value))
        case .array(let value): hasher.combine(value)
        case .object(let value): hasher.combine(value)
        }
    }
}

extension JSON: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByStringInterpolation, ExpressibleByArrayLiteral,
    ExpressibleByDictionaryLiteral
{
    package init(nilLiteral: ()) { self = .null }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(integerLiteral value: Int64) { self = .number(JSONNumber(value)) }
    package init(floatLiteral value: Double) { self.init(value) }
    package init(stringLiteral value: String) { self = .string(value) }
    package init(arrayLiteral elements: JSON...) { self = .array(elements) }
    package init(dictionaryLiteral elements: (String, JSON)...) {
        self = .object(JSONObject(elements.map { JSONMember(key: $0.0, value: $0.1) }))
    }
}

extension JSON: CustomStringConvertible {
    package var description: String { text }
}
