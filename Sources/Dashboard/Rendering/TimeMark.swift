import Domain

/// A moment on the page: told relative to now, with the exact time on hover, and counted on by `Modules/ages.js`.
enum TimeMark {
    /// How the moment is told.
    enum Kind: String {
        /// `3 min ago`
        case ago
        /// `15 s`: how long it was not heard; steps of five seconds, so that a long list keeps still.
        case heard
        /// `in 4 min`
        case until
        /// `3 min 12 s`: how long it goes on since.
        case running
    }

    static func markup(_ moment: Instant, _ kind: Kind, now: Instant) -> Markup {
        let text = words(moment, kind, now: now)
        let exact = Format.moment(moment)
        return "<time datetime=\"\(moment)\" title=\"\(exact)\" data-time=\"\(kind.rawValue)\">\(text)</time>"
    }

    static func words(_ moment: Instant, _ kind: Kind, now: Instant) -> String {
        let passed = now.milliseconds(since: moment)
        switch kind {
        case .ago: return passed < 5_000 ? "just now" : "\(Format.age(passed)) ago"
        case .heard: return passed < 5_000 ? "<5 s" : Format.age(passed < 60_000 ? passed / 5_000 * 5_000 : passed)
        case .until: return untilWords(-passed)
        case .running: return passed < 60_000 ? Format.age(passed) : Format.duration(passed)
        }
    }

    /// An end that is near is told in steps of five seconds, rounded up: an estimate has no more digits than that.
    private static func untilWords(_ left: Int64) -> String {
        if left <= 0 { return "any moment" }
        if left < 60_000 { return "in \(Format.age((left + 4_999) / 5_000 * 5_000))" }
        return "in \(Format.age(left))"
    }
}
