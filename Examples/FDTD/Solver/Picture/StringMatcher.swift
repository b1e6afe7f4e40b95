/// Finds strings that were there before (LZ77).
enum StringMatcher {
    enum Token {
        case literal(UInt8)
        case match(length: Int, distance: Int)
    }

    private static let window = 32_768
    private static let shortest = 3
    private static let longest = 258
    /// Candidates tried at a place; filtered pictures repeat flat areas or hardly at all, so more finds little.
    private static let candidates = 16
    private static let hashBits = 15

    static func tokens(of bytes: [UInt8]) -> [Token] {
        var tokens: [Token] = []
        tokens.reserveCapacity(bytes.count / 2)
        // The last place of each hash, and for each place the one before it with the same hash.
        var heads = Array(repeating: -1, count: 1 << hashBits)
        var earlier = Array(repeating: -1, count: window)

        func remember(_ place: Int) {
            guard place + shortest <= bytes.count else { return }
            let hash = hash(bytes, place)
            earlier[place % window] = heads[hash]
            heads[hash] = place
        }

        var place = 0
        while place < bytes.count {
            var length = 0
            var distance = 0
            if place + shortest <= bytes.count {
                var candidate = heads[hash(bytes, place)]
                var tries = candidates
                while candidate >= 0, place - candidate < window, tries > 0 {
                    let common = commonLength(bytes, candidate, place)
                    if common > length { (length, distance) = (common, place - candidate) }
                    candidate = earlier[candidate % window]
                    tries -= 1
                }
            }
            if length >= shortest {
                tokens.append(.match(length: length, distance: distance))
                for offset in 0..<length { remember(place + offset) }
                place += length
            } else {
                tokens.append(.literal(bytes[place]))
                remember(place)
                place += 1
            }
        }
        return tokens
    }

    private static func hash(_ bytes: [UInt8], _ place: Int) -> Int {
        let value = UInt32(bytes[place]) << 16 | UInt32(bytes[place + 1]) << 8 | UInt32(bytes[place + 2])
        return Int((value &* 0x9e37_79b1) >> UInt32(32 - hashBits))
    }

    private static func commonLength(_ bytes: [UInt8], _ first: Int, _ second: Int) -> Int {
        let limit = min(longest, bytes.count - second)
        var length = 0
        while length < limit, bytes[first + length] == bytes[second + length] { length += 1 }
        return length
    }
}
