import Domain
import Synchronization

/// A heartbeat and its answer, which hold until something of the session changes.
struct QuietBeat: Sendable {
    /// The bytes of the request: the same bytes say the same.
    let body: [UInt8]
    let reply: [UInt8]
}

/// Who was last heard when, in memory: a beat that says nothing new is no write (DESIGN.md, section 4).
///
/// All beats since the last flush are written together, once a second; what a crash takes is at most that second, and
/// a server that starts forgives every silence of before.
final class BeatBook: Sendable {
    private struct State {
        var heard: [SessionID: Instant] = [:]
        var unwritten: Set<SessionID> = []
        var quiet: [SessionID: QuietBeat] = [:]
        var forgivenUntil: Instant?
        /// When beats were last on disk; `nil` before the first time.
        var flushedAt: Instant?
        /// The last flush failed: the next one that does not ends a silence of the database's own.
        var isAway = false
        /// Beats of other nodes were read up to here.
        var mergedUpTo = Instant(milliseconds: 0)
    }

    /// Other nodes may have the same database open: what this one answers from memory must be known to them in time.
    private let isShared: Bool
    /// A node that could not store beats for so long answers none from memory: another node may have judged by then.
    static let unstoredMilliseconds: Int64 = 3_000

    init(isShared: Bool = false) { self.isShared = isShared }

    private let state = Mutex(State())

    /// The answer to a beat that repeats the last one while nothing changed; `nil` where the beat must be looked at.
    func repeated(_ session: SessionID, body: [UInt8], at now: Instant) -> [UInt8]? {
        state.withLock { state in
            guard let quiet = state.quiet[session], quiet.body == body else { return nil }
            if isShared, now.milliseconds(since: state.flushedAt ?? now) > Self.unstoredMilliseconds { return nil }
            state.heard[session] = now
            state.unwritten.insert(session)
            return quiet.reply
        }
    }

    func heard(_ session: SessionID, at now: Instant) {
        state.withLock { state in
            state.heard[session] = now
            state.unwritten.insert(session)
        }
    }

    func didCommit(touched: Set<SessionID>, wishes: Set<SessionID>, quiet: [SessionID: QuietBeat]) {
        guard !(touched.isEmpty && wishes.isEmpty && quiet.isEmpty) else { return }
        state.withLock { state in
            for session in touched { state.quiet[session] = nil }
            for session in wishes { state.quiet[session] = nil }
            state.quiet.merge(quiet) { $1 }
        }
    }

    /// Nothing that was quiet is known to be so any more.
    func forgetQuiet() { state.withLock { $0.quiet.removeAll() } }

    func didFlush(at moment: Instant) {
        state.withLock { state in
            state.flushedAt = moment
            state.isAway = false
        }
    }

    /// Beats could not be stored since some time ago.
    var isAway: Bool { state.withLock { $0.isAway } }

    /// Beats that other nodes stored after this moment are not known here. Theirs are a second old when they are
    /// stored, and their clocks are not quite this one's.
    var unmergedSince: Instant { state.withLock { $0.mergedUpTo }.adding(milliseconds: -Self.mergeMilliseconds) }
    private static let mergeMilliseconds: Int64 = 15_000

    /// What other nodes heard, as far as they have stored it.
    func merge(_ beats: [(session: SessionID, heardAt: Instant)]) {
        state.withLock { state in
            for beat in beats where beat.heardAt > state.heard[beat.session] ?? Instant(milliseconds: 0) {
                state.heard[beat.session] = beat.heardAt
            }
            state.mergedUpTo = beats.map(\.heardAt).max().map { max($0, state.mergedUpTo) } ?? state.mergedUpTo
        }
    }

    func forget(_ session: SessionID) {
        state.withLock { state in
            state.heard[session] = nil
            state.quiet[session] = nil
            state.unwritten.remove(session)
        }
    }

    func load(_ beats: [SessionID: Instant]) {
        state.withLock { $0.heard = beats }
    }

    func lastHeard(_ session: SessionID) -> Instant? { state.withLock { $0.heard[session] } }
    var all: [SessionID: Instant] { state.withLock { $0.heard } }

    /// What is to be written; given back with `unflushed` where the write fails.
    func takeUnwritten() -> [(session: SessionID, heardAt: Instant)] {
        state.withLock { state in
            let beats = state.unwritten.compactMap { session in state.heard[session].map { (session, $0) } }
            state.unwritten.removeAll(keepingCapacity: true)
            return beats
        }
    }

    func unflushed(_ beats: [(session: SessionID, heardAt: Instant)]) {
        state.withLock { state in
            state.isAway = true
            for beat in beats where state.heard[beat.session] != nil { state.unwritten.insert(beat.session) }
        }
    }

    /// Silence before `moment` was our own: it is no evidence of death.
    func forgiveSilence(until moment: Instant) {
        state.withLock { $0.forgivenUntil = max($0.forgivenUntil ?? moment, moment) }
    }

    var forgivenUntil: Instant? { state.withLock { $0.forgivenUntil } }
}
