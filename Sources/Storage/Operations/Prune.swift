package import Domain

/// How long history is kept.
package struct Retention: Sendable, Hashable {
    package var endedSessionMilliseconds: Int64 = 30 * 86_400_000
    package var logLineMilliseconds: Int64 = 14 * 86_400_000
    package var finishedJobMilliseconds: Int64 = 90 * 86_400_000
    package var idempotencyMilliseconds: Int64 = 86_400_000

    package init() {}
}

/// One bite of forgetting: small enough that the writer is never held for long. Asked again until nothing is left.
package struct Prune: Sendable {
    /// Rows of one kind in one bite: a few milliseconds of the writer.
    static let biteCount = 200

    package struct Answer: Sendable {
        package var count = 0
        package var orphanedArtifacts: [ArtifactID] = []
        /// Where the walk over jobs goes on.
        package var jobCursor: JobID
    }

    package var retention: Retention
    package var jobCursor: JobID

    package init(retention: Retention, jobCursor: JobID) {
        self.retention = retention
        self.jobCursor = jobCursor
    }

    package func run(_ transaction: WriteTransaction) throws -> Answer {
        var answer = Answer(jobCursor: jobCursor)
        let bite = SQLValue.int(Self.biteCount)
        try forgetTombstones(bite, &answer, transaction)
        answer.count += try transaction.run(
            HousekeepingStatements.pruneLines,
            [.sequence(transaction.lastSequence), before(retention.logLineMilliseconds, transaction), bite]
        )
        answer.count += try transaction.run(
            HousekeepingStatements.pruneIdempotency,
            [before(retention.idempotencyMilliseconds, transaction), bite]
        )
        try forgetSessions(bite, &answer, transaction)
        try forgetJobs(bite, &answer, transaction)
        return answer
    }

    private func before(_ milliseconds: Int64, _ transaction: WriteTransaction) -> SQLValue {
        .instant(transaction.now.adding(milliseconds: -milliseconds))
    }

    /// What was forgotten is remembered as a number: a watcher from before it takes a new snapshot.
    private func forgetTombstones(
        _ bite: SQLValue, _ answer: inout Answer, _ transaction: WriteTransaction
    ) throws {
        let limit = before(transaction.timing.tombstoneMilliseconds, transaction)
        guard let newest = try transaction.row(HousekeepingStatements.newestPrunedTombstone, [limit])?.optionalInt64(0)
        else { return }
        try transaction.run(HousekeepingStatements.putFact, [.text(Fact.oldestSince), .text(String(newest))])
        answer.count += try transaction.run(HousekeepingStatements.pruneTombstones, [limit, bite])
    }

    private func forgetSessions(
        _ bite: SQLValue, _ answer: inout Answer, _ transaction: WriteTransaction
    ) throws {
        let limit = before(retention.endedSessionMilliseconds, transaction)
        for row in try transaction.rows(HousekeepingStatements.endedSessions, [limit, bite]) {
            let id: SessionID = row.id(0)
            try transaction.run(SessionStatements.delete, [.integer(id.number)])
            try transaction.run(HousekeepingStatements.pruneTransitions, [.text("session"), .integer(id.number)])
            transaction.deleted(.session(id), scopes: [.fleet, .session(id)])
            answer.count += 1
        }
    }

    private func forgetJobs(
        _ bite: SQLValue, _ answer: inout Answer, _ transaction: WriteTransaction
    ) throws {
        let limit = before(retention.finishedJobMilliseconds, transaction)
        let rows = try transaction.rows(
            HousekeepingStatements.finishedJobs, [.integer(jobCursor.number), limit, bite]
        )
        for row in rows {
            let job = try JobRow.find(row.id(0), transaction)
            answer.orphanedArtifacts += try transaction.rows(
                HousekeepingStatements.idsOfJobArtifacts, [.integer(job.id.number)]
            ).map { $0.id(0) }
            try transaction.run(HousekeepingStatements.pruneTransitions, [.text("job"), .integer(job.id.number)])
            try transaction.run(JobStatements.delete, [.integer(job.id.number)])
            transaction.count(job.home, from: job.life.status, to: nil)
            transaction.deleted(.job(job.id), scopes: job.home.scopes(of: job.id))
            answer.jobCursor = job.id
            answer.count += 1
        }
        if rows.count < Self.biteCount { answer.jobCursor = JobID(number: 0) }
    }
}

/// Names of single values kept in the database.
enum Fact {
    static let program = "program"
    static let epoch = "epoch"
    /// Tombstones up to this sequence are forgotten.
    static let oldestSince = "oldest_since"
    /// Signs URLs of artifacts.
    static let urlSecret = "url_secret"
}
