import Domain

/// A study in one line: name, master progress, counts, when it ends.
enum StudyPart {
    /// - Parameter holders: for each of its assignments that is held the session that holds it.
    static func region(
        _ study: StudyRecord, holders: [SessionPresence], prefix: String, list: String, template: String,
        mayDelete: Bool = false, frame: PageFrame
    ) -> Region {
        let id = "\(prefix):\(study.id)"
        let unknown = frame.unknownCount(holders)
        var fingerprint = Fingerprint(study.sequence)
        fingerprint.add(unknown)
        return Region(
            id, in: list, fingerprint: fingerprint, sequence: study.sequence, isTimed: study.counts.held > 0,
            template: template
        ) {
            var values = StudyPart.values(study, unknown: unknown, now: frame.now)
            values.set("id", .text(id))
            let path = Links.study(study.id, name: study.name)
            values.set("deletePath", .text(mayDelete ? "\(path)/delete" : nil))
            return values
        }
    }

    /// - Parameter unknown: how many of those that are held nobody knows of. Where that is all there is no end to tell.
    static func values(_ study: StudyRecord, unknown: Int, now: Instant) -> Values {
        let counts = study.counts
        let isOpen = !study.isFinished && study.status != .cancelled
        let running = max(0, counts.held - unknown)
        return [
            "name": .text(study.name),
            "path": .text(Links.study(study.id, name: study.name)),
            "status": .markup(Marks.study(study)),
            "bar": .markup(bar(study)),
            "percent": .text(Format.percent(study.forecast.fraction)),
            "total": .count(counts.total),
            "done": .count(counts.completed),
            "failed": .text(counts.failed > 0 ? Format.count(counts.failed) : nil),
            "running": .text(running > 0 ? Format.count(running) : nil),
            "unknown": .text(unknown > 0 ? Format.count(unknown) : nil),
            "waiting": .text(counts.pending > 0 ? Format.count(counts.pending) : nil),
            "cancelled": .text(counts.cancelled > 0 ? Format.count(counts.cancelled) : nil),
            "eta": .markup(
                isOpen && running > 0 ? study.forecast.etaAt.map { TimeMark.markup($0, .until, now: now) } : nil),
            "took": .markup(
                study.finishedAt == nil
                    ? nil : JobWords.time(started: study.startedAt, ended: study.finishedAt, now: now)),
            "created": .markup(TimeMark.markup(study.createdAt, .ago, now: now)),
            "dimensions": .text(study.dimensions.isEmpty ? nil : study.dimensions.joined(separator: " × ")),
        ]
    }

    /// How far it is; once it is over with failures, how much of it failed.
    private static func bar(_ study: StudyRecord) -> Markup {
        if study.isFinished && study.counts.failed > 0 {
            return Bars.strip(study.counts, label: "Assignments of \(study.name) by status")
        }
        let style: StaticString =
            switch Marks.studyWord(study) {
            case "completed": "is-done"
            case "paused", "cancelled", "cancelling": "is-still"
            default: ""
            }
        return Bars.progress(study.forecast.fraction, label: "Progress of \(study.name)", style: style)
    }
}
