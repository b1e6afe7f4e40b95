/// Names that strangers chose, as a message or a label shows them: not endless, and without what a terminal would
/// obey or what turns the direction of the text around it.
enum MessageWords {
    private static let nameLimit = 40
    private static let listLimit = 8

    static func quoted(_ name: String) -> String {
        JSON.string(shortened(name)).text
    }

    static func shortened(_ name: String) -> String {
        let tame = name.unicodeScalars.contains(where: isUnruly) ? tamed(name) : name
        guard tame.utf8.count > nameLimit, tame.count > nameLimit else { return tame }
        return tame.prefix(nameLimit - 1) + "…"
    }

    static func tamed(_ name: String) -> String {
        String(String.UnicodeScalarView(name.unicodeScalars.map { isUnruly($0) ? "\u{FFFD}" : $0 }))
    }

    private static func isUnruly(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F...0x9F, 0x200E...0x200F, 0x202A...0x202E, 0x2066...0x2069: true
        default: false
        }
    }

    static func list(_ names: [String]) -> String {
        let shown = names.prefix(listLimit).map(quoted).joined(separator: ", ")
        return names.count > listLimit ? "\(shown) and \(names.count - listLimit) more" : shown
    }

    static func counted(_ count: Int, _ noun: String) -> String {
        count == 1 ? "1 \(noun)" : "\(count) \(noun)s"
    }
}
