package import Connectors
package import Wire

/// What this session holds, as it knows it: from the claim until the server has acknowledged the end.
///
/// An attempt stays in it, and so in every heartbeat and claim, until its last report is on the server's disk: only
/// then do both sides agree that it is over. One that was lost leaves at once: it is no longer ours to name.
package struct WorkLedger: Sendable {
    package enum Stage: Sendable, Hashable {
        case admitted, running
        /// Its end is told by the report of this number.
        case ended(report: Int64)
    }

    /// Why an attempt is to end before its program does. Each outweighs the one before.
    package enum Wish: Int, Sendable, Hashable, Comparable {
        case goOn, release, cancel, lost
        package static func < (left: Wish, right: Wish) -> Bool { left.rawValue < right.rawValue }
    }

    /// What is to be done with one attempt's processes.
    package enum Action: Sendable, Hashable {
        /// SIGTERM, and SIGKILL after the grace.
        case end(AttemptRef)
        /// SIGKILL now.
        case kill(AttemptRef)
    }

    package struct Entry: Sendable {
        package let job: ClaimedJob
        package fileprivate(set) var stage = Stage.admitted
        package fileprivate(set) var wish = Wish.goOn
        package fileprivate(set) var progress = ProgramProgress()
    }

    package let slots: Int
    private var entries: [AttemptRef: Entry] = [:]
    /// The server has every report up to this one.
    private var acknowledgedReport: Int64 = 0
    /// In the order of admission, so that a beat that says nothing new is the same bytes.
    private var order: [AttemptRef] = []

    package init(slots: Int) {
        self.slots = slots
    }

    package subscript(ref: AttemptRef) -> Entry? { entries[ref] }

    /// Nothing is held and nothing runs.
    package var isEmpty: Bool { entries.isEmpty }

    /// No program runs and no file is on its way; ends may still be waiting to be acknowledged.
    package var isIdle: Bool { workingCount == 0 }

    /// How many more jobs may be claimed. A slot is free when the server has the end of what was in it: claimed sooner,
    /// the next job could reach the server before that end, which would then see two jobs in one slot.
    package var freeSlots: Int { freeSlots(after: []) }

    /// The same, when the server has the ends of these, too.
    package func freeSlots(after ended: Set<AttemptRef>) -> Int {
        max(0, slots - entries.keys.count { !ended.contains($0) })
    }

    private var workingCount: Int { entries.values.count { if case .ended = $0.stage { false } else { true } } }

    /// What the server gave, without what was known before: an answer that comes twice starts nothing twice.
    package mutating func admit(_ jobs: [ClaimedJob]) -> [ClaimedJob] {
        jobs.filter { job in
            guard entries[job.ref] == nil else { return false }
            entries[job.ref] = Entry(job: job)
            order.append(job.ref)
            return true
        }
    }

    package mutating func began(_ ref: AttemptRef) {
        if entries[ref]?.stage == .admitted { entries[ref]?.stage = .running }
    }

    package mutating func progressed(_ ref: AttemptRef, _ progress: ProgramProgress) {
        if let known = entries[ref]?.progress { entries[ref]?.progress = known.merging(progress) }
    }

    /// Its last report is in the spool, from where it may have been sent and acknowledged already.
    package mutating func ended(_ ref: AttemptRef, report: Int64) {
        guard report > acknowledgedReport else { return forget(ref) }
        entries[ref]?.stage = .ended(report: report)
    }

    /// Nothing of it is left, and nothing of it will be told.
    package mutating func forget(_ ref: AttemptRef) {
        guard entries.removeValue(forKey: ref) != nil else { return }
        order.removeAll { $0 == ref }
    }

    /// The server has every report up to `number` on its disk.
    package mutating func acknowledged(upTo number: Int64) {
        acknowledgedReport = max(acknowledgedReport, number)
        for ref in order {
            if case .ended(let report)? = entries[ref]?.stage, report <= number { forget(ref) }
        }
    }

    /// A wish for one attempt; the stronger one stays.
    package mutating func want(_ wish: Wish, _ ref: AttemptRef) -> Action? {
        guard let entry = entries[ref], wish > entry.wish else { return nil }
        if case .ended = entry.stage {
            // Its processes are gone. If it was lost, its last report will be refused, and is owed to nobody.
            if wish == .lost { forget(ref) }
            return nil
        }
        entries[ref]?.wish = wish
        return wish == .lost ? .kill(ref) : .end(ref)
    }

    package mutating func apply(_ reply: HeartbeatReply) -> [Action] {
        reply.lost.compactMap { want(.lost, $0) } + reply.cancel.compactMap { want(.cancel, $0) }
    }

    package mutating func lose(_ refs: [AttemptRef]) -> [Action] {
        refs.compactMap { want(.lost, $0) }
    }

    /// The session is no more: nothing in it is ours.
    package mutating func loseAll() -> [Action] {
        order.compactMap { want(.lost, $0) }
    }

    /// Everything that runs goes back to the server; `isAtOnce` where there is no time left for a grace.
    package mutating func releaseAll(isAtOnce: Bool) -> [Action] {
        order.compactMap { ref -> Action? in
            guard let entry = entries[ref], entry.wish != .lost else { return nil }
            if case .ended = entry.stage { return nil }
            let action = want(.release, ref)
            return isAtOnce ? .kill(ref) : action
        }
    }

    /// Of the leases that are held, the length of the shortest.
    package var shortestLeaseMilliseconds: Int? {
        entries.values.map(\.job.leaseMilliseconds).filter { $0 > 0 }.min()
    }

    /// For a claim: what we know that we hold.
    package var heldRefs: [AttemptRef] { order.filter { entries[$0]?.wish != .lost } }

    /// For a heartbeat.
    package var heldStates: [HeldState] {
        heldRefs.compactMap { ref in
            guard let entry = entries[ref] else { return nil }
            return HeldState(
                ref: ref, isRunning: entry.stage != .admitted, fraction: entry.progress.fraction,
                stage: entry.progress.stage, stageFraction: entry.progress.stageFraction
            )
        }
    }
}
