/// Finds the name that was probably meant.
enum NearestName {
    /// - Returns: the candidate with the fewest letters changed, unless even that would be guessing.
    static func of(_ name: String, among candidates: [String]) -> String? {
        let wanted = name.lowercased()
        let ranked = candidates.map { candidate in
            let whole = distance(wanted, candidate.lowercased())
            // `port` where `server.port` was meant.
            let last = candidate.split(separator: ".").last.map(String.init) ?? candidate
            return (candidate, min(whole, distance(wanted, last.lowercased())))
        }
        guard let best = ranked.min(by: { $0.1 < $1.1 }), best.1 <= max(2, wanted.count / 3) else { return nil }
        return best.0
    }

    /// How many letters must be put in, left out or changed to come from one to the other (Levenshtein).
    static func distance(_ left: String, _ right: String) -> Int {
        let right = Array(right)
        var row = Array(0...right.count)
        for (position, letter) in left.enumerated() {
            var corner = row[0]
            row[0] = position + 1
            for column in right.indices {
                let above = row[column + 1]
                row[column + 1] = min(above + 1, row[column] + 1, corner + (letter == right[column] ? 0 : 1))
                corner = above
            }
        }
        return row[right.count]
    }
}
