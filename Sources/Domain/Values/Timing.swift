/// Every length of time that a rule asks for, with the defaults of the design's table of states.
package struct Timing: Sendable, Hashable {
    /// Told to agents at registration: how often a session says its whole state.
    package var heartbeatMilliseconds: Int64 = 10_000
    /// Silence after which a session that holds a role is `stale`.
    package var roleStaleMilliseconds: Int64 = 30_000
    /// Silence after which any other session is `stale`.
    package var staleMilliseconds: Int64 = 60_000
    /// A `stopping` that never ends becomes `stopped` after this.
    package var stoppingMilliseconds: Int64 = 60_000
    /// How long a lease on a queue's job lasts from its last renewal.
    package var jobLeaseMilliseconds: Int64 = 60_000
    /// How long a lease on a study's assignment lasts from its last renewal: longer, since a simulation is costly.
    package var assignmentLeaseMilliseconds: Int64 = 300_000
    /// How long a running job may go on after its worker was asked to drain.
    package var drainGraceMilliseconds: Int64 = 60_000
    /// A connector's report older than this is `unknown`.
    package var connectorUnknownMilliseconds: Int64 = 60_000
    /// How long a deletion is remembered for watchers that come back.
    package var tombstoneMilliseconds: Int64 = 86_400_000

    /// Silence after which a client that names no session is `stale`: it beats every 30 s, and one beat may be lost.
    package var legacyStaleMilliseconds: Int64 = 75_000
    /// The same after a claim that nothing followed: its simulator starts, which takes minutes.
    package var legacyClaimMilliseconds: Int64 = 900_000
    /// How long the last words of such a client come after the one that says that its study is over.
    package var legacyEndMilliseconds: Int64 = 10_000
    /// Silence after which such a client is shown as `suspect`.
    package var legacySuspectMilliseconds: Int64 = 60_000

    package init() {}

    /// A session is shown as `suspect` after two missed beats.
    package var suspectMilliseconds: Int64 { 2 * heartbeatMilliseconds }

    /// The lease length of a job, by whether it belongs to a study.
    package func leaseMilliseconds(isAssignment: Bool) -> Int64 {
        isAssignment ? assignmentLeaseMilliseconds : jobLeaseMilliseconds
    }

    /// The silence after which a session is `stale`.
    package func staleMilliseconds(holdsRole: Bool) -> Int64 {
        holdsRole ? roleStaleMilliseconds : staleMilliseconds
    }
}
