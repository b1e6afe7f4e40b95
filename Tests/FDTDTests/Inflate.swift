/// A plain reader of DEFLATE (RFC 1951), so that what the program compresses is read by something else than its
/// inverse. Strict where the format is: a bad code, a distance before the start or missing bytes end in an error.
struct Inflate {
    enum Failure: Error {
        case outOfInput
        case badBlock
        case badCode
        case badDistance
    }

    private let bytes: [UInt8]
    private var bit = 0
    private var output: [UInt8] = []

    static func expand(_ bytes: [UInt8]) throws -> [UInt8] {
        var inflate = Inflate(bytes: bytes)
        while try !inflate.block() {}
        return inflate.output
    }

    private init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    private mutating func bits(_ count: Int) throws -> Int {
        var value = 0
        for place in 0..<count {
            guard bit / 8 < bytes.count else { throw Failure.outOfInput }
            value |= Int(bytes[bit / 8] >> UInt8(bit % 8) & 1) << place
            bit += 1
        }
        return value
    }

    /// Words by length and value, the first bit highest.
    private struct Code {
        var symbols: [[Int]: Int] = [:]

        init(_ lengths: [Int]) {
            var word = 0
            for length in 1...15 {
                word <<= 1
                for (symbol, own) in lengths.enumerated() where own == length {
                    symbols[[length, word]] = symbol
                    word += 1
                }
            }
        }
    }

    private mutating func symbol(_ code: Code) throws -> Int {
        var word = 0
        for length in 1...15 {
            word = word << 1 | (try bits(1))
            if let symbol = code.symbols[[length, word]] { return symbol }
        }
        throw Failure.badCode
    }

    /// True after the last block.
    private mutating func block() throws -> Bool {
        let isLast = try bits(1) == 1
        guard try bits(2) == 2 else { throw Failure.badBlock }
        let (literals, distances) = try codes()
        while true {
            let symbol = try symbol(literals)
            if symbol == 256 { return isLast }
            if symbol < 256 {
                output.append(UInt8(symbol))
                continue
            }
            let length = try value(symbol - 257, firsts: Self.lengths, extra: { $0 == 28 ? 0 : max(0, $0 / 4 - 1) })
            let distance = try value(
                try self.symbol(distances), firsts: Self.distances, extra: { max(0, $0 / 2 - 1) })
            guard distance <= output.count else { throw Failure.badDistance }
            for _ in 0..<length { output.append(output[output.count - distance]) }
        }
    }

    private mutating func value(_ index: Int, firsts: [Int], extra: (Int) -> Int) throws -> Int {
        guard firsts.indices.contains(index) else { throw Failure.badCode }
        return firsts[index] + (try bits(extra(index)))
    }

    /// As the standard prints them.
    private static let lengths = [
        3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227,
        258,
    ]
    private static let distances = [
        1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097,
        6145, 8193, 12_289, 16_385, 24_577,
    ]
    private static let order = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]

    private mutating func codes() throws -> (Code, Code) {
        let literalCount = try bits(5) + 257
        let distanceCount = try bits(5) + 1
        let codeCount = try bits(4) + 4
        var codeLengths = Array(repeating: 0, count: 19)
        for place in Self.order.prefix(codeCount) { codeLengths[place] = try bits(3) }
        let code = Code(codeLengths)
        var lengths: [Int] = []
        while lengths.count < literalCount + distanceCount {
            let symbol = try symbol(code)
            switch symbol {
            case 16:
                guard let last = lengths.last else { throw Failure.badCode }
                lengths += Array(repeating: last, count: try bits(2) + 3)
            case 17: lengths += Array(repeating: 0, count: try bits(3) + 3)
            case 18: lengths += Array(repeating: 0, count: try bits(7) + 11)
            default: lengths.append(symbol)
            }
        }
        guard lengths.count == literalCount + distanceCount else { throw Failure.badCode }
        return (Code(Array(lengths.prefix(literalCount))), Code(Array(lengths.dropFirst(literalCount))))
    }
}
