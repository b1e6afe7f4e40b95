import Domain

/// Jobs as rows: of a queue, or of a study in index order.
enum JobTable {
    static func assignments(_ jobs: [JobRecord], now: Instant, style: Style) -> Table {
        var table = Table([
            .init(title: "INDEX", alignsRight: true), .init(title: "LABEL", leastColumns: 16), .init(title: "STATUS"),
            .init(title: "PROGRESS", alignsRight: true), .init(title: "TIME", alignsRight: true),
            .init(title: "WORKER", leastColumns: 8), .init(title: "TRY", alignsRight: true),
            .init(title: "REASON", leastColumns: 8),
        ])
        for job in jobs {
            table.rows.append([
                .init(job.index.map(String.init) ?? "–"), .init(job.label ?? ""), status(job, style: style),
                .init(progress(job)), .init(time(job, now: now)), .init(job.holderName ?? ""),
                "\(job.attempt)", .init(reason(job) ?? ""),
            ])
        }
        return table
    }

    static func jobs(_ jobs: [JobRecord], now: Instant, style: Style) -> Table {
        var table = Table([
            .init(title: "JOB"), .init(title: "OF", leastColumns: 10), .init(title: "LABEL", leastColumns: 10),
            .init(title: "STATUS"), .init(title: "PROGRESS", alignsRight: true),
            .init(title: "TIME", alignsRight: true),
            .init(title: "WORKER", leastColumns: 8), .init(title: "TRY", alignsRight: true), .init(title: "AGE"),
        ])
        for job in jobs {
            table.rows.append([
                "\(job.id)", .init(place(job)), .init(job.label ?? ""), status(job, style: style),
                .init(progress(job)), .init(time(job, now: now)), .init(job.holderName ?? ""), "\(job.attempt)",
                .init(Spoken.duration(milliseconds: now.milliseconds(since: job.createdAt))),
            ])
        }
        return table
    }

    /// `phantoms/3` or the queue's name.
    static func place(_ job: JobRecord) -> String {
        if let study = job.studyName ?? job.study?.description {
            return "\(study)/\(job.index.map(String.init) ?? "?")"
        }
        return job.queue ?? ""
    }

    static func word(_ job: JobRecord) -> String {
        if job.isCancelRequested, job.status.isHeld { return "cancelling" }
        return job.isScheduled && job.status == .pending ? "scheduled" : job.status.rawValue
    }

    /// Why it ended as it did, where that says more than the status.
    static func reason(_ job: JobRecord) -> String? {
        job.reason == job.status.rawValue ? nil : job.reason
    }

    static func paint(_ status: JobStatus, style: Style) -> @Sendable (String) -> String {
        switch status {
        case .completed: { style.green($0) }
        case .failed: { style.red($0) }
        case .running, .claimed: { style.cyan($0) }
        case .pending, .cancelled: { style.faint($0) }
        }
    }

    private static func status(_ job: JobRecord, style: Style) -> Table.Cell {
        Table.Cell(word(job), paint: paint(job.status, style: style))
    }

    private static func progress(_ job: JobRecord) -> String {
        guard job.status.isHeld, let fraction = job.progress.fraction else { return "" }
        return Spoken.percent(fraction)
    }

    /// What the attempt has taken so far, or took.
    private static func time(_ job: JobRecord, now: Instant) -> String {
        guard let startedAt = job.startedAt, job.status != .pending else { return "" }
        return Spoken.duration(milliseconds: (job.finishedAt ?? now).milliseconds(since: startedAt))
    }
}
