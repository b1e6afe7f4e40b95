package import Domain
import Wire

/// Whether what the watch shows of our session is news to us.
///
/// A beat follows on news alone. Our own progress and utilisation come back on the watch too; if each of them made a
/// beat, each beat would make the next.
package enum WatchNews {
    /// - Parameters:
    ///   - session: ours, as the server shows it.
    ///   - isServing: we have not begun to stop.
    package static func isNews(_ session: SessionRecord, ledger: WorkLedger, isServing: Bool) -> Bool {
        if !session.status.isLive { return true }
        if isServing, session.isDraining { return true }
        var shown: Set<AttemptRef> = []
        for held in session.held {
            let ref = AttemptRef(job: held.job, attempt: held.attempt)
            shown.insert(ref)
            guard held.isCancelRequested, let entry = ledger[ref], entry.wish < .cancel else { continue }
            if entry.stage == .running || entry.stage == .admitted { return true }
        }
        // A running one that is not shown was taken from us.
        return ledger.heldRefs.contains { ledger[$0]?.stage == .running && !shown.contains($0) }
    }
}
