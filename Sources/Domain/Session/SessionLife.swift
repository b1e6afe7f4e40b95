/// Where a session stands: `starting → running → stopping → stopped`, and `stale` from any of the first three.
package enum SessionStatus: String, Sendable, Hashable, CaseIterable {
    case starting, running, stopping, stopped, stale

    /// Its process is believed to be there: it may hold work, and its name on its machine is taken.
    package var isLive: Bool { self == .starting || self == .running || self == .stopping }

    /// It may be handed work and may hold a slot of a role.
    package var isActive: Bool { self == .starting || self == .running }
}

/// What a session's program speaks.
package enum SessionKind: String, Sendable, Hashable, CaseIterable {
    /// The protocol: it registered, beats, claims and reports.
    case agent
    /// A client that sends an address and no session (DESIGN.md, section 8): `starting` until its window is heard,
    /// `stopping` for the seconds in which its last words come.
    case legacy
}

/// How it became known that a session's process is gone.
package enum DeathCause: String, Sendable, Hashable {
    /// The process said goodbye.
    case goodbye
    /// The next holder of its name on its machine knows that it is dead.
    case replaced
    /// The machine came back with another boot id.
    case reboot
    /// Its agent came back and ended what was left of it.
    case reaped
    /// Nothing was heard for longer than the limit.
    case silence
    /// It was asked to stop and never finished stopping.
    case hungStop
    /// A person ended it by force.
    case forced

    /// Proved death frees its work at once; silence frees it when the leases end, not before.
    package var isProved: Bool { self != .silence }
}

/// Why a session's request is refused.
package enum SessionRefusal: Error, Sendable, Hashable {
    /// The session has stopped for good; a new process registers anew.
    case ended(SessionStatus)
    /// It is stopping, stale or was told to drain, and so gets no new work.
    case notServing(SessionStatus)
}

/// The life of one worker process, decided and nothing done: the caller stores what is decided.
package struct SessionLife: Sendable, Hashable {
    package private(set) var status: SessionStatus
    /// When the present status began.
    package private(set) var since: Instant
    package let holdsRole: Bool
    /// Another process holds its name by now: it is history, whatever still comes of it (a late goodbye, a process
    /// that was frozen and wakes).
    package let isReplaced: Bool

    package let kind: SessionKind

    package init(
        status: SessionStatus, since: Instant, holdsRole: Bool, isReplaced: Bool = false, kind: SessionKind = .agent
    ) {
        self.kind = kind
        self.status = status
        self.since = since
        self.holdsRole = holdsRole
        self.isReplaced = isReplaced
    }

    /// A word from the process itself, which says where it stands (`starting`, `running` or `stopping`).
    ///
    /// A stale session that speaks again resumes with what it says; `stopping` is never taken back. Returns the
    /// transition, or `nil` where nothing changed.
    package mutating func hear(
        _ said: SessionStatus, at now: Instant
    ) throws(SessionRefusal) -> SessionTransition? {
        if isReplaced { throw .ended(status) }
        switch status {
        case .stopped:
            throw .ended(.stopped)
        case .stale:
            return move(to: said.isLive ? said : .running, at: now, why: "heard again")
        case .stopping:
            return nil
        case .starting, .running:
            guard said.isLive, said != status, said != .starting else { return nil }
            return move(to: said, at: now, why: said == .stopping ? "draining" : "serving")
        }
    }

    /// The process is known to be gone. `nil` where the session had ended before, or is history.
    package mutating func die(_ cause: DeathCause, at now: Instant) -> SessionTransition? {
        guard status != .stopped, status.isLive || !isReplaced else { return nil }
        if status == .stale && cause == .silence { return nil }
        let end: SessionStatus
        switch cause {
        case .goodbye, .hungStop, .forced: end = .stopped
        case .replaced, .reboot, .reaped, .silence: end = .stale
        }
        guard end != status else { return nil }
        return move(to: end, at: now, why: cause.rawValue)
    }

    /// What the passing of time does to a session last heard at `lastHeard`: the sweep's one question.
    ///
    /// Time before `silenceForgivenUntil` is no evidence: a server that was away could not hear that a stop had ended.
    package mutating func expire(
        lastHeard: Instant, silenceForgivenUntil: Instant? = nil, at now: Instant, timing: Timing
    ) -> SessionTransition? {
        guard status.isLive else { return nil }
        let stoppingSince = max(since, silenceForgivenUntil ?? since)
        if status == .stopping, now.milliseconds(since: stoppingSince) >= stoppingMilliseconds(timing) {
            return die(kind == .legacy ? .goodbye : .hungStop, at: now)
        }
        let lastHeard = max(lastHeard, silenceForgivenUntil ?? lastHeard)
        guard now.milliseconds(since: lastHeard) >= silenceMilliseconds(timing) else { return nil }
        return die(.silence, at: now)
    }

    private func stoppingMilliseconds(_ timing: Timing) -> Int64 {
        kind == .legacy ? timing.legacyEndMilliseconds : timing.stoppingMilliseconds
    }

    private func silenceMilliseconds(_ timing: Timing) -> Int64 {
        switch kind {
        case .agent: timing.staleMilliseconds(holdsRole: holdsRole)
        case .legacy: status == .starting ? timing.legacyClaimMilliseconds : timing.legacyStaleMilliseconds
        }
    }

    /// Whether the session may be given work now.
    package func requireServing(isDraining: Bool) throws(SessionRefusal) {
        if status == .stopped { throw .ended(status) }
        guard status.isActive, !isDraining else { throw .notServing(isDraining ? .stopping : status) }
    }

    private mutating func move(to next: SessionStatus, at now: Instant, why: String) -> SessionTransition {
        let transition = SessionTransition(from: status, to: next, why: why)
        status = next
        since = now
        return transition
    }
}

/// One step of a session, as its history keeps it.
package struct SessionTransition: Sendable, Hashable {
    package let from: SessionStatus
    package let to: SessionStatus
    package let why: String

    package init(from: SessionStatus, to: SessionStatus, why: String) {
        self.from = from
        self.to = to
        self.why = why
    }
}
