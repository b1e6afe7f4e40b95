import Dashboard
import Domain

/// All that pages are made of, and steps by which it changes as a store's does: whatever changes in a record moves the
/// record's sequence; what is beside the records (time, who was heard when, files, attempts) moves none.
struct SampleWorld {
    var fleet = SampleFleet.small
    var jobs = Sample.jobs(24, done: 9, running: 3, failures: [5])
    /// Of the first worker.
    var attempts: [AttemptRecord]
    var addresses = ["10.0.0.4"]
    var artifacts: [JobID: [ArtifactRecord]]
    var windows = [WindowView(state: WindowState(), pictures: [])]
    var configuration: String? = "{\"b\":1.0,\"a\":[1e3]}"
    var result: String?
    var transitions: [TransitionRecord]
    var now = Sample.now
    var sequence = SequenceNumber(10_000)

    init() {
        for number in 4...6 {
            fleet.machines.append(Sample.machine(number, hostname: "lab-pc-00\(number % 2 + 4)"))
            fleet.sessions.append(Sample.session(number, machine: number == 6 ? 1 : number))
            fleet.lastHeard[SessionID(number: Int64(number))] = Sample.ago(Int64(number))
        }
        // Workers without a label: what they hold is told by its number alone.
        for number in 3...4 {
            fleet.sessions[number].held = [Sample.held(700 + number, index: number, label: "", fraction: nil)]
            fleet.sessions[number].held[0].label = nil
        }
        fleet.queues = [QueueRecord(name: "render", isPaused: false, counts: JobCounts(), sequence: SequenceNumber(9))]
        attempts = Sample.attempts(of: jobs)
        artifacts = Sample.artifacts(of: jobs)
        transitions = SamplePages.transitions(.session(fleet.sessions[0].id), text: nil)
    }

    /// Of each job that is held.
    private var holders: [SessionPresence] {
        jobs.filter(\.status.isHeld).compactMap { job in fleet.sessions.first { $0.id == job.holder }?.presence }
    }

    var pages: [(name: String, page: any Page)] {
        var frame = Sample.frame(lastHeard: fleet.lastHeard)
        frame.now = now
        frame.sequence = sequence
        let named = Dictionary(uniqueKeysWithValues: jobs.map { ($0.id, $0) })
        var pages: [(name: String, page: any Page)] = [
            (
                "fleet",
                FleetPage(
                    frame: frame, sessions: fleet.sessions, machines: fleet.machines, studies: fleet.studies,
                    queues: fleet.queues)
            ),
            (
                "studies",
                StudiesPage(
                    frame: frame, query: StudiesQuery(), studies: fleet.studies,
                    holders: [StudyID(number: 3): holders])
            ),
            (
                "jobs",
                JobsPage(
                    frame: frame, query: JobsQuery(), jobs: jobs.reversed(), nextCursor: nil,
                    counts: fleet.studies[0].counts, queues: fleet.queues, holders: fleet.sessions.map(\.presence),
                    isLive: true)
            ),
            (
                "study",
                StudyPage(
                    frame: frame, query: AssignmentsQuery(), study: fleet.studies[0], jobs: jobs,
                    attempts: attempts, artifacts: artifacts, holders: holders,
                    configuration: configuration)
            ),
        ]
        for query in [WorkersQuery(), WorkersQuery(["state": "stale"]), WorkersQuery(["q": "lab-pc-001"])] {
            pages.append(
                (
                    "workers \(query.path)",
                    WorkersPage(frame: frame, query: query, sessions: fleet.sessions, machines: fleet.machines)
                ))
        }
        for session in fleet.sessions {
            pages.append(
                (
                    "worker \(session.id)",
                    WorkerPage(
                        frame: frame, session: session, machine: fleet.machines.first { $0.id == session.machine },
                        attempts: attempts.filter { $0.session == session.id }, jobs: named,
                        earlier: fleet.sessions.filter { $0.machine == session.machine && $0.id != session.id },
                        transitions: transitions, log: [], windows: windows, addresses: addresses)
                ))
        }
        for job in jobs[5..<11] {
            pages.append(
                (
                    "job \(job.id)",
                    JobPage(
                        frame: frame, job: job, holder: fleet.sessions.first { $0.id == job.holder }?.presence,
                        attempts: attempts.filter { $0.job == job.id }, transitions: transitions,
                        configuration: configuration, result: result, artifacts: artifacts[job.id] ?? [], log: [])
                ))
        }
        return pages
    }
}

// MARK: - Steps

extension SampleWorld {
    /// One thing happens, of all that can.
    mutating func step(_ dice: inout Dice) {
        sequence = SequenceNumber(sequence.value + 1)
        switch Int.random(in: 0..<12, using: &dice) {
        case 0: now = now.adding(milliseconds: Int64.random(in: 1...20_000, using: &dice))
        case 1: hear(&dice)
        case 2, 3: changeSession(&dice)
        case 4: changeHeld(&dice)
        case 5: changeMachine(&dice)
        case 6, 7: changeJob(&dice)
        case 8: changeAttempt(&dice)
        case 9: changeStudy(&dice)
        case 10: changeWindow(&dice)
        default: changeRest(&dice)
        }
    }

    private mutating func hear(_ dice: inout Dice) {
        let session = fleet.sessions.randomElement(using: &dice)?.id ?? SessionID(number: 1)
        if Int.random(in: 0..<6, using: &dice) == 0 {
            fleet.lastHeard[session] = nil
        } else {
            fleet.lastHeard[session] = now.adding(milliseconds: -Int64.random(in: 0...120_000, using: &dice))
        }
    }

    private mutating func changeSession(_ dice: inout Dice) {
        let place = fleet.sessions.indices.randomElement(using: &dice) ?? 0
        let names = ["lab-pc-001", "lab-pc-002", "render"]
        var session = fleet.sessions[place]
        switch Int.random(in: 0..<14, using: &dice) {
        case 0: session.workerName = names.randomElement(using: &dice) ?? ""
        case 1: session.hostname = names.randomElement(using: &dice) ?? ""
        case 2:
            session.status = SessionStatus.allCases.randomElement(using: &dice) ?? .running
            session.endedAt = session.status == .stopped ? now : nil
            session.endReason = session.endedAt.map { _ in "goodbye" }
        case 3: session.queues = [["render"], []].randomElement(using: &dice) ?? []
        case 4: session.studies = [["head"], ["antenna"], []].randomElement(using: &dice) ?? []
        case 5: session.isDraining.toggle()
        case 6: session.utilisation.cpu = [nil, 0.8996, 0.9004, 0.5].randomElement(using: &dice) ?? nil
        case 7: session.utilisation.diskFreeBytes = [nil, 1 << 30, 2 << 30].randomElement(using: &dice) ?? nil
        case 8: session.connectors = connectors.randomElement(using: &dice) ?? []
        case 9: session.lastAttemptFailed.toggle()
        case 10: session.completedCount += 1
        case 11: session.failedCount += 1
        // One that turns out to be on another machine than it seemed.
        case 12: session.machine = fleet.machines.randomElement(using: &dice)?.id ?? session.machine
        default: session.version = ["b7d24c1", "a1c09fe"].randomElement(using: &dice) ?? ""
        }
        session.sequence = sequence
        fleet.sessions[place] = session
    }

    private var connectors: [[ConnectorState]] {
        [
            [],
            [ConnectorState(name: "command", kind: "command", status: .active, detail: nil)],
            [ConnectorState(name: "comfyui", kind: "comfyui", status: .error, detail: "no answer on port 8188")],
            [ConnectorState(name: "comfyui", kind: "generic", status: .idle, detail: "v2")],
        ]
    }

    private mutating func changeHeld(_ dice: inout Dice) {
        let place = fleet.sessions.indices.randomElement(using: &dice) ?? 0
        fleet.sessions[place].sequence = sequence
        guard !fleet.sessions[place].held.isEmpty, Int.random(in: 0..<9, using: &dice) > 0 else {
            let job = Int.random(in: 600..<900, using: &dice)
            var held = Sample.held(job, index: job - 600, label: "case \(job)", fraction: nil)
            if Bool.random(using: &dice) { held.label = nil }
            let other = Sample.held(1, index: 0, label: "", fraction: nil)
            fleet.sessions[place].held = Bool.random(using: &dice) ? [held] : [held, other]
            return
        }
        var held = fleet.sessions[place].held[0]
        switch Int.random(in: 0..<9, using: &dice) {
        case 0: held.label = [nil, "sphere", "layered"].randomElement(using: &dice) ?? nil
        case 1: held.attempt = AttemptNumber(held.attempt.value + 1)
        case 2: held.progress.fraction = [nil, 0.1204, 0.1206, 0.125, 0.9].randomElement(using: &dice) ?? nil
        case 3: held.progress.stage = [nil, "grid", "time steps"].randomElement(using: &dice) ?? nil
        case 4: held.progress.stageFraction = [nil, 0.25, 0.2546, 0.75].randomElement(using: &dice) ?? nil
        case 5: held.progress.message = [nil, "step 1", "step 2"].randomElement(using: &dice) ?? nil
        case 6: held.progress.etaAt = [nil, Sample.ago(-90), Sample.ago(-91)].randomElement(using: &dice) ?? nil
        case 7: held.isCancelRequested.toggle()
        default:
            held.status = held.status == .running ? .claimed : .running
            held.startedAt = held.status == .running ? now : nil
        }
        fleet.sessions[place].held[0] = held
    }

    private mutating func changeMachine(_ dice: inout Dice) {
        let place = fleet.machines.indices.randomElement(using: &dice) ?? 0
        var machine = fleet.machines[place]
        switch Int.random(in: 0..<6, using: &dice) {
        case 0: machine.hostname = ["lab-pc-001", "moved"].randomElement(using: &dice) ?? ""
        case 1: machine.addresses.append("10.1.0.\(machine.addresses.count)")
        case 2: machine.cores = [nil, 8, 64].randomElement(using: &dice) ?? nil
        case 3: machine.memoryBytes = [nil, 16 << 30, 32 << 30].randomElement(using: &dice) ?? nil
        case 4: machine.gpus = [[], ["A4000"], ["A4000", "A4000"]].randomElement(using: &dice) ?? []
        default: machine.bootID = ["5b1e", "77aa"].randomElement(using: &dice)
        }
        machine.sequence = sequence
        fleet.machines[place] = machine
    }

    private mutating func changeJob(_ dice: inout Dice) {
        let place = jobs.indices.randomElement(using: &dice) ?? 0
        var job = jobs[place]
        switch Int.random(in: 0..<12, using: &dice) {
        case 0, 1:
            job.status = JobStatus.allCases.randomElement(using: &dice) ?? .running
            job.finishedAt = job.status.isFinal ? now : nil
        case 2, 3:
            let holder = fleet.sessions.randomElement(using: &dice)
            job.holder = holder?.id
            job.holderName = holder?.workerName
        case 4: job.warningCount += 1
        case 5: job.progress.fraction = [nil, 0.1204, 0.1206, 0.125, 0.9].randomElement(using: &dice) ?? nil
        case 6: job.progress.stage = [nil, "grid", "time steps"].randomElement(using: &dice) ?? nil
        case 7: job.progress.etaAt = [nil, Sample.ago(-90), Sample.ago(-91)].randomElement(using: &dice) ?? nil
        case 8: job.isCancelRequested.toggle()
        case 9: job.attempt = AttemptNumber(job.attempt.value + 1)
        case 10: job.reason = [nil, "diverged", "no licence"].randomElement(using: &dice) ?? nil
        default:
            job.isScheduled = job.status == .pending
            job.runAt = Sample.ago(-100)
        }
        job.sequence = sequence
        jobs[place] = job
    }

    private mutating func changeAttempt(_ dice: inout Dice) {
        guard let place = attempts.indices.filter({ attempts[$0].outcome == nil }).randomElement(using: &dice) else {
            guard let job = jobs.randomElement(using: &dice) else { return }
            let number = AttemptNumber(1 + (attempts.filter { $0.job == job.id }.map(\.number.value).max() ?? 0))
            attempts.append(
                AttemptRecord(
                    job: job.id, number: number, session: fleet.sessions[0].id, workerName: "lab-pc-001",
                    claimedAt: now, startedAt: nil, endedAt: nil, outcome: nil, exitCode: nil, reason: nil))
            return
        }
        var attempt = attempts[place]
        switch Int.random(in: 0..<5, using: &dice) {
        case 0: attempt.workerName = ["lab-pc-001", "renamed"].randomElement(using: &dice) ?? ""
        case 1: attempt.session = fleet.sessions.randomElement(using: &dice)?.id ?? attempt.session
        case 2: attempt.startedAt = attempt.startedAt == nil ? now : nil
        case 3: attempt.exitCode = [nil, 1, 2].randomElement(using: &dice) ?? nil
        default:
            attempt.endedAt = now
            attempt.outcome = AttemptOutcome.allCases.randomElement(using: &dice)
            attempt.reason = [nil, "diverged", "no licence"].randomElement(using: &dice) ?? nil
        }
        attempts[place] = attempt
    }

    private mutating func changeStudy(_ dice: inout Dice) {
        switch Int.random(in: 0..<4, using: &dice) {
        case 0: fleet.studies[0] = Sample.study(name: fleet.studies[0].name, jobs: jobs)
        case 1: fleet.studies[0].status = StudyStatus.allCases.randomElement(using: &dice) ?? .active
        case 2: fleet.studies[0].notes = [[], ["Two axes share a name."]].randomElement(using: &dice) ?? []
        default:
            let number = Int.random(in: 4...9, using: &dice)
            if fleet.studies.count > 1 { fleet.studies.removeLast() }
            fleet.studies.append(Sample.study(number, name: "study-\(number)", jobs: jobs))
            fleet.studies[1].sequence = sequence
            return
        }
        fleet.studies[0].sequence = sequence
    }

    private mutating func changeWindow(_ dice: inout Dice) {
        switch Int.random(in: 0..<6, using: &dice) {
        case 0: windows[0].state.progress = [nil, 0.5, 0.5004, 0.506].randomElement(using: &dice) ?? nil
        case 1: windows[0].state.stageProgress = [nil, 0.5, 0.5004, 0.506].randomElement(using: &dice) ?? nil
        case 2: windows[0].state.stage = [nil, "Setup", "Run"].randomElement(using: &dice) ?? nil
        case 3: windows[0].state.etaAt = [nil, Sample.ago(-90), Sample.ago(-91)].randomElement(using: &dice) ?? nil
        case 4: windows[0].title = [nil, "one", "two"].randomElement(using: &dice) ?? nil
        default:
            windows[0].pictures = [
                WindowView.Picture(
                    tab: "Timings", path: "/p/\(Int.random(in: 0..<3, using: &dice))", takenAt: Sample.now)
            ]
        }
    }

    private mutating func changeRest(_ dice: inout Dice) {
        switch Int.random(in: 0..<6, using: &dice) {
        case 5:
            transitions.append(
                TransitionRecord(
                    entity: .session(fleet.sessions[0].id), from: "running", to: "stale", at: now, by: "sweep",
                    why: "silence", attempt: nil, sequence: sequence))
        case 0: addresses.append("10.0.0.\(addresses.count + 5)")
        case 1: result = [nil, "{\"power\":1}", "{\"power\":2}"].randomElement(using: &dice) ?? nil
        case 2: fleet.queues[0].counts.failed += 1
        case 3: fleet.queues[0].counts.pending += 1
        default:
            let place = jobs.indices.randomElement(using: &dice) ?? 0
            let number = Int.random(in: 9_000..<9_900, using: &dice)
            jobs[place].artifactCount += 1
            jobs[place].sequence = sequence
            artifacts[jobs[place].id, default: []].append(
                Sample.artifact(number, of: jobs[place], name: "field.png", type: "image/png", bytes: 10))
        }
    }
}
