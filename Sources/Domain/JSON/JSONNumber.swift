/// A JSON number as it was spelled. Equality is of the spelling: `1`, `1.0` and `1e0` are three values.
package struct JSONNumber: Sendable, Hashable {
    /// Always a number of RFC 8259, in ASCII.
    package let text: String

    /// - Parameter checkedText: has passed the parser's grammar.
    init(checkedText: String) {
        text = checkedText
    }

    package init(_ value: Int64) {
        text = String(value)
    }

    /// The shortest spelling that reads back as the same `Double`; `nil` for infinities and NaN, which JSON can't say.
    package init?(_ value: Double) {
        guard value.isFinite else { return nil }
        text = value.description
    }

    /// Takes a spelling as it stands; `nil` if RFC 8259 doesn't allow it (`01`, `.5`, `+1`, `NaN`).
    package init?(text: String) {
        guard case .number(let number) = try? JSON(parsing: text), number.text.utf8.count == text.utf8.count else {
            return nil
        }
        self = number
    }

    /// The value, if it is spelled as a whole number (digits alone, perhaps with a minus) and fits; else `nil`.
    package var int64: Int64? { Int64(text) }

    /// The nearest `Double`; an infinity where the number is beyond its range.
    package var double: Double {
        exactDouble ?? Double(text) ?? .nan
    }

    /// Short decimals (`0.42`, `72.5`) without the general conversion: a whole number below 2^53 divided by a power
    /// of ten up to 10^22 is correctly rounded, since both are exact.
    private var exactDouble: Double? {
        var digits: Int64 = 0
        var digitCount = 0
        var fractionCount = 0
        var isNegative = false
        var isInFraction = false
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                digits = digits &* 10 &+ Int64(byte &- UInt8(ascii: "0"))
                digitCount += 1
                fractionCount += isInFraction ? 1 : 0
            case UInt8(ascii: "."): isInFraction = true
            case UInt8(ascii: "-"): isNegative = true
            default: return nil
            }
        }
        guard digitCount <= Self.exactDigitLimit else { return nil }
        let magnitude = Double(digits) / Self.powersOfTen[fractionCount]
        return isNegative ? -magnitude : magnitude
    }

    /// Every number of 15 digits is below 2^53.
    private static let exactDigitLimit = 15
    private static let powersOfTen: [Double] = [
        1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
    ]
}

extension JSONNumber: CustomStringConvertible {
    package var description: String { text }
}
