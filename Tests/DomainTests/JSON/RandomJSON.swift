import Domain

/// Random values and texts from a seed, so that a failure can be run again.
struct RandomJSON: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    /// SplitMix64.
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func value(depth: Int = 0) -> JSON {
        switch Int.random(in: 0..<(depth < 5 ? 9 : 6), using: &self) {
        case 0: return .null
        case 1: return .bool(.random(using: &self))
        case 2, 3: return .number(number())
        case 4, 5: return .string(string())
        case 6: return .array((0..<Int.random(in: 0...6, using: &self)).map { _ in value(depth: depth + 1) })
        default: return .object(object(memberCount: Int.random(in: 0...6, using: &self), depth: depth))
        }
    }

    mutating func object(memberCount: Int, depth: Int = 0) -> JSONObject {
        var object = JSONObject()
        for _ in 0..<memberCount { object[string()] = value(depth: depth + 1) }
        return object
    }

    mutating func number() -> JSONNumber {
        let spellings = ["0", "-0", "1", "1.0", "2.50", "-17", "1e3", "1E-7", "6.02e+23", "9223372036854775808", "0.1"]
        switch Int.random(in: 0..<3, using: &self) {
        case 0: return JSONNumber(Int64(bitPattern: next()))
        case 1: return JSONNumber(Double(bitPattern: next())) ?? JSONNumber(7)
        default: return JSONNumber(text: spellings[Int.random(in: 0..<spellings.count, using: &self)]) ?? JSONNumber(7)
        }
    }

    mutating func string() -> String {
        let scalars: [Unicode.Scalar] = [
            "a", "b", "c", "d", "e", "f", "0", " ", "\"", "\\", "/", "\n", "\t", "\u{0}", "\u{1F}", "\u{7F}", "é",
            "e", "\u{301}", "ø", "日", "😀", "\u{FFFD}", "\u{FFFF}", "\u{10FFFF}", "\u{2028}", ".", ",", ":", "=",
        ]
        var view = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 0...20, using: &self) {
            view.append(scalars[Int.random(in: 0..<scalars.count, using: &self)])
        }
        return String(view)
    }

    /// Some bytes replaced, removed, doubled or put in.
    mutating func mutated(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        let likely = Array("{}[]\",:\\u0123456789.eE+-truefalsn \n".utf8)
        for _ in 0..<Int.random(in: 1...4, using: &self) where !bytes.isEmpty {
            let place = Int.random(in: 0..<bytes.count, using: &self)
            let byte =
                Bool.random(using: &self)
                ? likely[Int.random(in: 0..<likely.count, using: &self)] : UInt8.random(in: 0...255, using: &self)
            switch Int.random(in: 0..<4, using: &self) {
            case 0: bytes[place] = byte
            case 1: bytes.insert(byte, at: place)
            case 2: bytes.remove(at: place)
            default: bytes.removeSubrange(place...)
            }
        }
        return bytes
    }
}
