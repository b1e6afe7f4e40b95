package import Domain

/// The fleet at a glance: what is wrong first, then what is going on.
package struct FleetPage: Page {
    package var frame: PageFrame
    package var sessions: [SessionRecord]
    package var machines: [MachineRecord]
    package var studies: [StudyRecord]
    package var queues: [QueueRecord]

    /// - Parameter sessions: live ones and stale ones, as the scope `fleet` holds them.
    package init(
        frame: PageFrame, sessions: [SessionRecord], machines: [MachineRecord], studies: [StudyRecord],
        queues: [QueueRecord]
    ) {
        self.frame = frame
        self.sessions = sessions.sorted { $0.id < $1.id }
        self.machines = machines
        self.studies = studies.sorted { $0.id > $1.id }
        self.queues = queues
    }

    package var live: String? { Links.live(Links.fleet) }

    package var content: PageContent {
        PageContent(title: "Fleet", place: .fleet, template: "fleet") { [:] }
    }

    package func regions() -> [Region] {
        [glanceRegion, attentionRegion, emptyRegion] + studyRegions + nowRegions + machineRegions
    }

    private var glanceRegion: Region {
        let workers = SessionSummary(sessions, frame: frame)
        let jobs = jobCounts
        var fingerprint = Fingerprint()
        for count in [workers.active, workers.idle, workers.suspect, workers.stale, workers.stopping] {
            fingerprint.add(count)
        }
        fingerprint.add(jobs)
        return Region("fleet-glance", fingerprint: fingerprint, template: "fleet-glance") {
            [
                "workers": .count(workers.live),
                "active": .count(workers.active), "isActive": .flag(workers.active > 0),
                "idle": .count(workers.idle), "isIdle": .flag(workers.idle > 0),
                "suspect": .count(workers.suspect), "isSuspect": .flag(workers.suspect > 0),
                "stale": .count(workers.stale), "isStale": .flag(workers.stale > 0),
                "jobs": .count(jobs.total),
                "running": .count(jobs.held), "isRunning": .flag(jobs.held > 0),
                "waiting": .count(jobs.pending), "isWaiting": .flag(jobs.pending > 0),
                "completed": .count(jobs.completed), "isCompleted": .flag(jobs.completed > 0),
                "failed": .count(jobs.failed), "isFailed": .flag(jobs.failed > 0),
                "cancelled": .text(jobs.cancelled > 0 ? Format.count(jobs.cancelled) : nil),
                "strip": .markup(jobs.total > 0 ? Bars.strip(jobs, label: "All jobs by status") : nil),
            ]
        }
    }

    private var jobCounts: JobCounts {
        var counts = JobCounts()
        for part in studies.map(\.counts) + queues.map(\.counts) {
            for status in JobStatus.allCases { counts[status] += part[status] }
        }
        return counts
    }

    private var attentionRegion: Region {
        let items = Attention.items(sessions: sessions, studies: studies, queues: queues, frame: frame)
        var fingerprint = Fingerprint()
        for item in items { fingerprint.add(item.key) }
        return Region("fleet-attention", fingerprint: fingerprint, template: "fleet-attention") {
            let shown = items.prefix(Attention.shownLimit)
            return [
                "items": .list(shown.map(\.values)),
                "more": .text(items.count > shown.count ? Format.count(items.count - shown.count) : nil),
            ]
        }
    }

    /// What a person does next while there is nothing to look at.
    private var emptyRegion: Region {
        let hasWorkers = sessions.contains { $0.status.isLive }
        let hasWork = !studies.isEmpty || queues.contains { $0.counts.total > 0 }
        var fingerprint = Fingerprint()
        fingerprint.add(hasWorkers)
        fingerprint.add(hasWork)
        let study = studies.first?.name
        fingerprint.add(study)
        return Region("fleet-empty", fingerprint: fingerprint, template: "fleet-empty") {
            [
                "isHidden": .flag(hasWorkers && hasWork),
                "needsWork": .flag(!hasWork), "needsWorkers": .flag(!hasWorkers),
                "createStudy": .markup(Commands.block(Commands.createStudy)),
                "work": .markup(Commands.block(study.map(Commands.work(study:)) ?? Commands.work)),
            ]
        }
    }

    private var studyRegions: [Region] {
        let open = studies.filter { !$0.isFinished && $0.status != .cancelled || $0.counts.held > 0 }
        let ended = studies.filter { study in !open.contains { $0.id == study.id } }
        let shown = open + ended.prefix(Self.endedStudyLimit)
        var holders: [StudyID: [SessionPresence]] = [:]
        for session in sessions {
            for study in session.held.compactMap(\.study) { holders[study, default: []].append(session.presence) }
        }
        let list = shown.map { study in
            StudyPart.region(
                study, holders: holders[study.id] ?? [], prefix: "fleet-study", list: "fleet-studies",
                template: "fleet-study", frame: frame)
        }
        var fingerprint = Fingerprint()
        fingerprint.add(shown.isEmpty)
        let hidden = shown.isEmpty
        return list + [
            Region("fleet-studies-head", fingerprint: fingerprint, template: "fleet-head") {
                [
                    "id": .text("fleet-studies-head"), "title": .text("Studies"), "isHidden": .flag(hidden),
                    "path": .text(Links.studies), "more": .text("All studies"),
                ]
            }
        ]
    }

    private var nowRegions: [Region] {
        let held = sessions.filter { $0.status.isLive }
            .flatMap { session in session.held.map { (session: session, held: $0) } }
            .sorted { ($0.held.claimedAt, $0.held.job) < ($1.held.claimedAt, $1.held.job) }
        let now = frame.now
        let rows = held.prefix(Self.nowLimit).map { session, held in
            let isHeard = frame.isHeard(session)
            var fingerprint = HeldJobPart.fingerprint(held, isHeard: isHeard)
            fingerprint.add(session.id.number)
            fingerprint.add(session.workerName)
            return Region("now:\(held.job)", in: "fleet-now", fingerprint: fingerprint, template: "fleet-now") {
                var values = HeldJobPart.values(held, isHeard: isHeard, now: now)
                values.set("id", .text("now:\(held.job)"))
                values.set("worker", .markup(JobWords.worker(session.id, name: session.workerName)))
                return values
            }
        }
        let more = held.count - rows.count
        var fingerprint = Fingerprint()
        fingerprint.add(more)
        fingerprint.add(held.isEmpty)
        let isEmpty = held.isEmpty
        let head = Region("fleet-now-head", fingerprint: fingerprint, template: "fleet-head") {
            [
                "id": .text("fleet-now-head"), "title": .text("Working on now"), "isHidden": .flag(isEmpty),
                "path": .text(WorkersQuery(state: .active).path),
                "more": .text(more > 0 ? "\(Format.count(more)) more" : nil),
            ]
        }
        return rows + [head]
    }

    private var machineRegions: [Region] {
        let tiles = MachineTile.tiles(sessions: sessions, machines: machines)
        let isDense = tiles.count > Self.denseFrom
        let regions = tiles.map { $0.region(frame: frame, isDense: isDense) }
        var fingerprint = Fingerprint()
        fingerprint.add(tiles.count)
        let count = tiles.count
        return regions + [
            Region("fleet-machines-head", fingerprint: fingerprint, template: "fleet-head") {
                [
                    "id": .text("fleet-machines-head"), "title": .text("Machines"), "isHidden": .flag(count == 0),
                    "count": .text(count > 1 ? Format.count(count) : nil),
                    "path": .text(Links.workers), "more": .text("All workers"),
                ]
            }
        ]
    }

    /// The latest studies that are over stay in sight for a while.
    private static let endedStudyLimit = 3
    /// A glance, not a list: beyond it the page of workers is better.
    private static let nowLimit = 12
    /// From so many machines on tiles are small.
    private static let denseFrom = 48
}
