import Domain

/// How many assignments are completed in a time, as a number and as a picture.
struct Throughput: Hashable, Sendable {
    /// Completions in each fortieth of the study's time so far, the newest last.
    let bins: [Int]
    /// `14 per minute`; absent until two are done.
    let rate: String?

    init(jobs: [JobRecord], started: Instant?, ended: Instant?, now: Instant) {
        let ends = jobs.filter { $0.status == .completed }.compactMap(\.finishedAt)
        guard let started, !ends.isEmpty else {
            bins = []
            rate = nil
            return
        }
        let until = ended ?? now
        let length = max(1, until.milliseconds(since: started))
        var bins = [Int](repeating: 0, count: Self.binCount)
        for end in ends {
            let bin = end.milliseconds(since: started) * Int64(Self.binCount) / length
            bins[Int(min(Int64(Self.binCount - 1), max(0, bin)))] += 1
        }
        self.bins = bins
        // Of the last hour, or of the whole where it is shorter: what it was yesterday is no forecast.
        let window = min(length, 3_600_000)
        let from = until.adding(milliseconds: -window)
        let recent = ends.filter { $0 > from }.count
        rate = recent < 2 ? nil : Self.words(perHour: Double(recent) * 3_600_000 / Double(window))
    }

    private static func words(perHour: Double) -> String {
        if perHour >= 120 { return "\(tenths(perHour / 60)) per minute" }
        if perHour >= 2 { return "\(tenths(perHour)) per hour" }
        return "\(tenths(perHour * 24)) per day"
    }

    private static func tenths(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return tenths >= 1_000 || tenths % 10 == 0 ? Format.count(tenths / 10) : "\(tenths / 10).\(tenths % 10)"
    }

    private static let binCount = 40
}
