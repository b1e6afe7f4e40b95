import Domain

/// Keeps one line up to date where a person waits, and writes lines where none watches.
struct ProgressPainter {
    private let terminal: Terminal
    private var lastPainted: ContinuousClock.Instant?
    private var lastWords: [Int]?
    private var isLineOpen = false

    /// Faster than this nobody reads, and a slow terminal would hold the work up.
    private static let paintInterval = Duration.milliseconds(100)

    init(terminal: Terminal) {
        self.terminal = terminal
    }

    /// - Parameter isLast: paint whatever the time.
    mutating func show(_ line: ProgressLine, isLast: Bool = false) {
        if terminal.isErrorWatched {
            let now = ContinuousClock.now
            if !isLast, let lastPainted, now - lastPainted < Self.paintInterval { return }
            lastPainted = now
            terminal.writeError(
                "\r\u{1B}[2K" + line.bar(columns: terminal.columns(), style: terminal.errorStyle))
            isLineOpen = true
            if isLast { close() }
        } else {
            // A line for each percent and each failure: at most a hundred and the failures, however long the study.
            let words = [
                Int(line.fraction * 100), line.counts.failed, line.counts.cancelled,
                line.remark?.hashValue ?? 0, isLast ? 1 : 0,
            ]
            if words != lastWords { terminal.note(line.words) }
            lastWords = words
        }
    }

    /// Ends the line, so that what is written next stands below it.
    mutating func close() {
        guard isLineOpen else { return }
        terminal.writeError("\n")
        isLineOpen = false
    }
}
