/// By what a configuration is split into assignments.
package enum SplitSpecification: Sendable, Hashable {
    /// The product of all dimensions; the first named varies slowest.
    case dimensions([SplitDimension])
    /// Exactly that many assignments, from these paths in order, or, if there are none, from what the configuration
    /// has on its first level. The rule is told at ``SplitFactors``.
    case auto(paths: [ConfigurationPath], splits: Int)
}

/// One array or object of the configuration, and how its items are put into groups.
package struct SplitDimension: Sendable, Hashable {
    package enum Rule: Sendable, Hashable {
        /// A group for each item.
        case each
        /// That many runs of items in their order; sizes differ by at most one, the longer ones first.
        case groups(Int)
        /// Items by name, each exactly once. Groups come in this order; the items of one keep the configuration's
        /// order. A member of an object is named by its key, an element of an array as ``SplitAxis/itemLabels`` has
        /// it, or by `#` and its position.
        case explicit([[String]])
    }

    package let path: ConfigurationPath
    package let rule: Rule

    package init(path: ConfigurationPath, rule: Rule = .each) {
        self.path = path
        self.rule = rule
    }
}

// MARK: - JSON form

extension SplitSpecification {
    /// Reads `{"by": [{"path": "frequencies", "groups": 2}, {"path": "phantoms"}]}`, where a dimension may have
    /// `"explicit": [[5800], [2140, 2450]]` in place of `groups`, or be its path alone (`"phantoms"`); or
    /// `{"auto": {"splits": 12, "paths": ["phantoms", "frequencies"]}}`, where `paths` may be absent.
    ///
    /// - Throws: `syntax` or `empty`, with the field; unknown fields are refused.
    package init(json: JSON) throws(SplitError) {
        let form = try Fields(json, field: "", allowed: ["by", "auto"])
        switch (form["by"], form["auto"]) {
        case (let by?, nil):
            guard case .array(let elements) = by else { throw Self.wrongKind(by, field: "by", "an array") }
            var dimensions: [SplitDimension] = []
            for (index, element) in elements.enumerated() {
                dimensions.append(try Self.dimension(element, field: "by[\(index)]"))
            }
            self = .dimensions(dimensions)
        case (nil, let auto?):
            let fields = try Fields(auto, field: "auto", allowed: ["splits", "paths"])
            let paths = fields["paths"] ?? []
            guard case .array(let elements) = paths else {
                throw Self.wrongKind(paths, field: "auto.paths", "an array")
            }
            self = .auto(
                paths: try Self.paths(elements), splits: try Self.count(fields["splits"], field: "auto.splits"))
        default:
            throw SplitError(.syntax, field: "by", "A split has either \"by\" or \"auto\", one of the two.")
        }
    }

    package var json: JSON {
        switch self {
        case .dimensions(let dimensions):
            let elements = dimensions.map { dimension in
                var object: JSONObject = ["path": .string(dimension.path.text)]
                switch dimension.rule {
                case .each: break
                case .groups(let count): object["groups"] = JSON(count)
                case .explicit(let groups): object["explicit"] = .array(groups.map { .array($0.map(JSON.string)) })
                }
                return JSON.object(object)
            }
            return ["by": .array(elements)]
        case .auto(let paths, let splits):
            var object: JSONObject = ["splits": JSON(splits)]
            if !paths.isEmpty { object["paths"] = .array(paths.map { .string($0.text) }) }
            return ["auto": .object(object)]
        }
    }

    private static func dimension(_ json: JSON, field: String) throws(SplitError) -> SplitDimension {
        if case .string(let text) = json {
            return SplitDimension(path: try ConfigurationPath(text, field: field))
        }
        let fields = try Fields(json, field: field, allowed: ["path", "groups", "explicit"])
        guard case .string(let text) = fields["path"] else {
            throw wrongKind(fields["path"], field: "\(field).path", "a key path in a string")
        }
        let path = try ConfigurationPath(text, field: "\(field).path")
        switch (fields["groups"], fields["explicit"]) {
        case (nil, nil): return SplitDimension(path: path)
        case (let count?, nil):
            return SplitDimension(path: path, rule: .groups(try Self.count(count, field: "\(field).groups")))
        case (nil, let groups?):
            return SplitDimension(path: path, rule: .explicit(try Self.groups(groups, field: "\(field).explicit")))
        default:
            throw SplitError(
                .syntax, field: field, keyPath: path, "A dimension has either \"groups\" or \"explicit\", not both.")
        }
    }

    private static func groups(_ json: JSON, field: String) throws(SplitError) -> [[String]] {
        guard case .array(let groups) = json else { throw wrongKind(json, field: field, "an array of groups") }
        var names: [[String]] = []
        for (index, group) in groups.enumerated() {
            guard case .array(let items) = group else {
                throw wrongKind(group, field: "\(field)[\(index)]", "an array of item names")
            }
            var groupNames: [String] = []
            for item in items {
                switch item {
                case .string(let name): groupNames.append(name)
                case .number(let number): groupNames.append(number.text)
                default: throw wrongKind(item, field: "\(field)[\(index)]", "item names as strings or numbers")
                }
            }
            names.append(groupNames)
        }
        return names
    }

    private static func paths(_ elements: [JSON]) throws(SplitError) -> [ConfigurationPath] {
        var paths: [ConfigurationPath] = []
        for (index, element) in elements.enumerated() {
            let field = "auto.paths[\(index)]"
            guard case .string(let text) = element else { throw wrongKind(element, field: field, "a key path") }
            paths.append(try ConfigurationPath(text, field: field))
        }
        return paths
    }

    private static func count(_ json: JSON?, field: String) throws(SplitError) -> Int {
        guard let json, let value = json.intValue, let count = Int(exactly: value) else {
            throw wrongKind(json, field: field, "a whole number from 1")
        }
        return count
    }

    private static func wrongKind(_ json: JSON?, field: String, _ wanted: String) -> SplitError {
        let found = json.map { "is \($0.kindName)" } ?? "is missing"
        return SplitError(.syntax, field: field, "\(field) \(found), but must be \(wanted).")
    }

    /// The members of an object that has none but these.
    private struct Fields {
        private let object: JSONObject

        init(_ json: JSON, field: String, allowed: [String]) throws(SplitError) {
            guard case .object(let object) = json else {
                throw SplitSpecification.wrongKind(json, field: field.isEmpty ? "split" : field, "an object")
            }
            for key in object.keys where !allowed.contains(key) {
                throw SplitError(
                    .syntax, field: field.isEmpty ? key : "\(field).\(key)",
                    "A split has no field \(MessageWords.quoted(key)) here; allowed are \(MessageWords.list(allowed))."
                )
            }
            self.object = object
        }

        subscript(key: String) -> JSON? { object[key] }
    }
}
