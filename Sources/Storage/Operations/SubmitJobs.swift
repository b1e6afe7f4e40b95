package import Domain

/// Puts jobs on their queues: all or none.
package struct SubmitJobs: Sendable {
    package struct New: Sendable {
        package var queue: String
        package var payload: String
        package var requires: JSON?
        package var priority: Int
        package var runAt: Instant?
        package var uniqueKey: String?
        package var label: String?
        package var maximumAttempts: Int

        package init(
            queue: String, payload: String, requires: JSON?, priority: Int, runAt: Instant?, uniqueKey: String?,
            label: String?, maximumAttempts: Int
        ) {
            self.queue = queue
            self.payload = payload
            self.requires = requires
            self.priority = priority
            self.runAt = runAt
            self.uniqueKey = uniqueKey
            self.label = label
            self.maximumAttempts = maximumAttempts
        }
    }

    package struct Submitted: Sendable {
        package var id: JobID
        package var isNew: Bool
    }

    /// A promise to answer the same to the same key: kept with a hash of what was asked.
    package struct Idempotency: Sendable {
        package var key: String
        package var bodyHash: String

        package init(key: String, bodyHash: String) {
            self.key = key
            self.bodyHash = bodyHash
        }
    }

    package var jobs: [New]
    package var idempotency: Idempotency?

    package init(jobs: [New], idempotency: Idempotency?) {
        self.jobs = jobs
        self.idempotency = idempotency
    }

    /// How often a job may end in a way that counts before it is given up, unless it says otherwise.
    package static let defaultMaximumAttempts = 5

    package func run(_ transaction: WriteTransaction) throws -> [Submitted] {
        if let idempotency, let before = try remembered(idempotency, transaction) { return before }
        var submitted: [Submitted] = []
        submitted.reserveCapacity(jobs.count)
        var places = Places()
        for job in jobs { submitted.append(try insert(job, &places, transaction)) }
        for (home, count) in places.counts {
            transaction.count(home, from: nil, to: .pending, by: count.all)
            if count.ready > 0 { transaction.becameReady(home, count: count.ready, from: count.first) }
        }
        if let idempotency {
            let reply = submitted.map { "\($0.id.number)" }.joined(separator: ",")
            try transaction.run(
                HousekeepingStatements.remember,
                [.text(idempotency.key), .text(idempotency.bodyHash), .text(reply), .instant(transaction.now)]
            )
        }
        return submitted
    }

    private func remembered(
        _ idempotency: Idempotency, _ transaction: WriteTransaction
    ) throws -> [Submitted]? {
        guard let row = try transaction.row(HousekeepingStatements.idempotent, [.text(idempotency.key)]) else {
            return nil
        }
        guard row.text(0) == idempotency.bodyHash else {
            throw StoreError(
                .conflict, "Idempotency-Key \(idempotency.key) was used for another request. Use a new key.",
                reason: "idempotency-mismatch"
            )
        }
        return row.text(1).split(separator: ",").compactMap { Int64($0) }.map {
            Submitted(id: JobID(number: $0), isNew: false)
        }
    }

    /// Where the jobs of one call go. A thousand jobs of one queue look their place up once.
    private struct Places {
        /// How many, how many that are ready, and where those begin in their line.
        var counts: [JobHome: (all: Int, ready: Int, first: LinePosition)] = [:]
        private var last: (queue: String, requires: JSON?, home: JobHome)?

        mutating func home(of job: New, in queue: Interned.Queue, _ transaction: WriteTransaction) throws -> JobHome {
            if let last, last.queue == job.queue, last.requires == job.requires { return last.home }
            let requirement = try transaction.intern(requires: job.requires, in: queue.id)
            let home = JobHome(queue: queue.id, requirement: requirement, study: nil, queueName: queue.name)
            last = (job.queue, job.requires, home)
            return home
        }

        /// - Parameter position: `nil` for a job that is not ready.
        mutating func add(_ home: JobHome, at position: LinePosition?) {
            var count = counts[home] ?? (0, 0, .back)
            count.all += 1
            if let position {
                count.ready += 1
                count.first = min(count.first, position)
            }
            counts[home] = count
        }
    }

    private func insert(
        _ job: New, _ places: inout Places, _ transaction: WriteTransaction
    ) throws -> Submitted {
        let queue = try transaction.makeQueue(named: job.queue)
        if let key = job.uniqueKey,
            let row = try transaction.row(JobStatements.ofUniqueKey, [.integer(queue.id.number), .text(key)])
        {
            return Submitted(id: row.id(0), isNew: false)
        }
        let home = try places.home(of: job, in: queue, transaction)
        let sequence = transaction.nextSequence()
        let id = JobID(number: sequence.value)
        let isReady = job.runAt.map { $0 <= transaction.now } ?? true
        let readyAt = job.runAt ?? transaction.now
        try transaction.run(
            JobStatements.insert,
            [
                .integer(id.number), .integer(home.queue.number), .integer(home.requirement), .null, .null,
                .optional(job.label), .flag(isReady), .int(job.priority), .instant(readyAt),
                .instant(job.runAt), .int(job.maximumAttempts), .optional(job.uniqueKey), .instant(transaction.now),
                .sequence(sequence), .text(job.payload),
            ]
        )
        transaction.changed(job: id, sequence: sequence, home: home)
        let position = LinePosition(
            priority: Int64(job.priority), readyAt: readyAt.milliseconds, job: id.number
        )
        places.add(home, at: isReady ? position : nil)
        return Submitted(id: id, isNew: true)
    }
}
