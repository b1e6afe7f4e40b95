/// What a message tells of its sender, where the client names no session.
package struct LegacySender: Sendable, Hashable {
    /// The client's `machineId`: an address as a rule.
    package var address: String
    /// With heartbeats only.
    package var hostname: String?
    /// The number of a batch of log lines.
    package var batch: Int64?
    /// Hostnames that were ever heard from this address.
    package var hostnamesHere: Set<String>
    /// A session of this hostname went stale and holds something still: it was cut off and comes back.
    package var hasStaleWork: Bool

    package init(
        address: String, hostname: String? = nil, batch: Int64? = nil, hostnamesHere: Set<String> = [],
        hasStaleWork: Bool = false
    ) {
        self.hasStaleWork = hasStaleWork
        self.address = address
        self.hostname = hostname
        self.batch = batch
        self.hostnamesHere = hostnamesHere
    }
}

/// A session that is neither stale nor ended, as the rules see it.
package struct LegacyCandidate: Sendable, Hashable {
    package var id: SessionID
    /// Where it claimed from or last spoke from.
    package var address: String
    package var hostname: String?
    /// Its claim is young, its assignment is held, and nothing was heard of it since.
    package var isFresh: Bool
    /// Its study has ended; only its last words may still come.
    package var isEnding: Bool
    /// When its own process last spoke by more than a heartbeat.
    package var spokeAt: Instant?
    /// Hostnames that were ever heard from the address it claimed from: whose claim it may be.
    package var hostnamesHere: Set<String>
    package var batches: BatchWindow
    /// Whether its configuration holds the simulation that the message tells of; absent where it tells of none.
    package var fitsDetails: Bool?

    package init(
        id: SessionID, address: String, hostname: String? = nil, isFresh: Bool = false, isEnding: Bool = false,
        spokeAt: Instant? = nil, hostnamesHere: Set<String> = [], batches: BatchWindow = BatchWindow(),
        fitsDetails: Bool? = nil
    ) {
        self.id = id
        self.address = address
        self.hostname = hostname
        self.isFresh = isFresh
        self.isEnding = isEnding
        self.spokeAt = spokeAt
        self.hostnamesHere = hostnamesHere
        self.batches = batches
        self.fitsDetails = fitsDetails
    }

    /// Its address is known as this hostname's, or is the hostname itself: a client that finds no address sends that.
    fileprivate func mayBe(_ host: String) -> Bool { hostnamesHere.contains(host) || address == host }

    /// Who spoke last is greatest.
    fileprivate var spokeOrder: (Int64, Int64) { (spokeAt?.milliseconds ?? -1, id.number) }
}

/// Which rule told whose a message is, as a session's history names it.
package enum LegacyRule: String, Sendable, Hashable, CaseIterable {
    /// The URL carries a session's token.
    case bound
    /// The one session at this address, or the one of this hostname there.
    case sameAddress = "same address"
    /// Of several at one address the only one whose batch numbers this continues.
    case batchNumber = "batch number"
    /// Of several at one address the only one whose configuration holds this simulation.
    case details
    /// A fresh claim from an address that this hostname is known by.
    case knownAddress = "known address"
    /// The only fresh claim that nobody's known address explains.
    case onlyClaim = "only fresh claim"
    /// This hostname is alive at another address: a second process.
    case secondProcess = "second process"
    /// This hostname was cut off while it worked, and takes that up: a stranger's claim is none of its business.
    case resumed
    /// The batch numbers began anew: a new process where the old one was.
    case newProcess = "new process"
    /// Several claims or sessions fit, and nothing is guessed.
    case ambiguous
    /// Nothing fits.
    case unknown
}

package enum LegacyDecision: Sendable, Hashable {
    case session(SessionID, LegacyRule)
    /// A session of its own.
    case new(LegacyRule)
    /// Several live sessions may have sent it and nothing tells which: it is put down to none of them.
    case undecided
}

/// Whose message this is: the rules for clients that send an address and no session (DESIGN.md, section 8).
///
/// Pure: what is known of the sender and of every candidate goes in, the decision and its rule come out. Two candidates
/// that fit are never told apart by their order: a second row for one worker is a blemish that evidence mends, another
/// machine's data on a worker is a lie.
package enum LegacyMatching {
    /// - Parameter candidates: sessions at the sender's address, sessions of its hostname, and every fresh claim.
    package static func decide(_ sender: LegacySender, among candidates: [LegacyCandidate]) -> LegacyDecision {
        let here = candidates.filter { $0.address == sender.address }
        if let hostname = sender.hostname {
            return decide(sender, hostname: hostname, here: withoutEnding(here), candidates)
        }
        if here.isEmpty { return decideNameless(sender, candidates) }
        return decideNameless(sender, here: here)
    }

    /// The words of a session that has ended come within seconds; where another has begun at its address, a word that
    /// could be either's is the new one's.
    private static func withoutEnding(_ here: [LegacyCandidate]) -> [LegacyCandidate] {
        let going = here.filter { !$0.isEnding }
        return going.isEmpty ? here : going
    }

    // MARK: - With a hostname

    private static func decide(
        _ sender: LegacySender, hostname: String, here: [LegacyCandidate], _ candidates: [LegacyCandidate]
    ) -> LegacyDecision {
        let named = here.filter { $0.hostname == hostname }
        let unnamed = here.filter { $0.hostname == nil }
        if let latest = named.max(by: { $0.spokeOrder < $1.spokeOrder }) {
            let newer = newerProcess(than: latest, unnamed, sender, hostname)
            return .session((newer ?? latest).id, .sameAddress)
        }
        let hinted = candidates.filter {
            $0.isFresh && $0.address != sender.address && $0.hostname == nil && $0.mayBe(hostname)
        }
        if unnamed.count > 1 { return .new(.ambiguous) }
        if let one = unnamed.first {
            let isMine = !isPerhapsAnothers(one, sender, hostname, hinted: hinted, candidates)
            return isMine ? .session(one.id, .sameAddress) : .new(.ambiguous)
        }
        if hinted.count > 1 { return .new(.ambiguous) }
        if let one = hinted.first { return .session(one.id, .knownAddress) }
        if candidates.contains(where: { $0.hostname == hostname && !$0.isEnding }) { return .new(.secondProcess) }
        if sender.hasStaleWork { return .new(.resumed) }
        let unexplained = candidates.filter { $0.isFresh && $0.hostname == nil && $0.hostnamesHere.isEmpty }
        if unexplained.count == 1, let one = unexplained.first { return .session(one.id, .onlyClaim) }
        return .new(unexplained.isEmpty ? .unknown : .ambiguous)
    }

    /// A process that began after the named one and has spoken since, where nobody but this machine is known to be: the
    /// one that last spoke from there.
    private static func newerProcess(
        than named: LegacyCandidate, _ unnamed: [LegacyCandidate], _ sender: LegacySender, _ hostname: String
    ) -> LegacyCandidate? {
        guard sender.hostnamesHere.subtracting([hostname]).isEmpty, unnamed.count == 1, let one = unnamed.first,
            !one.isFresh, let spokeAt = one.spokeAt
        else { return nil }
        return named.spokeAt.map { $0 < spokeAt } ?? true ? one : nil
    }

    /// The one session without a name at this address may be another machine's: this hostname has a fresh claim of its
    /// own elsewhere, or the address is one that several machines have, and more than one claim could be meant.
    private static func isPerhapsAnothers(
        _ one: LegacyCandidate, _ sender: LegacySender, _ hostname: String, hinted: [LegacyCandidate],
        _ candidates: [LegacyCandidate]
    ) -> Bool {
        guard hinted.isEmpty else { return true }
        let others = sender.hostnamesHere.subtracting([hostname])
        guard !others.isEmpty else { return false }
        // Known by this address are other machines, and not this one: the claim is theirs.
        guard sender.hostnamesHere.contains(hostname) else { return true }
        return candidates.contains { $0.isFresh && $0.id != one.id && $0.hostname == nil && $0.hostnamesHere.isEmpty }
            || !one.isFresh
    }

    // MARK: - Without

    private static func decideNameless(
        _ sender: LegacySender, _ candidates: [LegacyCandidate]
    ) -> LegacyDecision {
        let fresh = candidates.filter { $0.isFresh && $0.hostname == nil }
        // An address that belongs to a machine is no new address of a claim that nobody is known to have made.
        guard sender.hostnamesHere.isEmpty else { return .new(.unknown) }
        guard fresh.count == 1, let one = fresh.first, one.hostnamesHere.isEmpty else {
            return .new(fresh.isEmpty ? .unknown : .ambiguous)
        }
        return .session(one.id, .onlyClaim)
    }

    private static func decideNameless(_ sender: LegacySender, here: [LegacyCandidate]) -> LegacyDecision {
        if here.count == 1, let one = here.first {
            if let batch = sender.batch, one.batches.isContradicted(by: batch) { return .new(.newProcess) }
            return .session(one.id, .sameAddress)
        }
        let fitting = here.filter { $0.fitsDetails == true }
        if fitting.count == 1, let one = fitting.first { return .session(one.id, .details) }
        if let batch = sender.batch {
            let continued = here.filter { $0.batches.mayContinue(with: batch) }
            if continued.count == 1, let one = continued.first { return .session(one.id, .batchNumber) }
            return .undecided
        }
        let going = here.filter { !$0.isEnding }
        if going.count == 1, let one = going.first { return .session(one.id, .sameAddress) }
        return .undecided
    }

    // MARK: - Evidence

    /// A session that claimed nothing tells of a simulation: the one fresh claim that it is of (rule 5).
    ///
    /// - Parameters:
    ///   - hostname: of the session that tells; absent where it is not known.
    ///   - claims: fresh claims, each with whether its configuration holds the simulation.
    package static func join(hostname: String?, claims: [LegacyCandidate]) -> SessionID? {
        let fitting = claims.filter { $0.isFresh && $0.fitsDetails == true }
        guard fitting.count == 1, let one = fitting.first else { return nil }
        if let own = one.hostname, own != hostname { return nil }
        // Claimed from an address that only others are known by: it is theirs.
        if let hostname, !one.hostnamesHere.isEmpty, !one.hostnamesHere.contains(hostname) { return nil }
        return one.id
    }
}
