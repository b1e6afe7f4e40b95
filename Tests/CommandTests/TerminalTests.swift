import Domain
import Testing

@testable import muster

@Suite("What a terminal is given")
struct TerminalTests {
    @Test(
        "hostile text loses what a terminal obeys",
        arguments: [
            ("plain", "plain"), ("äöü 漢字 👩‍🔬", "äöü 漢字 👩‍🔬"),
            ("\u{1B}[31mred\u{1B}[0m", "red"), ("\u{1B}[2J\u{1B}[1;1Hgone", "gone"),
            ("\u{1B}]0;title\u{07}text", "text"), ("\u{1B}]8;;http://x\u{1B}\\link\u{1B}]8;;\u{1B}\\", "link"),
            ("\u{1B}Pdata\u{1B}\\after", "after"), ("\u{9B}31mred", "red"), ("\u{9D}0;title\u{9C}text", "text"),
            ("\u{1B}(Bx", "x"), ("\u{1B}cx", "x"), ("end\u{1B}", "end"), ("end\u{1B}[", "end"),
            ("never\u{1B}]0;closed", "never"), ("a\rb\nc", "a b c"), ("a\u{08}\u{08}b\u{7F}", "ab"),
            ("\u{202E}evil\u{202C}", "evil"), ("a\tb", "a b"), ("x\u{2028}y", "x y"),
        ])
    func plainText(text: String, expected: String) {
        #expect(PlainText.line(text) == expected)
    }

    @Test("a log keeps its tabs")
    func tabs() {
        #expect(PlainText.line("a\tb\u{1B}[0m", keepsTabs: true) == "a\tb")
    }

    @Test("JSON keeps its meaning and loses what a terminal obeys")
    func json() throws {
        let text = "{\"a\":\"\u{9B}31m\u{7F}\u{202E}ä\",\n\t\"b\":1}"
        let tamed = PlainText.json(text)
        #expect(tamed == "{\"a\":\"\\u009b31m\\u007f\\u202eä\",\n\t\"b\":1}")
        #expect(try JSON(parsing: tamed) == JSON(parsing: text))
    }

    @Test(
        "columns that a text takes",
        arguments: [
            ("", 0), ("abc", 3), ("äöü", 3), ("a\u{308}", 1), ("漢字", 4), ("…", 1),
        ])
    func widths(text: String, columns: Int) {
        #expect(DisplayWidth.of(text) == columns)
    }

    @Test(
        "a text is cut with an ellipsis",
        arguments: [
            ("abcdef", 6, "abcdef"), ("abcdef", 5, "abcd…"), ("漢字漢字", 5, "漢字…"), ("abc", 1, "…"), ("abc", 0, ""),
        ])
    func cuts(text: String, columns: Int, expected: String) {
        #expect(DisplayWidth.cut(text, to: columns) == expected)
    }

    private var table: Table {
        var table = Table([
            .init(title: "NAME", leastColumns: 6), .init(title: "N", alignsRight: true), .init(title: "WHY"),
        ])
        table.rows = [["a very long name", "7", "none"], ["b", "1234", .init("\u{1B}[2Jhostile")]]
        return table
    }

    @Test("a table's columns are as wide as their widest cell")
    func tableWhole() {
        #expect(
            table.lines(width: nil) == [
                "NAME                 N  WHY", "a very long name     7  none", "b                 1234  hostile",
            ])
    }

    @Test("a table is fitted by cutting the columns that may be cut")
    func tableFitted() {
        let lines = table.lines(width: 24)
        #expect(lines == ["NAME          N  WHY", "a very l…     7  none", "b          1234  hostile"])
        #expect(table.lines(width: 10).map { DisplayWidth.of($0) }.max() == 6 + 2 + 4 + 2 + 7)
    }

    @Test("a column with nothing in it is left out")
    func emptyColumns() {
        var table = Table([.init(title: "A"), .init(title: "B"), .init(title: "C")])
        #expect(table.lines(width: nil) == ["A  B  C"])
        table.rows = [["1", "", "3"], ["", "", "4"]]
        #expect(table.lines(width: nil) == ["A  C", "1  3", "   4"])
    }

    @Test("a cell is painted after it is measured")
    func painted() {
        let style = Style(isOn: true)
        var table = Table([.init(title: "A"), .init(title: "B")])
        table.rows = [[.init("x", paint: { style.red($0) }), "y"]]
        #expect(table.lines(width: nil).last == "\u{1B}[31mx\u{1B}[0m  y")
    }

    @Test(
        "lengths of time",
        arguments: [
            (0, "0 s"), (840, "840 ms"), (1_000, "1 s"), (59_999, "59 s"), (190_000, "3 min 10 s"), (3_600_000, "1 h"),
            (7_500_000, "2 h 5 min"), (277_200_000, "3 d 5 h"), (-5, "0 s"),
        ] as [(Int64, String)])
    func durations(milliseconds: Int64, expected: String) {
        #expect(Spoken.duration(milliseconds: milliseconds) == expected)
    }

    @Test(
        "shares are rounded down",
        arguments: [
            (0, "0 %"), (0.999, "99 %"), (1, "100 %"), (1.5, "100 %"), (-1, "0 %"), (.nan, ""), (0.426, "42 %"),
        ] as [(Double, String)])
    func percents(fraction: Double, expected: String) {
        #expect(Spoken.percent(fraction) == expected)
    }

    @Test(
        "sizes",
        arguments: [
            (0, "0 B"), (1_023, "1023 B"), (1_024, "1.0 KiB"), (10_240, "10 KiB"), (1_610_612_736, "1.5 GiB"),
        ] as [(Int64, String)])
    func sizes(count: Int64, expected: String) {
        #expect(Spoken.bytes(count) == expected)
    }

    @Test("times of day in the zone of whoever reads")
    func clocks() {
        #expect(Spoken.clock(Stage.now, offsetSeconds: 0) == "12:00:07")
        #expect(Spoken.date(Stage.now, offsetSeconds: 43_200) == "2026-03-02 00:00:07")
        #expect(Spoken.clock(Stage.now, offsetSeconds: -3_600) == "11:00:07")
    }
}

@Suite("Progress of a study")
struct ProgressTests {
    private func line(completed: Int, failed: Int = 0, running: Int = 0, pending: Int = 0) -> ProgressLine {
        var counts = JobCounts()
        counts.completed = completed
        counts.failed = failed
        counts.running = running
        counts.pending = pending
        let fraction = counts.total == 0 ? 0 : Double(completed + failed) / Double(counts.total)
        return ProgressLine(
            name: "phantoms", fraction: fraction, counts: counts, remainingMilliseconds: running > 0 ? 130_000 : nil)
    }

    @Test(
        "a bar fills by eighths of a block",
        arguments: [
            (0, 16, "phantoms ░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░   0 %  0/16 done"),
            (16, 0, "phantoms ████████████████████████████████████████ 100 %  16/16 done"),
            (1, 15, "phantoms ██▌░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░   6 %  1/16 done"),
        ])
    func bars(completed: Int, pending: Int, expected: String) {
        #expect(line(completed: completed, pending: pending).bar(columns: 120, style: .plain) == expected)
    }

    @Test("a bar fits the window, and gives way where it is narrow", arguments: [40, 60, 80, 100, 200])
    func fits(columns: Int) {
        let line = line(completed: 17, failed: 1, running: 3, pending: 15)
        #expect(DisplayWidth.of(line.bar(columns: columns, style: .plain)) < columns)
    }

    @Test("words where nobody watches")
    func words() {
        let line = line(completed: 17, failed: 1, running: 3, pending: 15)
        #expect(line.words == "phantoms: 50 %, 17/36 done, 3 running, 1 failed, 2 min 10 s left")
    }

    @Test("a painter keeps one line where a person waits")
    func watched() {
        let stage = Stage(isWatched: true)
        var painter = ProgressPainter(terminal: stage.context.terminal)
        painter.show(line(completed: 0, pending: 2), isLast: false)
        painter.show(line(completed: 2), isLast: true)
        #expect(stage.errors.filter { $0 == "\n" }.count == 1)
        #expect(stage.errors.hasPrefix("\r\u{1B}[2Kphantoms "))
        #expect(stage.errors.hasSuffix("2/2 done\n"))
        #expect(stage.output.isEmpty)
    }

    @Test("a painter writes a line for each percent where nobody watches")
    func unwatched() {
        let stage = Stage()
        var painter = ProgressPainter(terminal: stage.context.terminal)
        for completed in 0...1_000 { painter.show(line(completed: completed, pending: 1_000 - completed)) }
        #expect(stage.errors.filter { $0 == "\n" }.count == 101)
        #expect(!stage.errors.contains("\u{1B}"))
    }
}
