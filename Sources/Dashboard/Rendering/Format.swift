package import Domain

/// How numbers are written on a page. `Modules/words.js` writes ages by the same rules; one table of cases tests both.
package enum Format {
    /// `12,345`
    package static func count(_ value: Int) -> String {
        let digits = String(value.magnitude)
        var text = value < 0 ? "−" : ""
        for (position, digit) in digits.enumerated() {
            if position > 0, (digits.count - position) % 3 == 0 { text += "," }
            text.append(digit)
        }
        return text
    }

    /// `1 assignment`, `3 assignments`
    package static func count(_ value: Int, _ noun: String, plural: String? = nil) -> String {
        "\(count(value)) \(value == 1 ? noun : plural ?? noun + "s")"
    }

    /// Whole per cent, rounded down: nothing is at 100% before it is done.
    package static func percent(_ share: Double) -> String {
        "\(perMille(share) / 10)%"
    }

    /// 0…1000, for bars.
    package static func perMille(_ share: Double) -> Int {
        guard share.isFinite else { return 0 }
        return Int(min(1, max(0, share)) * 1_000 + 1e-9)
    }

    /// `42 s`, `3 min`, `2 h 05 min`, `3 d 4 h`: how old something is.
    package static func age(_ milliseconds: Int64) -> String {
        let seconds = max(0, milliseconds) / 1_000
        let minutes = seconds / 60
        let hours = minutes / 60
        if seconds < 60 { return "\(seconds) s" }
        if minutes < 60 { return "\(minutes) min" }
        if hours < 48 { return "\(hours) h \(twoDigits(minutes % 60)) min" }
        return "\(hours / 24) d \(hours % 24) h"
    }

    /// How long something takes or took, one step finer than an age: `0.8 s`, `42 s`, `3 min 12 s`, `2 h 05 min`.
    package static func duration(_ milliseconds: Int64) -> String {
        let milliseconds = max(0, milliseconds)
        if milliseconds < 10_000 { return "\(milliseconds / 1_000).\(milliseconds % 1_000 / 100) s" }
        let seconds = milliseconds / 1_000
        if seconds < 60 || seconds >= 3_600 { return age(milliseconds) }
        return "\(seconds / 60) min \(twoDigits(seconds % 60)) s"
    }

    /// `512 B`, `3.4 kB`, `12 MB`, `1.5 GB`: powers of 1,000, as disks are sold.
    package static func bytes(_ count: Int64) -> String {
        scaled(count, base: 1_000, units: ["B", "kB", "MB", "GB", "TB", "PB"])
    }

    /// `16 GiB`: powers of 1,024, as memory is sold.
    package static func memory(_ count: Int64) -> String {
        scaled(count, base: 1_024, units: ["B", "KiB", "MiB", "GiB", "TiB", "PiB"])
    }

    /// `2026-03-01 12:00:00 UTC`
    package static func moment(_ instant: Instant) -> String {
        let text = instant.description
        return "\(text.prefix(10)) \(text.dropFirst(11).prefix(8)) UTC"
    }

    /// `12:00:00.250`, the time of a log line.
    package static func timeOfDay(_ instant: Instant) -> String {
        String(instant.description.dropFirst(11).prefix(12))
    }

    private static func twoDigits(_ value: Int64) -> String {
        value < 10 ? "0\(value)" : String(value)
    }

    private static func scaled(_ count: Int64, base: Double, units: [String]) -> String {
        var value = Double(max(0, count))
        var unit = 0
        while value >= base && unit < units.count - 1 {
            value /= base
            unit += 1
        }
        if unit == 0 || value >= 10 { return "\(Int(value.rounded())) \(units[unit])" }
        return "\(Int(value)).\(Int(value * 10) % 10) \(units[unit])"
    }
}
