/// A canonical Huffman code of bounded length.
struct HuffmanCode {
    /// Bits of each symbol's word; 0 for a symbol that does not occur.
    let lengths: [Int]
    /// The words, first bit lowest, as DEFLATE stores them.
    private let words: [UInt32]

    init(counts: [Int], longest: Int) {
        var counts = counts
        var lengths = Self.lengths(counts)
        // Halving the counts flattens the tree; few pictures need it even once.
        while (lengths.max() ?? 0) > longest {
            counts = counts.map { $0 > 0 ? ($0 + 1) / 2 : 0 }
            lengths = Self.lengths(counts)
        }
        self.lengths = lengths
        words = Self.words(lengths)
    }

    func write(_ symbol: Int, to output: inout BitWriter) {
        output.write(words[symbol], count: lengths[symbol])
    }

    /// Joins the two rarest trees until one is left; ties go by age, so that the result is always the same.
    private static func lengths(_ counts: [Int]) -> [Int] {
        var lengths = Array(repeating: 0, count: counts.count)
        let symbols = counts.indices.filter { counts[$0] > 0 }
        guard symbols.count > 1 else {
            if let only = symbols.first { lengths[only] = 1 }
            return lengths
        }
        let leaves = symbols.sorted { (counts[$0], $0) < (counts[$1], $1) }
        var weights = leaves.map { counts[$0] }
        var parents = Array(repeating: 0, count: 2 * leaves.count - 1)
        var (nextLeaf, nextTree) = (0, leaves.count)
        while weights.count < 2 * leaves.count - 1 {
            var weight = 0
            for _ in 0..<2 {
                let takesLeaf =
                    nextLeaf < leaves.count && (nextTree >= weights.count || weights[nextLeaf] <= weights[nextTree])
                let taken = takesLeaf ? nextLeaf : nextTree
                if takesLeaf { nextLeaf += 1 } else { nextTree += 1 }
                weight += weights[taken]
                parents[taken] = weights.count
            }
            weights.append(weight)
        }
        var depths = Array(repeating: 0, count: parents.count)
        for node in (0..<(parents.count - 1)).reversed() { depths[node] = depths[parents[node]] + 1 }
        for (leaf, symbol) in leaves.enumerated() { lengths[symbol] = depths[leaf] }
        return lengths
    }

    private static func words(_ lengths: [Int]) -> [UInt32] {
        var words = Array(repeating: UInt32(0), count: lengths.count)
        var word: UInt32 = 0
        for length in 1...15 {
            word <<= 1
            for symbol in lengths.indices where lengths[symbol] == length {
                words[symbol] = reversed(word, count: length)
                word += 1
            }
        }
        return words
    }

    private static func reversed(_ word: UInt32, count: Int) -> UInt32 {
        (0..<count).reduce(0) { $0 | (word >> UInt32($1) & 1) << UInt32(count - 1 - $1) }
    }
}

/// Collects bits, lowest first.
struct BitWriter {
    private var bytes: [UInt8] = []
    private var pending: UInt64 = 0
    private var pendingCount = 0

    mutating func write(_ bits: UInt32, count: Int) {
        pending |= UInt64(bits) << UInt64(pendingCount)
        pendingCount += count
        while pendingCount >= 8 {
            bytes.append(UInt8(pending & 0xff))
            pending >>= 8
            pendingCount -= 8
        }
    }

    /// The bytes, the last filled up with zeros.
    mutating func finish() -> [UInt8] {
        if pendingCount > 0 { write(0, count: 8 - pendingCount) }
        return bytes
    }
}
