import Domain

/// A machine with its workers as a tile of the fleet's grid.
struct MachineTile: Sendable {
    let machine: MachineRecord?
    let id: MachineID
    let hostname: String
    let sessions: [SessionRecord]

    /// Machines with a live worker, or one that is lost and still holds work; by hostname, so that each keeps its
    /// place.
    static func tiles(sessions: [SessionRecord], machines: [MachineRecord]) -> [MachineTile] {
        let known = Dictionary(machines.map { ($0.id, $0) }) { first, _ in first }
        let shown = sessions.filter { $0.status.isLive || ($0.status == .stale && !$0.held.isEmpty) }
        return Dictionary(grouping: shown, by: \.machine)
            .map { id, sessions in
                MachineTile(
                    machine: known[id], id: id, hostname: known[id]?.hostname ?? sessions[0].hostname,
                    sessions: sessions.sorted { ($0.workerName, $0.id) < ($1.workerName, $1.id) })
            }
            .sorted { ($0.hostname, $0.id.text) < ($1.hostname, $1.id.text) }
    }

    private var elementID: String { "machine:\(Region.idPart(id.text))" }

    func region(frame: PageFrame, isDense: Bool) -> Region {
        var fingerprint = Fingerprint()
        fingerprint.add(hostname)
        fingerprint.add(isDense)
        for session in sessions {
            fingerprint.add(session.id.number)
            fingerprint.add(session.workerName)
            frame.add(session, to: &fingerprint)
            for held in session.held {
                fingerprint.add(held.job.number)
                fingerprint.add(held.progress.fraction)
            }
            if !isDense {
                fingerprint.add(machine?.sequence ?? .zero)
                fingerprint.add(session.utilisation.cpu)
                fingerprint.add(session.utilisation.memory)
                fingerprint.add(session.utilisation.gpu)
                for held in session.held { fingerprint.add(held.label) }
            }
        }
        return Region(elementID, in: "fleet-machines", fingerprint: fingerprint, template: "machine-tile") {
            values(frame: frame, isDense: isDense)
        }
    }

    private func values(frame: PageFrame, isDense: Bool) -> Values {
        let load = sessions.first?.utilisation ?? Utilisation()
        return [
            "id": .text(elementID),
            "hostname": .text(hostname),
            "isDense": .flag(isDense),
            "facts": .text(isDense ? nil : facts),
            "workers": .list(sessions.map { worker($0, frame: frame, isDense: isDense) }),
            "cpu": .markup(isDense ? nil : load.cpu.map { Bars.meter($0, label: "CPU of \(hostname)") }),
            "memory": .markup(isDense ? nil : load.memory.map { Bars.meter($0, label: "Memory of \(hostname)") }),
            "gpu": .markup(isDense ? nil : load.gpu.map { Bars.meter($0, label: "GPU of \(hostname)") }),
        ]
    }

    private func worker(_ session: SessionRecord, frame: PageFrame, isDense: Bool) -> Values {
        let badge = frame.badge(of: session)
        let held = session.held.first
        let name = session.workerName
        return [
            "name": .text(sessions.count == 1 && name == hostname ? nil : name),
            "path": .text(Links.worker(session.id)),
            "label": .text("\(name): \(badge.word)"),
            "shape": .markup(Marks.shape(badge.word)),
            "badge": .markup(
                isDense ? nil : Marks.badge(badge, lastHeard: frame.lastHeard[session.id], now: frame.now)),
            "job": .text(isDense ? nil : held.map { JobWords.name(label: $0.label, index: $0.index, id: $0.job) }),
            "others": .text(session.held.count > 1 ? "+\(session.held.count - 1)" : nil),
            "bar": .markup(
                held.map {
                    Bars.progress(
                        $0.progress.fraction, label: "Progress on \(name)",
                        style: frame.isHeard(session) ? "is-thin" : "is-thin is-still")
                }),
        ]
    }

    private var facts: String? {
        guard let machine else { return nil }
        var facts: [String] = []
        if let cores = machine.cores { facts.append(Format.count(cores, "core")) }
        if let memory = machine.memoryBytes { facts.append(Format.memory(memory)) }
        if let gpu = machine.gpus.first {
            facts.append(machine.gpus.count > 1 ? "\(machine.gpus.count) × \(gpu)" : gpu)
        }
        return facts.isEmpty ? nil : facts.joined(separator: " · ")
    }
}
