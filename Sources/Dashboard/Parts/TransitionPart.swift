import Domain

/// A step in the life of a session or a job, as a line of its history.
enum TransitionPart {
    static func values(_ transition: TransitionRecord, now: Instant) -> Values {
        [
            "at": .markup(TimeMark.markup(transition.at, .ago, now: now)),
            "to": .text(transition.to),
            "from": .text(transition.from),
            "why": .text(transition.why),
            "by": .markup(author(transition.by)),
            "attempt": .text(transition.attempt.map { "attempt \($0)" }),
        ]
    }

    private static func author(_ by: String) -> Markup {
        guard by.hasPrefix("session:"), let session = SessionID(text: String(by.dropFirst("session:".count))) else {
            return "\(by)"
        }
        return "<a href=\"\(Links.worker(session))\">worker \(session)</a>"
    }
}
