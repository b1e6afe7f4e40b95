/// Which assignments of a study somebody named: `0,2,4-7`. Indices count from 0, and each stands once.
package struct IndexList: Sendable, Hashable {
    /// In the order in which they were named.
    package let ranges: [ClosedRange<Int>]

    package struct Failure: Error, Hashable {
        /// A sentence with the piece in it.
        package let message: String
    }

    /// More than one worker would ever be given by hand.
    package static let countLimit = 1_000_000
    package static let indexLimit = Int(Int32.max)

    package init(_ text: String) throws(Failure) {
        var ranges: [ClosedRange<Int>] = []
        var count = 0
        for piece in text.split(separator: ",", omittingEmptySubsequences: false) {
            let range = try Self.range(Self.trimmed(piece), in: text)
            count += range.count
            guard count <= Self.countLimit else {
                throw Failure(message: "\(text) names more than \(Self.countLimit) indices.")
            }
            ranges.append(range)
        }
        if let twice = Self.firstShared(ranges) {
            throw Failure(message: "The index \(twice) stands twice in \(text).")
        }
        self.ranges = ranges
    }

    private init(ranges: [ClosedRange<Int>]) {
        self.ranges = ranges
    }

    /// As GOLIAT's `worker` command reads a list: sorted, an index that stands twice counts once, and an empty place
    /// for nothing. `3,0-1,1` is 0, 1, 3.
    package init(inGOLIATsManner text: String) throws(Failure) {
        var merged: [ClosedRange<Int>] = []
        let pieces = text.split(separator: ",").map(Self.trimmed).filter { !$0.isEmpty }
        guard !pieces.isEmpty else {
            throw Failure(message: "There is no index in the list: write indices such as 0,2,4-7.")
        }
        var ranges: [ClosedRange<Int>] = []
        for piece in pieces { ranges.append(try Self.range(piece, in: text)) }
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = merged.last, range.lowerBound <= last.upperBound {
                merged[merged.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
            } else {
                merged.append(range)
            }
        }
        guard merged.reduce(0, { $0 + $1.count }) <= Self.countLimit else {
            throw Failure(message: "\(text) names more than \(Self.countLimit) indices.")
        }
        self.init(ranges: merged)
    }

    package var count: Int { ranges.reduce(0) { $0 + $1.count } }

    package var indices: [Int] { ranges.flatMap { Array($0) } }

    /// The lowest index that is in two of them.
    private static func firstShared(_ ranges: [ClosedRange<Int>]) -> Int? {
        let ordered = ranges.sorted { $0.lowerBound < $1.lowerBound }
        return zip(ordered, ordered.dropFirst()).first { $0.upperBound >= $1.lowerBound }?.1.lowerBound
    }

    private static func trimmed(_ piece: Substring) -> String {
        var piece = piece.drop { $0.isWhitespace }
        while piece.last?.isWhitespace == true { piece.removeLast() }
        return String(piece)
    }

    private static func range(_ piece: String, in text: String) throws(Failure) -> ClosedRange<Int> {
        let ends = piece.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
            .map { Substring(trimmed($0)) }
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
