/// A JSON value together with the path that led to it, so that each refusal names its field.
package struct ConfigurationReader {
    package let path: String
    package let value: JSONValue

    package init(_ value: JSONValue, path: String = "") {
        self.value = value
        self.path = path
    }

    /// The members of an object, in their order; a key outside `allowed` is refused, since it is most often a typing
    /// error that would otherwise be ignored in silence.
    func members(allowed: [String]? = nil) throws(ConfigurationError) -> [(key: String, reader: ConfigurationReader)] {
        guard case .object(let members) = value else { throw wrong("an object") }
        if let allowed {
            for member in members where !allowed.contains(member.key) {
                throw ConfigurationError(
                    field: child(member.key),
                    message: "this field is not known; known here are \(allowed.joined(separator: ", "))"
                )
            }
        }
        return members.map { ($0.key, ConfigurationReader($0.value, path: child($0.key))) }
    }

    func optional(_ key: String) throws(ConfigurationError) -> ConfigurationReader? {
        guard case .object(let members) = value else { throw wrong("an object") }
        return members.first { $0.key == key }.map { ConfigurationReader($0.value, path: child(key)) }
    }

    func required(_ key: String) throws(ConfigurationError) -> ConfigurationReader {
        guard let reader = try optional(key) else {
            throw ConfigurationError(field: child(key), message: "this field is missing; add it")
        }
        return reader
    }

    /// The items of a list that must hold at least one.
    func items() throws(ConfigurationError) -> [ConfigurationReader] {
        guard case .array(let items) = value else { throw wrong("a list") }
        guard !items.isEmpty else { throw refused("the list is empty; put at least one entry in it") }
        return items.enumerated().map { ConfigurationReader($1, path: "\(path)[\($0)]") }
    }

    func text() throws(ConfigurationError) -> String {
        guard case .string(let text) = value else { throw wrong("a text") }
        return text
    }

    /// A number in `range`; `unit` is for the message.
    func number(in range: ClosedRange<Double>, unit: String) throws(ConfigurationError) -> Double {
        guard case .number(let spelling) = value, let number = Double(spelling) else { throw wrong("a number") }
        guard range.contains(number) else {
            let limits = [range.lowerBound, range.upperBound].map { SignificantDigits.spell($0, digits: 6) }
            throw refused("\(spelling) is out of range; give \(limits[0]) to \(limits[1])\(unit)")
        }
        return number
    }

    /// Exactly `count` numbers in `range`.
    func numbers(_ count: Int, in range: ClosedRange<Double>, unit: String) throws(ConfigurationError) -> [Double] {
        let readers = try items()
        guard readers.count == count else {
            throw refused("\(readers.count) numbers are given where \(count) belong; give \(count)\(unit)")
        }
        var numbers: [Double] = []
        for reader in readers { numbers.append(try reader.number(in: range, unit: unit)) }
        return numbers
    }

    func refused(_ message: String) -> ConfigurationError {
        ConfigurationError(field: path.isEmpty ? "the configuration" : path, message: message)
    }

    private func wrong(_ expected: String) -> ConfigurationError {
        refused("\(value.kind) is given where \(expected) belongs; write \(expected)")
    }

    private func child(_ key: String) -> String {
        path.isEmpty ? key : "\(path).\(key)"
    }
}
