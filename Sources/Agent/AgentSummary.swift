package import Wire

/// What a worker did, told when it ends.
package struct AgentSummary: Sendable, Hashable {
    package var completed = 0
    package var failed = 0
    package var cancelled = 0
    /// Ended with a retryable exit code, each time counted.
    package var retried = 0
    /// Given back unfinished.
    package var released = 0
    /// Lost to a lease that ended, or to a session that did.
    package var lost = 0
    /// Indices that were asked for and not to be had, with the server's reason, in the order they were asked.
    package var refused: [Refusal] = []
    /// It stopped since every study it served is finished, or every index it was given is done with.
    package var isFinished = false
    /// Reports that wait on disk for the next worker of this name, since the server did not answer.
    package var hasUndelivered = false

    package struct Refusal: Sendable, Hashable {
        package let index: Int
        package let problem: Problem
    }

    package init() {}

    /// 0: done, 1: some of its own attempts failed, 3: an index was refused, 4: the server was away at the end.
    package var exitCode: Int32 {
        if failed > 0 { return 1 }
        if !refused.isEmpty { return 3 }
        return hasUndelivered ? 4 : 0
    }

    /// Another session of the same worker came after this one.
    package mutating func add(_ other: AgentSummary) {
        completed += other.completed
        failed += other.failed
        cancelled += other.cancelled
        retried += other.retried
        released += other.released
        lost += other.lost
        refused += other.refused
        isFinished = other.isFinished
        hasUndelivered = other.hasUndelivered
    }

    package mutating func count(_ kind: ReportKind) {
        switch kind {
        case .completed: completed += 1
        case .failed: failed += 1
        case .cancelled: cancelled += 1
        case .retryable: retried += 1
        case .released: released += 1
        case .started, .progress, .log: break
        }
    }
}
