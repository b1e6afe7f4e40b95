package import Domain

/// How a worker comes to its end. A stop is a list of steps that ends in a kill; decides, and ``ServingSession`` acts.
///
/// Draining: claim no more, let what runs run until the grace is over, then give it back. Stopping now: give it back at
/// once. Then what is in the spool is delivered, then goodbye is said. A worker that has no more work to come (its
/// study is finished) goes the same way without a hurry: it stays until everything is delivered.
package struct DrainPlan: Sendable, Hashable {
    package enum Step: Sendable, Hashable {
        /// Say the new status now.
        case announce
        case stopClaiming
        /// Give back what still runs; at once: without the grace between asking and killing.
        case release(isAtOnce: Bool)
        /// Nothing is left to do or to tell: say goodbye and go.
        case goodbye
        /// Go without goodbye. What was not delivered stays on disk for the next worker of this name.
        case leave
    }

    package struct Timing: Sendable, Hashable {
        package var graceMilliseconds: Int64
        /// How long to try to deliver the rest after the last program has ended: draining, and stopping now.
        package var deliverMilliseconds: Int64 = 30_000
        package var deliverNowMilliseconds: Int64 = 5_000

        package init(graceMilliseconds: Int64) { self.graceMilliseconds = graceMilliseconds }
    }

    private enum Phase: Hashable, Sendable {
        case serving
        /// Work runs on, until then where there is a limit.
        case draining(until: Int64?)
        /// Everything was told to end; it does so within the connectors' own grace.
        case releasing
        case delivering(until: Int64?)
        case over
    }

    package let timing: Timing
    private var phase = Phase.serving
    private var isHurried = false
    private var isInNeedOfEnd = false

    package init(timing: Timing) {
        self.timing = timing
    }

    /// For heartbeats.
    package var status: SessionStatus { phase == .serving ? .running : .stopping }
    package var isServing: Bool { phase == .serving }
    package var isOver: Bool { phase == .over }

    /// When `advance` wants to be asked again.
    package var deadline: Int64? {
        switch phase {
        case .draining(let until), .delivering(let until): until
        case .serving, .releasing, .over: nil
        }
    }

    /// No more work will come, and no person is waiting for the end.
    package mutating func finish() -> [Step] {
        guard phase == .serving else { return [] }
        phase = .draining(until: nil)
        return [.stopClaiming, .announce]
    }

    package mutating func drain(now: Int64) -> [Step] {
        switch phase {
        case .serving:
            isInNeedOfEnd = true
            phase = .draining(until: now + timing.graceMilliseconds)
            return [.stopClaiming, .announce]
        case .draining(nil):
            isInNeedOfEnd = true
            phase = .draining(until: now + timing.graceMilliseconds)
            return []
        case .delivering(nil):
            isInNeedOfEnd = true
            phase = .delivering(until: now + timing.deliverMilliseconds)
            return []
        case .draining, .releasing, .delivering, .over: return []
        }
    }

    package mutating func stopNow(now: Int64) -> [Step] {
        guard phase != .over, !isHurried else { return [] }
        let wasServing = phase == .serving
        isHurried = true
        isInNeedOfEnd = true
        if case .delivering = phase {
            phase = .delivering(until: now + timing.deliverNowMilliseconds)
            return []
        }
        phase = .releasing
        return (wasServing ? [.stopClaiming, .announce] : []) + [.release(isAtOnce: true)]
    }

    /// - Parameters:
    ///   - isIdle: no program runs and no claim is out.
    ///   - isDelivered: every report is acknowledged.
    package mutating func advance(now: Int64, isIdle: Bool, isDelivered: Bool) -> [Step] {
        var steps: [Step] = []
        if case .draining(let until?) = phase, !isIdle, now >= until {
            phase = .releasing
            steps.append(.release(isAtOnce: false))
        }
        switch phase {
        case .draining where isIdle, .releasing where isIdle:
            let patience = isHurried ? timing.deliverNowMilliseconds : timing.deliverMilliseconds
            phase = .delivering(until: isInNeedOfEnd ? now + patience : nil)
        default: break
        }
        guard case .delivering(let until) = phase else { return steps }
        if isDelivered {
            phase = .over
            return steps + [.goodbye]
        }
        if let until, now >= until {
            phase = .over
            return steps + [.leave]
        }
        return steps
    }
}
