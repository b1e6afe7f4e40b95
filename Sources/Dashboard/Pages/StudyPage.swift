package import Domain

/// One study: how far it is, where every assignment stands, which worker ran what when, what came out.
package struct StudyPage: Page {
    package var frame: PageFrame
    package var query: AssignmentsQuery
    package var study: StudyRecord
    package var jobs: [JobRecord]
    package var attempts: [AttemptRecord]
    package var artifacts: [JobID: [ArtifactRecord]]
    package var holders: [SessionPresence]
    package var configuration: String?

    /// - Parameters:
    ///   - jobs: its assignments; of a study of more than `mapLimit` those of the table are enough.
    ///   - attempts: of all assignments, or the newest `attemptLimit`.
    ///   - artifacts: of the assignments in the table, or of all.
    ///   - holders: for each assignment that is held the session that holds it.
    ///   - configuration: the base configuration's text.
    package init(
        frame: PageFrame, query: AssignmentsQuery, study: StudyRecord, jobs: [JobRecord], attempts: [AttemptRecord],
        artifacts: [JobID: [ArtifactRecord]], holders: [SessionPresence], configuration: String?
    ) {
        self.frame = frame
        self.query = query
        self.study = study
        self.jobs = jobs.sorted { ($0.index ?? 0, $0.id) < ($1.index ?? 0, $1.id) }
        self.attempts = attempts
        self.artifacts = artifacts
        self.holders = holders
        self.configuration = configuration
    }

    package static let mapLimit = AssignmentMap.cellLimit
    package static let attemptLimit = 5_000
    /// Rows of the table at a time.
    package static let pageLimit = 100

    private var path: String { Links.study(study.id, name: study.name) }
    private var hasMap: Bool { study.counts.total <= Self.mapLimit && !jobs.isEmpty }

    package var live: String? { Links.live(query.path(of: study)) }

    package var content: PageContent {
        let map = map(Holders(holders, frame: frame))
        let page = self
        return PageContent(title: study.name, place: .studies, template: "study") {
            [
                "map": .values(map.map { page.mapValues($0) }),
                "isTooLarge": .flag(map == nil && page.study.counts.total > Self.mapLimit),
                "mapLimit": .count(Self.mapLimit),
                "configuration": .text(page.configuration.map(ConfigurationText.pretty)),
                "dimensions": .list(page.study.dimensions.map { ["name": .text($0)] }),
            ]
        }
    }

    private func mapValues(_ map: AssignmentMap) -> Values {
        [
            "size": .text(map.size.rawValue),
            "label": .text("\(Format.count(study.counts.total, "assignment")) by status; the table below lists them"),
            "hasAxes": .flag(map.axes != nil),
            "corner": .text(map.axes?.rowTitle),
            "columnTitle": .text(map.axes?.columnTitle),
            "columns": .list((map.axes?.columns ?? []).map { ["name": .text($0)] }),
            "span": .text(String(map.axes?.columns.count ?? 1)),
        ]
    }

    package func regions() -> [Region] {
        let holders = Holders(holders, frame: frame)
        let map = map(holders)
        let timeline = Timeline(
            attempts: attempts, jobs: jobs, holders: holders, end: study.finishedAt, now: frame.now)
        let found = jobs.filter { query.admits($0.status) && ($0.index ?? 0) >= query.from }
        let shown = Array(found.prefix(Self.pageLimit))
        return [headRegion, progressRegion, throughputRegion, noWorkerRegion]
            + (map?.regions(list: "study-map") ?? [])
            + (timeline?.regions(list: "study-timeline") ?? [])
            + [
                Timeline.axisRegion(of: timeline, id: "study-axis"),
                ListNote.region(
                    "study-timeline-none", isShown: timeline == nil, "Nothing has run yet: no attempt, no time."),
                statesRegion, footRegion(shown: shown, hasMore: found.count > shown.count),
            ]
            + shown.map { rowRegion($0, holders) }
    }

    private func map(_ holders: Holders) -> AssignmentMap? {
        hasMap ? AssignmentMap(jobs: jobs, dimensions: study.dimensions, holders: holders) : nil
    }

    private var headRegion: Region {
        Region(
            "study-head", fingerprint: Fingerprint(study.sequence), sequence: study.sequence, isTimed: false,
            template: "study-head"
        ) {
            let mayWrite = frame.viewer.mayWrite
            let isOpen = !study.isFinished && study.status != .cancelled
            let counts = study.counts
            return [
                "name": .text(study.name), "id": .text(study.id.description),
                "status": .markup(Marks.study(study)),
                "total": .text(Format.count(counts.total, "assignment")),
                "dimensions": .text(study.dimensions.isEmpty ? nil : study.dimensions.joined(separator: " × ")),
                "notes": .list(study.notes.map { ["text": .text(LogText.plain($0))] }),
                "created": .markup(TimeMark.markup(study.createdAt, .ago, now: frame.now)),
                "retryPath": .text(mayWrite && counts.failed > 0 ? "\(path)/retry-failed" : nil),
                "failed": .count(counts.failed),
                "pausePath": .text(mayWrite && isOpen && study.status == .active ? "\(path)/pause" : nil),
                "resumePath": .text(mayWrite && isOpen && study.status == .paused ? "\(path)/resume" : nil),
                "cancelPath": .text(mayWrite && isOpen ? "\(path)/cancel" : nil),
                "deletePath": .text(mayWrite ? "\(path)/delete" : nil),
            ]
        }
    }

    private var progressRegion: Region {
        var fingerprint = Fingerprint(study.sequence)
        fingerprint.add(study.forecast.fraction)
        let unknown = frame.unknownCount(holders)
        fingerprint.add(unknown)
        return Region(
            "study-progress", fingerprint: fingerprint, sequence: study.sequence, template: "study-progress"
        ) {
            var values = StudyPart.values(study, unknown: unknown, now: frame.now)
            let isOpen = !study.isFinished && study.status != .cancelled
            values.set(
                "elapsed", .markup(JobWords.time(started: study.startedAt, ended: study.finishedAt, now: frame.now)))
            values.set(
                "remaining", .text(isOpen ? study.forecast.remainingMilliseconds.map(Format.duration) : nil))
            values.set("isUnmeasured", .flag(isOpen && study.forecast.remainingMilliseconds == nil))
            values.set("claimed", .text(study.counts.claimed > 0 ? Format.count(study.counts.claimed) : nil))
            return values
        }
    }

    private var throughputRegion: Region {
        let throughput = Throughput(
            jobs: jobs, started: study.startedAt, ended: study.finishedAt, now: frame.now)
        var fingerprint = Fingerprint()
        fingerprint.add(throughput.rate)
        for count in throughput.bins { fingerprint.add(count) }
        return Region("study-throughput", fingerprint: fingerprint, template: "study-throughput") {
            [
                "rate": .text(throughput.rate),
                "spark": .markup(
                    throughput.bins.isEmpty
                        ? nil : Bars.spark(throughput.bins, label: "Completions since the beginning")),
            ]
        }
    }

    /// Work waits, nothing runs: says how to start a worker.
    private var noWorkerRegion: Region {
        let isShown = study.status == .active && study.counts.pending > 0 && study.counts.held == 0
        var fingerprint = Fingerprint()
        fingerprint.add(isShown)
        let name = study.name
        return Region("study-waits", fingerprint: fingerprint, template: "study-waits") {
            ["isHidden": .flag(!isShown), "work": .markup(Commands.block(Commands.work(study: name)))]
        }
    }

    private var statesRegion: Region {
        let counts = study.counts
        var fingerprint = Fingerprint()
        fingerprint.add(counts)
        let (query, path) = (query, path)
        return Region("study-states", fingerprint: fingerprint, template: "chips") {
            let all = Chip.values("all", count: counts.total, path: path + "#assignments", isHere: query.state == nil)
            let chips = AssignmentsQuery.State.allCases.compactMap { state -> Values? in
                let count = JobStatus.allCases.filter { AssignmentsQuery(state: state).admits($0) }
                    .reduce(0) { $0 + counts[$1] }
                guard count > 0 || query.state == state else { return nil }
                return Chip.values(
                    state.rawValue, count: count, path: AssignmentsQuery(state: state).path(of: path) + "#assignments",
                    isHere: query.state == state, shape: state.rawValue)
            }
            return [
                "id": .text("study-states"), "label": .text("Assignments by status"), "chips": .list([all] + chips),
            ]
        }
    }

    private func footRegion(shown: [JobRecord], hasMore: Bool) -> Region {
        let next = hasMore ? shown.last?.index.map { $0 + 1 } : nil
        var fingerprint = Fingerprint()
        fingerprint.add(shown.first?.index ?? -1)
        fingerprint.add(shown.last?.index ?? -1)
        fingerprint.add(next ?? -1)
        let (query, path) = (query, path)
        return Region("study-foot", fingerprint: fingerprint, template: "study-foot") {
            var following = query
            following.from = next ?? 0
            var first = query
            first.from = 0
            return [
                "isEmpty": .flag(shown.isEmpty),
                "state": .text(query.state?.rawValue),
                "firstPath": .text(query.from > 0 ? first.path(of: path) + "#assignments" : nil),
                "nextPath": .text(next == nil ? nil : following.path(of: path) + "#assignments"),
                "next": .text(next.map(String.init)),
                "allPath": .text(path + "#assignments"),
            ]
        }
    }

    private func rowRegion(_ job: JobRecord, _ holders: Holders) -> Region {
        JobRow.region(
            job, list: "study-rows", template: "assignment-row", files: artifacts[job.id] ?? [], holders: holders,
            now: frame.now)
    }
}
