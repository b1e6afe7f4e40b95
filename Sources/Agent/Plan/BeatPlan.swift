/// When to say a heartbeat. Decides; ``Heartbeat`` sends.
///
/// A beat comes every interval, at once when something changed, and never two at a time: what changes while one is on
/// its way is said by the next, right behind it. One that failed is tried again soon, well within the interval.
package struct BeatPlan: Sendable, Hashable {
    package enum Step: Sendable, Hashable {
        case send
        /// Ask `due` again in so many milliseconds; this replaces what was said before.
        case wait(milliseconds: Int64)
        case nothing
    }

    /// Two beats that changes ask for are at least this far apart, so that many short jobs don't become many beats.
    package static let gapMilliseconds: Int64 = 50
    /// The longest wait after a beat that failed.
    package static let retryLimitMilliseconds: Int64 = 2_000

    private enum Phase: Hashable, Sendable {
        case waiting(until: Int64)
        case inFlight(isPoked: Bool)
        case stopped
    }

    package let intervalMilliseconds: Int64
    private var phase: Phase
    private var sentAt: Int64?
    private var retry: Backoff

    /// The first beat is due at once.
    package init(intervalMilliseconds: Int64, now: Int64) {
        self.intervalMilliseconds = intervalMilliseconds
        phase = .waiting(until: now)
        retry = Backoff(
            firstMilliseconds: min(250, intervalMilliseconds),
            limitMilliseconds: min(Self.retryLimitMilliseconds, intervalMilliseconds)
        )
    }

    package mutating func due(now: Int64) -> Step {
        guard case .waiting(let until) = phase else { return .nothing }
        guard now >= until else { return .wait(milliseconds: until - now) }
        phase = .inFlight(isPoked: false)
        sentAt = now
        return .send
    }

    /// Something changed that the server should hear now.
    package mutating func poke(now: Int64) -> Step {
        switch phase {
        case .waiting(let until):
            phase = .waiting(until: min(until, earliest(now: now)))
            return due(now: now)
        case .inFlight:
            phase = .inFlight(isPoked: true)
            return .nothing
        case .stopped: return .nothing
        }
    }

    package mutating func answered(now: Int64) -> Step {
        guard case .inFlight(let isPoked) = phase else { return .nothing }
        retry.reset()
        let regular = (sentAt ?? now) + intervalMilliseconds
        phase = .waiting(until: isPoked ? min(regular, earliest(now: now)) : regular)
        return due(now: now)
    }

    package mutating func failed(now: Int64, chance: Double) -> Step {
        guard case .inFlight = phase else { return .nothing }
        phase = .waiting(until: now + retry.wait(chance: chance))
        return due(now: now)
    }

    package mutating func stop() {
        phase = .stopped
    }

    private func earliest(now: Int64) -> Int64 {
        sentAt.map { max(now, $0 + Self.gapMilliseconds) } ?? now
    }
}
