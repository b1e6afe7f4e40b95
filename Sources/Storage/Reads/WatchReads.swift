package import Domain

/// What snapshot and watch read: all entities of a scope, or those that changed since a sequence.
package enum WatchReads {
    package struct Snapshot: Sendable {
        package let sequence: SequenceNumber
        package let records: [EntityRecord]
    }

    package enum CatchUp: Sendable {
        /// In order of their sequence.
        case changes([Change], upTo: SequenceNumber)
        /// What was deleted since then is forgotten, or the number is from another time: take a new snapshot.
        case reset
    }

    package static func sequence(_ connection: any SQLConnection) throws -> SequenceNumber {
        try connection.row(SequenceStatements.read, [])?.sequence(0) ?? .zero
    }

    /// Everything in `scope` as of one sequence.
    package static func snapshot(_ scope: Scope, _ connection: any SQLConnection) throws -> Snapshot {
        let records = try records(scope, since: .zero, connection)
        return Snapshot(sequence: try sequence(connection), records: records)
    }

    /// What of `scope` changed after `since`, the newest version of each entity.
    package static func changes(
        _ scope: Scope, since: SequenceNumber, _ connection: any SQLConnection
    ) throws -> CatchUp {
        let now = try sequence(connection)
        guard since <= now else { return .reset }
        let forgotten = try connection.row(HousekeepingStatements.fact, [.text(Fact.oldestSince)])
        if let forgotten = forgotten.flatMap({ Int64($0.text(0)) }), since.value < forgotten { return .reset }
        var changes = try records(scope, since: since, connection).map { record in
            Change(key: record.key, sequence: record.sequence, scopes: [scope], record: record, kind: .put)
        }
        for row in try connection.rows(ReadStatements.tombstones, [.sequence(since)]) {
            guard try row.strings(3).contains(scope.description) else { continue }
            let key = EntityKey(kind: try row.word(1), id: row.text(2))
            changes.append(
                Change(key: key, sequence: row.sequence(0), scopes: [scope], record: nil, kind: .delete)
            )
        }
        // A study's deletion has one tombstone, not one for each of its jobs: that a job is not there says enough.
        if case .job(let id) = scope, changes.isEmpty, since < now, try RecordReads.job(id, connection) == nil {
            changes.append(Change(key: .job(id), sequence: now, scopes: [scope], record: nil, kind: .delete))
        }
        if scope == .fleet {
            for row in try connection.rows(ReadStatements.departedSessions, [.sequence(since)]) {
                changes.append(
                    Change(
                        key: .session(row.id(0)), sequence: row.sequence(1), scopes: [scope], record: nil, kind: .leave
                    )
                )
            }
        }
        changes.sort { $0.sequence < $1.sequence }
        return .changes(changes, upTo: now)
    }

    private static func records(
        _ scope: Scope, since: SequenceNumber, _ connection: any SQLConnection
    ) throws -> [EntityRecord] {
        let after = SQLValue.sequence(since)
        switch scope {
        case .fleet:
            let machines = try connection.rows(ReadStatements.machines, [after]).map(RecordReads.machine)
            let sessions = try RecordReads.sessions(
                connection.rows(ReadStatements.currentSessions, [after]), connection
            )
            let queues = try connection.rows(ReadStatements.queues, [after]).map {
                try RecordReads.queue($0, connection)
            }
            let studies = try connection.rows(ReadStatements.studies, [after]).map {
                try RecordReads.study($0, connection)
            }
            return machines.map(EntityRecord.machine) + sessions.map(EntityRecord.session)
                + queues.map(EntityRecord.queue) + studies.map(EntityRecord.study)
        case .session(let id):
            guard let session = try RecordReads.session(id, connection) else { return [] }
            return session.sequence > since ? [.session(session)] : []
        case .study(let id):
            guard let study = try RecordReads.study(id, connection) else { return [] }
            let jobs = try connection.rows(ReadStatements.changedJobsOfStudy, [.integer(id.number), after])
            return (study.sequence > since ? [.study(study)] : []) + (try jobs.map { .job(try RecordReads.job($0)) })
        case .queue(let name):
            guard let row = try connection.row(ReadStatements.queue, [.text(name)]) else { return [] }
            let queue = try RecordReads.queue(row, connection)
            let jobs = try connection.rows(ReadStatements.changedJobsOfQueue, [.integer(row.int64(0)), after])
            return (queue.sequence > since ? [.queue(queue)] : []) + (try jobs.map { .job(try RecordReads.job($0)) })
        case .job(let id):
            guard let job = try RecordReads.job(id, connection) else { return [] }
            return job.sequence > since ? [.job(job)] : []
        }
    }
}
