import Domain

/// How a job is called on a page, and where its name leads.
enum JobWords {
    /// `#12` for an assignment, `j1042` for a job of a queue.
    static func tag(index: Int?, id: JobID) -> String {
        index.map { "#\($0)" } ?? id.description
    }

    static func name(label: String?, index: Int?, id: JobID) -> String {
        if let label, !label.isEmpty { return label }
        return index.map { "assignment \($0)" } ?? "job \(id.number)"
    }

    static func link(label: String?, index: Int?, id: JobID) -> Markup {
        """
        <a class="job" href="\(Links.job(id))"><span class="tag">\(tag(index: index, id: id))</span> \
        <span class="name">\(name(label: label, index: index, id: id))</span></a>
        """
    }

    static func link(_ job: JobRecord) -> Markup { link(label: job.label, index: job.index, id: job.id) }
    static func link(_ job: HeldJob) -> Markup { link(label: job.label, index: job.index, id: job.job) }

    static func worker(_ id: SessionID?, name: String?) -> Markup? {
        guard let id else { return nil }
        return "<a href=\"\(Links.worker(id))\">\(name ?? id.description)</a>"
    }

    static func study(_ id: StudyID?, name: String?) -> Markup? {
        guard let id else { return nil }
        return "<a href=\"\(Links.study(id, name: name))\">\(name ?? id.description)</a>"
    }

    /// How long it ran, or runs.
    static func time(started: Instant?, ended: Instant?, now: Instant) -> Markup? {
        guard let started else { return nil }
        guard let ended else { return TimeMark.markup(started, .running, now: now) }
        let exact = "\(Format.moment(started)) to \(Format.moment(ended))"
        return "<span title=\"\(exact)\">\(Format.duration(ended.milliseconds(since: started)))</span>"
    }
}
