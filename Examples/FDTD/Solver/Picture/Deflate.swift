/// Compresses bytes in the DEFLATE format (RFC 1951): repeated strings, then Huffman codes made for each block.
package enum Deflate {
    /// Tokens in a block; codes adapt to the picture from block to block.
    private static let tokensPerBlock = 32_768

    package static func compress(_ bytes: [UInt8]) -> [UInt8] {
        let tokens = StringMatcher.tokens(of: bytes)
        var output = BitWriter()
        var start = 0
        repeat {
            let end = min(start + tokensPerBlock, tokens.count)
            writeBlock(tokens[start..<end], isLast: end == tokens.count, to: &output)
            start = end
        } while start < tokens.count
        return output.finish()
    }

    private static let endOfBlock = 256

    private static func writeBlock(
        _ tokens: ArraySlice<StringMatcher.Token>, isLast: Bool, to output: inout BitWriter
    ) {
        var literalCounts = Array(repeating: 0, count: 286)
        var distanceCounts = Array(repeating: 0, count: 30)
        literalCounts[endOfBlock] = 1
        for token in tokens {
            switch token {
            case .literal(let byte): literalCounts[Int(byte)] += 1
            case .match(let length, let distance):
                literalCounts[Ladder.lengths.step(of: length).symbol] += 1
                distanceCounts[Ladder.distances.step(of: distance).symbol] += 1
            }
        }
        // A decoder wants at least one distance code.
        if distanceCounts.allSatisfy({ $0 == 0 }) { distanceCounts[0] = 1 }
        let literals = HuffmanCode(counts: literalCounts, longest: 15)
        let distances = HuffmanCode(counts: distanceCounts, longest: 15)

        output.write(isLast ? 1 : 0, count: 1)
        output.write(2, count: 2)
        writeCodes(literals, distances, to: &output)
        for token in tokens {
            switch token {
            case .literal(let byte): literals.write(Int(byte), to: &output)
            case .match(let length, let distance):
                write(Ladder.lengths.step(of: length), by: literals, to: &output)
                write(Ladder.distances.step(of: distance), by: distances, to: &output)
            }
        }
        literals.write(endOfBlock, to: &output)
    }

    private static func write(_ step: Ladder.Step, by code: HuffmanCode, to output: inout BitWriter) {
        code.write(step.symbol, to: &output)
        output.write(UInt32(step.extra), count: step.extraBits)
    }

    /// In this order the lengths of the code of the code lengths are stored.
    private static let lengthOrder = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]

    private static func writeCodes(_ literals: HuffmanCode, _ distances: HuffmanCode, to output: inout BitWriter) {
        let literalCount = max(257, 1 + (literals.lengths.lastIndex { $0 > 0 } ?? 0))
        let distanceCount = 1 + (distances.lengths.lastIndex { $0 > 0 } ?? 0)
        let lengths = literals.lengths.prefix(literalCount) + distances.lengths.prefix(distanceCount)
        let runs = runLengths(Array(lengths))
        var counts = Array(repeating: 0, count: 19)
        for run in runs { counts[run.symbol] += 1 }
        let code = HuffmanCode(counts: counts, longest: 7)
        let codeCount = max(4, 1 + (lengthOrder.lastIndex { code.lengths[$0] > 0 } ?? 0))

        output.write(UInt32(literalCount - 257), count: 5)
        output.write(UInt32(distanceCount - 1), count: 5)
        output.write(UInt32(codeCount - 4), count: 4)
        for symbol in lengthOrder.prefix(codeCount) { output.write(UInt32(code.lengths[symbol]), count: 3) }
        for run in runs { write(run, by: code, to: &output) }
    }

    /// Code lengths with their repetitions: 16 repeats the last one, 17 and 18 repeat zero.
    private static func runLengths(_ lengths: [Int]) -> [Ladder.Step] {
        var runs: [Ladder.Step] = []
        var index = 0
        while index < lengths.count {
            let length = lengths[index]
            var run = 1
            while index + run < lengths.count, lengths[index + run] == length { run += 1 }
            index += run
            if length > 0 {
                runs.append(Ladder.Step(symbol: length, extra: 0, extraBits: 0))
                run -= 1
            }
            while run >= 3 {
                let taken = min(run, length > 0 ? 6 : 138)
                if length > 0 {
                    runs.append(Ladder.Step(symbol: 16, extra: taken - 3, extraBits: 2))
                } else if taken <= 10 {
                    runs.append(Ladder.Step(symbol: 17, extra: taken - 3, extraBits: 3))
                } else {
                    runs.append(Ladder.Step(symbol: 18, extra: taken - 11, extraBits: 7))
                }
                run -= taken
            }
            for _ in 0..<run { runs.append(Ladder.Step(symbol: length, extra: 0, extraBits: 0)) }
        }
        return runs
    }
}
