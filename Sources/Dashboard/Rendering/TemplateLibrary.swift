import Mustache

/// Every template, parsed once.
struct TemplateLibrary: Sendable {
    private let library: MustacheLibrary

    /// - Parameter sources: templates by name, as they stand in their files.
    /// - Throws: `TemplateError` for one that can't be parsed.
    init(sources: [(name: String, text: String)]) throws {
        Self.registerEscaping()
        var library = MustacheLibrary()
        for (name, text) in sources {
            do {
                try library.register(Self.prepared(text), named: name)
            } catch {
                throw TemplateError(template: name, reason: "\(error)")
            }
        }
        self.library = library
    }

    /// A template that isn't there renders to a note that can't be overlooked; a test renders every page.
    func render(_ name: String, _ values: Values) -> Markup {
        guard let html = library.render(values, withTemplate: name) else { return "<p>No template \(name)</p>" }
        return Markup(rendered: html)
    }

    /// Puts our own escaping in force, which a template has to ask for itself since partials begin anew with the
    /// library's (see `HTMLText` for why that won't do). Indentation is for the author: without it pages are smaller
    /// and the library needn't carry it through.
    private static func prepared(_ text: String) -> String {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: true).map { line in
            line.drop { $0 == " " }
        }
        return "{{% CONTENT_TYPE:\(contentTypeName)}}" + lines.joined(separator: "\n")
    }

    private static let contentTypeName = "MUSTER"

    private static func registerEscaping() {
        MustacheContentTypes.register(SafeHTML(), named: contentTypeName)
    }
}

private struct SafeHTML: MustacheContentType {
    func escapeText(_ text: String) -> String { HTMLText.escape(text) }
}

/// A template that can't be used, and why.
package struct TemplateError: Error, CustomStringConvertible {
    package let template: String
    package let reason: String

    package var description: String { "The template \(template) can't be read: \(reason)." }
}
