import Domain

/// The small drawings of the page; each is a symbol of `sprite.mustache`, `i-` with this name.
enum Icon: String, CaseIterable {
    case fleet, worker, study, job, settings, drain, delete, retry, cancel, pause, resume, download, copy, next
    case previous, search, sun, file, leave, alert, done
}

/// Status is always colour, shape and word: the shape is a symbol of `sprite.mustache` (`m-` with the word), the
/// colour a class of `marks.css` (`is-` with the word).
enum Marks {
    static func icon(_ icon: Icon) -> Markup {
        "<svg class=\"icon\" aria-hidden=\"true\"><use href=\"#i-\(icon.rawValue)\"/></svg>"
    }

    /// The shape alone, for where the word stands beside it anyway.
    static func shape(_ word: String) -> Markup {
        "<svg class=\"mark is-\(word)\" aria-hidden=\"true\"><use href=\"#m-\(word)\"/></svg>"
    }

    static func mark(_ word: String, text: String? = nil) -> Markup {
        "<span class=\"badge is-\(word)\">\(shape(word))<span>\(text ?? word)</span></span>"
    }

    /// A worker's badge; one that isn't heard says since when.
    static func badge(_ badge: Badge, lastHeard: Instant?, now: Instant) -> Markup {
        switch badge {
        case .suspect, .stale:
            guard let lastHeard else { return mark(badge.word) }
            return aged(badge.word, since: lastHeard, now: now)
        case .starting, .idle, .active, .error, .stopping, .stopped:
            return mark(badge.word)
        }
    }

    private static func aged(_ word: String, since heard: Instant, now: Instant) -> Markup {
        let age = TimeMark.markup(heard, .heard, now: now)
        return """
            <span class="badge is-\(word)">\(shape(word))<span>\(word)</span> <span class="age">\(age)</span></span>
            """
    }

    /// `waiting` for what the store calls pending: a person's word, and the one of the design's palette.
    static func jobWord(_ status: JobStatus, isScheduled: Bool, isCancelRequested: Bool) -> String {
        if isCancelRequested && status.isHeld { return "cancelling" }
        switch status {
        case .pending: return isScheduled ? "scheduled" : "waiting"
        case .claimed: return "claimed"
        case .running: return "running"
        case .completed: return "completed"
        case .failed: return "failed"
        case .cancelled: return "cancelled"
        }
    }

    /// - Parameter isHeard: whether the session that holds it is; of one that isn't nobody knows what it does.
    static func jobWord(_ job: JobRecord, isHeard: Bool) -> String {
        if job.status.isHeld && !isHeard { return "unknown" }
        return jobWord(job.status, isScheduled: job.isScheduled, isCancelRequested: job.isCancelRequested)
    }

    /// A job's status; one whose worker isn't heard says since when.
    static func job(_ job: JobRecord, holders: Holders, now: Instant) -> Markup {
        let word = jobWord(job, isHeard: holders.isHeard(job))
        guard let since = holders.silentSince(job) else { return mark(word) }
        return aged(word, since: since, now: now)
    }

    static func job(_ job: HeldJob, isHeard: Bool) -> Markup {
        mark(
            isHeard
                ? jobWord(job.status, isScheduled: false, isCancelRequested: job.isCancelRequested) : "unknown")
    }

    static func outcome(_ outcome: AttemptOutcome?, isStarted: Bool, isHeard: Bool) -> Markup {
        guard let outcome else { return mark(!isHeard ? "unknown" : isStarted ? "running" : "claimed") }
        switch outcome {
        case .completed: return mark("completed")
        case .failed: return mark("failed")
        case .cancelled: return mark("cancelled")
        case .released: return mark("waiting", text: "given back")
        case .retryable: return mark("suspect", text: "to be retried")
        case .lost: return mark("stale", text: "lost")
        }
    }

    /// What a study is about at the moment, from what a person said of it and from its counts.
    static func study(_ study: StudyRecord) -> Markup {
        let word = studyWord(study)
        return mark(word, text: word == "failed" ? "finished, \(Format.count(study.counts.failed)) failed" : nil)
    }

    static func studyWord(_ study: StudyRecord) -> String {
        if study.status == .cancelled { return study.counts.held > 0 ? "cancelling" : "cancelled" }
        if study.isFinished { return study.counts.failed > 0 ? "failed" : "completed" }
        if study.status == .paused { return "paused" }
        return study.counts.held > 0 ? "running" : "waiting"
    }

    /// A connector's status is only as good as its session's last word: an old one is `unknown`, with its age.
    static func connector(_ state: ConnectorState, of session: SessionRecord, frame: PageFrame) -> Markup {
        let word = connectorWord(state, of: session, frame: frame)
        guard word == "unknown", let heard = frame.lastHeard[session.id] else { return mark(word) }
        return aged(word, since: heard, now: frame.now)
    }

    static func connectorWord(_ state: ConnectorState, of session: SessionRecord, frame: PageFrame) -> String {
        guard session.status.isLive, let heard = frame.lastHeard[session.id],
            frame.now.milliseconds(since: heard) < frame.timing.connectorUnknownMilliseconds
        else { return "unknown" }
        return state.status.rawValue
    }
}
