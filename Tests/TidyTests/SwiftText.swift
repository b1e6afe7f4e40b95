/// Swift's text taken apart as far as these tests need it: what is code, what stands in quotes, what is a comment.
struct SwiftText: Sendable {
    /// The lines with blanks in the place of comments and of what stands in quotes.
    let code: [String]
    /// The lines with blanks in the place of all that does not stand in quotes.
    let quoted: [String]

    init(_ text: String) {
        var masker = Masker(text)
        masker.run()
        code = Self.lines(masker.code)
        quoted = Self.lines(masker.quoted)
    }

    private static func lines(_ bytes: [UInt8]) -> [String] {
        bytes.split(separator: Masker.newline, omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
    }
}

/// Goes through the bytes once. An interpolation is left out of both, but for quotes inside it: none of these tests
/// looks for anything in one.
private struct Masker {
    static let newline = UInt8(ascii: "\n")
    private static let blank = UInt8(ascii: " ")
    private static let quote = UInt8(ascii: "\"")
    private static let hash = UInt8(ascii: "#")
    private static let slash = UInt8(ascii: "/")
    private static let star = UInt8(ascii: "*")
    private static let backslash = UInt8(ascii: "\\")
    private static let open = UInt8(ascii: "(")
    private static let close = UInt8(ascii: ")")

    private let bytes: [UInt8]
    private var position = 0
    var code: [UInt8] = []
    var quoted: [UInt8] = []

    init(_ text: String) {
        bytes = Array(text.utf8)
        code.reserveCapacity(bytes.count)
        quoted.reserveCapacity(bytes.count)
    }

    mutating func run() {
        while position < bytes.count {
            if isAt(Self.slash, Self.slash) {
                skipLineComment()
            } else if isAt(Self.slash, Self.star) {
                skipBlockComment()
            } else if let hashes = quoteBegins() {
                takeQuote(hashes: hashes)
            } else {
                emit(code: bytes[position])
            }
        }
    }

    private enum Kind { case code, quoted, neither }

    private mutating func emit(code byte: UInt8) { emit(byte, .code) }

    /// A line's end stays one everywhere, so that lines keep their numbers.
    private mutating func emit(_ byte: UInt8, _ kind: Kind) {
        let isEnd = byte == Self.newline
        code.append(isEnd || kind == .code ? byte : Self.blank)
        quoted.append(isEnd || kind == .quoted ? byte : Self.blank)
        position += 1
    }

    private func isAt(_ expected: UInt8...) -> Bool {
        position + expected.count <= bytes.count && bytes[position..<position + expected.count].elementsEqual(expected)
    }

    private mutating func skipLineComment() {
        while position < bytes.count, bytes[position] != Self.newline { emit(bytes[position], .neither) }
    }

    private mutating func skipBlockComment() {
        var depth = 0
        repeat {
            let opens = isAt(Self.slash, Self.star)
            let closes = isAt(Self.star, Self.slash)
            depth += opens ? 1 : closes ? -1 : 0
            for _ in 0..<(opens || closes ? 2 : 1) where position < bytes.count { emit(bytes[position], .neither) }
        } while depth > 0 && position < bytes.count
    }

    /// How many `#` stand before a quote that begins here.
    private func quoteBegins() -> Int? {
        var end = position
        while end < bytes.count, bytes[end] == Self.hash { end += 1 }
        guard end < bytes.count, bytes[end] == Self.quote else { return nil }
        return end - position
    }

    private mutating func takeQuote(hashes: Int) {
        for _ in 0..<hashes { emit(bytes[position], .code) }
        let isLong = isAt(Self.quote, Self.quote, Self.quote)
        let marks = isLong ? 3 : 1
        for _ in 0..<marks { emit(bytes[position], .code) }
        while position < bytes.count {
            if ends(marks: marks, hashes: hashes) {
                for _ in 0..<marks + hashes { emit(bytes[position], .code) }
                return
            }
            if !isLong && bytes[position] == Self.newline { return }
            guard bytes[position] == Self.backslash, hasHashes(hashes, from: position + 1) else {
                emit(bytes[position], .quoted)
                continue
            }
            for _ in 0..<hashes + 1 { emit(bytes[position], .quoted) }
            if position < bytes.count, bytes[position] == Self.open {
                takeInterpolation()
            } else if position < bytes.count {
                emit(bytes[position], .quoted)
            }
        }
    }

    private func ends(marks: Int, hashes: Int) -> Bool {
        guard position + marks + hashes <= bytes.count else { return false }
        return bytes[position..<position + marks].allSatisfy { $0 == Self.quote }
            && hasHashes(hashes, from: position + marks)
    }

    private func hasHashes(_ count: Int, from start: Int) -> Bool {
        start + count <= bytes.count && bytes[start..<start + count].allSatisfy { $0 == Self.hash }
    }

    private mutating func takeInterpolation() {
        var depth = 0
        repeat {
            if let hashes = quoteBegins(), depth > 0 {
                takeQuote(hashes: hashes)
                continue
            }
            let byte = bytes[position]
            depth += byte == Self.open ? 1 : byte == Self.close ? -1 : 0
            emit(byte, .neither)
        } while depth > 0 && position < bytes.count
    }
}
