import Domain
import Foundation
import Testing

@testable import Dashboard

/// Text that is shown: escaped, free of what only a terminal understands, and written by one set of rules.
@Suite struct TextTests {
    @Test(arguments: [
        ("plain", "plain"), ("a < b & c > \"d\" 'e'", "a &lt; b &amp; c &gt; &quot;d&quot; &#39;e&#39;"),
        ("\"\u{301}", "&quot;\u{301}"), ("\u{600}\"", "\u{600}&quot;"), ("<\u{338}", "&lt;\u{338}"),
        ("a\u{200D}\"", "a\u{200D}&quot;"), ("é … 日本 👍🏽", "é … 日本 👍🏽"),
        ("\u{1B}[31m", "\u{FFFD}[31m"), ("a\u{0}b\u{7F}", "a\u{FFFD}b\u{FFFD}"), ("\u{9B}31m", "\u{FFFD}31m"),
        ("\u{202E}abc\u{2066}", "\u{FFFD}abc\u{FFFD}"), ("tab\tline\n", "tab\tline\n"),
    ])
    func everyDangerousByteIsEscapedWhateverItCombinesWith(text: String, html: String) {
        #expect(Array(HTMLText.escape(text).utf8) == Array(html.utf8))
    }

    @Test func noNeighbourHidesAQuote() {
        for scalar in (0...0x2_FFFF).compactMap(Unicode.Scalar.init) {
            let text = "\(scalar)\"\(scalar)<\(scalar)"
            let escaped = HTMLText.escape(text).utf8
            if escaped.contains(UInt8(ascii: "<")) || escaped.contains(UInt8(ascii: "\"")) {
                Issue.record("U+\(String(scalar.value, radix: 16)) hides it")
            }
        }
    }

    @Test func markupEscapesWhatIsPutIntoIt() {
        let inner: Markup = "<i>\("<")</i>"
        let outer: Markup = "<b title=\"\("\"x")\">\(inner)\(3)</b>"
        #expect(outer.html == "<b title=\"&quot;x\"><i>&lt;</i>3</b>")
    }

    @Test(arguments: [
        ("plain", "plain"), ("tabs\tstay", "tabs\tstay"),
        ("\u{1B}[1;31mred\u{1B}[0m", "red"), ("\u{1B}[38;2;1;2;3mx", "x"), ("\u{1B}[2K\u{1B}[1Gdone", "done"),
        ("\u{9B}31mred", "red"), ("a\u{1B}]0;title\u{7}b", "ab"),
        ("a\u{1B}]8;;http://x\u{1B}\\link\u{1B}]8;;\u{1B}\\", "alink"),
        ("\u{1B}Pq#0;2\u{1B}\\after", "after"), ("\u{1B}(Btext", "text"), ("\u{1B}7\u{1B}8x\u{1B}=", "x"),
        ("\u{1B}]never ends", ""), ("\u{1B}", ""), ("\u{1B}[", ""), ("\u{1B}[31", ""), ("end\u{1B}[31", "end"),
        ("10%\r20%\r30%", "30%"), ("whole line\r", "whole line"), ("\r\rx", "x"), ("windows\r\n", " "),
        ("ab\u{8}c", "ac"), ("é\u{8}e", "e"), ("\u{8}\u{8}x", "x"),
        ("a\u{0}b\u{7}c\u{7F}d", "abcd"), ("\u{85}x\u{84}", "x"), ("\u{202E}evil", "\u{FFFD}evil"),
        ("日本語 … €", "日本語 … €"), ("<b>&", "<b>&"),
    ])
    func aLogLineIsWhatATerminalWouldLeave(text: String, plain: String) {
        #expect(LogText.plain(text) == plain)
    }

    @Test func noControlGetsThroughWhateverItIsMadeOf() {
        var random = Dice(state: 3)
        let pieces = [
            "\u{1B}", "[", "]", "31", ";", "m", "\u{7}", "\u{9B}", "\u{9D}", "\\", "x", "é", "\r", "\u{8}", "\u{202E}",
        ]
        for _ in 0..<5_000 {
            let text = (0..<12).map { _ in pieces[Int(random.next() % UInt64(pieces.count))] }.joined()
            let plain = LogText.plain(text)
            let isClean = plain.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) }
            #expect(isClean, "\(text.debugDescription) gave \(plain.debugDescription)")
            #expect(!plain.unicodeScalars.contains("\u{202E}"))
        }
    }

    @Test func aHugeLineIsCutBetweenCharactersAndSaysSo() {
        let plain = LogText.plain(String(repeating: "é", count: 20_000))
        #expect(plain.utf8.count < LogText.lineLimitBytes + 32)
        #expect(plain.hasSuffix("é … 24 kB more"))
    }

    /// The table that tests `Modules/words.js` as well.
    @Test func timesAreToldAsTheScriptsTellThem() throws {
        let path = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "js/words.json")
        let table = try JSON(parsing: String(decoding: try Data(contentsOf: path), as: UTF8.self))
        for member in try #require(table.objectValue).members {
            for row in try #require(member.value.arrayValue) {
                let time = try #require(row[0]?.intValue)
                let moment = Sample.now.adding(milliseconds: -time)
                let words =
                    switch member.key {
                    case "age": Format.age(time)
                    case "duration": Format.duration(time)
                    default: TimeMark.words(moment, try #require(TimeMark.Kind(rawValue: member.key)), now: Sample.now)
                    }
                #expect(words == row[1]?.stringValue, "\(member.key) of \(time)")
            }
        }
    }

    @Test func numbersAreWrittenForPeople() {
        #expect(
            [0, 12, 999, 1_000, 1_234_567, -4_200].map { Format.count($0) } == [
                "0", "12", "999", "1,000", "1,234,567", "−4,200",
            ])
        #expect(Format.count(1, "job") == "1 job" && Format.count(2_000, "job") == "2,000 jobs")
        #expect(
            [0, 0.005, 0.625, 0.9999, 1, 7, -1, .nan].map(Format.percent) == [
                "0%", "0%", "62%", "99%", "100%", "100%", "0%", "0%",
            ])
        #expect(
            [0, 999, 1_000, 3_450, 88_400, 1_500_000_000].map(Format.bytes) == [
                "0 B", "999 B", "1.0 kB", "3.4 kB", "88 kB", "1.5 GB",
            ])
        #expect(Format.memory(64 << 30) == "64 GiB")
    }

    @Test func aCommandThatIsCopiedCanBeRun() {
        #expect(Commands.work(study: "head-absorption") == "muster work --study head-absorption -- COMMAND {config}")
        #expect(Commands.shellWord("it's; rm -rf $HOME") == "'it'\\''s; rm -rf $HOME'")
        #expect(Commands.shellWord("-x") == "'-x'" && Commands.shellWord("") == "''")
    }

    @Test func configurationsKeepTheirOrderAndSpelling() {
        #expect(ConfigurationText.pretty("{\"b\":1.0,\"a\":[1e3]}") == "{\n  \"b\": 1.0,\n  \"a\": [\n    1e3\n  ]\n}")
        #expect(ConfigurationText.pretty("not json") == "not json")
    }

    @Test func eventsAreOneLineEach() throws {
        let line = LogLine(
            number: 7, at: Sample.now, level: .warning, text: "\u{1B}[33mhot\n", job: JobID(number: 12),
            attempt: AttemptNumber(2))
        let event = String(decoding: LiveEvents.lines([line]), as: UTF8.self)
        #expect(
            event == "[{\"number\":7,\"at\":\"\(Sample.now)\",\"level\":\"warning\","
                + "\"text\":\"hot\\n\",\"job\":\"j12\",\"attempt\":2}]"
        )
        let beats = LiveEvents.beats([SessionID(number: 7): Sample.ago(3)], now: Sample.now)
        #expect(try JSON(parsing: beats)["sessions"]?["s7"]?.stringValue == Sample.ago(3).description)
    }
}
