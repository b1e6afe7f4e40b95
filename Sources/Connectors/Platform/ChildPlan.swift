/// What is to be done with a child, step after step, until nothing of it is left. Decides; ``ChildProcess`` acts.
///
/// A stop is a list of steps that ends in a kill. The leader is reaped last: while it waits to be, its number can't be
/// given to another process or group, so that a signal to the group never meets a stranger.
package struct ChildPlan: Sendable, Hashable {
    package enum Step: Sendable, Hashable {
        /// SIGTERM to the group, and SIGCONT so that a stopped one hears it.
        case askToEnd
        /// SIGKILL to the group.
        case kill
        /// Nothing more is awaited: read what is there, reap the leader, say how it ended.
        case finish
    }

    /// How the child was told to end, if it was.
    package enum Stop: Sendable, Hashable, Comparable {
        case none, asked, killed
    }

    /// After the leader has ended, others of its group may still be writing (`program | tee log`): they get this long.
    package static let settleMilliseconds: Int64 = 200
    /// After the group was killed its pipes close at once, unless a process that left the group holds them.
    package static let drainMilliseconds: Int64 = 300

    private enum Phase: Hashable, Sendable {
        case running
        /// The leader has ended; its group may live until then.
        case settling(until: Int64)
        /// The group is killed; what is in the pipes is read until then.
        case draining(until: Int64)
        case finished
    }

    private let settleMilliseconds: Int64
    private var phase = Phase.running
    package private(set) var stop = Stop.none
    private var killAt: Int64?
    private var arePipesClosed = false

    /// - Parameter settleMilliseconds: how long others of the group may write after their leader's end.
    package init(settleMilliseconds: Int64 = Self.settleMilliseconds) {
        self.settleMilliseconds = settleMilliseconds
    }

    package var isFinished: Bool { phase == .finished }

    /// When `due` wants to be asked again, in the same milliseconds as every `now`; `nil` for not before another event.
    package var deadline: Int64? {
        switch phase {
        case .running: killAt
        case .settling(let until), .draining(let until): until
        case .finished: nil
        }
    }

    /// Please end; killed after `grace`.
    package mutating func ask(graceMilliseconds: Int64, now: Int64) -> [Step] {
        guard phase == .running, stop != .killed else { return phase == .finished ? [] : hasten(now: now) }
        let end = now + graceMilliseconds
        killAt = killAt.map { min($0, end) } ?? end
        guard stop == .none else { return [] }
        stop = .asked
        return [.askToEnd]
    }

    /// A limit to how long it may take.
    package mutating func killLater(at time: Int64) -> [Step] {
        if phase == .running, stop == .none { killAt = killAt.map { min($0, time) } ?? time }
        return []
    }

    /// Ended now, with all its group.
    package mutating func kill(now: Int64) -> [Step] {
        switch phase {
        case .running:
            guard stop != .killed else { return [] }
            stop = .killed
            killAt = nil
            return [.kill]
        case .settling, .draining: return hasten(now: now)
        case .finished: return []
        }
    }

    package mutating func leaderEnded(now: Int64) -> [Step] {
        guard phase == .running else { return [] }
        if arePipesClosed {
            phase = .finished
            return [.kill, .finish]
        }
        guard stop == .none else { return startDraining(now: now) }
        phase = .settling(until: now + settleMilliseconds)
        return []
    }

    /// Both pipes have come to their end.
    package mutating func pipesClosed() -> [Step] {
        arePipesClosed = true
        switch phase {
        case .running, .finished: return []
        case .settling:
            phase = .finished
            return [.kill, .finish]
        case .draining:
            phase = .finished
            return [.finish]
        }
    }

    /// The time of `deadline` may have come.
    package mutating func due(now: Int64) -> [Step] {
        guard let deadline, now >= deadline else { return [] }
        switch phase {
        case .running:
            killAt = nil
            stop = .killed
            return [.kill]
        case .settling: return startDraining(now: now)
        case .draining:
            phase = .finished
            return [.finish]
        case .finished: return []
        }
    }

    private mutating func hasten(now: Int64) -> [Step] {
        guard case .settling = phase else { return [] }
        return startDraining(now: now)
    }

    private mutating func startDraining(now: Int64) -> [Step] {
        phase = .draining(until: now + Self.drainMilliseconds)
        return [.kill]
    }
}
