package import Domain

/// How long history is kept.
package struct Retention: Sendable, Hashable {
    package var endedSessionMilliseconds: Int64 = 30 * 86_400_000
    package var logLineMilliseconds: Int64 = 14 * 86_400_000
    /// How much the lines of the log may take, in bytes: their text, and `logLineOverhead` each. The oldest go first.
    package var logBytes: Int64 = 10_000_000_000
    package var finishedJobMilliseconds: Int64 = 90 * 86_400_000
    package var idempotencyMilliseconds: Int64 = 86_400_000

    /// What a line takes in the database beside its text: its numbers, its times, its place in two indices.
    package static let logLineOverhead = 100

    package init() {}
}

/// One bite of forgetting: small enough that the writer is never held for long. Asked again until nothing is left.
package struct Prune: Sendable {
    /// Rows of one kind in one bite: a few milliseconds of the writer.
    static let biteCount = 200
    /// Jobs that one bite looks at: the walk over all of them takes as many bites as it needs.
    static let walkCount = 2_000

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
        try forgetTombstones(&answer, transaction)
        try forgetLines(&answer, transaction)
        answer.count += try transaction.count(
            HousekeepingStatements.pruneIdempotency,
            [before(retention.idempotencyMilliseconds, transaction), bite]
        )
        try forgetSessions(bite, &answer, transaction)
        try forgetJobs(&answer, transaction)
        return answer
    }

    private func before(_ milliseconds: Int64, _ transaction: WriteTransaction) -> SQLValue {
        .instant(transaction.now.adding(milliseconds: -milliseconds))
    }

    /// What was forgotten is remembered as a number: a watcher from before it takes a new snapshot.
    private func forgetTombstones(_ answer: inout Answer, _ transaction: WriteTransaction) throws {
        guard
            let newest = try newest(
                HousekeepingStatements.oldestTombstones, olderThan: transaction.timing.tombstoneMilliseconds,
                transaction
            )
        else { return }
        try transaction.run(HousekeepingStatements.putFact, [.text(Fact.oldestSince), .text(String(newest))])
        answer.count += try transaction.count(HousekeepingStatements.pruneTombstones, [.integer(newest)])
    }

    /// Lines that are too old, and the oldest of those that are too many.
    private func forgetLines(_ answer: inout Answer, _ transaction: WriteTransaction) throws {
        let total = try transaction.row(HistoryStatements.lineTotal, [])?.int64(0) ?? 0
        let newest = try newest(
            HousekeepingStatements.oldestLines, olderThan: retention.logLineMilliseconds, transaction,
            or: { total - $0.int64(2) >= retention.logBytes }
        )
        guard let newest else { return }
        answer.count += try transaction.count(HousekeepingStatements.pruneLines, [.integer(newest)])
    }

    /// Of the oldest numbered rows, at most one bite of them: the number of the last that is too old.
    ///
    /// - Parameters:
    ///   - oldest: gives numbers in order, each with the time by the server's clock.
    ///   - isTooMuch: a row goes for another reason than its age.
    private func newest(
        _ oldest: Statement, olderThan milliseconds: Int64, _ transaction: WriteTransaction,
        or isTooMuch: (SQLRow) -> Bool = { _ in false }
    ) throws -> Int64? {
        let limit = transaction.now.adding(milliseconds: -milliseconds)
        return try transaction.rows(oldest, [.int(Self.biteCount)])
            .prefix { $0.instant(1) < limit || isTooMuch($0) }.last?.int64(0)
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

    /// Goes on where the last bite ended. A job that is too young ends the walk, since all after it are younger.
    private func forgetJobs(_ answer: inout Answer, _ transaction: WriteTransaction) throws {
        let limit = transaction.now.adding(milliseconds: -retention.finishedJobMilliseconds)
        let rows = try transaction.rows(
            HousekeepingStatements.jobsByAge, [.integer(jobCursor.number), .int(Self.walkCount)]
        )
        var forgotten = 0
        for row in rows {
            guard row.instant(3) < limit else { break }
            if forgotten == Self.biteCount { break }
            answer.jobCursor = row.id(0)
            guard row.optionalInt64(1) == nil, let end = row.optionalInstant(2), end < limit else { continue }
            let job = try JobRow.find(row.id(0), transaction)
            answer.orphanedArtifacts += try job.remove(transaction)
            transaction.count(job.home, from: job.life.status, to: nil)
            transaction.deleted(.job(job.id), scopes: job.home.scopes(of: job.id))
            forgotten += 1
        }
        answer.count += forgotten
        let isWhole = rows.count < Self.walkCount || rows.last.map { $0.instant(3) >= limit } == true
        if isWhole && forgotten < Self.biteCount { answer.jobCursor = JobID(number: 0) }
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
