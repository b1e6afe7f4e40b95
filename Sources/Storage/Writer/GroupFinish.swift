import Domain

/// The end of a group, inside its transaction: what its operations gathered is written once, and what is watched is
/// read as it will be on disk.
enum GroupFinish {
    static func run(
        _ transaction: WriteTransaction, observer: any CommitObserver
    ) throws(StoreError) -> CommittedChanges {
        var pending: [PendingChange] = []
        try writeCounts(transaction)
        try writeQueues(transaction, &pending)
        try writeSessions(transaction, &pending)
        for machine in transaction.effects.machines.sorted(by: { $0.text < $1.text }) {
            let sequence = transaction.nextSequence()
            try transaction.run(SessionStatements.touchMachine, [.sequence(sequence), .text(machine.text)])
            pending.append(PendingChange(key: .machine(machine), sequence: sequence, scopes: [.fleet]))
        }
        let isWatched = observer.hasWatchers
        if isWatched {
            for (job, change) in transaction.effects.jobs {
                pending.append(
                    PendingChange(key: .job(job), sequence: change.sequence, scopes: change.home.scopes(of: job))
                )
            }
        }
        var changes = try representations(pending, transaction, observer)
        changes += try buried(transaction)
        changes.sort { $0.sequence < $1.sequence }
        let effects = transaction.effects
        return CommittedChanges(
            sequence: transaction.lastSequence, changes: changes,
            unwatchedJobs: isWatched ? [:] : effects.jobs, ready: effects.ready,
            joined: effects.joined, newRequirements: effects.newRequirements, wishes: effects.wishes,
            loggedSessions: effects.loggedSessions, loggedJobs: effects.loggedJobs,
            touchedSessions: effects.sessions, quietBeats: effects.quietBeats,
            quietLegacy: effects.quietLegacy, legacyTraces: effects.legacyTraces,
            endedStudies: effects.endedStudies, heard: effects.heard, changesAccess: effects.changesAccess
        )
    }

    private struct PendingChange {
        let key: EntityKey
        let sequence: SequenceNumber
        let scopes: [Scope]
    }

    private static func writeCounts(_ transaction: WriteTransaction) throws(StoreError) {
        // Increases go first, so that no counter is below zero on the way.
        let deltas = transaction.effects.counts.filter { $0.value != 0 }.sorted { $0.value > $1.value }
        for (key, delta) in deltas {
            // Another operation of the group deleted its study, and the counters with it.
            guard try transaction.queue(key.queue) != nil else { continue }
            if delta > 0 {
                try transaction.run(
                    QueueStatements.count, [.integer(key.queue.number), .word(key.status), .int(delta)]
                )
            } else {
                try transaction.run(
                    QueueStatements.uncount, [.int(-delta), .integer(key.queue.number), .word(key.status)]
                )
            }
        }
    }

    private static func writeQueues(
        _ transaction: WriteTransaction, _ pending: inout [PendingChange]
    ) throws(StoreError) {
        for id in transaction.effects.queues.sorted(by: { $0.number < $1.number }) {
            guard let queue = try transaction.queue(id) else { continue }
            let sequence = transaction.nextSequence()
            if let study = queue.study {
                try touchStudy(study, queue: id, sequence: sequence, transaction)
                pending.append(PendingChange(key: .study(study), sequence: sequence, scopes: [.fleet, .study(study)]))
            } else if let name = queue.name {
                try transaction.run(QueueStatements.touch, [.sequence(sequence), .integer(id.number)])
                pending.append(PendingChange(key: .queue(name), sequence: sequence, scopes: [.fleet, .queue(name)]))
            }
        }
    }

    private static func touchStudy(
        _ study: StudyID, queue: QueueID, sequence: SequenceNumber, _ transaction: WriteTransaction
    ) throws(StoreError) {
        var counts = JobCounts()
        for row in try transaction.rows(QueueStatements.counts, [.integer(queue.number)]) {
            guard let status = JobStatus(rawValue: row.text(0)) else { continue }
            counts[status] = row.int(1)
        }
        let isFinished = counts.total > 0 && counts.finished == counts.total
        let hasStarted = counts.total > counts.pending + counts.cancelled
        let measured = transaction.effects.measured[study] ?? Effects.Measured()
        try transaction.run(
            StudyStatements.touch,
            [
                .int(measured.count), .integer(measured.milliseconds), .instant(transaction.now),
                .flag(hasStarted), .flag(isFinished), .sequence(sequence), .integer(study.number),
            ]
        )
        if isFinished { transaction.effects.endedStudies.insert(study) }
    }

    private static func writeSessions(
        _ transaction: WriteTransaction, _ pending: inout [PendingChange]
    ) throws(StoreError) {
        let gone = Set(transaction.effects.deletions.map(\.key))
        for session in transaction.effects.sessions.sorted(by: { $0.number < $1.number })
        where !gone.contains(.session(session)) {
            let sequence: SequenceNumber
            if let written = transaction.effects.writtenSessions[session] {
                sequence = written
            } else {
                sequence = transaction.nextSequence()
                try transaction.run(SessionStatements.touch, [.sequence(sequence), .integer(session.number)])
            }
            let hasLeft =
                transaction.effects.replaced.contains(session)
                || transaction.effects.departures.contains { $0.key == .session(session) }
            pending.append(
                PendingChange(
                    key: .session(session), sequence: sequence,
                    scopes: hasLeft ? [.session(session)] : [.fleet, .session(session)]
                )
            )
        }
    }

    private static func representations(
        _ pending: [PendingChange], _ transaction: WriteTransaction, _ observer: any CommitObserver
    ) throws(StoreError) -> [Change] {
        var changes: [Change] = []
        changes.reserveCapacity(pending.count)
        for change in pending {
            var record: EntityRecord?
            if observer.isWatching(change.scopes) {
                do {
                    record = try RecordReads.entity(change.key, transaction)
                } catch let error as StoreError {
                    throw error
                } catch {
                    throw StoreError(.corrupt, "\(change.key) can't be read: \(error).")
                }
                // Another operation of the group deleted it: the tombstone tells.
                if record == nil { continue }
            }
            changes.append(
                Change(key: change.key, sequence: change.sequence, scopes: change.scopes, record: record, kind: .put)
            )
        }
        return changes
    }

    /// Deletions leave a tombstone; departures are told from the row that stays.
    private static func buried(_ transaction: WriteTransaction) throws(StoreError) -> [Change] {
        var changes: [Change] = []
        for deletion in transaction.effects.deletions {
            try transaction.run(
                HistoryStatements.addTombstone,
                [
                    .sequence(deletion.sequence), .text(deletion.key.kind.rawValue), .text(deletion.key.id),
                    .text(StoredText.strings(deletion.scopes.map(\.description))), .instant(transaction.now),
                ]
            )
            changes.append(
                Change(
                    key: deletion.key, sequence: deletion.sequence, scopes: deletion.scopes, record: nil, kind: .delete
                )
            )
        }
        for departure in transaction.effects.departures {
            changes.append(
                Change(
                    key: departure.key, sequence: departure.sequence, scopes: departure.scopes, record: nil,
                    kind: .leave
                )
            )
        }
        return changes
    }
}
