import Domain

/// Which worker ran what when: a lane for each worker, a bar for each attempt.
struct Timeline: Sendable {
    private let lanes: [TimelineLane]
    private let hiddenLaneCount: Int
    private let isCut: Bool
    private let scale: TimelineScale
    private let labels: [JobID: String]

    static let laneLimit = 48

    /// - Parameters:
    ///   - attempts: all, or the newest `StudyPage.attemptLimit`.
    ///   - end: when the study ended; absent while it goes on.
    init?(attempts: [AttemptRecord], jobs: [JobRecord], holders: Holders, end: Instant?, now: Instant) {
        guard let start = attempts.map(\.claimedAt).min() else { return nil }
        isCut = attempts.count >= StudyPage.attemptLimit
        let whole = TimelineScale(start: start, now: end ?? now)
        // Each new attempt pushes an old one out: the axis begins at a whole step, so that not every bar moves then.
        scale = isCut ? whole.beginningAtStep(end ?? now) : whole
        labels = Dictionary(
            jobs.map { ($0.id, "\(JobWords.tag(index: $0.index, id: $0.id)) \($0.label ?? "")") }
        ) { first, _ in first }
        let grouped = Dictionary(grouping: attempts, by: \.workerName)
            .map { TimelineLane(name: $0, attempts: $1, holders: holders) }
            .sorted { ($0.attempts[0].claimedAt, $0.name) < ($1.attempts[0].claimedAt, $1.name) }
        lanes = Array(grouped.prefix(Self.laneLimit))
        hiddenLaneCount = grouped.count - lanes.count
    }

    /// The axis, hidden while there is nothing to measure: a region without a list is there from the beginning.
    static func axisRegion(of timeline: Timeline?, id: String) -> Region {
        var fingerprint = Fingerprint()
        fingerprint.add(timeline?.scale.start)
        fingerprint.add(timeline?.scale.step ?? 0)
        fingerprint.add(timeline?.scale.span ?? 0)
        fingerprint.add(timeline?.hiddenLaneCount ?? 0)
        fingerprint.add(timeline?.isCut == true)
        return Region(id, fingerprint: fingerprint, template: "timeline-axis") {
            timeline?.axisValues(id: id) ?? ["id": .text(id), "isHidden": .flag(true), "steps": .list([])]
        }
    }

    func regions(list: String) -> [Region] {
        lanes.map { lane in
            let id = "lane:\(Region.idPart(lane.name))"
            return Region(id, in: list, fingerprint: lane.fingerprint(scale), template: "timeline-lane") {
                let rows = lane.rowCount
                return [
                    "id": .text(id), "name": .text(lane.name), "path": .text(Links.worker(lane.session)),
                    "bars": .markup(lane.bars(scale, labels: labels)),
                    "width": .text(String(TimelineScale.units)),
                    "rows": .text(String(rows)), "height": .text(String(rows * TimelineLane.rowUnits)),
                    "label": .text("Attempts of \(lane.name): \(lane.attempts.count)"),
                    "ticks": .markup(gridLines(height: rows * TimelineLane.rowUnits)),
                ]
            }
        }
    }

    private func axisValues(id: String) -> Values {
        let count = Int(scale.span / scale.step)
        return [
            "id": .text(id), "isHidden": .flag(false),
            "steps": .list((0..<count).map { ["text": .text($0 == 0 ? "0" : tick(Int64($0) * scale.step))] }),
            "end": .text(tick(scale.span)),
            "began": .text(Format.moment(scale.start)),
            "cut": .text(isCut ? Format.count(StudyPage.attemptLimit) : nil),
            "hidden": .text(hiddenLaneCount > 0 ? Format.count(hiddenLaneCount, "more worker") : nil),
        ]
    }

    private func gridLines(height: Int) -> Markup {
        stride(from: scale.step, to: scale.span, by: Int(scale.step)).map { at -> Markup in
            "<path d=\"M\(at * TimelineScale.units / scale.span) 0v\(height)\"/>"
        }.joined()
    }

    /// `0:30`, `5 min`, `1:30 h`, `2 h`, `3 d`: as fine as the axis steps.
    private func tick(_ milliseconds: Int64) -> String {
        let seconds = milliseconds / 1_000
        let minutes = seconds / 60
        if scale.step < 60_000 && minutes < 60 { return "\(minutes):\(Self.twoDigits(seconds % 60))" }
        if minutes < 60 { return "\(minutes) min" }
        if scale.step < 3_600_000 { return "\(minutes / 60):\(Self.twoDigits(minutes % 60)) h" }
        if scale.step % 86_400_000 == 0 { return "\(minutes / 1_440) d" }
        return "\(minutes / 60) h"
    }

    private static func twoDigits(_ value: Int64) -> String {
        value < 10 ? "0\(value)" : String(value)
    }
}

/// The time axis: where a moment stands on it, and its steps.
struct TimelineScale: Sendable {
    let start: Instant
    let now: Instant
    /// The length of the axis and of one of its steps, in milliseconds.
    let span: Int64
    let step: Int64

    /// Bars are drawn on an axis of so many units, stretched to the width of the page.
    static let units: Int64 = 10_000

    /// The axis is longer than the time so far, up to a whole step: bars keep their place while time goes on.
    init(start: Instant, now: Instant) {
        self.start = start
        self.now = now
        let length = max(1_000, now.milliseconds(since: start))
        step = Self.steps.first { length <= $0 * Self.stepLimit } ?? (length / Self.stepLimit + 1)
        span = (length + step - 1) / step * step
    }

    /// The same from the whole step before its start on, counted from 1970.
    func beginningAtStep(_ now: Instant) -> TimelineScale {
        let late = start.milliseconds % step
        return TimelineScale(start: start.adding(milliseconds: -late), now: now)
    }

    func place(_ moment: Instant) -> Int64 {
        min(Self.units, max(0, moment.milliseconds(since: start) * Self.units / span))
    }

    /// No more steps on the axis than this.
    private static let stepLimit: Int64 = 8
    private static let steps: [Int64] =
        [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400, 172_800]
        .map { $0 * 1_000 }
}
