import Domain
import Storage
import Synchronization

/// Claims that wait for work. A job that arrives wakes as many of them as can be served, the longest waiting first.
final class ClaimWaiters: Sendable {
    private struct State {
        var waiters: [Int: Waiter] = [:]
        /// Who waits where, in order of arrival. Those gone are passed over.
        var queues: [ReadyJobs: [Int]] = [:]
        var studies: [StudyID: Set<Int>] = [:]
        var nextID = 0
    }

    /// What became of a claim.
    enum Outcome: Sendable {
        case answered(ClaimJobs.Answer)
        case waits(Waiter)
    }

    private let state = Mutex(State())

    /// Claims, and leaves `waiter` waiting where there is nothing.
    func claim(for waiter: Waiter, _ transaction: WriteTransaction) throws -> Outcome {
        let answer = try waiter.claim.run(transaction)
        if answer.jobs.isEmpty && !answer.isFinished {
            enter(waiter, answer)
            return .waits(waiter)
        }
        // The writer may run this twice; what was true the first time may not be so now.
        leave(waiter)
        return .answered(answer)
    }

    /// Enters while the writer still holds the state in which there was nothing: no arrival can slip between. Where
    /// the writer runs the claim a second time, the second entry replaces the first.
    private func enter(_ waiter: Waiter, _ answer: ClaimJobs.Answer) {
        state.withLock { state in
            state.nextID += 1
            let id = state.nextID
            let former = waiter.id.withLock { known in
                defer { known = id }
                return known
            }
            state.waiters[former] = nil
            state.waiters[id] = waiter
            waiter.places.withLock { $0 = answer.waitsFor }
            for place in answer.waitsFor { state.queues[place, default: []].append(id) }
            for study in answer.studies { state.studies[study, default: []].insert(id) }
        }
    }

    func leave(_ waiter: Waiter) {
        let id = waiter.id.withLock { $0 }
        state.withLock { state in _ = state.waiters.removeValue(forKey: id) }
    }

    /// The claims that take what a group makes ready, the longest waiting first: done in that group, so that a job is
    /// submitted and claimed with one sync.
    func followUps(_ ready: inout [ReadyJobs: Int], limit: Int) -> [FollowUp] {
        let taken = state.withLock { state in
            var taken: [Waiter] = []
            for (place, count) in ready {
                let left = Self.call(place, count, limit: limit - taken.count, &state) { waiter in
                    guard waiter.take() else { return false }
                    taken.append(waiter)
                    return true
                }
                ready[place] = left > 0 ? left : nil
            }
            return taken
        }
        return taken.map(followUp)
    }

    private func followUp(of waiter: Waiter) -> FollowUp {
        // Where another was quicker it waits on, as a new one at the end of the line.
        let again = Waiter(claim: waiter.claim, deadline: waiter.deadline)
        return FollowUp(foreseeing: waiter.claim.foresight) {
            try self.claim(for: again, $0)
        } answer: { result in
            if case .failure = result { self.leave(again) }
            waiter.finish(result)
        }
    }

    func didCommit(_ changes: CommittedChanges) {
        guard
            changes.isGap
                || !(changes.ready.isEmpty && changes.endedStudies.isEmpty && changes.wishes.isEmpty
                    && changes.newRequirements.isEmpty)
        else { return }
        let woken = state.withLock { state -> [Waiter] in
            var woken: [Waiter] = []
            if changes.isGap {
                for waiter in state.waiters.values where waiter.mark(.work) { woken.append(waiter) }
                state = State(nextID: state.nextID)
                return woken
            }
            for (place, count) in changes.ready { Self.wake(place, count, &state, &woken) }
            for queue in changes.newRequirements {
                let anywhere = ReadyJobs(queue: queue, requirement: ReadyJobs.anyRequirement)
                Self.wake(anywhere, .max, &state, &woken)
            }
            for study in changes.endedStudies {
                for id in state.studies.removeValue(forKey: study) ?? [] {
                    if let waiter = state.waiters.removeValue(forKey: id), waiter.mark(.work) { woken.append(waiter) }
                }
            }
            if !changes.wishes.isEmpty {
                for (id, waiter) in state.waiters where changes.wishes.contains(waiter.claim.session) {
                    state.waiters[id] = nil
                    if waiter.mark(.work) { woken.append(waiter) }
                }
            }
            return woken
        }
        for waiter in woken { waiter.resume() }
    }

    /// A waiter that was woken for work and took none, since its worker went away or was refused, wakes another.
    func passOn(_ waiter: Waiter) {
        guard waiter.wasCalled else { return }
        let next = state.withLock { state -> [Waiter] in
            var woken: [Waiter] = []
            for place in waiter.places.withLock({ $0 }) {
                Self.wake(place, 1, &state, &woken)
                if !woken.isEmpty { break }
            }
            return woken
        }
        for waiter in next { waiter.resume() }
    }

    private static func wake(
        _ place: ReadyJobs, _ count: Int, _ state: inout State, _ woken: inout [Waiter]
    ) {
        _ = call(place, count, &state) { waiter in
            guard waiter.mark(.work) else { return false }
            woken.append(waiter)
            return true
        }
    }

    /// Takes from the head of the line as many as `count` jobs need, and no more than `limit`. `isThere` may refuse one
    /// that gave up in this moment: the job is for the next. Returns how many jobs nobody is there for.
    private static func call(
        _ place: ReadyJobs, _ count: Int, limit: Int = .max, _ state: inout State, isThere: (Waiter) -> Bool
    ) -> Int {
        guard var line = state.queues[place] else { return count }
        var left = count
        var called = 0
        var position = 0
        while position < line.count, left > 0, called < limit {
            if let waiter = state.waiters.removeValue(forKey: line[position]), isThere(waiter) {
                left -= waiter.claim.count
                called += 1
            }
            position += 1
        }
        line.removeFirst(position)
        state.queues[place] = line.isEmpty ? nil : line
        return max(left, 0)
    }

    /// Ends the waits whose time is over, and clears the lines of those who left. Asked several times a second.
    func expire(now: ContinuousClock.Instant) {
        let over = state.withLock { state -> [Waiter] in
            let over = state.waiters.filter { $0.value.deadline <= now }
            for id in over.keys { state.waiters[id] = nil }
            for (place, line) in state.queues where line.count > 64 && line.count > 2 * state.waiters.count {
                state.queues[place] = line.filter { state.waiters[$0] != nil }
            }
            for (study, ids) in state.studies where ids.count > 64 && ids.count > 2 * state.waiters.count {
                state.studies[study] = ids.filter { state.waiters[$0] != nil }
            }
            return Array(over.values)
        }
        for waiter in over { waiter.wake(.timeout) }
    }

    /// At shutdown nobody waits any more.
    func endAll() {
        let all = state.withLock { state in
            let all = Array(state.waiters.values)
            state.waiters.removeAll()
            state.queues.removeAll()
            state.studies.removeAll()
            return all
        }
        for waiter in all { waiter.wake(.timeout) }
    }

    var count: Int { state.withLock { $0.waiters.count } }
}

/// One claim that waits.
final class Waiter: Sendable {
    enum Reason: Sendable {
        /// There may be work: it is to claim again.
        case work
        /// It claimed in the very group that brought work.
        case claimed(Result<ClaimWaiters.Outcome, any Error>)
        case timeout, gone
    }

    private enum State {
        case idle
        case waiting(CheckedContinuation<Reason, Never>)
        /// A group claims for it; how that ended is told when it is on disk.
        case taken(CheckedContinuation<Reason, Never>?)
        case woken(Reason, CheckedContinuation<Reason, Never>?)
    }

    let claim: ClaimJobs
    let deadline: ContinuousClock.Instant
    let id = Mutex(0)
    let places = Mutex<Set<ReadyJobs>>([])
    private let state = Mutex<State>(.idle)

    init(claim: ClaimJobs, deadline: ContinuousClock.Instant) {
        self.claim = claim
        self.deadline = deadline
    }

    /// Returns when it is woken, at once if it was before.
    func wait() async -> Reason {
        await withCheckedContinuation { continuation in
            let reason: Reason? = state.withLock { state in
                switch state {
                case .woken(let reason, _): return reason
                case .taken: state = .taken(continuation)
                case .idle, .waiting: state = .waiting(continuation)
                }
                return nil
            }
            if let reason { continuation.resume(returning: reason) }
        }
    }

    /// Decides why it wakes, once; false where that was decided before. `resume` must follow.
    func mark(_ reason: Reason) -> Bool {
        state.withLock { state in
            switch state {
            case .idle: state = .woken(reason, nil)
            case .waiting(let continuation): state = .woken(reason, continuation)
            case .taken, .woken: return false
            }
            return true
        }
    }

    /// Decides that a group claims for it, once; false where it wakes for another reason. `finish` must follow.
    func take() -> Bool {
        state.withLock { state in
            switch state {
            case .idle: state = .taken(nil)
            case .waiting(let continuation): state = .taken(continuation)
            case .taken, .woken: return false
            }
            return true
        }
    }

    /// Tells how the claim ended, after `take`.
    func finish(_ result: Result<ClaimWaiters.Outcome, any Error>) {
        state.withLock { state in
            if case .taken(let continuation) = state { state = .woken(.claimed(result), continuation) }
        }
        resume()
    }

    /// Lets the one who waits go on, after `mark`.
    func resume() {
        let woken: (reason: Reason, continuation: CheckedContinuation<Reason, Never>)? = state.withLock { state in
            guard case .woken(let reason, let continuation?) = state else { return nil }
            state = .woken(reason, nil)
            return (reason, continuation)
        }
        if let woken { woken.continuation.resume(returning: woken.reason) }
    }

    func wake(_ reason: Reason) {
        if mark(reason) { resume() }
    }

    /// Whether it was called for work, which another could have had.
    var wasCalled: Bool {
        state.withLock { state in
            switch state {
            case .taken, .woken(.work, _), .woken(.claimed, _): true
            case .idle, .waiting, .woken: false
            }
        }
    }
}
