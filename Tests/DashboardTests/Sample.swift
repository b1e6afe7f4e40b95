import Dashboard
import Domain

/// Records that look like a fleet at work, the same at every run.
enum Sample {
    static let now = Instant(milliseconds: 1_774_000_000_000)

    static func frame(
        lastHeard: [SessionID: Instant] = [:], mayWrite: Bool = true, viewer: String? = nil
    ) -> PageFrame {
        PageFrame(
            now: now, timing: Timing(), sequence: SequenceNumber(4_242), epoch: "e7c1", lastHeard: lastHeard,
            viewer: Viewer(name: viewer, mayWrite: mayWrite), version: "0.1.0")
    }

    static func ago(_ seconds: Int64) -> Instant { now.adding(milliseconds: -seconds * 1_000) }

    /// What a hostile value looks like: markup, quotes that hide behind combining marks, terminal escapes, a text that
    /// turns around, and a path.
    static let hostile =
        "<script>alert(1)</script>\"\u{301} onmouseover='x' \u{600}\"&amp;\u{1B}[31m\u{202E}\u{0}../{{name}}{{{name}}}"

    static func machine(_ number: Int, hostname: String? = nil) -> MachineRecord {
        MachineRecord(
            id: MachineID("9f1c77aa-\(number)"), hostname: hostname ?? "lab-pc-\(padded(number))",
            addresses: ["10.0.\(number / 250).\(number % 250)", "fe80::\(number)"], os: "linux", arch: "x86_64",
            cores: [8, 16, 32, 64][number % 4], memoryBytes: Int64([16, 32, 64, 256][number % 4]) << 30,
            gpus: number % 3 == 0 ? ["NVIDIA RTX A4000"] : [], bootID: "5b1e\(number)c0-77aa-4c1f",
            firstSeenAt: ago(86_400), sequence: SequenceNumber(Int64(100 + number)))
    }

    static func session(
        _ number: Int, status: SessionStatus = .running, held: [HeldJob] = [], name: String? = nil,
        hostname: String? = nil, machine: Int? = nil
    ) -> SessionRecord {
        let host = hostname ?? "lab-pc-\(padded(machine ?? number))"
        return SessionRecord(
            id: SessionID(number: Int64(number)), machine: MachineID("9f1c77aa-\(machine ?? number)"), hostname: host,
            workerName: name ?? host, pid: 4_000 + number, version: number % 9 == 4 ? "a1c09fe" : "b7d24c1",
            status: status, statusSince: ago(3_600), queues: [], studies: ["head-absorption"], slots: 1,
            isDraining: false, startedAt: ago(3_600 + Int64(number) * 7),
            endedAt: status == .stopped ? ago(600) : nil, endReason: status == .stopped ? "goodbye" : nil,
            utilisation: Utilisation(
                cpu: 0.35 + Double(number * 37 % 60) / 100, memory: 0.2 + Double(number * 17 % 50) / 100,
                gpu: number % 3 == 0 ? 0.91 : nil, gpuMemory: number % 3 == 0 ? 0.4 : nil,
                diskFreeBytes: 212_000_000_000),
            connectors: [
                ConnectorState(
                    name: "command", kind: "command", status: held.isEmpty ? .idle : .active, detail: nil)
            ],
            held: held, lastAttemptFailed: false, completedCount: number * 3 % 40,
            failedCount: number % 11 == 5 ? 1 : 0,
            previous: nil, sequence: SequenceNumber(Int64(1_000 + number)))
    }

    static func held(
        _ job: Int, index: Int, label: String, fraction: Double?, study: String = "head-absorption"
    ) -> HeldJob {
        HeldJob(
            job: JobID(number: Int64(job)), attempt: AttemptNumber(1), study: StudyID(number: 3), studyName: study,
            index: index, label: label, status: .running,
            progress: JobProgress(
                fraction: fraction, stage: "time steps", stageFraction: fraction.map { min(1, $0 * 1.4) },
                etaAt: fraction.map { ago(-Int64((1 - $0) * 400)) },
                message: fraction.map { "step \(Int($0 * 4_000)) of 4000" }),
            claimedAt: ago(95), startedAt: ago(94), isCancelRequested: false)
    }

    static let phantoms = ["child", "adult", "sphere", "layered"]
    static let frequencies = ["900", "1800", "2450"]
    static let directions = ["x+", "y+"]

    static func label(_ index: Int, of count: Int) -> String {
        if count == 24 {
            return "\(phantoms[index / 6]) · \(frequencies[index / 2 % 3]) · \(directions[index % 2])"
        }
        if count == 12 { return "\(phantoms[index / 3]) · \(frequencies[index % 3])" }
        return "case \(index)"
    }

    /// Assignments of which the first are done, some run, the rest wait; `failures` of the done ones failed.
    static func jobs(_ count: Int, done: Int, running: Int, failures: Set<Int> = []) -> [JobRecord] {
        (0..<count).map { index in
            let isDone = index < done
            let isRunning = !isDone && index < done + running
            let isFailed = isDone && failures.contains(index)
            // Three workers take turns: each turn is 24 s, of which an assignment takes 14 to 23.
            let turn = Int64((done + running) / 3 - index / 3)
            let began = ago(turn * 24 - 16 + Int64(index % 3) * 3)
            return JobRecord(
                id: JobID(number: Int64(500 + index)), study: StudyID(number: 3), studyName: "head-absorption",
                index: index, label: label(index, of: count), queue: nil,
                status: isFailed ? .failed : isDone ? .completed : isRunning ? .running : .pending,
                isScheduled: false, attempt: AttemptNumber(isDone || isRunning ? (index % 7 == 3 ? 2 : 1) : 0),
                holder: isDone || isRunning ? SessionID(number: Int64(1 + index % 3)) : nil,
                holderName: isDone || isRunning ? "lab-pc-00\(1 + index % 3)" : nil, priority: 0, runAt: nil,
                progress: JobProgress(
                    fraction: isRunning ? 0.15 + Double(index * 31 % 80) / 100 : nil,
                    stage: isRunning ? "time steps" : nil),
                isCancelRequested: false, countedFailures: isFailed ? 3 : 0, maximumAttempts: 3,
                exitCode: isFailed ? 1 : isDone ? 0 : nil,
                reason: isFailed ? "The field diverged at step 812: the Courant number is above its limit." : nil,
                warningCount: index % 5 == 2 && isDone ? 2 : 0, errorCount: isFailed ? 1 : 0,
                artifactCount: isDone && !isFailed ? 2 : 0, createdAt: ago(1_900),
                claimedAt: isDone || isRunning ? began : nil, startedAt: isDone || isRunning ? began : nil,
                finishedAt: isDone ? began.adding(milliseconds: 14_000 + Int64(index * 977 % 9_000)) : nil,
                sequence: SequenceNumber(Int64(2_000 + index)))
        }
    }

    static func attempts(of jobs: [JobRecord]) -> [AttemptRecord] {
        jobs.compactMap { job in
            guard let holder = job.holder, let began = job.claimedAt else { return nil }
            return AttemptRecord(
                job: job.id, number: job.attempt, session: holder, workerName: job.holderName ?? "", claimedAt: began,
                startedAt: began, endedAt: job.finishedAt,
                outcome: job.status == .failed ? .failed : job.finishedAt == nil ? nil : .completed,
                exitCode: job.exitCode, reason: job.reason)
        }
    }

    static func study(
        _ number: Int = 3, name: String = "head-absorption", jobs: [JobRecord], status: StudyStatus = .active,
        dimensions: [String] = ["phantoms", "frequencies", "directions"]
    ) -> StudyRecord {
        var counts = JobCounts()
        for job in jobs { counts[job.status] += 1 }
        let running = jobs.filter { $0.status.isHeld }.map(\.progress.fraction)
        let timed = jobs.filter { $0.status == .completed }
        return StudyRecord(
            id: StudyID(number: Int64(number)), name: name, status: status, counts: counts, dimensions: dimensions,
            forecast: StudyForecast(
                total: counts.total - counts.cancelled, finished: counts.completed + counts.failed,
                measured: timed.count, measuredMilliseconds: Int64(timed.count) * 18_400, running: running, asOf: now),
            createdAt: ago(1_900), startedAt: jobs.compactMap(\.startedAt).min(),
            finishedAt: counts.finished == counts.total ? jobs.compactMap(\.finishedAt).max() : nil,
            sequence: SequenceNumber(Int64(3_000 + number)))
    }

    static func artifacts(of jobs: [JobRecord]) -> [JobID: [ArtifactRecord]] {
        var all: [JobID: [ArtifactRecord]] = [:]
        for job in jobs where job.artifactCount > 0 {
            all[job.id] = [
                artifact(Int(job.id.number) * 2, of: job, name: "result.json", type: "application/json", bytes: 4_210),
                artifact(Int(job.id.number) * 2 + 1, of: job, name: "field.png", type: "image/png", bytes: 88_400),
            ]
        }
        return all
    }

    static func artifact(_ number: Int, of job: JobRecord, name: String, type: String, bytes: Int64) -> ArtifactRecord {
        ArtifactRecord(
            id: ArtifactID(number: Int64(number)), job: job.id, attempt: job.attempt,
            session: job.holder ?? SessionID(number: 1), name: name, mediaType: type, byteCount: bytes,
            sha256: String(repeating: "3fa9c01b", count: 8), createdAt: ago(40))
    }

    static func log(_ count: Int) -> [LogLine] {
        (0..<count).map { number in
            let level: LogLevel =
                switch number % 23 {
                case 7: .warning
                case 13: .error
                case 3, 4: .debug
                case 0: .notice
                default: .info
                }
            let text =
                switch level {
                case .warning: "the phantom touches the absorbing layer at 3 cells; results near the edge are coarse"
                case .error: "could not read /data/materials.csv: no such file; the built-in table is used"
                case .debug: "grid 400 × 400, dt = 1.18e-12 s, Courant 0.70"
                case .notice: "stage: time steps"
                default: "step \(number * 12) of 4000, E max 1.\(number % 10)3 V/m, absorbed 4.\(number % 100)e-5 W"
                }
            return LogLine(
                number: Int64(number + 1), at: ago(Int64(count - number) / 3), level: level, text: text,
                job: JobID(number: 512), attempt: AttemptNumber(1))
        }
    }

    private static func padded(_ number: Int) -> String {
        String(repeating: "0", count: max(0, 3 - String(number).count)) + String(number)
    }
}
