import Testing

@testable import Connectors

@Suite struct LineSplitterTests {
    private func lines(_ pieces: [[UInt8]]) -> [String] {
        var splitter = LineSplitter()
        var lines: [String] = []
        for piece in pieces { splitter.take(piece) { lines.append($0) } }
        splitter.finish { lines.append($0) }
        return lines
    }

    private func lines(_ text: String) -> [String] { lines([Array(text.utf8)]) }

    @Test(
        arguments: [
            ("", []),
            ("a\n", ["a"]),
            ("a", ["a"]),
            ("a\nb", ["a", "b"]),
            ("\n\n", ["", ""]),
            ("a\r\nb\r\n", ["a", "b"]),
            ("10%\r20%\r30%\n", ["30%"]),
            ("10%\r20%\r\n", ["20%"]),
            ("10%\r", ["10%"]),
            ("\u{1B}[1;31mred\u{1B}[0m\n", ["red"]),
            ("\u{1B}]0;title\u{07}text\n", ["text"]),
            ("\u{1B}]8;;http://x\u{1B}\\link\n", ["link"]),
            ("bell\u{07} and tab\t.\n", ["bell and tab\t."]),
            ("unfinished \u{1B}[", ["unfinished "]),
            ("\u{1B}", [""]),
            ("c1 \u{9B}31m\n", ["c1 31m"]),
            ("é ü £ ¿\n", ["é ü £ ¿"]),
        ] as [(String, [String])])
    func makesLinesAsATerminalWould(text: String, expected: [String]) {
        #expect(lines(text) == expected)
    }

    @Test func doesNotCareHowTheBytesCome() {
        let bytes = Array("eins\r\nzw\u{1B}[1mei\u{1B}[0m\r\n50%\r100%\n…ü…\n\n".utf8) + [0xC3, 0x28, 0x0A, 0xFF]
        let whole = lines([bytes])
        #expect(whole == ["eins", "zwei", "100%", "…ü…", "", "\u{FFFD}(", "\u{FFFD}"])
        for cut in bytes.indices {
            #expect(lines([Array(bytes[..<cut]), Array(bytes[cut...])]) == whole)
        }
        #expect(lines(bytes.map { [$0] }) == whole)
    }

    @Test func cutsALineAtTheLimitAndSaysSo() {
        let limit = LineSplitter.limitBytes
        #expect(lines(String(repeating: "x", count: limit)) == [String(repeating: "x", count: limit)])
        let cut = lines(String(repeating: "x", count: limit + 1) + "\nnext\n")
        #expect(cut.count == 2)
        #expect(cut[0].utf8.count <= limit)
        #expect(cut[0].hasSuffix(LineSplitter.cutMark))
        #expect(cut[1] == "next")
    }

    @Test func keepsALineOfManyMegabytesToTheLimit() {
        let piece = [UInt8](repeating: UInt8(ascii: "y"), count: 1_048_576)
        let got = lines(Array(repeating: piece, count: 32) + [Array("\nafter".utf8)])
        #expect(got.count == 2)
        #expect(got[0].utf8.count <= LineSplitter.limitBytes)
        #expect(got[1] == "after")
    }

    @Test(arguments: [[0xFF], Array("ü".utf8), Array("…".utf8), Array("👩‍🚀".utf8)] as [[UInt8]])
    func staysWithinTheLimitWhateverTheBytes(unit: [UInt8]) {
        let bytes = Array(repeatElement(unit, count: 6_000).joined())
        let got = lines([bytes])
        #expect(got.count == 1)
        #expect(got[0].utf8.count <= LineSplitter.limitBytes)
        #expect(got[0].utf8.count > LineSplitter.limitBytes - 100)
    }

    @Test func forgetsTheCutWhenTheLineBeginsAnew() {
        #expect(lines(String(repeating: "x", count: 20_000) + "\rshort\n") == ["short"])
    }
}
