import Domain

/// Gives a session that claimed nothing the assignment that it works on.
enum JoinLegacy {
    /// Evidence came: `row` tells of a simulation that only one fresh claim's configuration holds (rule 5).
    static func byDetails(
        _ details: String, _ row: inout LegacyRow, _ origin: LegacyOrigin, _ transaction: WriteTransaction
    ) throws {
        guard row.claimedJob == nil, !row.isShared else { return }
        let claims = try LegacyRow.all(LegacyStatements.liveFresh, [], transaction)
            .filter { mayBeOne(row, with: $0) }
        guard !claims.isEmpty else { return }
        let candidates = try claims.map { try $0.candidate(details: details, transaction) }
        guard let id = LegacyMatching.join(hostname: row.hostname, claims: candidates),
            let claim = claims.first(where: { $0.id == id })
        else { return }
        try join(&row, with: claim, evidence: "its simulation is \(details)", origin, transaction)
    }

    /// A process claims before its window speaks: a window that was there first is another process's.
    static func mayBeOne(_ row: LegacyRow, with claim: LegacyRow) -> Bool { claim.id.number < row.id.number }

    /// One worker of a claim and of the window that was heard without one: nothing of either is lost.
    static func join(
        _ row: inout LegacyRow, with claim: LegacyRow, evidence: String, _ origin: LegacyOrigin,
        _ transaction: WriteTransaction
    ) throws {
        try moveWork(from: claim.id, to: &row, transaction)
        for address in try transaction.rows(LegacyStatements.addresses, [.integer(claim.id.number)]) {
            try LegacySession.addAddress(address.text(0), to: row.id, transaction)
        }
        if let hostname = row.hostname { try LegacyMachine.see(hostname, at: claim.address, transaction) }
        if let claimedAt = claim.claimedAt {
            try transaction.run(LegacyStatements.startedAt, [.instant(claimedAt), .integer(row.id.number)])
        }
        try transaction.run(LegacyStatements.moveAliases, [.integer(row.id.number), .integer(claim.id.number)])
        try transaction.run(LegacyStatements.alias, [.integer(claim.id.number), .integer(row.id.number)])
        try transaction.run(
            LegacyStatements.moveTransitions, [.integer(row.id.number), .integer(claim.id.number)]
        )
        try transaction.run(SessionStatements.delete, [.integer(claim.id.number)])
        transaction.effects.sessions.remove(claim.id)
        transaction.effects.writtenSessions[claim.id] = nil
        transaction.interned.use { $0.sessions[claim.id] = nil }
        transaction.legacyMoved(row.id, row.address, claim.address, row.hostname)
        transaction.deleted(.session(claim.id), scopes: [.fleet, .session(claim.id)])
        try transaction.bringBack(claim.workerName, on: claim.machine)
        try LegacyMachine.leave(claim.machine, transaction)
        try LegacySession.note(
            row,
            "joined with \(claim.id), which claimed from \(claim.address): \(evidence)",
            origin, transaction
        )
    }

    /// A process that was cut off and is heard again: it takes up what stale sessions of its hostname hold, or those of
    /// its address where no hostname is known on either side and only one fits.
    static func takeUp(
        _ row: inout LegacyRow, _ origin: LegacyOrigin, _ transaction: WriteTransaction
    ) throws {
        guard row.claimedJob == nil, !row.isShared else { return }
        let rows = try transaction.rows(
            LegacyStatements.staleHolders, [.text(row.hostname ?? ""), .text(row.address)]
        )
        let stale = rows.map { (id: $0.id(0, SessionID.self), address: $0.text(1), hostname: $0.optionalText(2)) }
        let mine: [SessionID]
        if let hostname = row.hostname {
            mine = stale.filter { $0.hostname == hostname }.map(\.id)
        } else {
            let here = stale.filter { $0.address == row.address }
            mine = here.count == 1 && here[0].hostname == nil ? here.map(\.id) : []
        }
        for id in mine {
            try moveWork(from: id, to: &row, transaction)
            try LegacySession.note(row, "took up what \(id) held when it went stale", origin, transaction)
            try transaction.touch(holder: id)
            transaction.wishChanged(id)
        }
    }

    /// The same attempts in other hands: nothing of them begins anew.
    private static func moveWork(
        from old: SessionID, to row: inout LegacyRow, _ transaction: WriteTransaction
    ) throws {
        for var job in try JobRow.heldBy(old, transaction) {
            let sequence = transaction.nextSequence()
            let moved = try transaction.run(
                LegacyStatements.moveJob,
                [
                    .integer(row.id.number), .text(row.workerName), .sequence(sequence), .integer(job.id.number),
                    .int(job.life.attempt.value), .integer(old.number),
                ],
                expecting: 1
            )
            guard moved == 1 else {
                throw StoreError(.conflict, "Job \(job.id) changed while it was being changed. Try again.")
            }
            try transaction.run(
                LegacyStatements.adoptLines,
                [.integer(job.id.number), .int(job.life.attempt.value), .integer(row.id.number)]
            )
            try transaction.run(
                LegacyStatements.claimed, [.integer(job.id.number), .instant(transaction.now), .integer(row.id.number)]
            )
            transaction.changed(job: job.id, sequence: sequence, home: job.home)
            transaction.touch(session: row.id)
            row.claimedJob = job.id
            job = try JobRow.find(job.id, transaction)
            try LegacySession.start(job, of: row.id, actor: "session:\(row.id)", transaction)
            try LegacyWindow.show(row, transaction)
        }
    }
}
