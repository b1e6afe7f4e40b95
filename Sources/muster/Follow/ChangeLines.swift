import Domain
import Wire

/// What changed, in lines for a person: each the difference between two versions of one entity.
enum ChangeLines {
    /// - Parameter old: absent where it was not there before.
    static func lines(from old: EntityRecord?, to new: EntityRecord) -> [String] {
        let lines: [String]
        switch new {
        case .machine(let machine):
            if case .machine(let before) = old { lines = changes(machine, before) } else { lines = arrival(machine) }
        case .session(let session):
            if case .session(let before) = old { lines = changes(session, before) } else { lines = arrival(session) }
        case .study(let study):
            if case .study(let before) = old { lines = changes(study, before) } else { lines = arrival(study) }
        case .queue(let queue):
            if case .queue(let before) = old, before.counts == queue.counts, before.isPaused == queue.isPaused {
                lines = []
            } else {
                lines = ["queue \(queue.name): \(words(queue.counts))\(queue.isPaused ? ", paused" : "")"]
            }
        case .job(let job):
            if case .job(let before) = old { lines = changes(job, before) } else { lines = arrival(job) }
        }
        return lines.map { PlainText.line($0) }
    }

    static func deletion(_ key: EntityKey) -> String {
        PlainText.line("\(key.kind == .session ? "worker" : key.kind.rawValue) \(key.id) is gone")
    }

    /// One line for all that a snapshot holds.
    static func summary(_ snapshot: Snapshot) -> String {
        var counts: [EntityKind: Int] = [:]
        for item in snapshot.items { counts[item.record.key.kind, default: 0] += 1 }
        let names: [(EntityKind, String)] = [
            (.machine, "machine"), (.session, "worker"), (.study, "study"), (.queue, "queue"), (.job, "job"),
        ]
        let parts = names.compactMap { kind, name in
            counts[kind].map { count in
                kind == .study && count != 1 ? "\(count) studies" : Spoken.count(count, name)
            }
        }
        return "Watching \(PlainText.line(snapshot.scope.description)): "
            + (parts.isEmpty ? "nothing there yet." : parts.joined(separator: ", ") + ".")
    }

    private static func arrival(_ machine: MachineRecord) -> [String] {
        let cores = machine.cores.map { ", \(Spoken.count($0, "core"))" } ?? ""
        return ["machine \(machine.hostname): \(machine.os) \(machine.arch)\(cores)"]
    }

    private static func changes(_ machine: MachineRecord, _ old: MachineRecord) -> [String] {
        var lines: [String] = []
        if machine.hostname != old.hostname { lines.append("machine \(old.hostname) is now \(machine.hostname)") }
        if machine.bootID != old.bootID { lines.append("machine \(machine.hostname) was started anew") }
        if machine.addresses != old.addresses {
            lines.append("machine \(machine.hostname) is at \(machine.addresses.joined(separator: ", "))")
        }
        return lines
    }

    private static func arrival(_ session: SessionRecord) -> [String] {
        ["\(name(session)) is \(session.status.rawValue), version \(session.version)"]
    }

    private static func changes(_ session: SessionRecord, _ old: SessionRecord) -> [String] {
        var lines: [String] = []
        if session.status != old.status {
            let why = session.endReason.map { " (\($0))" } ?? ""
            lines.append("\(name(session)): \(old.status.rawValue) → \(session.status.rawValue)\(why)")
        }
        if session.isDraining, !old.isDraining { lines.append("\(name(session)) drains") }
        for held in session.held {
            let label = held.label.map { " \($0)" } ?? ""
            if let before = old.held.first(where: { $0.job == held.job && $0.attempt == held.attempt }) {
                guard let step = step(held.progress, before.progress) else { continue }
                lines.append("\(name(session)): \(WorkerTable.name(held)) \(step)")
            } else {
                lines.append("\(name(session)) took \(WorkerTable.name(held))\(label)")
            }
        }
        for before in old.held where !session.held.contains(where: { $0.job == before.job }) {
            lines.append("\(name(session)) ended \(WorkerTable.name(before))")
        }
        return lines
    }

    private static func arrival(_ study: StudyRecord) -> [String] {
        ["study \(study.name) (\(study.id)): \(words(study.counts))"]
    }

    private static func changes(_ study: StudyRecord, _ old: StudyRecord) -> [String] {
        if study.status != old.status {
            return ["study \(study.name) is \(study.status.rawValue): \(words(study.counts))"]
        }
        if study.isFinished, !old.isFinished { return ["study \(study.name) is finished: \(words(study.counts))"] }
        guard study.counts.finished != old.counts.finished || study.counts.total != old.counts.total else { return [] }
        return ["study \(study.name): \(Spoken.percent(study.forecast.fraction)), \(words(study.counts))"]
    }

    private static func arrival(_ job: JobRecord) -> [String] {
        ["\(name(job)) is \(JobTable.word(job))"]
    }

    private static func changes(_ job: JobRecord, _ old: JobRecord) -> [String] {
        if job.status != old.status || job.attempt != old.attempt {
            let by = job.status == .claimed || job.status == .running ? job.holderName.map { " by \($0)" } ?? "" : ""
            let why = job.status.isFinal ? JobTable.reason(job).map { ": \($0)" } ?? "" : ""
            return ["\(name(job)): \(old.status.rawValue) → \(job.status.rawValue)\(by)\(why)"]
        }
        if job.isCancelRequested, !old.isCancelRequested { return ["\(name(job)) is being cancelled"] }
        guard let step = step(job.progress, old.progress) else { return [] }
        return ["\(name(job)): \(step)"]
    }

    /// A new stage, or another tenth: finer would scroll everything else away.
    private static func step(_ new: JobProgress, _ old: JobProgress) -> String? {
        let tenth = { (fraction: Double?) in fraction.map { Int($0 * 10) } }
        guard new.stage != old.stage || tenth(new.fraction) != tenth(old.fraction) else { return nil }
        let parts = [new.stage, new.fraction.map(Spoken.percent)].compactMap(\.self)
        return parts.isEmpty ? nil : parts.joined(separator: " ")
    }

    private static func words(_ counts: JobCounts) -> String {
        var parts = ["\(counts.completed)/\(counts.total) done"]
        if counts.held > 0 { parts.append("\(counts.held) running") }
        if counts.pending > 0 { parts.append("\(counts.pending) waiting") }
        if counts.failed > 0 { parts.append("\(counts.failed) failed") }
        if counts.cancelled > 0 { parts.append("\(counts.cancelled) cancelled") }
        return parts.joined(separator: ", ")
    }

    private static func name(_ session: SessionRecord) -> String { "worker \(session.workerName) (\(session.id))" }

    private static func name(_ job: JobRecord) -> String {
        let place = job.study == nil ? job.id.description : "\(JobTable.place(job)) (\(job.id))"
        return "job \(place)\(job.label.map { " \($0)" } ?? "")"
    }
}
