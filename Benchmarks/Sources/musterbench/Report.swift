import Glibc

/// Figures as they come, one line each, and all of them as JSON in the end.
final class Report {
    private struct Entry {
        let name: String
        let figure: Double
        let unit: String
        let target: Double?
        let isMet: Bool?
    }

    private var entries: [Entry] = []

    /// Some target was not met.
    var hasMissed: Bool { entries.contains { $0.isMet == false } }

    func title() {
        line("measured", "figure", "target", "", "")
    }

    // MARK: - Lines

    func rate(_ name: String, _ rounds: Rounds, atLeast target: Double? = nil, note: String = "") {
        let figure = rounds.medianRate
        let latencies = rounds.latencies
        let facts =
            "p50 \(Figure.text(latencies.milliseconds(0.5))) ms, p99 \(Figure.text(latencies.milliseconds(0.99))) ms, "
            + "server \(Figure.text(rounds.medianServerMicroseconds)) µs each, "
            + "load \(Figure.text(rounds.medianLoadMicroseconds)) µs"
        put(
            Entry(name: name, figure: figure, unit: "/s", target: target, isMet: target.map { figure >= $0 }),
            sign: "≥", note: note.isEmpty ? facts : "\(note); \(facts)"
        )
        entries.append(
            Entry(
                name: "\(name), server µs each", figure: rounds.medianServerMicroseconds, unit: "µs", target: nil,
                isMet: nil
            )
        )
    }

    func share(_ name: String, _ figure: Double, atLeast target: Double) {
        put(Entry(name: name, figure: figure, unit: "×", target: target, isMet: figure >= target), sign: "≥")
    }

    func ratio(_ name: String, _ figure: Double, atMost target: Double? = nil) {
        put(Entry(name: name, figure: figure, unit: "×", target: target, isMet: target.map { figure <= $0 }), sign: "≤")
    }

    func length(_ name: String, _ milliseconds: Double, atMost target: Double, note: String = "") {
        put(
            Entry(name: name, figure: milliseconds, unit: "ms", target: target, isMet: milliseconds <= target),
            sign: "≤", note: note
        )
    }

    func frequency(_ name: String, _ perSecond: Double, atMost target: Double, note: String = "") {
        put(
            Entry(name: name, figure: perSecond, unit: "/s", target: target, isMet: perSecond <= target),
            sign: "≤", note: note
        )
    }

    func memory(_ name: String, _ bytes: Int, below target: Double, note: String = "") {
        let megabytes = Double(bytes) / 1e6
        put(
            Entry(name: "memory, \(name)", figure: megabytes, unit: "MB", target: target, isMet: megabytes < target),
            sign: "<", note: note
        )
    }

    /// Something to know beside the figures; on standard error, so that the table stays a table.
    func note(_ text: String) {
        Output.write(text + "\n", to: 2)
    }

    private func put(_ entry: Entry, sign: String, note: String = "") {
        entries.append(entry)
        line(
            entry.name, "\(Figure.text(entry.figure)) \(entry.unit)",
            entry.target.map { "\(sign) \(Figure.text($0)) \(entry.unit)" } ?? "",
            entry.isMet.map { $0 ? "ok" : sign == "≥" ? "below" : "above" } ?? "", note
        )
    }

    private func line(_ name: String, _ figure: String, _ target: String, _ verdict: String, _ note: String) {
        let text =
            Self.padded(name, to: 44) + Self.padded(figure, to: 13, fromLeft: true) + "  "
            + Self.padded(target, to: 13) + "  " + Self.padded(verdict, to: 5) + "  " + note
        Output.write(String(text.reversed().drop { $0 == " " }.reversed()) + "\n", to: 1)
    }

    private static func padded(_ text: String, to width: Int, fromLeft: Bool = false) -> String {
        let space = String(repeating: " ", count: max(0, width - text.count))
        return fromLeft ? space + text : text + space
    }

    // MARK: - JSON

    /// `{"measured":[{"name","figure","unit","target","ok"}…]}`
    func json() -> String {
        let lines = entries.map { entry in
            var fields = [#""name":"\#(entry.name)""#, #""figure":\#(entry.figure)"#, #""unit":"\#(entry.unit)""#]
            if let target = entry.target { fields.append(#""target":\#(target)"#) }
            if let isMet = entry.isMet { fields.append(#""ok":\#(isMet)"#) }
            return "  {\(fields.joined(separator: ","))}"
        }
        return "{\"measured\":[\n\(lines.joined(separator: ",\n"))\n]}\n"
    }
}

/// Numbers for reading.
enum Figure {
    /// Three digits that say something: 0.473, 4.73, 47.3, 473, 12,400.
    static func text(_ value: Double) -> String {
        switch value.magnitude {
        case ..<10: rounded(value, digits: 2)
        case ..<100: rounded(value, digits: 1)
        default: grouped(Int(value.rounded()))
        }
    }

    private static func rounded(_ value: Double, digits: Int) -> String {
        let scale = digits == 1 ? 10 : 100
        let whole = Int((value * Double(scale)).rounded())
        let rest = String(whole % scale)
        return "\(whole / scale).\(String(repeating: "0", count: digits - rest.count))\(rest)"
    }

    private static func grouped(_ value: Int) -> String {
        var text = ""
        for (position, digit) in String(value).reversed().enumerated() {
            if position > 0 && position % 3 == 0 { text.append(",") }
            text.append(digit)
        }
        return String(text.reversed())
    }
}

/// Text on standard output (1) and standard error (2), at once.
enum Output {
    static func write(_ text: String, to descriptor: Int32) {
        let bytes = Array(text.utf8)
        _ = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
    }
}
