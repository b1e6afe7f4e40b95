import Connectors
package import Domain
import Wire

/// Whether what the watch shows of our session is news to us.
///
/// A beat follows on news alone. Our own progress and utilisation come back on the watch too; if each of them made a
/// beat, each beat would make the next.
package enum WatchNews {
    /// - Parameters:
    ///   - value: the session as the server shows it.
    ///   - isServing: we have not begun to stop.
    package static func isNews(_ value: JSON, ledger: WorkLedger, isServing: Bool) -> Bool {
        let status = value["status"]?.stringValue
        if status == SessionStatus.stale.rawValue || status == SessionStatus.stopped.rawValue { return true }
        if isServing, value["draining"]?.boolValue == true { return true }
        var shown: Set<AttemptRef> = []
        for held in value["held"]?.arrayValue ?? [] {
            guard let job = held["job"]?.stringValue.flatMap(JobID.init(text:)), let attempt = held["attempt"]?.intValue
            else { continue }
            let ref = AttemptRef(job: job, attempt: AttemptNumber(Int(attempt)))
            shown.insert(ref)
            guard held["cancelRequested"]?.boolValue == true, let entry = ledger[ref] else { continue }
            if entry.wish < .cancel, entry.stage == .running || entry.stage == .admitted { return true }
        }
        // A running one that is not shown was taken from us.
        return ledger.heldRefs.contains { ledger[$0]?.stage == .running && !shown.contains($0) }
    }
}
