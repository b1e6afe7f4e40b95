import Dashboard
import Domain
import Storage

/// Reads everything a page shows in one transaction, so that all of it is of one sequence.
struct PageLoader: Sendable {
    let server: ServerContext
    let viewer: Viewer

    /// Rows of the list of jobs on one page.
    private static let jobsPerPage = 100
    /// Sessions read for the table of workers, history included.
    private static let sessionLimit = 5_000
    private static let studyLimit = 2_000
    private static let earlierLimit = 20
    private static let logLimit = 300
    private static let transitionLimit = 200

    /// The page and the scope whose changes change it; `nil` where there is no such thing.
    func load(_ address: PageAddress) async throws -> (page: any Page, scope: Scope)? {
        // Heard before it is read: an age is never older than the state beside it.
        let heard = server.store.lastHeard
        let now = server.store.now
        let (timing, epoch) = (server.store.timing, server.store.epoch)
        let (viewer, version) = (viewer, server.settings.version)
        return try await server.store.read { connection in
            let frame = PageFrame(
                now: now, timing: timing, sequence: try WatchReads.sequence(connection), epoch: epoch,
                lastHeard: heard, viewer: viewer, version: version
            )
            switch address {
            case .fleet: return (try Self.fleet(frame, connection), .fleet)
            case .workers(let query): return (try Self.workers(query, frame, connection), .fleet)
            case .worker(let id): return try Self.worker(id, frame, connection).map { ($0, .session($0.session.id)) }
            case .studies(let query):
                let studies = try ListReads.studies(before: ListReads.end, limit: Self.studyLimit, connection)
                let holders = try ListReads.holdersOfStudies(connection)
                return (StudiesPage(frame: frame, query: query, studies: studies, holders: holders), .fleet)
            case .study(let name, let query):
                guard let study = try RecordReads.study(named: name, connection) else { return nil }
                return (try Self.study(study, query, frame, connection), .study(study.id))
            case .jobs(let query): return (try Self.jobs(query, frame, connection), .fleet)
            case .job(let id): return try Self.job(id, frame, connection).map { ($0, .job(id)) }
            }
        }
    }

    private struct Fleet {
        var machines: [MachineRecord] = []
        var sessions: [SessionRecord] = []
        var queues: [QueueRecord] = []
        var studies: [StudyRecord] = []

        init(_ connection: any SQLConnection) throws {
            for record in try WatchReads.snapshot(.fleet, connection).records {
                switch record {
                case .machine(let machine): machines.append(machine)
                case .session(let session): sessions.append(session)
                case .queue(let queue): queues.append(queue)
                case .study(let study): studies.append(study)
                case .job: break
                }
            }
        }
    }

    private static func fleet(_ frame: PageFrame, _ connection: any SQLConnection) throws -> FleetPage {
        let fleet = try Fleet(connection)
        return FleetPage(
            frame: frame, sessions: fleet.sessions, machines: fleet.machines, studies: fleet.studies,
            queues: fleet.queues
        )
    }

    private static func workers(
        _ query: WorkersQuery, _ frame: PageFrame, _ connection: any SQLConnection
    ) throws -> WorkersPage {
        let fleet = try Fleet(connection)
        let sessions =
            query.needsEnded
            ? try ListReads.sessions(
                before: ListReads.end, includingHistory: true, limit: sessionLimit, connection
            ) : fleet.sessions
        return WorkersPage(frame: frame, query: query, sessions: sessions, machines: fleet.machines)
    }

    private static func worker(
        _ id: SessionID, _ frame: PageFrame, _ connection: any SQLConnection
    ) throws -> WorkerPage? {
        // Two sessions that turned out to be one have one page, under either's id.
        let id = try LegacyReads.alias(of: id, connection) ?? id
        guard let session = try RecordReads.session(id, connection) else { return nil }
        let attempts = try ListReads.attempts(of: id, limit: WorkerPage.attemptLimit, connection)
        var jobs: [JobID: JobRecord] = [:]
        for attempt in attempts where jobs[attempt.job] == nil {
            jobs[attempt.job] = try RecordReads.job(attempt.job, connection)
        }
        let others = try ListReads.sessions(ofMachine: session.machine, limit: earlierLimit, connection)
            .filter { $0.id != id }
        let told = try LegacyReads.worker(session, connection)
        return WorkerPage(
            frame: frame, session: session, machine: try RecordReads.machine(session.machine, connection),
            attempts: attempts, jobs: jobs, earlier: others,
            transitions: try ListReads.transitions(
                .session, id.number, key: .session(id), limit: transitionLimit, connection
            ),
            log: try ListReads.lastLines(of: id, limit: logLimit, connection), windows: windows(told),
            addresses: told.addresses
        )
    }

    /// Those of attempts under way, else the one that spoke last.
    private static func windows(_ told: LegacyReads.Worker) -> [WindowView] {
        let held = Set(told.session.held.map { HeldKey(job: $0.job, attempt: $0.attempt) })
        var attempts: [HeldKey?] = told.windows.map(\.attempt)
        for picture in told.screenshots where !attempts.contains(picture.attempt) { attempts.append(picture.attempt) }
        var shown = attempts.filter { $0.map { held.contains($0) } ?? false }
        if shown.isEmpty { shown = attempts.suffix(1) }
        let places = Dictionary(uniqueKeysWithValues: told.session.held.enumerated().map { ($1.job, $0) })
        shown.sort { place($0, places) < place($1, places) }
        return shown.map { attempt in
            let job = attempt.flatMap { key in told.session.held.first { $0.job == key.job } }
            return WindowView(
                id: attempt.map { "\($0.job)-\($0.attempt)" } ?? "w",
                title: shown.count > 1 ? job.map { WindowView.title(of: $0) } : nil,
                state: told.windows.first { $0.attempt == attempt }?.state ?? WindowState(),
                pictures: told.screenshots.filter { $0.attempt == attempt }.map { picture in
                    WindowView.Picture(
                        tab: picture.tab, path: PictureRoutes.path(of: picture, session: told.session.id),
                        takenAt: picture.takenAt
                    )
                }
            )
        }
    }

    private static func place(_ attempt: HeldKey?, _ places: [JobID: Int]) -> Int {
        attempt.flatMap { places[$0.job] } ?? 0
    }

    private static func study(
        _ study: StudyRecord, _ query: AssignmentsQuery, _ frame: PageFrame, _ connection: any SQLConnection
    ) throws -> StudyPage {
        let isMapped = study.counts.total <= StudyPage.mapLimit
        let jobs = try ListReads.assignments(
            of: study.id, after: isMapped ? -1 : query.from - 1, status: nil,
            limit: isMapped ? StudyPage.mapLimit : StudyPage.pageLimit, connection
        )
        var artifacts: [JobID: [ArtifactRecord]] = [:]
        for artifact in try ListReads.artifacts(of: study.id, connection) {
            artifacts[artifact.job, default: []].append(artifact)
        }
        return StudyPage(
            frame: frame, query: query, study: study, jobs: jobs,
            attempts: try ListReads.attempts(of: study.id, limit: StudyPage.attemptLimit, connection),
            artifacts: artifacts, holders: try ListReads.holders(of: study.id, connection),
            configuration: try ListReads.configuration(of: study.id, connection)
        )
    }

    private static func jobs(
        _ query: JobsQuery, _ frame: PageFrame, _ connection: any SQLConnection
    ) throws -> JobsPage {
        let fleet = try Fleet(connection)
        var counts = JobCounts()
        for each in fleet.queues.map(\.counts) + fleet.studies.map(\.counts) {
            for status in JobStatus.allCases { counts[status] += each[status] }
        }
        let cursor = query.cursor.flatMap { Int64($0) }
        let jobs: [JobRecord]
        if let name = query.study {
            guard let study = try RecordReads.study(named: name, connection) else {
                return JobsPage(
                    frame: frame, query: query, jobs: [], nextCursor: nil, counts: counts, queues: fleet.queues,
                    holders: [], isLive: false
                )
            }
            jobs = try ListReads.assignments(
                of: study.id, after: cursor.map(Int.init) ?? -1, status: query.status, limit: jobsPerPage, connection
            )
        } else {
            jobs = try ListReads.jobs(
                queue: query.queue, status: query.status, before: cursor ?? ListReads.end, limit: jobsPerPage,
                connection
            )
        }
        let last = query.study == nil ? jobs.last.map { String($0.id.number) } : jobs.last?.index.map { String($0) }
        let text = query.text.lowercased()
        let found =
            text.isEmpty
            ? jobs
            : jobs.filter { job in
                [job.id.description, job.label, job.studyName, job.queue, job.holderName].contains {
                    $0?.lowercased().contains(text) == true
                }
            }
        return JobsPage(
            frame: frame, query: query, jobs: found, nextCursor: jobs.count < jobsPerPage ? nil : last, counts: counts,
            queues: fleet.queues, holders: fleet.sessions.map(\.presence), isLive: true
        )
    }

    private static func job(
        _ id: JobID, _ frame: PageFrame, _ connection: any SQLConnection
    ) throws -> JobPage? {
        guard let job = try RecordReads.job(id, connection) else { return nil }
        let documents = try ListReads.documents(of: id, connection)
        return JobPage(
            frame: frame, job: job, holder: try ListReads.holder(of: id, connection),
            attempts: try ListReads.attempts(of: id, connection),
            transitions: try ListReads.transitions(
                .job, id.number, key: .job(id), limit: transitionLimit, connection
            ),
            configuration: documents?.payload, result: documents?.result,
            artifacts: try ListReads.artifacts(of: id, connection),
            log: try ListReads.lastLines(of: id, limit: logLimit, connection)
        )
    }
}
