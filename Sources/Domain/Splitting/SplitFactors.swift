/// How `auto` divides a number of assignments among dimensions.
///
/// The rule: the first dimension gets the largest divisor of the number that it has items for and that leaves the
/// dimensions after it a number they can make; then the next, with what is left, in the same way. A dimension that
/// gets 1 stays whole. So 4 phantoms and 9 frequencies make 6 as 3 × 2 and 7 as 1 × 7; 11 they can't make, and it is
/// refused: never are there fewer assignments than asked for.
struct SplitFactors {
    /// Items of each dimension in order, each at least 1.
    let sizes: [Int]
    /// All items from each dimension on in groups of one; `Int.max` where it is beyond.
    private let largestFrom: [Int]
    private var known: [Question: Bool] = [:]

    private struct Question: Hashable {
        let number: Int
        let dimension: Int
    }

    init(sizes: [Int]) {
        self.sizes = sizes
        var largestFrom = [1]
        for size in sizes.reversed() {
            let (product, isOverflow) = largestFrom[0].multipliedReportingOverflow(by: size)
            largestFrom.insert(isOverflow ? .max : product, at: 0)
        }
        self.largestFrom = largestFrom
    }

    /// All items in groups of one; `Int.max` where it is beyond.
    var largest: Int { largestFrom[0] }

    /// A number of groups for each dimension whose product is the number; `nil` if there is none.
    mutating func factors(of number: Int) -> [Int]? {
        guard canMake(number, from: 0) else { return nil }
        var rest = number
        var factors: [Int] = []
        for (dimension, size) in sizes.enumerated() {
            let divisors = Self.divisors(of: rest, upTo: size)
            let factor = divisors.last { canMake(rest / $0, from: dimension + 1) } ?? 1
            factors.append(factor)
            rest /= factor
        }
        return factors
    }

    /// The nearest number up to this one and the nearest above it that can be made, where they are not too far off.
    mutating func possibleCounts(near number: Int) -> [Int] {
        let start = min(number, largest)
        var found: [Int] = []
        let lowest = max(1, start - Self.searchLimit)
        if start >= 1, let below = (lowest...start).last(where: { canMake($0, from: 0) }) { found.append(below) }
        let above = max(start + 1, 1)
        let highest = min(largest, start + Self.searchLimit)
        if above <= highest, let next = (above...highest).first(where: { canMake($0, from: 0) }) { found.append(next) }
        return found
    }

    /// How far to look for a number that can be made, before a message goes without it.
    private static let searchLimit = 5_000

    private mutating func canMake(_ number: Int, from dimension: Int) -> Bool {
        guard number >= 1, number <= largestFrom[dimension] else { return false }
        if number == 1 { return true }
        let question = Question(number: number, dimension: dimension)
        if let answer = known[question] { return answer }
        let divisors = Self.divisors(of: number, upTo: sizes[dimension])
        let answer = divisors.contains { canMake(number / $0, from: dimension + 1) }
        known[question] = answer
        return answer
    }

    /// Rising.
    private static func divisors(of number: Int, upTo limit: Int) -> [Int] {
        var small: [Int] = []
        var large: [Int] = []
        var candidate = 1
        while candidate <= limit, candidate * candidate <= number {
            if number % candidate == 0 {
                small.append(candidate)
                let partner = number / candidate
                if partner != candidate, partner <= limit { large.append(partner) }
            }
            candidate += 1
        }
        return small + large.reversed()
    }
}
