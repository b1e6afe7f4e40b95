import Domain

/// A job or an assignment as a row of a table.
enum JobRow {
    static func region(
        _ job: JobRecord, list: String, template: String, files: [ArtifactRecord], holders: Holders, now: Instant
    ) -> Region {
        let id = "row:\(job.id)"
        var fingerprint = Fingerprint(job.sequence)
        holders.add(job, to: &fingerprint)
        for file in files { fingerprint.add(file.id.number) }
        return Region(
            id, in: list, fingerprint: fingerprint, sequence: job.sequence,
            isTimed: job.status.isHeld || !files.isEmpty,
            template: template
        ) {
            values(job, id: id, files: files, holders: holders, now: now)
        }
    }

    private static func values(
        _ job: JobRecord, id: String, files: [ArtifactRecord], holders: Holders, now: Instant
    ) -> Values {
        let name = JobWords.name(label: job.label, index: job.index, id: job.id)
        let isHeld = job.status.isHeld
        let shown = files.prefix(fileLimit)
        let fileCount = max(job.artifactCount, files.count)
        return [
            "id": .text(id),
            "path": .text(Links.job(job.id)),
            "tag": .text(JobWords.tag(index: job.index, id: job.id)),
            "name": .text(name),
            "status": .markup(Marks.job(job, holders: holders, now: now)),
            "reason": .text(job.status == .failed ? job.reason : nil),
            "scheduled": .markup(
                job.isScheduled ? job.runAt.map { TimeMark.markup($0, .until, now: now) } : nil),
            "bar": .markup(
                isHeld
                    ? Bars.progress(
                        job.progress.fraction, label: "Progress of \(name)",
                        style: holders.isHeard(job) ? "is-thin" : "is-thin is-still") : nil),
            "percent": .text(isHeld ? job.progress.fraction.map(Format.percent) : nil),
            "stage": .text(isHeld ? job.progress.stage : nil),
            "worker": .markup(JobWords.worker(job.holder, name: job.holderName)),
            "attempt": .text(job.attempt == .none ? nil : "\(job.attempt)"),
            "took": .markup(
                job.status == .pending
                    ? nil : JobWords.time(started: job.startedAt, ended: job.finishedAt, now: now)),
            "of": .markup(JobWords.study(job.study, name: job.studyName) ?? job.queue.map { "\($0)" }),
            "created": .markup(TimeMark.markup(job.createdAt, .ago, now: now)),
            "warnings": .text(job.warningCount > 0 ? Format.count(job.warningCount, "warning") : nil),
            "errors": .text(job.errorCount > 0 ? Format.count(job.errorCount, "error") : nil),
            "files": .list(
                shown.map {
                    [
                        "path": .text(Links.artifactDownload($0.id)), "name": .text($0.name),
                        "size": .text(Format.bytes($0.byteCount)),
                    ]
                }),
            "moreFiles": .text(
                fileCount > shown.count
                    ? (shown.isEmpty ? Format.count(fileCount, "file") : "\(fileCount - shown.count) more") : nil),
        ]
    }

    /// More files than that are on the job's own page.
    private static let fileLimit = 2
}
