/// How DEFLATE writes a length or a distance: a symbol for a range, and extra bits for the place in it.
struct Ladder {
    struct Step {
        let symbol: Int
        let extra: Int
        let extraBits: Int
    }

    /// Symbol, first value and count of extra bits of each range.
    private let ranges: [(symbol: Int, first: Int, extraBits: Int)]

    /// Lengths 3 to 258 by symbols 257 to 285; the longest has a symbol of its own.
    static let lengths: Ladder = {
        var ranges: [(symbol: Int, first: Int, extraBits: Int)] = []
        var first = 3
        for index in 0..<28 {
            let bits = max(0, index / 4 - 1)
            ranges.append((257 + index, first, bits))
            first += 1 << bits
        }
        return Ladder(ranges: ranges + [(285, 258, 0)])
    }()

    /// Distances 1 to 32,768 by symbols 0 to 29.
    static let distances: Ladder = {
        var ranges: [(symbol: Int, first: Int, extraBits: Int)] = []
        var first = 1
        for index in 0..<30 {
            let bits = max(0, index / 2 - 1)
            ranges.append((index, first, bits))
            first += 1 << bits
        }
        return Ladder(ranges: ranges)
    }()

    func step(of value: Int) -> Step {
        var low = 0
        var high = ranges.count - 1
        while low < high {
            let middle = (low + high + 1) / 2
            if ranges[middle].first <= value { low = middle } else { high = middle - 1 }
        }
        let range = ranges[low]
        return Step(symbol: range.symbol, extra: value - range.first, extraBits: range.extraBits)
    }
}
