package import Domain

/// What a person does to a session.
package struct ChangeSession: Sendable {
    package enum Action: Sendable, Hashable {
        /// Finish what is held, take no more, stop.
        case drain
        /// Remove it; a live one only by force, and then its agent is told and stops.
        case delete(force: Bool)
    }

    package var session: SessionID
    package var action: Action
    package var actor: String

    package init(session: SessionID, action: Action, actor: String) {
        self.session = session
        self.action = action
        self.actor = actor
    }

    package func run(_ transaction: WriteTransaction) throws {
        var row = try SessionRow.find(session, transaction)
        switch action {
        case .drain:
            if !row.life.status.isLive {
                throw StoreError(
                    .conflict, "Session \(session) is \(row.life.status.rawValue) already.", reason: "session-ended"
                )
            }
            try transaction.run(
                SessionStatements.drain, [.sequence(transaction.nextSequence()), .integer(session.number)]
            )
            transaction.touch(session: session)
            transaction.wishChanged(session)
        case .delete(let force):
            if row.life.status.isLive && !force {
                throw StoreError(
                    .conflict, "Session \(session) is live. Drain it first, or delete it with force=true.",
                    reason: "session-live"
                )
            }
            if let step = row.life.die(.forced, at: transaction.now) {
                try row.write(step, actor: actor, frees: .forced, transaction)
            }
            try delete(isCurrent: !row.life.isReplaced, transaction)
        }
    }

    /// Jobs and attempts stay as history; the session's own row goes, with its beats. Its token is remembered: whoever
    /// still speaks with it is told that it was deleted, and stops.
    private func delete(isCurrent: Bool, _ transaction: WriteTransaction) throws {
        let record = try RecordReads.session(session, transaction)
        try transaction.run(
            LegacyStatements.rememberDeleted, [.instant(transaction.now), .integer(session.number)]
        )
        try transaction.run(SessionStatements.delete, [.integer(session.number)])
        try transaction.run(HousekeepingStatements.pruneTransitions, [.text("session"), .integer(session.number)])
        transaction.effects.sessions.remove(session)
        transaction.effects.writtenSessions[session] = nil
        transaction.wishChanged(session)
        transaction.interned.forget()
        transaction.effects.changesAccess = true
        transaction.deleted(.session(session), scopes: [.fleet, .session(session)])
        if isCurrent, let record { try transaction.bringBack(record.workerName, on: record.machine) }
    }
}

extension WriteTransaction {
    /// The current session of a worker's name is gone from this machine: the one before it is the newest again, and so
    /// part of the fleet.
    func bringBack(_ workerName: String, on machine: MachineID) throws(StoreError) {
        let newest = try row(SessionStatements.newestOfWorker, [.text(machine.text), .text(workerName)])
        guard let previous: SessionID = newest?.id(0) else { return }
        try run(SessionStatements.makeCurrent, [.integer(previous.number)])
        effects.returned.insert(previous)
        touch(session: previous)
    }
}
