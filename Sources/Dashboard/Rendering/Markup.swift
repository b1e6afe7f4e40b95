package import Domain

/// A piece of HTML. What is put into its text with `\( )` is escaped, unless it is `Markup` itself:
///
///     let name: Markup = "<b>\(session.workerName)</b>"
///
/// So a hostile value reaches a page escaped or not at all; there is no way to make `Markup` from a plain `String` but
/// an interpolation.
package struct Markup: Sendable, Hashable, ExpressibleByStringInterpolation {
    package private(set) var html: String

    package init(stringLiteral value: StaticString) {
        html = value.description
    }

    package init(stringInterpolation: StringInterpolation) {
        html = stringInterpolation.html
    }

    /// HTML that a template made, which escaped what it was given.
    init(rendered: String) {
        html = rendered
    }

    static let none: Markup = ""

    mutating func append(_ other: Markup) {
        html += other.html
    }

    package struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var html = ""

        package init(literalCapacity: Int, interpolationCount: Int) {
            html.reserveCapacity(literalCapacity + interpolationCount * 16)
        }

        package mutating func appendLiteral(_ literal: StaticString) { html += literal.description }
        package mutating func appendInterpolation(_ text: String) { html += HTMLText.escape(text) }
        package mutating func appendInterpolation(_ markup: Markup) { html += markup.html }
        /// A piece of our own text, known when the program is built.
        package mutating func appendInterpolation(raw text: StaticString) { html += text.description }
        package mutating func appendInterpolation(_ number: Int) { html += String(number) }
        package mutating func appendInterpolation(_ number: Int64) { html += String(number) }
        package mutating func appendInterpolation(_ id: some EntityID) { html += id.description }
        package mutating func appendInterpolation(_ moment: Instant) { html += moment.description }
    }
}

extension [Markup] {
    /// All of them, one behind the other.
    func joined(by separator: Markup = .none) -> Markup {
        Markup(rendered: map(\.html).joined(separator: separator.html))
    }
}
