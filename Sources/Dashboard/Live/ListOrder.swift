/// Which rows of a list can stay where they are when the list changes.
enum ListOrder {
    /// The largest set of ids that are in both lists in the same order (the longest increasing run of old positions).
    /// Moving all others, each behind its new neighbour, makes the new list of the old one with the fewest moves.
    static func staying(from old: [String], to new: [String]) -> Set<String> {
        if old == new { return Set(new) }
        let places = Dictionary(old.enumerated().map { ($1, $0) }) { first, _ in first }
        let common = new.filter { places[$0] != nil }
        let positions = common.compactMap { places[$0] }

        // Patience sorting: `tails[k]` is the index of the smallest end of a run of k + 1.
        var tails: [Int] = []
        var previous = [Int](repeating: -1, count: positions.count)
        for (index, position) in positions.enumerated() {
            var (low, high) = (0, tails.count)
            while low < high {
                let middle = (low + high) / 2
                if positions[tails[middle]] < position { low = middle + 1 } else { high = middle }
            }
            if low > 0 { previous[index] = tails[low - 1] }
            if low == tails.count { tails.append(index) } else { tails[low] = index }
        }

        var staying: Set<String> = []
        var index = tails.last ?? -1
        while index >= 0 {
            staying.insert(common[index])
            index = previous[index]
        }
        return staying
    }
}
