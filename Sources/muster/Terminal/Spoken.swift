import Domain

/// Numbers as a person says them. Pure, and the same wherever they are shown.
enum Spoken {
    /// `840 ms`, `12 s`, `3 min 10 s`, `2 h 5 min`, `3 d 4 h`; nothing finer than the second largest unit matters.
    static func duration(milliseconds: Int64) -> String {
        let milliseconds = max(0, milliseconds)
        guard milliseconds >= 1_000 else { return milliseconds == 0 ? "0 s" : "\(milliseconds) ms" }
        let seconds = milliseconds / 1_000
        let parts = [
            (seconds / 86_400, "d"), (seconds / 3_600 % 24, "h"), (seconds / 60 % 60, "min"), (seconds % 60, "s"),
        ]
        guard let first = parts.firstIndex(where: { $0.0 > 0 }) else { return "0 s" }
        return parts[first...].prefix(2).filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: " ")
    }

    /// How long ago, from the server's moment of hearing to `now`; nobody cares for parts of a second.
    static func age(of moment: Instant, at now: Instant) -> String {
        let age = now.milliseconds(since: moment)
        return age < 1_000 ? "now" : duration(milliseconds: age) + " ago"
    }

    /// Rounded down: 100 % is only said when all is done.
    static func percent(_ fraction: Double) -> String {
        guard fraction.isFinite else { return "" }
        return "\(Int((min(1, max(0, fraction)) * 100).rounded(.down))) %"
    }

    static func bytes(_ count: Int64) -> String {
        guard count >= 1_024 else { return "\(count) B" }
        var value = Double(count)
        for unit in ["KiB", "MiB", "GiB", "TiB"] {
            value /= 1_024
            if value < 1_024 || unit == "TiB" {
                let tenths = Int((value * 10).rounded(.down))
                return value < 10 ? "\(tenths / 10).\(tenths % 10) \(unit)" : "\(tenths / 10) \(unit)"
            }
        }
        return "\(count) B"
    }

    static func count(_ count: Int, _ noun: String) -> String {
        count == 1 ? "1 \(noun)" : "\(count) \(noun)s"
    }

    /// `12:00:07`, of the time zone `offsetSeconds` east of UTC.
    static func clock(_ moment: Instant, offsetSeconds: Int) -> String {
        let text = moment.adding(milliseconds: Int64(offsetSeconds) * 1_000).description
        return String(text.dropFirst(11).prefix(8))
    }

    /// `2026-03-01 12:00:07`.
    static func date(_ moment: Instant, offsetSeconds: Int) -> String {
        let text = moment.adding(milliseconds: Int64(offsetSeconds) * 1_000).description
        return "\(text.prefix(10)) \(text.dropFirst(11).prefix(8))"
    }
}
