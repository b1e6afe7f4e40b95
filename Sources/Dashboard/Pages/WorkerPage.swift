package import Domain

/// One worker: what it does, what it says, where it runs, what it did before.
package struct WorkerPage: Page {
    package var frame: PageFrame
    package var session: SessionRecord
    package var machine: MachineRecord?
    package var attempts: [AttemptRecord]
    package var jobs: [JobID: JobRecord]
    package var earlier: [SessionRecord]
    package var transitions: [TransitionRecord]
    package var log: [LogLine]
    /// Of its programs whose windows speak.
    package var windows: [WindowView]
    /// Every address that it spoke from, where that is known of the session itself.
    package var addresses: [String]

    /// - Parameters:
    ///   - attempts: its attempts, as many as there are or the newest `attemptLimit`.
    ///   - jobs: those of the attempts, for their names; one that isn't there is shown by its id.
    ///   - earlier: other sessions on the same machine, before it and after it.
    ///   - log: its last lines in order; more than 300 are not shown.
    package init(
        frame: PageFrame, session: SessionRecord, machine: MachineRecord?, attempts: [AttemptRecord],
        jobs: [JobID: JobRecord], earlier: [SessionRecord], transitions: [TransitionRecord], log: [LogLine],
        windows: [WindowView] = [], addresses: [String] = []
    ) {
        self.windows = windows
        self.addresses = addresses
        self.frame = frame
        self.session = session
        self.machine = machine
        self.attempts = attempts.sorted { ($0.claimedAt, $0.job) > ($1.claimedAt, $1.job) }
        self.jobs = jobs
        self.earlier = earlier.sorted { $0.id > $1.id }
        self.transitions = transitions
        self.log = log
    }

    package var live: String? { Links.live(Links.worker(session.id)) }

    package var heardSessions: [SessionID] { [session.id] }

    package var content: PageContent {
        let page = self
        return PageContent(title: session.workerName, place: .workers, template: "worker") {
            [
                "log": .values(
                    LogPart.values(
                        page.log, source: .session(page.session.id), isLive: LogPart.isLive(page.session),
                        showsJob: true))
            ]
        }
    }

    package func regions() -> [Region] {
        [headRegion, loadRegion, connectorsRegion, machineRegion, sessionRegion, historyRegion] + heldRegions
            + attemptRegions + earlierRegions + windowRegions
    }

    private var windowRegions: [Region] {
        let isHeard = frame.isHeard(session)
        let isOver = session.status == .stopped
        return windows.map { WindowPart.region($0, isHeard: isHeard, isOver: isOver, now: frame.now) }
            + windows.compactMap { WindowPart.picturesRegion($0, now: frame.now) }
    }

    private var headRegion: Region {
        var fingerprint = Fingerprint(session.sequence)
        frame.add(session, to: &fingerprint)
        return Region(
            "worker-head", fingerprint: fingerprint, sequence: session.sequence, template: "worker-head"
        ) {
            let path = Links.worker(session.id)
            let isLive = session.status.isLive
            let lastHeard = frame.lastHeard[session.id]
            let heard = SessionRow.heardMark(session, .ago, heard: lastHeard, now: frame.now)
            return [
                "name": .text(session.workerName), "session": .text(session.id.description),
                "hostname": .text(session.hostname),
                "badge": .markup(
                    Marks.badge(
                        frame.badge(of: session), lastHeard: lastHeard, now: frame.now)),
                "heard": .markup(SessionRow.endedMark(session, now: frame.now) ?? "heard \(heard)"),
                "isDraining": .flag(session.isDraining && isLive),
                "endReason": .text(isLive ? nil : session.endReason.map(EndWords.sentence)),
                "drainPath": .text(
                    frame.viewer.mayWrite && session.status.isActive && !session.isDraining && session.kind == .agent
                        ? "\(path)/drain" : nil),
                "deletePath": .text(frame.viewer.mayWrite ? "\(path)/delete" : nil),
            ]
        }
    }

    private var heldRegions: [Region] {
        let now = frame.now
        let isHeard = frame.isHeard(session)
        let rows = session.held.map { held in
            Region(
                "held:\(held.job)", in: "worker-held",
                fingerprint: HeldJobPart.fingerprint(held, isHeard: isHeard), template: "held-job"
            ) {
                var values = HeldJobPart.values(held, isHeard: isHeard, now: now)
                values.set("id", .text("held:\(held.job)"))
                return values
            }
        }
        var fingerprint = Fingerprint()
        fingerprint.add(session.held.isEmpty)
        let isBusy = !session.held.isEmpty
        let text = idleText
        fingerprint.add(text)
        return rows + [
            Region("worker-idle", fingerprint: fingerprint, template: "worker-idle") {
                ["isHidden": .flag(isBusy), "text": .text(text)]
            }
        ]
    }

    private var idleText: String {
        switch session.status {
        case .stopped: "This session is over. What it did is below."
        case .stale: "This worker isn't heard any more, and holds no work."
        case .stopping: "This worker is stopping and takes no more work."
        case .starting, .running:
            session.isDraining
                ? "This worker was asked to stop and takes no more work."
                : "Waiting for work from \(Self.sources(session))."
        }
    }

    private static func sources(_ session: SessionRecord) -> String {
        let studies = session.studies.map { "the study \($0)" }
        let queues = session.queues.map { "the queue \($0)" }
        let all = studies + queues
        return all.isEmpty ? "any study" : all.joined(separator: ", ")
    }

    private var loadRegion: Region {
        var fingerprint = Fingerprint()
        let load = session.utilisation
        for share in [load.cpu, load.memory, load.gpu, load.gpuMemory] { fingerprint.add(share) }
        fingerprint.add(load.diskFreeBytes ?? -1)
        let unsaid =
            session.kind == .legacy ? "GOLIAT tells it as a picture, below the log." : "Not measured yet."
        return Region("worker-load", fingerprint: fingerprint, template: "worker-load") {
            let shares: [(String, Double?)] = [
                ("CPU", load.cpu), ("Memory", load.memory), ("GPU", load.gpu), ("GPU memory", load.gpuMemory),
            ]
            return [
                "meters": .list(
                    shares.compactMap { name, share in
                        share.map {
                            [
                                "name": .text(name), "percent": .text(Format.percent($0)),
                                "meter": .markup(Bars.meter($0, label: name)),
                            ]
                        }
                    }),
                "disk": .text(load.diskFreeBytes.map(Format.bytes)),
                "unsaid": .text(load == Utilisation() ? unsaid : nil),
            ]
        }
    }

    private var connectorsRegion: Region {
        var fingerprint = Fingerprint()
        for connector in session.connectors {
            fingerprint.add(connector.name)
            fingerprint.add(connector.kind)
            let word = Marks.connectorWord(connector, of: session, frame: frame)
            fingerprint.add(word)
            if word == "unknown" { fingerprint.add(frame.lastHeard[session.id]) }
            fingerprint.add(connector.detail)
        }
        return Region("worker-connectors", fingerprint: fingerprint, template: "worker-connectors") {
            [
                "connectors": .list(
                    session.connectors.map { connector in
                        [
                            "name": .text(connector.name),
                            "kind": .text(connector.kind == connector.name ? nil : connector.kind),
                            "mark": .markup(Marks.connector(connector, of: session, frame: frame)),
                            "detail": .text(connector.detail),
                        ]
                    })
            ]
        }
    }

    private var machineRegion: Region {
        let sequence = machine?.sequence ?? .zero
        var fingerprint = Fingerprint(sequence)
        fingerprint.add(machine?.id.text ?? session.hostname)
        return Region(
            "worker-machine", fingerprint: fingerprint, sequence: max(sequence, session.sequence), isTimed: false,
            template: "facts"
        ) {
            FactsPart.values(id: "worker-machine", title: "Machine", facts: FactsPart.machine(machine, of: session))
        }
    }

    private var sessionRegion: Region {
        var fingerprint = Fingerprint(session.sequence)
        for address in addresses { fingerprint.add(address) }
        return Region("worker-session", fingerprint: fingerprint, sequence: session.sequence, template: "facts") {
            FactsPart.values(
                id: "worker-session", title: "Session",
                facts: FactsPart.session(session, addresses: addresses, now: frame.now))
        }
    }

    private var attemptRegions: [Region] {
        let now = frame.now
        let isHeard = frame.isHeard(session)
        let rows = attempts.map { attempt in
            let job = jobs[attempt.job]
            var fingerprint = AttemptPart.fingerprint(attempt, isHeard: isHeard)
            fingerprint.add(job?.label)
            return Region(
                AttemptPart.id(attempt), in: "worker-attempts", fingerprint: fingerprint, template: "worker-attempt"
            ) {
                AttemptPart.values(
                    attempt, job: JobWords.link(label: job?.label, index: job?.index, id: attempt.job),
                    isHeard: isHeard, now: now)
            }
        }
        let note = ListNote.region("worker-attempts-none", isShown: attempts.isEmpty, "It has not tried a job yet.")
        return rows + [note]
    }

    private var earlierRegions: [Region] {
        earlier.map { session in
            var fingerprint = Fingerprint(session.sequence)
            frame.add(session, to: &fingerprint)
            return Region(
                "earlier:\(session.id)", in: "worker-earlier", fingerprint: fingerprint, sequence: session.sequence,
                template: "worker-earlier"
            ) {
                [
                    "id": .text("earlier:\(session.id)"), "path": .text(Links.worker(session.id)),
                    "name": .text(session.workerName), "session": .text(session.id.description),
                    "badge": .markup(
                        Marks.badge(
                            frame.badge(of: session), lastHeard: frame.lastHeard[session.id], now: frame.now)),
                    "since": .markup(TimeMark.markup(session.startedAt, .ago, now: frame.now)),
                    "isAfter": .flag(session.id > self.session.id),
                    "done": .count(session.completedCount), "failed": .count(session.failedCount),
                    "endReason": .text(session.endReason.map(EndWords.sentence)),
                ]
            }
        } + [ListNote.region("worker-earlier-none", isShown: earlier.isEmpty, "No other on this machine.")]
    }

    private var historyRegion: Region {
        let newest = transitions.map(\.sequence).max() ?? .zero
        return Region(
            "worker-history", fingerprint: Fingerprint(newest), sequence: newest, isTimed: false, template: "history"
        ) {
            [
                "id": .text("worker-history"),
                "steps": .list(transitions.reversed().map { TransitionPart.values($0, now: frame.now) }),
            ]
        }
    }

    /// As many attempts as the page is worth filling with.
    package static let attemptLimit = 200
}
