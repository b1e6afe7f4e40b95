import Domain

/// Names and values under each other: details of a machine, a session, a job.
enum FactsPart {
    struct Fact {
        let name: String
        let value: Markup
        /// What is better copied than read.
        var isCode = false
    }

    static func values(id: String, title: String, facts: [Fact]) -> Values {
        [
            "id": .text(id), "title": .text(title),
            "facts": .list(
                facts.map { ["name": .text($0.name), "value": .markup($0.value), "isCode": .flag($0.isCode)] }),
        ]
    }

    static func machine(_ machine: MachineRecord?, of session: SessionRecord) -> [Fact] {
        guard let machine else { return [Fact(name: "Hostname", value: "\(session.hostname)")] }
        var facts = [Fact(name: "Hostname", value: "\(machine.hostname)")]
        if !machine.addresses.isEmpty {
            let addresses: [Markup] = machine.addresses.map { "<span>\($0)</span>" }
            facts.append(Fact(name: "Addresses", value: addresses.joined(by: " ")))
        }
        if !machine.os.isEmpty { facts.append(Fact(name: "System", value: "\(machine.os), \(machine.arch)")) }
        if let cores = machine.cores { facts.append(Fact(name: "Cores", value: "\(cores)")) }
        if let memory = machine.memoryBytes { facts.append(Fact(name: "Memory", value: "\(Format.memory(memory))")) }
        if !machine.gpus.isEmpty {
            let gpus: [Markup] = machine.gpus.map { "<span class=\"line\">\($0)</span>" }
            facts.append(Fact(name: machine.gpus.count == 1 ? "GPU" : "GPUs", value: gpus.joined()))
        }
        if let boot = machine.bootID { facts.append(Fact(name: "Boot", value: "\(boot)", isCode: true)) }
        facts.append(Fact(name: "Machine", value: "\(machine.id.text)", isCode: true))
        return facts
    }

    /// - Parameter addresses: those that the session itself spoke from, in their order.
    static func session(_ session: SessionRecord, addresses: [String] = [], now: Instant) -> [Fact] {
        var facts = [Fact(name: "Session", value: "\(session.id)", isCode: true)]
        switch session.kind {
        case .agent: facts.append(Fact(name: "Process", value: "\(session.pid)"))
        case .legacy: facts.append(Fact(name: "Client", value: "sends an address and no session"))
        }
        if !addresses.isEmpty {
            let shown: [Markup] = addresses.map { "<span>\($0)</span>" }
            facts.append(Fact(name: addresses.count == 1 ? "Address" : "Addresses", value: shown.joined(by: " ")))
        }
        facts += [
            Fact(name: "Version", value: "\(session.version)", isCode: true),
            Fact(name: "Since", value: TimeMark.markup(session.startedAt, .ago, now: now)),
        ]
        if let ended = session.endedAt {
            facts.append(Fact(name: "Ended", value: TimeMark.markup(ended, .ago, now: now)))
        }
        if !session.studies.isEmpty { facts.append(Fact(name: "Studies", value: list(session.studies))) }
        if !session.queues.isEmpty { facts.append(Fact(name: "Queues", value: list(session.queues))) }
        facts.append(Fact(name: "Slots", value: "\(session.slots)"))
        facts.append(Fact(name: "Done", value: "\(Format.count(session.completedCount))"))
        facts.append(Fact(name: "Failed", value: "\(Format.count(session.failedCount))"))
        if let previous = session.previous {
            facts.append(Fact(name: "Before it", value: "<a href=\"\(Links.worker(previous))\">\(previous)</a>"))
        }
        return facts
    }

    private static func list(_ names: [String]) -> Markup { "\(names.joined(separator: ", "))" }
}

extension FactsPart {
    static func job(_ job: JobRecord, now: Instant) -> [Fact] {
        var facts: [Fact] = []
        if let worker = JobWords.worker(job.holder, name: job.holderName) {
            facts.append(Fact(name: job.status.isHeld ? "Worker" : "Last worker", value: worker))
        }
        facts.append(Fact(name: "Attempt", value: "\(job.attempt.value) of at most \(job.maximumAttempts)"))
        facts.append(Fact(name: "Created", value: TimeMark.markup(job.createdAt, .ago, now: now)))
        if let started = job.startedAt, job.status != .pending {
            facts.append(Fact(name: "Started", value: TimeMark.markup(started, .ago, now: now)))
        }
        if let time = JobWords.time(started: job.startedAt, ended: job.finishedAt, now: now), job.status != .pending {
            facts.append(Fact(name: job.status.isFinal ? "Took" : "Runs for", value: time))
        }
        if let code = job.exitCode { facts.append(Fact(name: "Exit code", value: "\(code)")) }
        if job.priority != 0 { facts.append(Fact(name: "Priority", value: "\(job.priority)")) }
        facts.append(Fact(name: "Warnings", value: "\(Format.count(job.warningCount))"))
        facts.append(Fact(name: "Errors", value: "\(Format.count(job.errorCount))"))
        facts.append(Fact(name: "Id", value: "\(job.id)", isCode: true))
        return facts
    }
}
