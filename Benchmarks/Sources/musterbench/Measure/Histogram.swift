/// Lengths of time, counted in steps of about three in a hundred: of any number of them it takes the same room.
struct Histogram {
    /// Steps within each doubling.
    private static let stepBits = 5
    private static let stepCount: UInt64 = 1 << stepBits

    private var counts = [UInt64](repeating: 0, count: (64 - stepBits + 1) * Int(stepCount))
    private(set) var count: UInt64 = 0

    mutating func record(_ nanoseconds: UInt64) {
        counts[Self.place(nanoseconds)] += 1
        count += 1
    }

    mutating func add(_ other: Histogram) {
        for place in counts.indices { counts[place] += other.counts[place] }
        count += other.count
    }

    /// The length that this share of all does not exceed, in nanoseconds.
    func quantile(_ share: Double) -> UInt64 {
        var left = UInt64((Double(count) * share).rounded(.up))
        for (place, count) in counts.enumerated() {
            if count >= left { return Self.value(place) }
            left -= count
        }
        return 0
    }

    func milliseconds(_ share: Double) -> Double { Double(quantile(share)) / 1e6 }

    private static func place(_ value: UInt64) -> Int {
        guard value >= stepCount else { return Int(value) }
        let shift = 63 - value.leadingZeroBitCount - stepBits
        return (shift + 1) * Int(stepCount) + Int((value >> UInt64(shift)) - stepCount)
    }

    /// The upper end of a step.
    private static func value(_ place: Int) -> UInt64 {
        let place = UInt64(place)
        guard place >= stepCount else { return place }
        let shift = place / stepCount - 1
        return ((place % stepCount + stepCount + 1) << shift) - 1
    }
}

extension [Double] {
    /// The one in the middle; of an even number the mean of both.
    var median: Double {
        guard !isEmpty else { return 0 }
        let ordered = sorted()
        let middle = ordered.count / 2
        return ordered.count % 2 == 1 ? ordered[middle] : (ordered[middle - 1] + ordered[middle]) / 2
    }
}
