/// Where a job stands: `pending → claimed → running → completed | failed | cancelled`.
package enum JobStatus: String, Sendable, Hashable, CaseIterable {
    case pending, claimed, running, completed, failed, cancelled

    /// Nothing happens to it any more unless a person asks.
    package var isFinal: Bool { self == .completed || self == .failed || self == .cancelled }

    /// Some session has a lease on it.
    package var isHeld: Bool { self == .claimed || self == .running }
}

/// How one attempt ended.
package enum AttemptOutcome: String, Sendable, Hashable, CaseIterable {
    case completed, failed, cancelled
    /// The worker gave the job back unfinished, by no fault of the job.
    case released
    /// The program asked to be tried again (a retryable exit code).
    case retryable
    /// The lease ended, or its holder was proved dead.
    case lost

    /// Counts towards the job's limit of attempts: what a job that breaks its workers would do for ever.
    package var isCounted: Bool { self == .retryable || self == .lost }
}

/// What a worker says of an attempt.
package enum AttemptReport: Sendable, Hashable {
    case started
    case completed
    case failed
    case retryable
    case released
    case cancelled
}

/// Why a job's change is refused. Each leaves the job as it was.
package enum JobRefusal: Error, Sendable, Hashable {
    /// The reporter does not hold this attempt (law 4); answered `409 lease-lost`.
    case leaseLost(attempt: AttemptNumber, current: AttemptNumber, status: JobStatus)
    /// Only a waiting job can be claimed.
    case notPending(JobStatus)
    /// Only a job in a final state other than completed can be tried again.
    case notRetryable(JobStatus)
    /// The job has ended; there is nothing to cancel.
    case alreadyFinal(JobStatus)
}

/// One step of a job, with what became of its attempt.
package struct JobTransition: Sendable, Hashable {
    package let from: JobStatus
    package let to: JobStatus
    /// Set where the step ends the attempt.
    package let outcome: AttemptOutcome?
    package let why: String

    package init(from: JobStatus, to: JobStatus, outcome: AttemptOutcome?, why: String) {
        self.from = from
        self.to = to
        self.outcome = outcome
        self.why = why
    }
}

/// The life of one job, decided and nothing done. The same guard stands in the `WHERE` of the statement that stores it.
package struct JobLife: Sendable, Hashable {
    package private(set) var status: JobStatus
    /// The newest attempt: the running one while the job is held.
    package private(set) var attempt: AttemptNumber
    package private(set) var holder: SessionID?
    /// Attempts that ended in a way that counts (`AttemptOutcome.isCounted`).
    package private(set) var countedFailures: Int
    package let maximumAttempts: Int
    package private(set) var isCancelRequested: Bool

    package init(
        status: JobStatus, attempt: AttemptNumber, holder: SessionID?, countedFailures: Int, maximumAttempts: Int,
        isCancelRequested: Bool
    ) {
        self.status = status
        self.attempt = attempt
        self.holder = holder
        self.countedFailures = countedFailures
        self.maximumAttempts = maximumAttempts
        self.isCancelRequested = isCancelRequested
    }

    /// Hands the job to `session`; the new attempt is `attempt`.
    package mutating func claim(by session: SessionID) throws(JobRefusal) -> JobTransition {
        guard status == .pending else { throw .notPending(status) }
        attempt = attempt.next
        holder = session
        isCancelRequested = false
        return move(to: .claimed, outcome: nil, why: "claimed")
    }

    /// Whether `session` holds attempt `number` now: the fence before every report.
    package func requireHeld(by session: SessionID, attempt number: AttemptNumber) throws(JobRefusal) {
        guard status.isHeld, holder == session, attempt == number else {
            throw .leaseLost(attempt: number, current: attempt, status: status)
        }
    }

    /// What the holder says of its attempt. `nil` where it changes nothing (a second `started`).
    ///
    /// A retryable end puts the job back at once until its attempts are used up; one that a person asked to cancel
    /// is never put back.
    package mutating func report(
        _ report: AttemptReport, by session: SessionID, attempt number: AttemptNumber, why: String
    ) throws(JobRefusal) -> JobTransition? {
        try requireHeld(by: session, attempt: number)
        switch report {
        case .started:
            return status == .running ? nil : move(to: .running, outcome: nil, why: why)
        case .completed:
            return move(to: .completed, outcome: .completed, why: why)
        case .failed:
            return move(to: .failed, outcome: .failed, why: why)
        case .cancelled:
            return move(to: isCancelRequested ? .cancelled : .failed, outcome: .cancelled, why: why)
        case .retryable:
            return giveBack(.retryable, why: why)
        case .released:
            return giveBack(.released, why: why)
        }
    }

    /// The lease ended, or its holder is proved dead.
    package mutating func lose(why: String) -> JobTransition? {
        guard status.isHeld else { return nil }
        return giveBack(.lost, why: why)
    }

    /// A person cancels: a waiting job at once, a held one through its worker (`nil`: the wish is noted).
    package mutating func cancel(why: String) throws(JobRefusal) -> JobTransition? {
        if status.isFinal { throw .alreadyFinal(status) }
        guard status.isHeld else { return move(to: .cancelled, outcome: nil, why: why) }
        isCancelRequested = true
        return nil
    }

    /// A person asks for another try of a failed or cancelled job; its attempts count from zero again.
    package mutating func retry(why: String) throws(JobRefusal) -> JobTransition {
        guard status == .failed || status == .cancelled else { throw .notRetryable(status) }
        countedFailures = 0
        isCancelRequested = false
        holder = nil
        return move(to: .pending, outcome: nil, why: why)
    }

    /// Somebody who names it claims it although it has ended, completed even: its attempts count from zero again.
    package mutating func reopen(why: String) throws(JobRefusal) -> JobTransition {
        guard status.isFinal else { throw .notRetryable(status) }
        countedFailures = 0
        isCancelRequested = false
        holder = nil
        return move(to: .pending, outcome: nil, why: why)
    }

    private mutating func giveBack(_ outcome: AttemptOutcome, why: String) -> JobTransition {
        if outcome.isCounted { countedFailures += 1 }
        if isCancelRequested { return move(to: .cancelled, outcome: outcome, why: why) }
        if outcome.isCounted && countedFailures >= maximumAttempts {
            let reason = "\(why); gave up after \(countedFailures) attempts"
            return move(to: .failed, outcome: outcome, why: reason)
        }
        let transition = move(to: .pending, outcome: outcome, why: why)
        holder = nil
        return transition
    }

    private mutating func move(to next: JobStatus, outcome: AttemptOutcome?, why: String) -> JobTransition {
        let transition = JobTransition(from: status, to: next, outcome: outcome, why: why)
        status = next
        return transition
    }
}
