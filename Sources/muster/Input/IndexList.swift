/// Which assignments of a study somebody named: `0,2,4-7`. Indices count from 0, and each stands once.
struct IndexList: Sendable, Hashable {
    /// In the order in which they were named.
    let ranges: [ClosedRange<Int>]

    struct Failure: Error, Hashable {
        /// A sentence with the piece in it.
        let message: String
    }

    /// More than one worker would ever be given by hand.
    static let countLimit = 1_000_000
    static let indexLimit = Int(Int32.max)

    init(_ text: String) throws(Failure) {
        var ranges: [ClosedRange<Int>] = []
        var count = 0
        for piece in text.split(separator: ",", omittingEmptySubsequences: false) {
            let range = try Self.range(piece.trimmingSpaces, in: text)
            if let other = ranges.first(where: { $0.overlaps(range) }) {
                let twice = max(other.lowerBound, range.lowerBound)
                throw Failure(message: "The index \(twice) stands twice in \(text).")
            }
            count += range.count
            guard count <= Self.countLimit else {
                throw Failure(message: "\(text) names more than \(Self.countLimit) indices.")
            }
            ranges.append(range)
        }
        self.ranges = ranges
    }

    var count: Int { ranges.reduce(0) { $0 + $1.count } }

    var indices: [Int] { ranges.flatMap { Array($0) } }

    private static func range(_ piece: String, in text: String) throws(Failure) -> ClosedRange<Int> {
        let ends = piece.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = ends.first.flatMap({ index($0) }), let last = ends.last.flatMap({ index($0) }) else {
            throw Failure(
                message: piece.isEmpty
                    ? "There is an empty place in \(text.isEmpty ? "the list of indices" : text): "
                        + "write indices such as 0,2,4-7."
                    : "\(piece) is no index: write indices such as 0,2,4-7."
            )
        }
        guard first <= last else {
            throw Failure(message: "\(piece) goes backwards: write \(last)-\(first).")
        }
        return first...last
    }

    private static func index(_ digits: Substring) -> Int? {
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (48...57).contains($0) }), let value = Int(digits),
            value <= indexLimit
        else { return nil }
        return value
    }
}
