extension JSON {
    /// The same value with its numbers as Python's `json` spells them after reading them: what a program in Python
    /// makes of a configuration that passes through it. `2.50` becomes `2.5`, `1e3` becomes `1000.0`, `1` stays `1`.
    package var respelledByPython: JSON {
        switch self {
        case .number(let number): .number(number.respelledByPython)
        case .array(let elements): .array(elements.map(\.respelledByPython))
        case .object(let object):
            .object(
                JSONObject(
                    distinctMembers: object.members.map {
                        JSONMember(key: $0.key, value: $0.value.respelledByPython)
                    }))
        default: self
        }
    }

    /// The text that `json.dumps` of Python writes unless told otherwise: a blank behind commas and colons, nothing
    /// but ASCII. Numbers are ``respelledByPython``.
    package var pythonText: String {
        var bytes: [UInt8] = []
        appendPythonText(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    private func appendPythonText(to bytes: inout [UInt8]) {
        switch self {
        case .array(let elements):
            bytes.append(.openBracket)
            for (position, element) in elements.enumerated() {
                if position > 0 { bytes.append(contentsOf: [.comma, .space]) }
                element.appendPythonText(to: &bytes)
            }
            bytes.append(.closeBracket)
        case .object(let object):
            bytes.append(.openBrace)
            for (position, member) in object.members.enumerated() {
                if position > 0 { bytes.append(contentsOf: [.comma, .space]) }
                Self.appendASCII(member.key, to: &bytes)
                bytes.append(contentsOf: [.colon, .space])
                member.value.appendPythonText(to: &bytes)
            }
            bytes.append(.closeBrace)
        case .string(let text): Self.appendASCII(text, to: &bytes)
        case .number(let number): bytes.append(contentsOf: number.respelledByPython.text.utf8)
        case .bool, .null: append(to: &bytes)
        }
    }

    /// In quotes, with everything that is not printable ASCII as `\uXXXX`, in two parts where it is beyond that.
    private static func appendASCII(_ text: String, to bytes: inout [UInt8]) {
        guard text.utf8.contains(where: { $0 >= 0x7F }) else { return JSONText.append(text, to: &bytes) }
        bytes.append(.quote)
        for unit in text.utf16 {
            if unit < 0x7F {
                var escaped: [UInt8] = []
                JSONText.append(String(decoding: [UInt8(unit)], as: UTF8.self), to: &escaped)
                bytes.append(contentsOf: escaped.dropFirst().dropLast())
            } else {
                let digits = String(unit, radix: 16)
                bytes.append(contentsOf: "\\u\(String(repeating: "0", count: 4 - digits.count))\(digits)".utf8)
            }
        }
        bytes.append(.quote)
    }
}

extension JSONNumber {
    /// A whole number as its digits, any other as the shortest decimals of the nearest `Double`, in Python's layout:
    /// with an exponent from 10¹⁶ on and below 10⁻⁴. What is beyond a `Double` stays as it was spelled.
    var respelledByPython: JSONNumber {
        if !text.utf8.contains(where: { [UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E")].contains($0) }) {
            return text == "-0" ? JSONNumber(0) : self
        }
        let value = double
        guard value.isFinite else { return self }
        let sign = value.sign == .minus ? "-" : ""
        return JSONNumber(checkedText: sign + Self.pythonLayout(of: value.magnitude))
    }

    private static func pythonLayout(of magnitude: Double) -> String {
        guard magnitude > 0 else { return "0.0" }
        let (digits, exponent) = decimals(of: magnitude)
        // The first digit stands for 10^exponent.
        guard (-4..<16).contains(exponent) else {
            let fraction = digits.dropFirst()
            let power = String(exponent.magnitude)
            return "\(digits.prefix(1))\(fraction.isEmpty ? "" : ".\(fraction)")e\(exponent < 0 ? "-" : "+")"
                + "\(power.count < 2 ? "0" : "")\(power)"
        }
        guard exponent >= 0 else { return "0.\(String(repeating: "0", count: -exponent - 1))\(digits)" }
        let whole = digits.prefix(exponent + 1)
        let padding = String(repeating: "0", count: exponent + 1 - whole.count)
        let fraction = digits.dropFirst(exponent + 1)
        return "\(whole)\(padding).\(fraction.isEmpty ? "0" : fraction)"
    }

    /// The shortest digits that read back as the same number, without zeros at either end, and the power of ten of
    /// the first of them.
    private static func decimals(of magnitude: Double) -> (digits: Substring, exponent: Int) {
        let parts = magnitude.description.split(separator: "e")
        let mantissa = parts[0].split(separator: ".")
        var exponent = mantissa[0].count - 1 + (parts.count > 1 ? Int(parts[1]) ?? 0 : 0)
        var digits = Substring(mantissa.joined())
        while digits.first == "0" {
            digits.removeFirst()
            exponent -= 1
        }
        while digits.last == "0" { digits.removeLast() }
        return (digits, exponent)
    }
}
