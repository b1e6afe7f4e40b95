/// Whether the server's word about our leases is fresh enough to act on.
///
/// A process that was frozen (a closed laptop, SIGSTOP, a machine out of breath) wakes in the middle of a line and
/// knows of nothing. So nothing is reported and nothing begun unless a heartbeat that was sent less than one lease
/// ago has been answered; before that comes the heartbeat, and with it the death of what was lost meanwhile.
package struct LeaseGate: Sendable, Hashable {
    /// When the last answered beat was sent.
    private var confirmedAt: Int64
    /// How long what it named is good for.
    private var leaseMilliseconds: Int64

    /// - Parameter leaseMilliseconds: assumed until the first answer says it.
    package init(confirmedAt: Int64, leaseMilliseconds: Int64) {
        self.confirmedAt = confirmedAt
        self.leaseMilliseconds = leaseMilliseconds
    }

    package func isOpen(now: Int64) -> Bool {
        now - confirmedAt < leaseMilliseconds
    }

    package mutating func confirm(sentAt: Int64, leaseMilliseconds: Int64) {
        confirmedAt = max(confirmedAt, sentAt)
        self.leaseMilliseconds = leaseMilliseconds
    }
}
