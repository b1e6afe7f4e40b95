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
        /// How many places in lines there are, with those of waiters who are gone.
        var entryCount = 0
        /// Past this many the lines are cleared of them.
        var entryLimit = ClaimWaiters.leastEntryLimit
        var nextID = 0
        /// Nobody waits any more.
        var isOver = false
    }

    private static let leastEntryLimit = 1_024

    /// Jobs that a waiter is woken for.
    struct Call: Sendable {
        let place: ReadyJobs
        let count: Int
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
        let isOver = state.withLock { state in
            if state.isOver { return true }
            state.nextID += 1
            let id = state.nextID
            let former = waiter.id.withLock { known in
                defer { known = id }
                return known
            }
            state.waiters[former] = nil
            state.waiters[id] = waiter
            for place in answer.waitsFor { state.queues[place, default: []].append(id) }
            for study in answer.studies { state.studies[study, default: []].insert(id) }
            state.entryCount += answer.waitsFor.count + answer.studies.count
            return false
        }
        if isOver { waiter.wake(.timeout) }
    }

    func leave(_ waiter: Waiter) {
        let id = waiter.id.withLock { $0 }
        state.withLock { state in _ = state.waiters.removeValue(forKey: id) }
    }

    /// The claims that take what a group makes ready, the longest waiting first: done in that group, so that a job is
    /// submitted and claimed with one sync.
    func followUps(_ ready: [ReadyJobs: Int], limit: Int) -> [FollowUp] {
        let taken = state.withLock { state in
            var taken: [Waiter] = []
            for (place, count) in ready {
                Self.call(place, count, limit: limit - taken.count, &state) { waiter, _ in
                    guard waiter.take() else { return false }
                    taken.append(waiter)
                    return true
                }
            }
            return taken
        }
        return taken.map(followUp)
    }

    private func followUp(of waiter: Waiter) -> FollowUp {
        // Where another was quicker it waits on, as a new one at the end of the line.
        let again = waiter.again
        return FollowUp(foreseeing: waiter.claim.foresight) {
            try self.claim(for: again, $0)
        } answer: { result in
            self.settle(again, result)
            waiter.finish(result)
        }
    }

    /// How the claim for `waiter` ended. Between two tries of its group it may have waited and been called, or it
    /// entered and then the commit failed: if it does not wait now, that is for another.
    func settle(_ waiter: Waiter, _ result: Result<Outcome, any Error>) {
        switch result {
        case .success(.waits): return
        case .success(.answered): break
        case .failure: leave(waiter)
        }
        passOn(waiter)
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
                for waiter in state.waiters.values where waiter.mark(.work(nil)) { woken.append(waiter) }
                state = State(nextID: state.nextID, isOver: state.isOver)
                return woken
            }
            for (place, count) in changes.ready { Self.wake(place, count, &state, &woken) }
            for queue in changes.newRequirements {
                let anywhere = ReadyJobs(queue: queue, requirement: ReadyJobs.anyRequirement)
                Self.wakeAll(state.queues.removeValue(forKey: anywhere) ?? [], &state, &woken)
            }
            for study in changes.endedStudies {
                Self.wakeAll(state.studies.removeValue(forKey: study) ?? [], &state, &woken)
            }
            if !changes.wishes.isEmpty {
                for (id, waiter) in state.waiters where changes.wishes.contains(waiter.claim.session) {
                    state.waiters[id] = nil
                    if waiter.mark(.work(nil)) { woken.append(waiter) }
                }
            }
            return woken
        }
        for waiter in woken { waiter.resume() }
    }

    /// Of the jobs that a waiter was woken for, those are for another that it did not take: its worker went away or was
    /// refused, was handed out again what it had before, or found something better elsewhere.
    ///
    /// - Parameter answer: how its claim ended, `nil` where it was none.
    func passOn(_ waiter: Waiter, after answer: ClaimJobs.Answer? = nil) {
        guard let call = waiter.call else { return }
        var left = call.count
        if let answer {
            // It would have taken more, had there been more.
            guard answer.jobs.count >= waiter.claim.count else { return }
            left -= answer.taken[call.place, default: 0]
        }
        guard left > 0 else { return }
        let next = state.withLock { state -> [Waiter] in
            var woken: [Waiter] = []
            Self.wake(call.place, left, &state, &woken)
            return woken
        }
        for waiter in next { waiter.resume() }
    }

    private static func wake(
        _ place: ReadyJobs, _ count: Int, _ state: inout State, _ woken: inout [Waiter]
    ) {
        call(place, count, &state) { waiter, share in
            guard waiter.mark(.work(Call(place: place, count: share))) else { return false }
            woken.append(waiter)
            return true
        }
    }

    /// All of a line that is taken away.
    private static func wakeAll(_ line: some Collection<Int>, _ state: inout State, _ woken: inout [Waiter]) {
        state.entryCount -= line.count
        for id in line {
            if let waiter = state.waiters.removeValue(forKey: id), waiter.mark(.work(nil)) { woken.append(waiter) }
        }
    }

    /// Takes from the head of the line as many as `count` jobs need, and no more than `limit`. `isThere` is told how
    /// many of them are for one, and may refuse one that gave up in this moment: they are for the next.
    private static func call(
        _ place: ReadyJobs, _ count: Int, limit: Int = .max, _ state: inout State,
        isThere: (_ waiter: Waiter, _ share: Int) -> Bool
    ) {
        guard var line = state.queues[place] else { return }
        var left = count
        var called = 0
        var position = 0
        while position < line.count, left > 0, called < limit {
            if let waiter = state.waiters.removeValue(forKey: line[position]) {
                let share = min(left, waiter.claim.count)
                if isThere(waiter, share) {
                    left -= share
                    called += 1
                }
            }
            position += 1
        }
        line.removeFirst(position)
        state.entryCount -= position
        state.queues[place] = line.isEmpty ? nil : line
    }

    /// Ends the waits whose time is over, and clears the lines of those who left. Asked several times a second.
    func expire(now: ContinuousClock.Instant) {
        let over = state.withLock { state -> [Waiter] in
            let over = state.waiters.filter { $0.value.deadline <= now }
            for id in over.keys { state.waiters[id] = nil }
            if state.entryCount > state.entryLimit { Self.clear(&state) }
            return Array(over.values)
        }
        for waiter in over { waiter.wake(.timeout) }
    }

    /// Takes out of all lines who is gone; lines in which nobody is left go, too.
    private static func clear(_ state: inout State) {
        let waiters = state.waiters
        state.queues = state.queues.mapValues { $0.filter { waiters[$0] != nil } }.filter { !$0.value.isEmpty }
        state.studies = state.studies.mapValues { $0.filter { waiters[$0] != nil } }.filter { !$0.value.isEmpty }
        state.entryCount =
            state.queues.values.reduce(0) { $0 + $1.count } + state.studies.values.reduce(0) { $0 + $1.count }
        state.entryLimit = max(leastEntryLimit, 2 * state.entryCount)
    }

    /// At shutdown nobody waits any more, nor who comes later: only the end of all waits lets the server stop.
    func endAll() {
        let all = state.withLock { state in
            let all = Array(state.waiters.values)
            state = State(nextID: state.nextID, isOver: true)
            return all
        }
        for waiter in all { waiter.wake(.timeout) }
    }

    var count: Int { state.withLock { $0.waiters.count } }
    /// Places in lines, with those of waiters who are gone and have not been cleared away.
    var entryCount: Int { state.withLock { $0.entryCount } }
}

/// One claim that waits.
final class Waiter: Sendable {
    enum Reason: Sendable {
        /// There may be work: it is to claim again. Without a call, so is everybody who waits there.
        case work(ClaimWaiters.Call?)
        /// It claimed in the very group that brought work.
        case claimed(Result<ClaimWaiters.Outcome, any Error>)
        case timeout, gone
    }

    /// Each with who waits, once somebody does.
    private enum State {
        case waiting(CheckedContinuation<Reason, Never>?)
        /// A group claims for it; how that ended is told when it is on disk.
        case taken(CheckedContinuation<Reason, Never>?)
        case woken(Reason, CheckedContinuation<Reason, Never>?)
    }

    let claim: ClaimJobs
    let deadline: ContinuousClock.Instant
    let id = Mutex(0)
    private let state = Mutex<State>(.waiting(nil))

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
                case .waiting: state = .waiting(continuation)
                }
                return nil
            }
            if let reason { continuation.resume(returning: reason) }
        }
    }

    /// The same claim, to wait anew.
    var again: Waiter { Waiter(claim: claim, deadline: deadline) }

    /// Decides why it wakes, once; false where that was decided before. `resume` must follow.
    func mark(_ reason: Reason) -> Bool { decide { .woken(reason, $0) } }

    /// Decides that a group claims for it, once; false where it wakes for another reason. `finish` must follow.
    func take() -> Bool { decide { .taken($0) } }

    private func decide(_ next: (CheckedContinuation<Reason, Never>?) -> State) -> Bool {
        state.withLock { state in
            guard case .waiting(let continuation) = state else { return false }
            state = next(continuation)
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

    /// What it was woken for.
    var call: ClaimWaiters.Call? {
        state.withLock { if case .woken(.work(let call), _) = $0 { call } else { nil } }
    }
}
