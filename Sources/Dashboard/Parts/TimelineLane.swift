import Domain

/// The attempts of one worker, in as many rows as it worked on at a time.
struct TimelineLane: Sendable {
    let name: String
    let attempts: [AttemptRecord]
    private let holders: Holders

    /// The height of a row in units of the drawing.
    static let rowUnits = 20
    /// More at a time share the last row.
    private static let rowLimit = 8
    /// A bar that grows is drawn anew each time it has grown by so many units.
    private static let growthUnits: Int64 = 50
    /// A thinner bar could not be seen.
    private static let thinnestUnits: Int64 = 12
    /// From so many attempts on, neighbours with one outcome are drawn as one bar: single ones could not be told apart.
    private static let mergeFrom = 300
    private static let mergeGapUnits: Int64 = 10

    /// - Parameter attempts: at least one.
    init(name: String, attempts: [AttemptRecord], holders: Holders) {
        self.name = name
        self.holders = holders
        self.attempts = attempts.sorted { ($0.claimedAt, $0.job) < ($1.claimedAt, $1.job) }
    }

    /// The last session of that name.
    var session: SessionID { attempts[attempts.count - 1].session }

    var rowCount: Int { (rows.max() ?? 0) + 1 }

    func fingerprint(_ scale: TimelineScale) -> Fingerprint {
        var fingerprint = Fingerprint()
        fingerprint.add(scale.start)
        fingerprint.add(scale.span)
        fingerprint.add(session.number)
        for attempt in attempts {
            fingerprint.add(attempt.job.number)
            fingerprint.add(attempt.number.value)
            fingerprint.add(word(attempt))
        }
        if attempts.contains(where: { $0.endedAt == nil }) {
            fingerprint.add(scale.place(scale.now) / Self.growthUnits)
        }
        return fingerprint
    }

    /// What a bar is named and drawn by. Of an attempt whose worker isn't heard nobody knows.
    private func word(_ attempt: AttemptRecord) -> String {
        attempt.outcome?.rawValue ?? (holders.isHeard(attempt) ? "running" : "unknown")
    }

    func bars(_ scale: TimelineScale, labels: [JobID: String]) -> Markup {
        var bars: [Bar] = []
        var last: [Int: Int] = [:]
        let isMerged = attempts.count >= Self.mergeFrom
        for (attempt, row) in zip(attempts, rows) {
            let bar = Bar(attempt, word: word(attempt), row: row, scale: scale)
            if isMerged, let place = last[row], bars[place].word == bar.word,
                bar.left - bars[place].right <= Self.mergeGapUnits
            {
                bars[place].right = max(bars[place].right, bar.right)
                bars[place].count += 1
            } else {
                last[row] = bars.count
                bars.append(bar)
            }
        }
        return bars.map { $0.markup(labels: labels) }.joined()
    }

    /// For each attempt the first row that is free when it begins.
    private var rows: [Int] {
        var ends: [Instant] = []
        return attempts.map { attempt in
            let end = attempt.endedAt ?? Instant(milliseconds: .max)
            let free = ends.firstIndex { $0 <= attempt.claimedAt } ?? min(ends.count, Self.rowLimit - 1)
            if free == ends.count { ends.append(end) } else { ends[free] = max(ends[free], end) }
            return free
        }
    }

    /// Outcomes differ in height and outline as well as in colour: a failed one is taller, a lost one hollow.
    private struct Bar {
        let job: JobID
        let attempt: AttemptNumber
        let word: String
        let row: Int
        let length: Int64
        let left: Int64
        var right: Int64
        var count = 1

        init(_ attempt: AttemptRecord, word: String, row: Int, scale: TimelineScale) {
            job = attempt.job
            self.attempt = attempt.number
            self.word = word
            self.row = row
            let end = attempt.endedAt ?? scale.now
            length = end.milliseconds(since: attempt.claimedAt)
            left = scale.place(attempt.claimedAt)
            right = scale.place(end)
        }

        func markup(labels: [JobID: String]) -> Markup {
            let shape: (top: Int, height: Int) =
                switch AttemptOutcome(rawValue: word) {
                case .failed: (1, 18)
                case .cancelled: (8, 4)
                default: (4, 12)
                }
            let name = labels[job] ?? job.description
            let title =
                count > 1
                ? "\(count) attempts: \(word)"
                : "\(name), attempt \(attempt.value): \(word), \(Format.duration(length))"
            let width = max(TimelineLane.thinnestUnits, right - left - 6)
            return """
                <rect class="bar-\(word)" x="\(left)" y="\(row * TimelineLane.rowUnits + shape.top)" width="\(width)" \
                height="\(shape.height)"><title>\(title)</title></rect>
                """
        }
    }
}
