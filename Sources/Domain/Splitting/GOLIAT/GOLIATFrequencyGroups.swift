/// Frequencies in groups, as `--frequency-groups` writes them: `5800;5200;2140,2450`.
struct GOLIATFrequencyGroups {
    /// As written, none of them empty. A frequency may stand in more than one.
    let groups: [[Int]]
    /// Frequencies that no group has.
    let notes: [String]

    /// - Parameter frequencies: those of the configuration. Some may be no numbers (`"700+835"`): no group names them.
    /// - Throws: where it can't be read, names what is not there, or has no group.
    init(_ text: String?, among frequencies: [JSON]) throws(SplitError) {
        guard let text else {
            throw SplitError(
                .syntax, field: Self.field,
                "custom needs the groups of frequencies: 5800;2140,2450 makes two of them.")
        }
        var groups: [[Int]] = []
        for piece in text.split(separator: ";") {
            let piece = Self.trimmed(piece)
            if !piece.isEmpty { groups.append(try Self.group(piece)) }
        }
        guard !groups.isEmpty else {
            throw SplitError(
                .empty, field: Self.field, "There is no group in \(MessageWords.quoted(text)).")
        }
        let known = frequencies.map(\.doubleValue)
        for frequency in groups.joined() where !known.contains(Double(frequency)) {
            throw SplitError(
                .itemMissing, field: Self.field,
                "\(frequency) is not among the frequencies of the configuration: it has "
                    + "\(MessageWords.list(frequencies.map(\.text))).")
        }
        let used = Set(groups.joined().map { Double($0) })
        let leftOut = zip(frequencies, known).filter { $1.map { !used.contains($0) } ?? true }.map(\.0.text)
        self.groups = groups
        notes = leftOut.isEmpty ? [] : ["No group has \(MessageWords.list(leftOut)): no assignment computes them."]
    }

    private static let field = "frequencyGroups"

    private static func group(_ text: Substring) throws(SplitError) -> [Int] {
        var group: [Int] = []
        for piece in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let frequency = Int(trimmed(piece)) else {
                throw SplitError(
                    .syntax, field: field,
                    "\(MessageWords.quoted(String(piece))) is no whole number: write groups such as 5800;2140,2450.")
            }
            group.append(frequency)
        }
        return group
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text.drop { $0.isWhitespace }
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }
}
