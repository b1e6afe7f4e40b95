package import Domain

/// One job: where it stands, every try at it, what it was given, what it said and what it left.
package struct JobPage: Page {
    package var frame: PageFrame
    package var job: JobRecord
    package var holder: SessionPresence?
    package var attempts: [AttemptRecord]
    package var transitions: [TransitionRecord]
    package var configuration: String?
    package var result: String?
    package var artifacts: [ArtifactRecord]
    package var log: [LogLine]

    /// - Parameters:
    ///   - holder: the session that holds it; of a job that nobody holds it does not matter.
    ///   - configuration: the text the job was given.
    ///   - result: the JSON it reported, as text.
    ///   - log: its last lines in order; more than 300 are not shown.
    package init(
        frame: PageFrame, job: JobRecord, holder: SessionPresence?, attempts: [AttemptRecord],
        transitions: [TransitionRecord], configuration: String?, result: String?, artifacts: [ArtifactRecord],
        log: [LogLine]
    ) {
        self.frame = frame
        self.job = job
        self.holder = holder
        self.attempts = attempts.sorted { $0.number > $1.number }
        self.transitions = transitions
        self.configuration = configuration
        self.result = result
        self.artifacts = artifacts
        self.log = log
    }

    package var live: String? { Links.live(Links.job(job.id)) }

    private var holders: Holders { Holders(holder.map { [$0] } ?? [], frame: frame) }
    private var isHeard: Bool { holders.isHeard(job) }

    private var name: String { JobWords.name(label: job.label, index: job.index, id: job.id) }

    package var content: PageContent {
        let page = self
        return PageContent(title: name, place: .jobs, template: "job") {
            [
                "log": .values(
                    LogPart.values(
                        page.log, source: .job(page.job.id), isLive: LogPart.isLive(page.job), showsJob: false)),
                "configuration": .text(page.configuration.map(ConfigurationText.pretty)),
            ]
        }
    }

    package func regions() -> [Region] {
        [headRegion, progressRegion, factsRegion, filesRegion, resultRegion, historyRegion] + attemptRegions
    }

    private var headRegion: Region {
        let holders = holders
        var fingerprint = Fingerprint(job.sequence)
        holders.add(job, to: &fingerprint)
        return Region(
            "job-head", fingerprint: fingerprint, sequence: job.sequence, isTimed: job.status.isHeld,
            template: "job-head"
        ) {
            let path = Links.job(job.id)
            let mayWrite = frame.viewer.mayWrite
            return [
                "name": .text(name), "tag": .text(JobWords.tag(index: job.index, id: job.id)),
                "id": .text(job.id.description),
                "status": .markup(Marks.job(job, holders: holders, now: frame.now)),
                "study": .markup(JobWords.study(job.study, name: job.studyName)),
                "queue": .text(job.queue),
                "retryPath": .text(
                    mayWrite && (job.status == .failed || job.status == .cancelled) ? "\(path)/retry" : nil),
                "cancelPath": .text(
                    mayWrite && !job.status.isFinal && !job.isCancelRequested ? "\(path)/cancel" : nil),
                // An assignment goes with its study: its index is for ever.
                "deletePath": .text(
                    mayWrite && !job.status.isHeld && job.study == nil ? "\(path)/delete" : nil),
            ]
        }
    }

    private var progressRegion: Region {
        let isHeard = isHeard
        var fingerprint = Fingerprint(job.sequence)
        fingerprint.add(isHeard)
        return Region(
            "job-progress", fingerprint: fingerprint, sequence: job.sequence, isTimed: job.status.isHeld,
            template: "job-progress"
        ) {
            let progress = job.progress
            let isHeld = job.status.isHeld
            let fraction = job.status == .completed ? 1 : progress.fraction
            let style: StaticString =
                switch job.status {
                case .completed: "is-done"
                case .failed: "is-failed"
                case .pending, .cancelled: "is-still"
                case .claimed, .running: isHeard ? "" : "is-still"
                }
            return [
                "isWaiting": .flag(job.status == .pending),
                "runAt": .markup(
                    job.isScheduled ? job.runAt.map { TimeMark.markup($0, .until, now: frame.now) } : nil),
                "reason": .text(job.status == .completed ? nil : job.reason),
                "isFailed": .flag(job.status == .failed),
                "bar": .markup(
                    job.status == .pending || (job.status.isFinal && fraction == nil)
                        ? nil : Bars.progress(fraction, label: "Progress of \(name)", style: style)),
                "percent": .text(job.status == .pending ? nil : fraction.map(Format.percent)),
                "stage": .text(isHeld ? progress.stage : nil),
                "stageBar": .markup(
                    isHeld && progress.stage != nil
                        ? Bars.progress(progress.stageFraction, label: "Progress of this stage", style: "is-stage")
                        : nil),
                "stagePercent": .text(isHeld ? progress.stageFraction.map(Format.percent) : nil),
                "message": .text(isHeld ? progress.message.map(LogText.plain) : nil),
                "isLast": .flag(!isHeard),
                "eta": .markup(
                    isHeld && isHeard ? progress.etaAt.map { TimeMark.markup($0, .until, now: frame.now) } : nil),
            ]
        }
    }

    private var factsRegion: Region {
        Region(
            "job-facts", fingerprint: Fingerprint(job.sequence), sequence: job.sequence, isTimed: false,
            template: "facts"
        ) {
            FactsPart.values(id: "job-facts", title: "Details", facts: FactsPart.job(job, now: frame.now))
        }
    }

    private var filesRegion: Region {
        var fingerprint = Fingerprint()
        for artifact in artifacts { fingerprint.add(artifact.id.number) }
        return Region("job-files", fingerprint: fingerprint, template: "job-files") {
            [
                "files": .list(artifacts.map { ArtifactPart.values($0, now: frame.now) }),
                "pictures": .list(
                    artifacts.filter(ArtifactPart.isPicture).prefix(ArtifactPart.pictureLimit)
                        .map { ArtifactPart.values($0, now: frame.now) }),
            ]
        }
    }

    private var resultRegion: Region {
        var fingerprint = Fingerprint()
        fingerprint.add(result)
        return Region("job-result", fingerprint: fingerprint, template: "job-result") {
            ["result": .text(result.map(ConfigurationText.pretty)), "isHidden": .flag(result == nil)]
        }
    }

    private var attemptRegions: [Region] {
        let now = frame.now
        let isHeard = isHeard
        return attempts.map { attempt in
            Region(
                AttemptPart.id(attempt), in: "job-attempts",
                fingerprint: AttemptPart.fingerprint(attempt, isHeard: isHeard), template: "job-attempt"
            ) {
                AttemptPart.values(attempt, job: nil, isHeard: isHeard, now: now)
            }
        } + [ListNote.region("job-attempts-none", isShown: attempts.isEmpty, "Nobody has tried it yet.")]
    }

    private var historyRegion: Region {
        let newest = transitions.map(\.sequence).max() ?? .zero
        return Region(
            "job-history", fingerprint: Fingerprint(newest), sequence: newest, isTimed: false, template: "history"
        ) {
            [
                "id": .text("job-history"),
                "steps": .list(transitions.reversed().map { TransitionPart.values($0, now: frame.now) }),
            ]
        }
    }
}
