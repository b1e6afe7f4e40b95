/// Why a text is not one JSON document, and where.
package struct JSONParseError: Error, Sendable, Hashable {
    /// In bytes from the beginning, from 0.
    package let offset: Int
    /// From 1.
    package let line: Int
    /// In characters (Unicode scalars) from the beginning of the line, from 1.
    package let column: Int
    /// The end of a sentence without its full stop: `a value is missing after the colon`.
    package let reason: String

    package init(offset: Int, line: Int, column: Int, reason: String) {
        self.offset = offset
        self.line = line
        self.column = column
        self.reason = reason
    }
}

extension JSONParseError: CustomStringConvertible {
    package var description: String {
        "This is not valid JSON: line \(line), column \(column): \(reason)."
    }
}
