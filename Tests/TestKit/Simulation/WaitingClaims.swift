import Domain
import Storage
import Synchronization

/// Claims that found nothing and wait for what comes, the longest waiting first.
final class WaitingClaims: Sendable {
    private struct Entry {
        let ticket: Int
        let claim: ClaimJobs
        let places: Set<ReadyJobs>
    }

    private struct State {
        var line: [Entry] = []
        var late: [(ticket: Int, answer: SimulatedAnswer)] = []
        /// Those that a group took and has not answered yet.
        var openCount = 0
    }

    private let state = Mutex(State())

    /// On the writer's thread, maybe more than once for the same ticket: the last time counts.
    func claim(_ claim: ClaimJobs, _ ticket: Int, _ transaction: WriteTransaction) throws -> SimulatedAnswer {
        let answer = try claim.run(transaction)
        let waits = answer.jobs.isEmpty && !answer.isFinished
        state.withLock { state in
            state.line.removeAll { $0.ticket == ticket }
            if waits { state.line.append(Entry(ticket: ticket, claim: claim, places: answer.waitsFor)) }
        }
        return waits ? .waits : .claimed(answer)
    }

    func followUps(_ ready: [ReadyJobs: Int], limit: Int) -> [FollowUp] {
        var ready = ready
        let places = ready.keys.sorted { ($0.queue.number, $0.requirement) < ($1.queue.number, $1.requirement) }
        var called: [Entry] = []
        for place in places {
            state.withLock { state in
                while called.count < limit, ready[place] != nil,
                    let position = state.line.firstIndex(where: { $0.places.contains(place) })
                {
                    let entry = state.line.remove(at: position)
                    let left = (ready[place] ?? 0) - entry.claim.count
                    ready[place] = left > 0 ? left : nil
                    called.append(entry)
                }
            }
        }
        state.withLock { $0.openCount += called.count }
        return called.map { entry in
            FollowUp(foreseeing: entry.claim.foresight) {
                try self.claim(entry.claim, entry.ticket, $0)
            } answer: { result in
                self.state.withLock { state in
                    state.openCount -= 1
                    switch result {
                    case .success(.waits): break
                    case .success(let answer): state.late.append((entry.ticket, answer))
                    case .failure(let error): state.late.append((entry.ticket, SimulatedServer.refusal(error)))
                    }
                }
            }
        }
    }

    /// The answers since the last time of those who waited. Those that a group has taken and not answered yet are
    /// waited for, or two runs of one seed would differ.
    func takeLate() async -> [(ticket: Int, answer: SimulatedAnswer)] {
        while state.withLock({ $0.openCount > 0 }) { await Task.yield() }
        return state.withLock { state in
            defer { state.late = [] }
            return state.late
        }
    }

    /// It hung up.
    func leave(_ ticket: Int) { state.withLock { $0.line.removeAll { $0.ticket == ticket } } }

    func endAll() { state.withLock { $0.line = [] } }
}
