import Dashboard
import Domain

/// Whole fleets of `Sample` records, from nothing to hundreds of workers.
struct SampleFleet {
    var sessions: [SessionRecord] = []
    var machines: [MachineRecord] = []
    var studies: [StudyRecord] = []
    var queues: [QueueRecord] = []
    var lastHeard: [SessionID: Instant] = [:]

    var page: FleetPage {
        FleetPage(
            frame: Sample.frame(lastHeard: lastHeard), sessions: sessions, machines: machines, studies: studies,
            queues: queues)
    }

    static var empty: SampleFleet { SampleFleet() }

    /// Three machines work on a study of 24.
    static var small: SampleFleet {
        var fleet = SampleFleet()
        for number in 1...3 {
            fleet.machines.append(Sample.machine(number))
            fleet.sessions.append(
                Sample.session(
                    number,
                    held: [
                        Sample.held(
                            508 + number, index: 8 + number, label: Sample.label(8 + number, of: 24),
                            fraction: [0.82, 0.41, 0.07][number - 1])
                    ]))
            fleet.lastHeard[SessionID(number: Int64(number))] = Sample.ago(Int64(number) * 3)
        }
        let jobs = Sample.jobs(24, done: 9, running: 3)
        fleet.studies = [Sample.study(jobs: jobs)]
        return fleet
    }

    /// Hundreds of workers in every state, with failures and lost ones.
    static func large(_ count: Int) -> SampleFleet {
        var fleet = SampleFleet()
        for number in 1...count {
            fleet.machines.append(Sample.machine(number))
            let isBusy = number % 5 != 0
            var session = Sample.session(
                number,
                held: isBusy
                    ? [
                        Sample.held(
                            2_000 + number, index: number, label: "case \(number)",
                            fraction: number % 17 == 0 ? nil : Double(number * 29 % 100) / 100, study: "antenna-sweep")
                    ] : [])
            var heard = Sample.ago(Int64(number % 9))
            switch number {
            case 12, 113:
                session.status = .stale
                heard = Sample.ago(187)
            case 31, 32, 240: heard = Sample.ago(34)
            case 55:
                session.connectors.append(
                    ConnectorState(
                        name: "comfyui", kind: "comfyui", status: .error,
                        detail: "The service does not answer on port 8188."))
            case 60, 65: session.lastAttemptFailed = true
            case 70: session.status = .stopping
            case 75: session.status = .starting
            default: break
            }
            fleet.sessions.append(session)
            fleet.lastHeard[session.id] = heard
        }
        fleet.studies = [
            Sample.study(
                3, name: "antenna-sweep", jobs: Sample.jobs(4_800, done: 2_960, running: 398, failures: [17, 41, 902]),
                dimensions: ["antennas"]),
            Sample.study(4, name: "head-absorption", jobs: Sample.jobs(24, done: 9, running: 3)),
            Sample.study(5, name: "calibration", jobs: Sample.jobs(12, done: 12, running: 0)),
        ]
        var counts = JobCounts()
        counts.pending = 1_204
        counts.completed = 88_412
        counts.failed = 12
        fleet.queues = [
            QueueRecord(name: "render", isPaused: false, counts: counts, sequence: SequenceNumber(9))
        ]
        return fleet
    }

    /// Everything that a person can name is hostile.
    static var hostile: SampleFleet {
        var fleet = SampleFleet.small
        let bad = Sample.hostile
        fleet.machines[0].hostname = bad
        fleet.machines[0].id = MachineID(bad)
        fleet.sessions[0].machine = MachineID(bad)
        fleet.machines[0].gpus = [bad]
        fleet.machines[0].addresses = [bad]
        fleet.machines[0].os = bad
        fleet.machines[0].bootID = bad
        fleet.sessions[0].workerName = bad
        fleet.sessions[0].hostname = bad
        fleet.sessions[0].version = bad
        fleet.sessions[0].queues = [bad]
        fleet.sessions[0].studies = [bad]
        fleet.sessions[0].endReason = bad
        fleet.sessions[0].held[0].label = bad
        fleet.sessions[0].held[0].studyName = bad
        fleet.sessions[0].held[0].progress.stage = bad
        fleet.sessions[0].held[0].progress.message = bad
        fleet.sessions[0].connectors = [ConnectorState(name: bad, kind: bad, status: .error, detail: bad)]
        fleet.studies[0].name = bad
        fleet.studies[0].dimensions = [bad, "b", "c"]
        fleet.studies[0].counts.failed = 1
        var counts = JobCounts()
        counts.failed = 2
        fleet.queues = [QueueRecord(name: bad, isPaused: false, counts: counts, sequence: SequenceNumber(9))]
        return fleet
    }
}
