import Domain

/// A worker as a row of a table.
enum SessionRow {
    static func region(
        _ session: SessionRecord, machine: MachineRecord?, list: String, frame: PageFrame
    ) -> Region {
        var fingerprint = Fingerprint(session.sequence, machine?.sequence ?? .zero)
        frame.add(session, to: &fingerprint)
        let id = "session:\(session.id)"
        return Region(
            id, in: list, fingerprint: fingerprint, sequence: session.sequence, template: "worker-row"
        ) {
            values(session, machine: machine, frame: frame, id: id)
        }
    }

    private static func values(
        _ session: SessionRecord, machine: MachineRecord?, frame: PageFrame, id: String
    ) -> Values {
        let badge = frame.badge(of: session)
        let heard = frame.lastHeard[session.id]
        let load = session.utilisation
        let name = session.workerName
        return [
            "id": .text(id),
            "isOver": .flag(!session.status.isLive),
            "path": .text(Links.worker(session.id)),
            "name": .text(name),
            "session": .text(session.id.description),
            "where": .text(session.hostname == name ? nil : session.hostname),
            "badge": .markup(Marks.badge(badge, lastHeard: heard, now: frame.now)),
            "isDraining": .flag(session.isDraining && session.status.isActive),
            "held": .list(
                session.held.map { held in
                    let job = JobWords.name(label: held.label, index: held.index, id: held.job)
                    return [
                        "link": .markup(JobWords.link(held)),
                        "bar": .markup(
                            Bars.progress(
                                held.progress.fraction, label: "Progress of \(job)",
                                style: frame.isHeard(session) ? "is-thin" : "is-thin is-still")),
                        "percent": .text(held.progress.fraction.map(Format.percent)),
                    ]
                }),
            "cpu": .markup(load.cpu.map { Bars.meter($0, label: "CPU of \(name)") }),
            "memory": .markup(load.memory.map { Bars.meter($0, label: "Memory of \(name)") }),
            "gpu": .markup(load.gpu.map { Bars.meter($0, label: "GPU of \(name)") }),
            "done": .count(session.completedCount),
            "failed": .count(session.failedCount),
            "hasFailed": .flag(session.failedCount > 0),
            "version": .text(session.version),
            "since": .markup(TimeMark.markup(session.startedAt, .ago, now: frame.now)),
            "heard": .markup(heardMark(session, heard: heard, now: frame.now)),
            "deletePath": .text(frame.viewer.mayWrite ? "\(Links.worker(session.id))/delete" : nil),
        ]
    }

    /// When it ended; `nil` for one that is not stopped.
    static func endedMark(_ session: SessionRecord, now: Instant) -> Markup? {
        guard let ended = session.endedAt, session.status == .stopped else { return nil }
        return "ended \(TimeMark.markup(ended, .ago, now: now))"
    }

    /// When it was last heard; `beats` events keep it true without the row being sent again.
    static func heardMark(
        _ session: SessionRecord, _ kind: TimeMark.Kind = .heard, heard: Instant?, now: Instant
    ) -> Markup {
        if let ended = endedMark(session, now: now) { return ended }
        guard let heard else { return "never" }
        return "<span data-heard=\"\(session.id)\">\(TimeMark.markup(heard, kind, now: now))</span>"
    }
}
