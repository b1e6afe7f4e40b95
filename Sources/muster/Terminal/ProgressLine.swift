import Domain

/// How a study stands, as one line: a bar for whoever watches, words alone for a file.
struct ProgressLine: Sendable, Hashable {
    var name: String
    var fraction: Double
    var counts: JobCounts
    /// Until the end; absent while nothing was measured.
    var remainingMilliseconds: Int64?
    /// Something to know first: `paused`, `server away`.
    var remark: String?

    init(
        name: String, fraction: Double, counts: JobCounts, remainingMilliseconds: Int64? = nil, remark: String? = nil
    ) {
        self.name = name
        self.fraction = fraction
        self.counts = counts
        self.remainingMilliseconds = remainingMilliseconds
        self.remark = remark
    }

    init(_ study: StudyRecord, now: Instant, remark: String? = nil) {
        self.init(
            name: study.name, fraction: study.forecast.fraction, counts: study.counts,
            remainingMilliseconds: study.forecast.etaAt.map { max(0, $0.milliseconds(since: now)) },
            remark: remark ?? (study.status == .active ? nil : study.status.rawValue)
        )
    }

    /// `phantoms ███████▌        47 %  17/36 done · 3 running · 1 failed · 2 min 10 s left`, at most `columns` wide.
    func bar(columns: Int, style: Style) -> String {
        let head = DisplayWidth.cut(PlainText.line(name), to: Self.nameColumns)
        let percent = DisplayWidth.padded(Spoken.percent(fraction), to: 5, alignsRight: true)
        let tail = facts.joined(separator: " · ")
        let room = columns - DisplayWidth.of(head) - DisplayWidth.of(percent) - DisplayWidth.of(tail) - 5
        guard room >= Self.leastBarColumns else {
            return DisplayWidth.cut("\(head) \(percent)  \(tail)", to: max(1, columns - 1))
        }
        let (full, empty) = Self.blocks(fraction, columns: min(room, Self.mostBarColumns))
        let paint = counts.failed > 0 ? style.yellow : style.green
        return "\(style.bold(head)) \(paint(full))\(style.faint(empty)) \(percent)  \(tail)"
    }

    /// `phantoms: 47 %, 17/36 done, 3 running, 1 failed, 2 min 10 s left`.
    var words: String {
        "\(PlainText.line(name)): \(([Spoken.percent(fraction)] + facts).joined(separator: ", "))"
    }

    private var facts: [String] {
        var facts = [remark, "\(counts.completed)/\(counts.total) done"].compactMap(\.self)
        if counts.held > 0 { facts.append("\(counts.held) running") }
        if counts.failed > 0 { facts.append("\(counts.failed) failed") }
        if counts.cancelled > 0 { facts.append("\(counts.cancelled) cancelled") }
        if let remainingMilliseconds, counts.finished < counts.total {
            facts.append("\(Spoken.duration(milliseconds: remainingMilliseconds)) left")
        }
        return facts
    }

    private static let nameColumns = 24
    private static let leastBarColumns = 8
    private static let mostBarColumns = 40

    /// Eighths of a block, so that a short bar still moves.
    private static func blocks(_ fraction: Double, columns: Int) -> (full: String, empty: String) {
        let share = fraction.isFinite ? min(1, max(0, fraction)) : 0
        let eighths = Int((share * Double(columns * 8)).rounded(.down))
        var full = String(repeating: "█", count: eighths / 8)
        let parts = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]
        full += parts[eighths % 8]
        let used = eighths / 8 + (eighths % 8 > 0 ? 1 : 0)
        return (full, String(repeating: "░", count: columns - used))
    }
}
