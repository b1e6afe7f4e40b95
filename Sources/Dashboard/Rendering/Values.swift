import Mustache

/// What a template is filled with: names and, for each, a text (escaped), a flag, further values or a list of them, or
/// finished `Markup`.
///
/// Markup is kept under its name with `HTML` behind it, and templates print without escaping only names that end so
/// (`{{{badgeHTML}}}`; a test reads all templates for it): a plain text can't be printed unescaped by a slip.
struct Values: MustacheParent, Sendable, ExpressibleByDictionaryLiteral {
    private var entries: [String: any Sendable]

    enum Value: Sendable {
        case text(String?)
        case count(Int)
        case flag(Bool)
        case values(Values?)
        case list([Values])
        case markup(Markup?)
    }

    init(dictionaryLiteral elements: (StaticString, Value)...) {
        entries = [:]
        entries.reserveCapacity(elements.count)
        for (name, value) in elements { set(name.description, value) }
    }

    /// A list also sets a flag, `hasRows` for `rows`: a template can't ask a list whether it is empty without going
    /// through it.
    mutating func set(_ name: String, _ value: Value) {
        switch value {
        case .text(let text?): entries[name] = text
        case .count(let count): entries[name] = Format.count(count)
        case .flag(let flag): entries[name] = flag
        case .values(let values?): entries[name] = values
        case .list(let list):
            entries[name] = list
            entries["has" + name.prefix(1).uppercased() + name.dropFirst()] = !list.isEmpty
        case .markup(let markup?): entries[name + "HTML"] = markup.html
        case .markup(nil): entries[name + "HTML"] = Absent()
        case .text(nil), .values(nil): entries[name] = Absent()
        }
    }

    func child(named name: String) -> Any? { entries[name] }
}

/// What isn't there. It is set all the same: a name that is missing would be looked up in the surroundings, and a row
/// would show its neighbour's value.
private struct Absent: MustacheCustomRenderable, Sendable {
    var renderText: String { "" }
    var isNull: Bool { true }
}
