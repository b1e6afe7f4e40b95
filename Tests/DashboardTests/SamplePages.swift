import Dashboard
import Domain

/// Every page, of quiet and of hostile records, for tests that hold for all of them.
enum SamplePages {
    static var all: [(name: String, page: any Page)] {
        let small = SampleFleet.small
        let jobs = Sample.jobs(24, done: 9, running: 3, failures: [5])
        return [
            ("fleet, empty", SampleFleet.empty.page), ("fleet", small.page),
            ("fleet of 60", SampleFleet.large(60).page),
            ("workers, none", workers(SampleFleet.empty)), ("workers", workers(small)),
            ("workers of 150", workers(SampleFleet.large(150))), ("worker", worker(small)),
            ("worker, stale", worker(SampleFleet.large(60), index: 11)),
            ("studies, none", StudiesPage(frame: Sample.frame(), query: StudiesQuery(), studies: [], holders: [:])),
            (
                "studies",
                StudiesPage(
                    frame: Sample.frame(), query: StudiesQuery(), studies: SampleFleet.large(60).studies, holders: [:])
            ),
            ("study, nothing in it", study([], dimensions: [])),
            ("study of 4", study(Sample.jobs(4, done: 1, running: 2))),
            ("study of 12", study(Sample.jobs(12, done: 4, running: 3), dimensions: ["phantoms", "frequencies"])),
            ("study of 24", study(jobs, dimensions: ["phantoms", "frequencies", "directions"])),
            ("study of 1500", study(Sample.jobs(1_500, done: 900, running: 30))),
            ("jobs, none", self.jobs([])), ("jobs", self.jobs(jobs)),
            ("job, done", job(jobs[2])), ("job, failed", job(jobs[5])), ("job, running", job(jobs[10])),
            ("job, waiting", job(jobs[20])),
            ("sign in", SignInPage(frame: Sample.frame(), next: "/workers?q=a", isRefused: true)),
            ("error", ErrorPage.notFound(frame: Sample.frame(), what: "worker s99")),
            (
                "settings",
                SettingsPage(
                    frame: Sample.frame(viewer: "anna"),
                    rows: [
                        SettingsPage.Row(name: "port", value: "7117", source: "default", help: "Where it listens.")
                    ])
            ),
        ] + confirmations(small, jobs) + hostile
    }

    static var hostile: [(name: String, page: any Page)] {
        let fleet = SampleFleet.hostile
        let bad = Sample.hostile
        var jobs = Sample.jobs(24, done: 9, running: 3, failures: [5])
        for index in jobs.indices {
            jobs[index].label = bad
            jobs[index].reason = bad
            jobs[index].studyName = bad
            jobs[index].progress.stage = bad
            jobs[index].progress.message = bad
            jobs[index].holderName = jobs[index].holderName.map { _ in bad }
        }
        let frame = Sample.frame(viewer: bad)
        return [
            ("hostile fleet", fleet.page), ("hostile workers", workers(fleet)),
            ("hostile worker", worker(fleet, text: bad)),
            ("hostile filter", WorkersPage(frame: frame, query: WorkersQuery(["q": bad]), sessions: [], machines: [])),
            ("hostile studies", StudiesPage(frame: frame, query: StudiesQuery(), studies: fleet.studies, holders: [:])),
            ("hostile study", study(jobs, dimensions: [bad, "b"], name: bad, configuration: bad)),
            ("hostile jobs", self.jobs(jobs, query: JobsQuery(text: bad, queue: bad, study: bad))),
            ("hostile job", job(jobs[2], text: bad)),
            ("hostile error", ErrorPage(frame: frame, status: 400, title: bad, detail: bad, wayOut: ("/", bad))),
            ("hostile sign in", SignInPage(frame: frame, next: bad, isRefused: false)),
            (
                "hostile settings",
                SettingsPage(
                    frame: frame,
                    rows: [
                        SettingsPage.Row(name: bad, value: bad, source: bad, help: bad)
                    ])
            ),
        ] + confirmations(fleet, jobs)
    }

    static func confirmations(_ fleet: SampleFleet, _ jobs: [JobRecord]) -> [(name: String, page: any Page)] {
        let frame = Sample.frame()
        return [
            ("delete study", ConfirmPage.deleteStudy(fleet.studies[0], fileCount: 3, fileBytes: 12_000, frame: frame)),
            ("cancel study", ConfirmPage.cancelStudy(fleet.studies[0], frame: frame)),
            ("drain worker", ConfirmPage.drainWorker(fleet.sessions[0], frame: frame)),
            ("delete worker", ConfirmPage.deleteWorker(fleet.sessions[0], frame: frame)),
            ("cancel job", ConfirmPage.cancelJob(jobs[10], frame: frame)),
            ("delete job", ConfirmPage.deleteJob(jobs[2], frame: frame)),
        ]
    }

    static func workers(_ fleet: SampleFleet, query: WorkersQuery = WorkersQuery()) -> WorkersPage {
        WorkersPage(
            frame: Sample.frame(lastHeard: fleet.lastHeard), query: query, sessions: fleet.sessions,
            machines: fleet.machines)
    }

    static func worker(_ fleet: SampleFleet, index: Int = 0, text: String? = nil) -> WorkerPage {
        let session = fleet.sessions[index]
        let jobs = Sample.jobs(24, done: 9, running: 3, failures: [5]).filter { $0.holder?.number == 1 }
        var attempts = Sample.attempts(of: jobs)
        var log = Sample.log(30)
        var named = Dictionary(uniqueKeysWithValues: jobs.map { ($0.id, $0) })
        if let text {
            attempts[0].reason = text
            log[3].text = text
            for id in named.keys { named[id]?.label = text }
        }
        return WorkerPage(
            frame: Sample.frame(lastHeard: fleet.lastHeard), session: session, machine: fleet.machines[index],
            attempts: attempts, jobs: named, earlier: [Sample.session(77, status: .stopped, name: text, machine: 1)],
            transitions: transitions(.session(session.id), text: text), log: log)
    }

    static func transitions(_ entity: EntityKey, text: String?) -> [TransitionRecord] {
        [
            TransitionRecord(
                entity: entity, from: nil, to: "starting", at: Sample.ago(60), by: text ?? "session:s1",
                why: text ?? "registered", attempt: nil, sequence: SequenceNumber(7))
        ]
    }

    static func study(
        _ jobs: [JobRecord], dimensions: [String] = ["cases"], name: String = "head-absorption",
        query: AssignmentsQuery = AssignmentsQuery(), configuration: String? = "{\"b\":1.0,\"a\":[1e3]}"
    ) -> StudyPage {
        StudyPage(
            frame: Sample.frame(), query: query, study: Sample.study(name: name, jobs: jobs, dimensions: dimensions),
            jobs: jobs, attempts: Sample.attempts(of: jobs), artifacts: Sample.artifacts(of: jobs),
            holders: SampleFleet.small.sessions.map(\.presence), configuration: configuration)
    }

    static func jobs(_ jobs: [JobRecord], query: JobsQuery = JobsQuery()) -> JobsPage {
        JobsPage(
            frame: Sample.frame(), query: query, jobs: jobs.reversed(), nextCursor: jobs.isEmpty ? nil : "480",
            counts: Sample.study(jobs: jobs).counts, queues: SampleFleet.large(60).queues,
            holders: SampleFleet.small.sessions.map(\.presence), isLive: true)
    }

    static func job(_ job: JobRecord, text: String? = nil) -> JobPage {
        var attempts = Sample.attempts(of: [job])
        var artifacts = Sample.artifacts(of: [job])[job.id] ?? []
        var log = Sample.log(5)
        if let text {
            attempts = attempts.map { attempt in
                var attempt = attempt
                attempt.reason = text
                attempt.workerName = text
                return attempt
            }
            artifacts = [Sample.artifact(9, of: job, name: text, type: "image/png", bytes: 10)]
            artifacts[0].sha256 = text
            log[0].text = text
        }
        return JobPage(
            frame: Sample.frame(), job: job, holder: job.holder.map { Sample.session(Int($0.number)).presence },
            attempts: attempts, transitions: transitions(.job(job.id), text: text),
            configuration: text ?? "{\"frequency\":900.0}",
            result: text ?? (job.exitCode == 0 ? "{\"power\":1e-5}" : nil),
            artifacts: artifacts, log: log)
    }
}
