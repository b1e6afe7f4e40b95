import Domain

/// A job under way: its name, overall and stage progress, when it ends.
///
/// Of a worker that isn't heard nobody knows what it does: its progress stands as it was last said, marked unknown, and
/// without an end.
enum HeldJobPart {
    static func values(_ held: HeldJob, isHeard: Bool, now: Instant) -> Values {
        let name = JobWords.name(label: held.label, index: held.index, id: held.job)
        let progress = held.progress
        return [
            "link": .markup(JobWords.link(held)),
            "study": .markup(JobWords.study(held.study, name: held.studyName)),
            "status": .markup(Marks.job(held, isHeard: isHeard)),
            "bar": .markup(
                Bars.progress(progress.fraction, label: "Progress of \(name)", style: isHeard ? "" : "is-still")),
            "percent": .text(progress.fraction.map(Format.percent)),
            "stage": .text(progress.stage),
            "stageBar": .markup(
                progress.stage == nil
                    ? nil : Bars.progress(progress.stageFraction, label: "Progress of this stage", style: "is-stage")),
            "stagePercent": .text(progress.stageFraction.map(Format.percent)),
            "message": .text(progress.message.map(LogText.plain)),
            "eta": .markup(!isHeard ? nil : progress.etaAt.map { TimeMark.markup($0, .until, now: now) }),
            "isHeard": .flag(isHeard),
            "running": .markup(TimeMark.markup(held.startedAt ?? held.claimedAt, .running, now: now)),
            "attempt": .text(held.attempt.value > 1 ? "attempt \(held.attempt)" : nil),
        ]
    }

    static func fingerprint(_ held: HeldJob, isHeard: Bool) -> Fingerprint {
        var fingerprint = Fingerprint()
        fingerprint.add(isHeard)
        fingerprint.add(held.attempt.value)
        fingerprint.add(held.status.rawValue)
        fingerprint.add(held.isCancelRequested)
        fingerprint.add(held.startedAt)
        fingerprint.add(held.label)
        fingerprint.add(held.studyName)
        fingerprint.add(held.progress)
        return fingerprint
    }
}
