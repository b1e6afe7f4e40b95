import Domain
import Synchronization

/// Heartbeats of clients that name no session, whose sender is known while nothing changes that could make it another:
/// such a beat that repeats the last one is no write and asks nothing (DESIGN.md, section 4).
///
/// A beat is kept only where its session was alone at its address when it came, and so was found without anything
/// being weighed. It is forgotten when a session comes to that address or leaves it, when its own session ends, is
/// named or deleted, when its machine's facts are told otherwise, and after ten minutes in any case, so that the
/// address it is heard from stays known as this hostname's.
final class LegacyBeatBook: Sendable {
    private struct Known {
        let session: SessionID
        let until: Instant
    }

    private let known = Mutex<[HearLegacyBeat: Known]>([:])

    /// How long a beat is taken for the same without a look: addresses are remembered to the hour.
    static let quietMilliseconds: Int64 = 600_000
    /// Past this many all are forgotten: each costs one look then.
    private static let limit = 10_000

    /// Whose a beat is that repeats one; `nil` where it must be looked at.
    func session(of beat: HearLegacyBeat, at now: Instant) -> SessionID? {
        known.withLock { known in
            guard let entry = known[beat], now < entry.until else { return nil }
            return entry.session
        }
    }

    func didCommit(_ changes: CommittedChanges, at now: Instant) {
        let voids = !changes.legacyTraces.isEmpty || !changes.wishes.isEmpty
        guard changes.isGap || voids || !changes.quietLegacy.isEmpty else { return }
        known.withLock { known in
            if changes.isGap || changes.isForeign && voids {
                // Another node tells that sessions changed, and not where they are.
                known.removeAll()
            } else if voids {
                known = known.filter { beat, entry in
                    !beat.isTraced(by: changes.legacyTraces) && !changes.wishes.contains(entry.session)
                }
            }
            if known.count + changes.quietLegacy.count > Self.limit { known.removeAll() }
            for (beat, session) in changes.quietLegacy {
                known[beat] = Known(session: session, until: now.adding(milliseconds: Self.quietMilliseconds))
            }
        }
    }
}

extension HearLegacyBeat {
    /// Something changed at its address or of its hostname.
    func isTraced(by traces: Set<String>) -> Bool {
        traces.contains(origin.address) || origin.hostname.map { traces.contains($0) } ?? false
    }
}
