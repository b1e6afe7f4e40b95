/// The way to a value in a configuration: `antenna_config.components`, `scenes.0.frequencies`.
///
/// Names are joined by dots. In an object a name is a key; in an array it is a position from 0 in decimal digits.
/// A backslash makes the character after it an ordinary one, so that a key may have a dot in it (`a\.b` is one key).
/// A dot alone is the whole configuration.
package struct ConfigurationPath: Sendable, Hashable {
    package let components: [String]

    package init(components: [String]) {
        self.components = components
    }

    /// - Throws: `syntax` for an empty text, an empty name (`a..b`) and a backslash at the end.
    package init(_ text: String, field: String = "path") throws(SplitError) {
        guard text != "." else {
            components = []
            return
        }
        var components: [String] = []
        var current = String.UnicodeScalarView()
        var isEscaped = false
        for scalar in text.unicodeScalars {
            if isEscaped {
                current.append(scalar)
                isEscaped = false
            } else if scalar == "\\" {
                isEscaped = true
            } else if scalar == "." {
                components.append(String(current))
                current.removeAll()
            } else {
                current.append(scalar)
            }
        }
        components.append(String(current))
        guard !isEscaped, !components.contains(where: \.isEmpty) else {
            throw SplitError(
                .syntax, field: field,
                "\(MessageWords.quoted(text)) is not a key path: names joined by dots are, such as grid.frequencies; "
                    + "put a backslash before a dot that belongs to a name."
            )
        }
        self.components = components
    }

    /// Reads back as the same path, on its own and in the text of a split.
    package var text: String {
        components.isEmpty ? "." : components.map(Self.escaped).joined(separator: ".")
    }

    /// ``text`` for the eyes of a person.
    var shown: String { MessageWords.tamed(text) }

    /// Whether this is the other or leads to something that the other lies in.
    func contains(_ other: ConfigurationPath) -> Bool {
        other.components.starts(with: components) { $0.isSameText(as: $1) }
    }

    package static func == (left: ConfigurationPath, right: ConfigurationPath) -> Bool {
        left.components.count == right.components.count && left.contains(right)
    }

    package func hash(into hasher: inout Hasher) {
        for component in components { hasher.combine(ExactText(component)) }
    }

    /// By scalars, since a mark that combines with the character before it would hide that one.
    private static func escaped(_ name: String) -> String {
        var escaped = String.UnicodeScalarView()
        let scalars = Array(name.unicodeScalars)
        for (position, scalar) in scalars.enumerated() {
            let isEdge = position == 0 || position == scalars.count - 1
            let isSpecial = "\\.,:=".unicodeScalars.contains(scalar)
            if isSpecial || (isEdge && scalar.properties.isWhitespace) { escaped.append("\\") }
            escaped.append(scalar)
        }
        return String(escaped)
    }
}

extension ConfigurationPath {
    /// Follows the path.
    ///
    /// - Returns: what stands there, and for each step the position of the member or element.
    func resolve(in base: JSON, field: String) throws(SplitError) -> (value: JSON, places: [Int]) {
        var value = base
        var places: [Int] = []
        for (depth, name) in components.enumerated() {
            let place: Int?
            switch value {
            case .object(let object):
                place = object.members.firstIndex { $0.key.isSameText(as: name) }
                if let place { value = object.members[place].value }
            case .array(let elements):
                place = Self.position(name).flatMap { elements.indices.contains($0) ? $0 : nil }
                if let place { value = elements[place] }
            default:
                place = nil
            }
            guard let place else { throw missing(name, in: value, depth: depth, field: field) }
            places.append(place)
        }
        return (value, places)
    }

    /// One spelling for one position: `7`, not `07`.
    private static func position(_ name: String) -> Int? {
        guard let position = Int(name), position >= 0, String(position) == name else { return nil }
        return position
    }

    private func missing(_ name: String, in parent: JSON, depth: Int, field: String) -> SplitError {
        let holder = depth == 0 ? "the configuration" : ConfigurationPath(components: Array(components[..<depth])).shown
        let reason =
            switch parent {
            case .object(let object) where object.isEmpty: "is an empty object"
            case .object(let object): "has no \(MessageWords.quoted(name)); it has \(MessageWords.list(object.keys))"
            case .array(let elements) where elements.isEmpty: "is an empty array"
            case .array(let elements):
                "is an array of \(elements.count), so a position from 0 to \(elements.count - 1) can follow, "
                    + "not \(MessageWords.quoted(name))"
            default: "is \(parent.kindName), so \(MessageWords.quoted(name)) can't be in it"
            }
        return SplitError(
            .pathMissing, field: field, keyPath: self,
            "There is no \(shown) in the configuration: \(holder) \(reason). "
                + "Name an array or an object that is there."
        )
    }
}
