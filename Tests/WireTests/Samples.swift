import Domain

/// One full and one bare record of each kind: all that may be absent is there in the first and absent in the second.
enum Samples {
    static let moment = Instant(milliseconds: 1_772_366_400_123)

    static let machine = MachineRecord(
        id: MachineID("4f1c"), hostname: "lab-7", addresses: ["10.0.0.7", "fe80::7"], os: "linux", arch: "x86_64",
        cores: 16, memoryBytes: 68_719_476_736, gpus: ["RTX \"4090\""], bootID: "b-1", firstSeenAt: moment,
        sequence: SequenceNumber(12)
    )
    static let bareMachine = MachineRecord(
        id: MachineID("4f1c"), hostname: "lab-7", addresses: [], os: "linux", arch: "x86_64", cores: nil,
        memoryBytes: nil, gpus: [], bootID: nil, firstSeenAt: moment, sequence: .zero
    )

    static let progress = JobProgress(
        fraction: 0, stage: "solve", stageFraction: 0.25, etaAt: moment, message: "step 3 of 12"
    )

    static let held = HeldJob(
        job: JobID(number: 1_042), attempt: AttemptNumber(2), study: StudyID(number: 9), studyName: "phantoms",
        index: 0, label: "child · 900 · x+", status: .running, progress: progress, claimedAt: moment,
        startedAt: moment, isCancelRequested: true
    )
    static let bareHeld = HeldJob(
        job: JobID(number: 1_043), attempt: AttemptNumber(1), study: nil, studyName: nil, index: nil, label: nil,
        status: .claimed, progress: JobProgress(), claimedAt: moment, startedAt: nil, isCancelRequested: false
    )

    static let session = SessionRecord(
        id: SessionID(number: 77), machine: MachineID("4f1c"), hostname: "lab-7", workerName: "lab-7-2", pid: 4_711,
        version: "3f2a1b0", status: .stopping, statusSince: moment, queues: ["default"], studies: ["phantoms"],
        slots: 2, isDraining: true, startedAt: moment, endedAt: moment, endReason: "goodbye",
        utilisation: Utilisation(cpu: 0, memory: 0.5, gpu: 1, gpuMemory: 0.125, diskFreeBytes: 0),
        connectors: [ConnectorState(name: "command", kind: "command", status: .active, detail: "ready")],
        held: [held, bareHeld], lastAttemptFailed: true, completedCount: 5, failedCount: 1,
        previous: SessionID(number: 70), sequence: SequenceNumber(99)
    )
    static let bareSession = SessionRecord(
        id: SessionID(number: 78), machine: MachineID("4f1c"), hostname: "lab-7", workerName: "lab-7", pid: 1,
        version: "dev", status: .running, statusSince: moment, queues: [], studies: [], slots: 1, isDraining: false,
        startedAt: moment, endedAt: nil, endReason: nil, utilisation: Utilisation(), connectors: [], held: [],
        lastAttemptFailed: false, completedCount: 0, failedCount: 0, previous: nil, sequence: SequenceNumber(1)
    )

    static let job = JobRecord(
        id: JobID(number: 1_042), study: StudyID(number: 9), studyName: "phantoms", index: 0,
        label: "child · 900 · x+", queue: "default", status: .failed, isScheduled: true, attempt: AttemptNumber(3),
        holder: SessionID(number: 77), holderName: "lab-7-2", priority: -5, runAt: moment, progress: progress,
        isCancelRequested: true, countedFailures: 3, maximumAttempts: 3, exitCode: -9, reason: "out of memory",
        warningCount: 2, errorCount: 1, artifactCount: 4, createdAt: moment, claimedAt: moment, startedAt: moment,
        finishedAt: moment, sequence: SequenceNumber(1_200)
    )
    static let bareJob = JobRecord(
        id: JobID(number: 1), study: nil, studyName: nil, index: nil, label: nil, queue: nil, status: .pending,
        isScheduled: false, attempt: .none, holder: nil, holderName: nil, priority: 0, runAt: nil,
        progress: JobProgress(), isCancelRequested: false, countedFailures: 0, maximumAttempts: 3, exitCode: nil,
        reason: nil, warningCount: 0, errorCount: 0, artifactCount: 0, createdAt: moment, claimedAt: nil,
        startedAt: nil, finishedAt: nil, sequence: SequenceNumber(1)
    )

    static var counts: JobCounts {
        var counts = JobCounts()
        for (position, status) in JobStatus.allCases.enumerated() { counts[status] = position }
        return counts
    }

    static let study = StudyRecord(
        id: StudyID(number: 9), name: "phantoms", status: .paused, counts: counts,
        dimensions: ["phantoms", "grid.frequencies"],
        forecast: StudyForecast(fraction: 0.42, remainingMilliseconds: 90_000, etaAt: moment), createdAt: moment,
        startedAt: moment, finishedAt: moment, sequence: SequenceNumber(40), notes: ["7 were asked for: 6 it is."]
    )
    static let bareStudy = StudyRecord(
        id: StudyID(number: 9), name: "phantoms", status: .active, counts: JobCounts(), dimensions: [],
        forecast: StudyForecast(fraction: 0, remainingMilliseconds: nil, etaAt: nil), createdAt: moment,
        startedAt: nil, finishedAt: nil, sequence: SequenceNumber(1)
    )

    static let queue = QueueRecord(name: "default", isPaused: true, counts: counts, sequence: SequenceNumber(8))

    static let attempt = AttemptRecord(
        job: JobID(number: 1_042), number: AttemptNumber(1), session: SessionID(number: 77), workerName: "lab-7",
        claimedAt: moment, startedAt: moment, endedAt: moment, outcome: .lost, exitCode: 137, reason: "silence"
    )
    static let bareAttempt = AttemptRecord(
        job: JobID(number: 1_042), number: AttemptNumber(1), session: SessionID(number: 77), workerName: "lab-7",
        claimedAt: moment, startedAt: nil, endedAt: nil, outcome: nil, exitCode: nil, reason: nil
    )

    static let transition = TransitionRecord(
        entity: .job(JobID(number: 1_042)), from: "claimed", to: "running", at: moment, by: "session:s77",
        why: "started", attempt: AttemptNumber(1), sequence: SequenceNumber(21)
    )
    static let bareTransition = TransitionRecord(
        entity: .machine(MachineID("4f1c")), from: nil, to: "known", at: moment, by: "", why: "", attempt: nil,
        sequence: SequenceNumber(1)
    )

    static let line = LogLine(
        number: 12, at: moment, level: .warning, text: "\u{1B}[31mhot\u{1B}[0m \"quoted\"\tä", job: JobID(number: 1),
        attempt: AttemptNumber(1), style: "warning", position: 7
    )
    static let bareLine = LogLine(number: 1, at: moment, level: .info, text: "", job: nil, attempt: nil)

    static let artifact = ArtifactRecord(
        id: ArtifactID(number: 3), job: JobID(number: 1_042), attempt: AttemptNumber(1),
        session: SessionID(number: 77), name: "out/field.png", mediaType: "image/png", byteCount: 0,
        sha256: String(repeating: "ab", count: 32), createdAt: moment
    )

    static let entities: [EntityRecord] = [
        .machine(machine), .session(session), .queue(queue), .study(study), .job(job), .session(bareSession),
        .job(bareJob), .study(bareStudy), .machine(bareMachine),
    ]
}
