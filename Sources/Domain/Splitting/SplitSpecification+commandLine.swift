extension SplitSpecification {
    /// Reads what follows `--split-by`, and `--splits`.
    ///
    ///     by        = dimension *("," dimension) / "auto" ["=" path *("," path)]
    ///     dimension = path [":" count / "=" groups / "=[" groups "]"]
    ///     groups    = group *(";" group)
    ///     group     = item *("," item)
    ///
    /// | text | meaning |
    /// |---|---|
    /// | `phantoms,frequencies` | every phantom with every frequency, phantoms varying slowest |
    /// | `frequencies:2` | two groups of frequencies, of sizes that differ by at most one |
    /// | `frequencies=5800;2140,2450` | two groups by name; they go on to the end of the text |
    /// | `frequencies=[5800;2140,2450],phantoms` | the same in brackets, so that another dimension can follow |
    /// | `auto` with `--splits 12` | twelve assignments from what the configuration has on its first level |
    /// | `auto=phantoms,frequencies` or `phantoms,frequencies`, with `--splits 12` | twelve from these, in order |
    ///
    /// `--splits` is always the number of assignments in the end, so it can't stand with `:` or `=`. Space around
    /// paths and items doesn't count. A backslash makes the next character an ordinary one: `a\.b` is one key,
    /// `\auto` a path, `[north\,east;south]` has two items.
    package init(commandLine splitBy: String, splits: Int? = nil) throws(SplitError) {
        var reader = SplitTextReader(splitBy)
        if reader.skipAuto() {
            guard let splits else {
                throw SplitError(
                    .syntax, field: "auto.splits",
                    "auto must know into how many assignments: add --splits and a number."
                )
            }
            self = .auto(paths: try reader.autoPaths(), splits: splits)
            return
        }
        let dimensions = try reader.dimensions()
        guard let splits else {
            self = .dimensions(dimensions)
            return
        }
        if let fixed = dimensions.first(where: { $0.rule != .each }) {
            throw SplitError(
                .syntax, field: "by", keyPath: fixed.path,
                "--splits says how many assignments there are in the end, and \(fixed.path.shown) has groups of its "
                    + "own: leave one of the two out."
            )
        }
        self = .auto(paths: dimensions.map(\.path), splits: splits)
    }
}

/// Walks over the text of a split. Pieces are cut at separators that no backslash stands before, and keep their
/// backslashes until they are taken as names.
private struct SplitTextReader {
    private typealias Scalars = Substring.UnicodeScalarView

    private var rest: Scalars

    init(_ text: String) {
        rest = text[...].unicodeScalars.trimmed
    }

    /// Takes `auto`, and the `=` behind it.
    mutating func skipAuto() -> Bool {
        guard rest.starts(with: "auto".unicodeScalars) else { return false }
        let after = rest.dropFirst(4).trimmed
        guard after.isEmpty || after.first == "=" else { return false }
        rest = after.dropFirst().trimmed
        return true
    }

    mutating func autoPaths() throws(SplitError) -> [ConfigurationPath] {
        var paths: [ConfigurationPath] = []
        if rest.first == "[", rest.last == "]" { rest = rest.dropFirst().dropLast() }
        guard !rest.isEmpty else { return [] }
        for piece in rest.pieces(at: ",") {
            paths.append(try ConfigurationPath(String(piece), field: "auto.paths[\(paths.count)]"))
        }
        return paths
    }

    mutating func dimensions() throws(SplitError) -> [SplitDimension] {
        var dimensions: [SplitDimension] = []
        guard !rest.isEmpty else { return [] }
        while true {
            dimensions.append(try dimension(field: "by[\(dimensions.count)]"))
            guard !rest.isEmpty else { return dimensions }
            rest = rest.dropFirst()
        }
    }

    /// Ends before the comma behind the dimension, or at the end.
    private mutating func dimension(field: String) throws(SplitError) -> SplitDimension {
        let path = try ConfigurationPath(String(take(upTo: ",:=").trimmed), field: "\(field).path")
        switch rest.first {
        case ":":
            rest = rest.dropFirst()
            let text = take(upTo: ",").trimmed
            guard let count = Int(String(text)) else {
                throw SplitError(
                    .syntax, field: "\(field).groups", keyPath: path,
                    "After \(path.shown): comes the number of groups, not \(MessageWords.quoted(String(text))); put a "
                        + "backslash before a colon that belongs to a key."
                )
            }
            return SplitDimension(path: path, rule: .groups(count))
        case "=":
            rest = rest.dropFirst().trimmed
            return SplitDimension(path: path, rule: .explicit(try groups(of: path, field: "\(field).explicit")))
        default:
            return SplitDimension(path: path)
        }
    }

    private mutating func groups(of path: ConfigurationPath, field: String) throws(SplitError) -> [[String]] {
        var list = rest
        if rest.first == "[" {
            rest = rest.dropFirst()
            list = take(upTo: "]")
            let isClosed = rest.first == "]"
            rest = rest.dropFirst().trimmed
            guard isClosed, rest.isEmpty || rest.first == "," else {
                throw SplitError(
                    .syntax, field: field, keyPath: path,
                    "The groups of \(path.shown) begin with [ and must end with ], with a comma or nothing behind it."
                )
            }
        } else {
            rest = Scalars()
        }
        return list.pieces(at: ";").map { group in
            group.isEmpty ? [] : group.pieces(at: ",").map(\.withoutBackslashes)
        }
    }

    private mutating func take(upTo separators: String) -> Scalars {
        let end = rest.firstUnescaped(of: separators) ?? rest.endIndex
        defer { rest = rest[end...] }
        return rest[..<end]
    }
}

extension Substring.UnicodeScalarView {
    fileprivate func firstUnescaped(of separators: String) -> Index? {
        var isEscaped = false
        for index in indices {
            if isEscaped {
                isEscaped = false
            } else if self[index] == "\\" {
                isEscaped = true
            } else if separators.unicodeScalars.contains(self[index]) {
                return index
            }
        }
        return nil
    }

    fileprivate func pieces(at separator: String) -> [Self] {
        var pieces: [Self] = []
        var rest = self
        while let end = rest.firstUnescaped(of: separator) {
            pieces.append(rest[..<end].trimmed)
            rest = rest[rest.index(after: end)...]
        }
        pieces.append(rest.trimmed)
        return pieces
    }

    fileprivate var withoutBackslashes: String {
        var text = String.UnicodeScalarView()
        var isEscaped = false
        for scalar in self {
            if scalar == "\\", !isEscaped {
                isEscaped = true
            } else {
                text.append(scalar)
                isEscaped = false
            }
        }
        return String(text)
    }

    /// Without space at the ends, but with one that a backslash protects.
    fileprivate var trimmed: Self {
        var trimmed = drop { $0.properties.isWhitespace }
        while let last = trimmed.last, last.properties.isWhitespace {
            let before = trimmed.dropLast()
            let backslashes = before.reversed().prefix { $0 == "\\" }.count
            if backslashes % 2 == 1 { break }
            trimmed = before
        }
        return trimmed
    }
}
