import Domain

/// The network between agents and server: late, doubled, overtaken, lost.
extension Simulation {
    func envelope(
        _ call: SimulatedCall, agent: Int? = nil, kind: SimulatedAgent.Kind = .register
    ) -> Envelope {
        nextID += 1
        let process = agent.map { agents[$0].process } ?? 0
        return Envelope(agent: agent, process: process, kind: kind, id: nextID, call: call)
    }

    func send(_ envelope: Envelope) {
        events.add(.timeOut(envelope), at: clock.now.adding(milliseconds: 10_000))
        let isCut = envelope.agent.map { (agents[$0].cutUntil ?? clock.now) > clock.now } ?? false
        if isStormy && (isCut || random.chance(0.04)) { return }
        events.add(.arrive(envelope), at: clock.now.adding(milliseconds: delay()))
        // A proxy that tried again: the server hears it twice.
        if isStormy && random.chance(0.04) {
            events.add(.arrive(envelope), at: clock.now.adding(milliseconds: delay()))
        }
    }

    private func delay() -> Int64 {
        guard isStormy else { return random.number(1...20) }
        if random.chance(0.01) { return random.number(10_000...180_000) }
        return random.chance(0.06) ? random.number(500...8_000) : random.number(1...60)
    }

    /// What else arrives in the next moment: one group of the writer.
    func gathered(with first: Envelope) -> [Envelope] {
        var group = [first]
        let limit = clock.now.adding(milliseconds: Self.groupMilliseconds)
        while group.count < 64, let at = events.nextTime, at <= limit, case .arrive(let envelope)? = events.nextEvent {
            group.append(envelope)
            _ = events.next()
        }
        return group
    }

    func receive(_ group: [Envelope]) async {
        guard !group.isEmpty else { return }
        figures.calls += group.count
        figures.groups += 1
        let answers = await server.perform(group.map(\.call), tickets: group.map(\.id))
        for (envelope, answer) in zip(group, answers) {
            if case .waits = answer {
                waiting[envelope.id] = envelope
                continue
            }
            people.hear(answer, to: envelope.call)
            sendBack(answer, to: envelope)
        }
    }

    /// Those who waited are answered, if the way back is whole.
    func answerLate() async {
        for (ticket, answer) in await server.observer.claims.takeLate() {
            guard let envelope = waiting.removeValue(forKey: ticket) else { continue }
            figures.followed += 1
            sendBack(answer, to: envelope)
        }
    }

    private func sendBack(_ answer: SimulatedAnswer, to envelope: Envelope) {
        guard let agent = envelope.agent else { return }
        let isCut = (agents[agent].cutUntil ?? clock.now) > clock.now
        if isStormy && (isCut || random.chance(0.04)) { return }
        events.add(.answer(envelope, answer), at: clock.now.adding(milliseconds: delay()))
    }

    func deliver(_ answer: SimulatedAnswer, to envelope: Envelope) {
        guard let number = envelope.agent, agents[number].process == envelope.process else { return }
        if let until = agents[number].frozenUntil, until > clock.now {
            events.add(.answer(envelope, answer), at: until)
            return
        }
        let isOver = agents[number].hear(answer, to: envelope.kind, id: envelope.id, at: clock.now, &random)
        let told = agents[number].takeAcknowledged()
        ends += told.ends
        lines += told.lines
        if agents[number].process != envelope.process {
            events.add(.turn(agent: number, process: agents[number].process), at: clock.now)
        }
        guard isOver else { return }
        if let goodbye = agents[number].goodbye() { send(self.envelope(goodbye, agent: number, kind: .beat)) }
        agents[number].crash(at: clock.now)
        events.add(
            .restart(agent: number, predecessorEnded: true),
            at: clock.now.adding(milliseconds: random.number(1_000...60_000))
        )
    }
}
