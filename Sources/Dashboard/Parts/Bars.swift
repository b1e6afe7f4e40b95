import Domain

/// Progress as a picture. Widths are values of `<progress>` or numbers of an SVG: the page allows no styles inline.
enum Bars {
    /// A bar that is read out as `label: 62%`. What was never said is shown as such, not as zero.
    static func progress(_ fraction: Double?, label: String, style: StaticString = "") -> Markup {
        guard let fraction else {
            return "<span class=\"bar is-unsaid \(raw: style)\" title=\"no progress said yet\"></span>"
        }
        let value = Format.perMille(fraction)
        return """
            <progress class="bar \(raw: style)" max="1000" value="\(value)" aria-label="\(label)">\
            \(Format.percent(fraction))</progress>
            """
    }

    /// How loaded something is; from 0.9 on it is marked.
    static func meter(_ share: Double?, label: String) -> Markup {
        guard let share else { return .none }
        let level: StaticString = share >= 0.9 ? "meter is-high" : "meter"
        return progress(share, label: label, style: level)
    }

    /// Where all jobs stand, as one bar of segments, in the order in which they are got through.
    static func strip(_ counts: JobCounts, label: String) -> Markup {
        let order: [(status: JobStatus, style: StaticString)] = [
            (.completed, "completed"), (.failed, "failed"), (.running, "running"), (.claimed, "claimed"),
            (.pending, "waiting"), (.cancelled, "cancelled"),
        ]
        let total = counts.total
        var rects = Markup.none
        var place = 0
        for (status, style) in order where counts[status] > 0 {
            // A single one among thousands is still to be seen: no segment is thinner than four of a thousand.
            let width = max(4, counts[status] * 1_000 / total)
            rects.append("<rect class=\"fill-\(raw: style)\" x=\"\(place)\" width=\"\(width)\" height=\"8\"/>")
            place += width
        }
        return """
            <svg class="strip" viewBox="0 0 \(max(place, 1)) 8" preserveAspectRatio="none" role="img" \
            aria-label="\(label)">\(rects)</svg>
            """
    }

    /// Counts as bars, the newest to the right.
    static func spark(_ bins: [Int], label: String) -> Markup {
        let highest = max(1, bins.max() ?? 1)
        var rects = Markup.none
        for (position, count) in bins.enumerated() where count > 0 {
            let height = max(1, count * 32 / highest)
            rects.append("<rect x=\"\(position * 10)\" y=\"\(32 - height)\" width=\"8\" height=\"\(height)\"/>")
        }
        return """
            <svg class="spark" viewBox="0 0 \(bins.count * 10) 32" preserveAspectRatio="none" role="img" \
            aria-label="\(label)">\(rects)</svg>
            """
    }
}
