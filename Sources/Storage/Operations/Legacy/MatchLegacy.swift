import Domain

/// Finds the session of a word, by the rules of `LegacyMatching`, and writes down which rule it was.
struct MatchLegacy {
    let origin: LegacyOrigin
    var batch: Int64?
    /// The earliest time of the lines of that batch, by the sender's clock.
    var firstLineAt: Instant?
    var details: String?

    init(_ origin: LegacyOrigin, batch: Int64? = nil, firstLineAt: Instant? = nil, details: String? = nil) {
        self.origin = origin
        self.batch = batch
        self.firstLineAt = firstLineAt
        self.details = details
    }

    /// The session that the word is put down to, heard and named.
    func run(_ transaction: WriteTransaction) throws -> LegacyRow { try find(transaction).row }

    /// The same, and whether the session is the only one at its address: then nothing had to be weighed.
    func find(_ transaction: WriteTransaction) throws -> (row: LegacyRow, isAlone: Bool) {
        let here = try LegacyRow.all(LegacyStatements.liveAt, [.text(origin.address)], transaction)
        let decision = try decide(here, transaction)
        switch decision {
        case .session(let id, let rule):
            guard var row = try here.first(where: { $0.id == id }) ?? LegacyRow.find(id, transaction) else {
                throw StoreError(.corrupt, "Session \(id) was chosen and is not there.")
            }
            if isOfNewProcess(row) { return (try make(.newProcess, transaction), false) }
            let wasNamed = row.hostname != nil
            try LegacySession.hear(&row, origin, rule: rule, transaction)
            if !wasNamed, row.hostname != nil { try JoinLegacy.takeUp(&row, origin, transaction) }
            return (row, rule == .sameAddress && here.count == 1)
        case .new(let rule): return (try make(rule, transaction), false)
        case .undecided: return (try shared(transaction), false)
        }
    }

    private func decide(_ here: [LegacyRow], _ transaction: WriteTransaction) throws -> LegacyDecision {
        // Where one at the address is alone, or has the name, nothing else is asked.
        let isNear =
            origin.hostname.map { hostname in here.contains { $0.hostname == hostname && $0.status != .stopping } }
            ?? !here.isEmpty
        var rows = here
        if !isNear {
            rows += try LegacyRow.all(LegacyStatements.liveFresh, [], transaction)
            if let hostname = origin.hostname {
                rows += try LegacyRow.all(LegacyStatements.liveNamed, [.text(hostname)], transaction)
            }
        }
        var seen: Set<SessionID> = []
        let asked = here.count > 1 ? details : nil
        let candidates = try rows.filter { seen.insert($0.id).inserted }.map {
            try $0.candidate(details: asked, transaction)
        }
        let sender = LegacySender(
            address: origin.address, hostname: origin.hostname, batch: batch,
            hostnamesHere: isNear && here.count == 1
                ? [] : try LegacyMachine.hostnames(at: origin.address, transaction),
            hasStaleWork: isNear ? false : try hasStaleWork(transaction)
        )
        return LegacyMatching.decide(sender, among: candidates)
    }

    private func hasStaleWork(_ transaction: WriteTransaction) throws -> Bool {
        guard let hostname = origin.hostname else { return false }
        let rows = try transaction.rows(LegacyStatements.staleHolders, [.text(hostname), .text(origin.address)])
        return rows.contains { $0.optionalText(2) == hostname }
    }

    /// A number that came before, with lines that are younger than all that came: numbers began anew.
    private func isOfNewProcess(_ row: LegacyRow) -> Bool {
        guard let batch, let first = firstLineAt, let last = row.lastLineAt else { return false }
        return row.batches.hasSeen(batch) && first > last
    }

    private func make(_ rule: LegacyRule, _ transaction: WriteTransaction) throws -> LegacyRow {
        var row = try LegacySession.make(
            origin, claim: nil, why: "heard from \(origin.address), by \(rule.rawValue)", transaction
        )
        try JoinLegacy.takeUp(&row, origin, transaction)
        return row
    }

    /// Where words of an address are kept that may be of any of several sessions there.
    private func shared(_ transaction: WriteTransaction) throws -> LegacyRow {
        let known = try transaction.rows(LegacyStatements.liveAt, [.text(origin.address)]).map { try LegacyRow($0) }
        if let row = known.first(where: \.isShared) { return row }
        return try LegacySession.make(
            LegacyOrigin(address: origin.address), claim: nil, isShared: true,
            why: "several live sessions speak from \(origin.address), and nothing tells which of them this is",
            transaction
        )
    }
}
