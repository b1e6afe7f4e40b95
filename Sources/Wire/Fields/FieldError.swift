/// One field of a request that is not as it should be.
package struct FieldError: Sendable, Hashable {
    /// The path to it: `reports[2].attempt`; empty for the body itself.
    package let field: String
    /// The end of a sentence without its full stop: `is missing`, `must be a whole number from 1 to 1000`.
    package let reason: String

    package init(field: String, reason: String) {
        self.field = field
        self.reason = reason
    }
}

/// A body that could not be taken. Answered with 400 (not JSON) or 422 (JSON, but not what was asked); nothing changed.
package struct WireError: Error, Sendable, Hashable, CustomStringConvertible {
    package let errors: [FieldError]
    /// The body was no JSON at all.
    package let isMalformed: Bool

    package init(_ errors: [FieldError], isMalformed: Bool = false) {
        self.errors = errors
        self.isMalformed = isMalformed
    }

    package init(field: String, _ reason: String) {
        self.init([FieldError(field: field, reason: reason)])
    }

    package var description: String {
        errors.map { $0.field.isEmpty ? "The body \($0.reason)." : "\($0.field) \($0.reason)." }.joined(separator: " ")
    }
}
