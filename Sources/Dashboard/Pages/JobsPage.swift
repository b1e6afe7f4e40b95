package import Domain

/// Jobs of all queues and studies, the newest first, as the server read them for the query.
package struct JobsPage: Page {
    package var frame: PageFrame
    package var query: JobsQuery
    package var jobs: [JobRecord]
    package var nextCursor: String?
    package var counts: JobCounts
    package var queues: [QueueRecord]
    package var holders: [SessionPresence]
    package var isLive: Bool

    /// - Parameters:
    ///   - jobs: one page, in the order to be shown.
    ///   - nextCursor: the mark of the page behind it; absent on the last.
    ///   - counts: of all jobs that there are.
    ///   - holders: the sessions that hold those jobs, and others.
    ///   - isLive: the server keeps this list true by `Links.live(query.path)`.
    package init(
        frame: PageFrame, query: JobsQuery, jobs: [JobRecord], nextCursor: String?, counts: JobCounts,
        queues: [QueueRecord], holders: [SessionPresence], isLive: Bool
    ) {
        self.frame = frame
        self.query = query
        self.jobs = jobs
        self.nextCursor = nextCursor
        self.counts = counts
        self.queues = queues
        self.holders = holders
        self.isLive = isLive
    }

    package var live: String? { isLive ? Links.live(query.path) : nil }

    package var content: PageContent {
        let page = self
        return PageContent(title: "Jobs", place: .jobs, template: "jobs") {
            let query = page.query
            return [
                "text": .text(query.text), "status": .text(query.status?.rawValue), "study": .text(query.study),
                "queue": .text(query.queue),
                "isFiltered": .flag(query.queue != nil || query.study != nil || !query.text.isEmpty),
                "clearPath": .text(Links.jobs),
                "queues": .list(
                    page.queues.map {
                        ["name": .text($0.name), "isHere": .flag($0.name == query.queue)]
                    }),
            ]
        }
    }

    package func regions() -> [Region] {
        let holders = Holders(holders, frame: frame)
        return [statesRegion, footRegion]
            + jobs.map {
                JobRow.region(
                    $0, list: "job-rows", template: "job-row", files: [], holders: holders, now: frame.now)
            }
    }

    private var statesRegion: Region {
        var fingerprint = Fingerprint()
        fingerprint.add(counts)
        let (query, counts) = (query, counts)
        return Region("jobs-states", fingerprint: fingerprint, template: "chips") {
            let all = Chip.values(
                "all", count: counts.total, path: query.changing { $0.status = nil }.path, isHere: query.status == nil)
            let chips = JobStatus.allCases.compactMap { status -> Values? in
                guard counts[status] > 0 || query.status == status else { return nil }
                let word = Marks.jobWord(status, isScheduled: false, isCancelRequested: false)
                return Chip.values(
                    word, count: counts[status], path: query.changing { $0.status = status }.path,
                    isHere: query.status == status, shape: word)
            }
            return ["id": .text("jobs-states"), "label": .text("Jobs by status"), "chips": .list([all] + chips)]
        }
    }

    private var footRegion: Region {
        var fingerprint = Fingerprint()
        fingerprint.add(jobs.isEmpty)
        fingerprint.add(counts.total == 0)
        fingerprint.add(nextCursor)
        let page = self
        return Region("jobs-foot", fingerprint: fingerprint, template: "jobs-foot") {
            let query = page.query
            var next = query
            next.cursor = page.nextCursor
            return [
                "isEmpty": .flag(page.jobs.isEmpty), "isNone": .flag(page.counts.total == 0),
                "createStudy": .markup(Commands.block(Commands.createStudy)),
                "clearPath": .text(Links.jobs),
                "firstPath": .text(query.cursor == nil ? nil : query.changing { _ in }.path),
                "nextPath": .text(page.nextCursor == nil ? nil : next.path),
            ]
        }
    }
}
