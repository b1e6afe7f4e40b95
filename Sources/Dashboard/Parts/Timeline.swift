import Domain

/// Which worker ran what when: a lane for each worker, a bar for each attempt.
struct Timeline: Sendable {
    private let lanes: [(name: String, session: SessionID, attempts: [AttemptRecord])]
    private let hiddenLaneCount: Int
    private let start: Instant
    /// The length of the axis and of one of its steps.
    private let span: Int64
    private let step: Int64
    private let now: Instant
    private let labels: [JobID: String]

    /// Bars are drawn on an axis of so many units, stretched to the width of the page.
    private static let axisUnits: Int64 = 10_000
    /// A bar that grows is drawn anew each time it has grown by so many units.
    private static let growthUnits: Int64 = 50
    static let laneLimit = 48

    /// - Parameter end: when the study ended; absent while it goes on.
    init?(attempts: [AttemptRecord], jobs: [JobRecord], end: Instant?, now: Instant) {
        guard let start = attempts.map(\.claimedAt).min() else { return nil }
        self.start = start
        self.now = end ?? now
        let length = max(1_000, self.now.milliseconds(since: start))
        step = Self.steps.first { length <= $0 * Self.stepLimit } ?? (length / Self.stepLimit + 1)
        span = (length + step - 1) / step * step
        labels = Dictionary(
            jobs.map { ($0.id, "\(JobWords.tag(index: $0.index, id: $0.id)) \($0.label ?? "")") }
        ) { first, _ in first }
        let grouped = Dictionary(grouping: attempts, by: \.workerName)
            .map { name, attempts in
                let sorted = attempts.sorted { ($0.claimedAt, $0.job) < ($1.claimedAt, $1.job) }
                return (name: name, session: sorted[sorted.count - 1].session, attempts: sorted)
            }
            .sorted { ($0.attempts[0].claimedAt, $0.name) < ($1.attempts[0].claimedAt, $1.name) }
        lanes = Array(grouped.prefix(Self.laneLimit))
        hiddenLaneCount = grouped.count - lanes.count
    }

    func regions(list: String, axis: String) -> [Region] {
        var fingerprint = Fingerprint()
        fingerprint.add(step)
        fingerprint.add(span)
        fingerprint.add(hiddenLaneCount)
        let axisRegion = Region(axis, fingerprint: fingerprint, template: "timeline-axis") { axisValues(id: axis) }
        return [axisRegion] + lanes.map { lane in
            let id = "lane:\(lane.name)"
            return Region(id, in: list, fingerprint: laneFingerprint(lane.attempts), template: "timeline-lane") {
                [
                    "id": .text(id), "name": .text(lane.name), "path": .text(Links.worker(lane.session)),
                    "bars": .markup(lane.attempts.map(bar).joined()),
                    "width": .text(String(Self.axisUnits)),
                    "label": .text("Attempts of \(lane.name): \(lane.attempts.count)"),
                    "ticks": .markup(gridLines),
                ]
            }
        }
    }

    private func laneFingerprint(_ attempts: [AttemptRecord]) -> Fingerprint {
        var fingerprint = Fingerprint()
        fingerprint.add(span)
        for attempt in attempts {
            fingerprint.add(attempt.job.number)
            fingerprint.add(attempt.number.value)
            fingerprint.add(attempt.outcome?.rawValue)
        }
        if attempts.contains(where: { $0.endedAt == nil }) { fingerprint.add(place(now) / Self.growthUnits) }
        return fingerprint
    }

    private func axisValues(id: String) -> Values {
        let count = Int(span / step)
        return [
            "id": .text(id),
            "steps": .list((0..<count).map { ["text": .text($0 == 0 ? "0" : Self.tick(Int64($0) * step))] }),
            "end": .text(Self.tick(span)),
            "began": .text(Format.moment(start)),
            "hidden": .text(hiddenLaneCount > 0 ? Format.count(hiddenLaneCount, "more worker") : nil),
        ]
    }

    private var gridLines: Markup {
        stride(from: step, to: span, by: Int(step)).map { at -> Markup in
            "<path d=\"M\(at * Self.axisUnits / span) 0v20\"/>"
        }.joined()
    }

    /// Outcomes differ in height and outline as well as in colour: a failed one is taller, a lost one hollow.
    private func bar(_ attempt: AttemptRecord) -> Markup {
        let left = place(attempt.claimedAt)
        let right = attempt.endedAt.map(place) ?? place(now)
        let width = max(Self.growthUnits / 2, right - left - 6)
        let word = attempt.outcome?.rawValue ?? "running"
        let shape: (y: Int, height: Int) =
            switch attempt.outcome {
            case .failed: (1, 18)
            case .cancelled: (8, 4)
            default: (4, 12)
            }
        let name = labels[attempt.job] ?? attempt.job.description
        let length = (attempt.endedAt ?? now).milliseconds(since: attempt.claimedAt)
        return """
            <rect class="bar-\(word)" x="\(left)" y="\(shape.y)" width="\(width)" height="\(shape.height)">\
            <title>\(name), attempt \(attempt.number.value): \(word), \(Format.duration(length))</title></rect>
            """
    }

    private func place(_ moment: Instant) -> Int64 {
        min(Self.axisUnits, max(0, moment.milliseconds(since: start) * Self.axisUnits / span))
    }

    /// `30 s`, `5 min`, `2 h`
    private static func tick(_ milliseconds: Int64) -> String {
        let seconds = milliseconds / 1_000
        if seconds < 60 { return "\(seconds) s" }
        if seconds < 3_600 { return seconds % 60 == 0 ? "\(seconds / 60) min" : "\(seconds / 60) min \(seconds % 60) s" }
        if seconds < 172_800 { return seconds % 3_600 == 0 ? "\(seconds / 3_600) h" : Format.age(milliseconds) }
        return seconds % 86_400 == 0 ? "\(seconds / 86_400) d" : Format.age(milliseconds)
    }

    /// No more steps on the axis than this.
    private static let stepLimit: Int64 = 8
    private static let steps: [Int64] =
        [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400, 172_800]
        .map { $0 * 1_000 }
}
