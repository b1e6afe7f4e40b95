import Domain
import Synchronization

/// Rows that never change once they are there, remembered by the writer so that a claim does not look them up.
///
/// Used on the writer's thread alone (the lock is never waited for). Forgotten whenever anything is rolled back, since
/// a row may have gone with it, and refilled from the database.
final class Interned: Sendable {
    struct Requirement: Sendable {
        let id: Int64
        let requirement: Domain.Requirement
    }

    struct Queue: Sendable {
        let id: QueueID
        let name: String?
        let study: StudyID?
    }

    /// What of a session never changes after its registration.
    struct SessionFacts: Sendable {
        let id: SessionID
        let workerName: String
        let queues: [String]
        let studies: [String]
        let capabilities: JSON
    }

    struct MatchKey: Sendable, Hashable {
        let session: SessionID
        let queue: QueueID
        /// How many requirements the queue had when it was asked: they only grow.
        let requirementCount: Int
    }

    struct Contents: Sendable {
        var requirementsByText: [String: Requirement] = [:]
        var requirementsOfQueue: [QueueID: [Requirement]] = [:]
        /// Which requirements of a queue a session satisfies: each asked once, in `Domain`.
        var matches: [MatchKey: [Int64]] = [:]
        var queuesByName: [String: Queue] = [:]
        var queuesByID: [QueueID: Queue] = [:]
        var queueOfStudy: [StudyID: Queue] = [:]
        var sessions: [SessionID: SessionFacts] = [:]
        var splits: [StudyID: Split] = [:]
        var studyNames: [StudyID: String] = [:]
        /// No row. Where claims looked is a hint; where a line begins must never be too far back in it, so this is
        /// brought up to date with everything that is heard, and forgotten with everything that is undone.
        var claims = ClaimWindows.Forecast()

        /// For a group, which puts back what it made of it; copied it would be with each group.
        mutating func takeClaims() -> ClaimWindows.Forecast {
            defer { claims = ClaimWindows.Forecast() }
            return claims
        }
    }

    /// Past this many sessions the oldest knowledge is dropped whole: it is only a cache.
    static let sessionLimit = 50_000
    /// A split keeps its configuration in memory; few studies are claimed from at a time.
    static let splitLimit = 64

    private let contents = Mutex(Contents())

    func use<Value>(_ body: (inout Contents) -> sending Value) -> sending Value {
        contents.withLock { body(&$0) }
    }

    /// Other nodes committed: what is no longer so is forgotten. Rows that are kept here never change and go only
    /// with their study or session; the list of what a queue requires grows.
    func hear(_ commit: CommittedChanges) {
        let isGone = commit.changes.contains { $0.kind == .delete && $0.key.kind != .job }
        contents.withLock { contents in
            if commit.isGap || isGone {
                contents = Contents()
            } else {
                for queue in commit.newRequirements { contents.requirementsOfQueue[queue] = nil }
                contents.claims.join(commit.joined)
            }
        }
    }

    func forget() {
        contents.withLock { $0 = Contents() }
    }
}
