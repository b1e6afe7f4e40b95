import Domain

extension Simulation {
    /// One thing that goes wrong, or that somebody does.
    func storm() async {
        for _ in 0..<2 {
            if let call = people.act(&random, now: clock.now) { send(envelope(call)) }
        }
        let number = random.index(below: agents.count)
        let now = clock.now
        switch random.index(below: 12) {
        case 0..<3: crash(number)
        case 3..<6:
            figures.freezes += 1
            agents[number].frozenUntil = now.adding(milliseconds: random.number(2_000...420_000))
        case 6..<8:
            agents[number].cutUntil = now.adding(milliseconds: random.number(5_000...400_000))
        case 8..<10: agents[number].drain(at: now, graceMilliseconds: 60_000)
        case 10: reboot(agents[number].machine)
        default:
            if random.chance(0.3) { await restartServer() }
        }
    }

    private func crash(_ number: Int) {
        guard agents[number].isAlive else { return }
        figures.crashes += 1
        agents[number].crash(at: clock.now)
        // Some never come back before the end.
        guard random.chance(0.9) else { return }
        events.add(
            .restart(agent: number, predecessorEnded: random.chance(0.5)),
            at: clock.now.adding(milliseconds: random.number(100...90_000))
        )
    }

    private func reboot(_ machine: Int) {
        for number in agents.indices where agents[number].machine == machine {
            if agents[number].isAlive { figures.crashes += 1 }
            agents[number].crash(at: clock.now)
            agents[number].boot += 1
            events.add(
                .restart(agent: number, predecessorEnded: false),
                at: clock.now.adding(milliseconds: random.number(5_000...60_000))
            )
        }
    }

    /// The server goes away and comes back; what arrives meanwhile is refused.
    private func restartServer() async {
        guard server.store != nil else { return }
        figures.serverRestarts += 1
        await server.close()
        events.add(.serverUp, at: clock.now.adding(milliseconds: random.number(100...150_000)))
    }
}
