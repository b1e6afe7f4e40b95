/// The right to run one attempt of a job until a time, renewed by the holder's heartbeats.
///
/// A renewal is not a write: a lease is good for its length from the later of its grant and the last beat of its
/// holder, so that only beats are kept, and those in memory (DESIGN.md, "Beats are not writes"). A lease that the
/// holder no longer names among its work is `frozen`: beats renew it no more, and it ends when it said it would.
package struct Lease: Sendable, Hashable {
    package let grantedAt: Instant
    package let lengthMilliseconds: Int64
    /// Where the holder stopped naming the job: when the lease ends, whatever is heard.
    package let frozenUntil: Instant?

    package init(grantedAt: Instant, lengthMilliseconds: Int64, frozenUntil: Instant?) {
        self.grantedAt = grantedAt
        self.lengthMilliseconds = lengthMilliseconds
        self.frozenUntil = frozenUntil
    }

    /// When the lease ends if nothing more is heard. `silenceForgivenUntil` is set by a server that could not listen:
    /// the silence before that moment was its own (DESIGN.md, section 4) and every lease counts from there.
    package func ends(lastHeard: Instant?, silenceForgivenUntil: Instant?) -> Instant {
        if let frozenUntil { return frozenUntil }
        var renewed = grantedAt
        if let lastHeard { renewed = max(renewed, lastHeard) }
        if let silenceForgivenUntil { renewed = max(renewed, silenceForgivenUntil) }
        return renewed.adding(milliseconds: lengthMilliseconds)
    }

    package func hasEnded(lastHeard: Instant?, silenceForgivenUntil: Instant?, at now: Instant) -> Bool {
        ends(lastHeard: lastHeard, silenceForgivenUntil: silenceForgivenUntil) <= now
    }
}
