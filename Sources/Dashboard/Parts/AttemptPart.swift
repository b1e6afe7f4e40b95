import Domain

/// One try at a job, as a row of a history.
enum AttemptPart {
    static func id(_ attempt: AttemptRecord) -> String { "attempt:\(attempt.job).\(attempt.number)" }

    static func fingerprint(_ attempt: AttemptRecord, isHeard: Bool) -> Fingerprint {
        var fingerprint = Fingerprint()
        fingerprint.add(attempt.outcome == nil && !isHeard)
        fingerprint.add(attempt.session.number)
        fingerprint.add(attempt.workerName)
        fingerprint.add(attempt.startedAt)
        fingerprint.add(attempt.endedAt)
        fingerprint.add(attempt.outcome?.rawValue)
        fingerprint.add(attempt.exitCode.map { "\($0)" })
        fingerprint.add(attempt.reason)
        return fingerprint
    }

    /// - Parameter isHeard: whether its worker is; asked of an attempt under way.
    static func values(_ attempt: AttemptRecord, job: Markup?, isHeard: Bool, now: Instant) -> Values {
        [
            "id": .text(id(attempt)),
            "job": .markup(job),
            "number": .count(attempt.number.value),
            "worker": .markup(JobWords.worker(attempt.session, name: attempt.workerName)),
            "outcome": .markup(Marks.outcome(attempt.outcome, isStarted: attempt.startedAt != nil, isHeard: isHeard)),
            "began": .markup(TimeMark.markup(attempt.startedAt ?? attempt.claimedAt, .ago, now: now)),
            "took": .markup(
                JobWords.time(started: attempt.startedAt ?? attempt.claimedAt, ended: attempt.endedAt, now: now)),
            "reason": .text(reason(attempt)),
        ]
    }

    private static func reason(_ attempt: AttemptRecord) -> String? {
        switch (attempt.reason, attempt.exitCode) {
        case (let reason?, let code?) where !reason.contains("\(code)"): "\(reason) (exit code \(code))"
        case (let reason?, _): reason
        case (nil, let code?) where code != 0: "exit code \(code)"
        default: nil
        }
    }
}
