package import Domain

/// The log pane: the last lines as the page is made, continued by `Modules/log.js`.
package enum LogPart {
    /// How many lines the page is made with; a stream brings those that come.
    static let lineLimit = 300

    /// Whether lines may still come: what the pane says beside them.
    package static func isLive(_ job: JobRecord) -> Bool { !job.status.isFinal }
    package static func isLive(_ session: SessionRecord) -> Bool { session.status != .stopped }

    /// - Parameter showsJob: the log of a worker says to which job a line belongs.
    static func values(_ lines: [LogLine], source: LogSource, isLive: Bool, showsJob: Bool) -> Values {
        let last = lines.suffix(lineLimit)
        return [
            "isLive": .flag(isLive),
            "stream": .text(
                isLive || source.mayGoOn ? Links.liveLog(source, after: last.map(\.number).max() ?? 0) : nil),
            "showsJob": .flag(showsJob),
            "lines": .markup(last.map { line($0, showsJob: showsJob) }.joined()),
            "isEmpty": .flag(last.isEmpty),
            "shown": .text(lines.isEmpty ? nil : Format.count(last.count, "line")),
            "levels": .list(
                LogLevel.allCases.map { level in
                    ["level": .text(level.rawValue), "isOn": .flag(true)]
                }),
        ]
    }

    /// `Modules/log.js` makes the same element.
    static func line(_ line: LogLine, showsJob: Bool) -> Markup {
        let tag: Markup =
            if showsJob, let job = line.job { "<a class=\"of\" href=\"\(Links.job(job))\">\(job)</a>" } else { .none }
        let type: Markup = line.style.map { " t-\($0)" } ?? .none
        let place: Markup = line.position.map { " data-place=\"\($0)\"" } ?? .none
        return """
            <li class="l-\(line.level.rawValue)\(type)" data-level="\(line.level.rawValue)"\(place)>\
            <time datetime="\(line.at)" title="\(Format.moment(line.at))">\(Format.timeOfDay(line.at))</time>\
            <b>\(line.level.rawValue)</b>\(tag)<span>\(LogText.lines(line.text))</span></li>
            """
    }
}
