package import Domain

/// What time does: silent sessions go stale, ended leases free their jobs, scheduled jobs become ready.
///
/// A reader looks for candidates; each is decided again inside the transaction that changes it.
package struct Sweep: Sendable {
    package struct Findings: Sendable {
        package var sessions: [SessionID] = []
        package var leases: [JobID] = []
        package var isAnythingDue = false
        package var isEmpty: Bool { sessions.isEmpty && leases.isEmpty && !isAnythingDue }
    }

    /// Scheduled jobs that one sweep makes ready; the rest follow at once in the next.
    static let dueLimit = 1_000

    package let findings: Findings
    private let heard: @Sendable (SessionID) -> Instant?
    private let silenceForgivenUntil: Instant?
    /// The node that sweeps, where there may be several: it must have the duty still.
    private let node: Node?

    /// - Parameters:
    ///   - heard: when a session was last heard, by the beats in memory.
    ///   - silenceForgivenUntil: the server could not listen before this moment.
    ///   - node: the node that sweeps, where there may be several.
    init(
        findings: Findings, heard: @escaping @Sendable (SessionID) -> Instant?, silenceForgivenUntil: Instant?,
        node: Node? = nil
    ) {
        self.findings = findings
        self.heard = heard
        self.silenceForgivenUntil = silenceForgivenUntil
        self.node = node
    }

    /// Finds what may be over by `now`.
    static func look(
        _ connection: any SQLConnection, now: Instant, timing: Timing,
        heard: @Sendable (SessionID) -> Instant?, silenceForgivenUntil: Instant?
    ) throws -> Findings {
        var findings = Findings()
        for row in try connection.rows(SessionStatements.live, []) {
            let id: SessionID = row.id(0)
            let since = row.instant(2)
            var life = SessionLife(status: try row.word(1), since: since, holdsRole: false, kind: try row.word(3))
            let step = life.expire(
                lastHeard: heard(id) ?? since, silenceForgivenUntil: silenceForgivenUntil, at: now, timing: timing
            )
            if step != nil { findings.sessions.append(id) }
        }
        for row in try connection.rows(JobStatements.leases, []) {
            let lease = Lease(
                grantedAt: row.optionalInstant(3) ?? Instant(milliseconds: 0),
                lengthMilliseconds: timing.leaseMilliseconds(isAssignment: row.optionalInt64(5) != nil),
                frozenUntil: row.optionalInstant(4)
            )
            let last = row.optionalID(2, SessionID.self).flatMap { heard($0) }
            if lease.hasEnded(lastHeard: last, silenceForgivenUntil: silenceForgivenUntil, at: now) {
                findings.leases.append(row.id(0))
            }
        }
        findings.isAnythingDue = try !connection.rows(JobStatements.due, [.instant(now), .int(1)]).isEmpty
        return findings
    }

    package func run(_ transaction: WriteTransaction) throws {
        // A node that was frozen wakes with old findings: another has the duty by then.
        if let node, try transaction.row(NodeStatements.holder, [.text(Duty.sweep)])?.text(0) != node.id { return }
        for id in findings.sessions { try expire(id, transaction) }
        for id in findings.leases { try end(id, transaction) }
        if findings.isAnythingDue { try makeReady(transaction) }
    }

    private func expire(_ id: SessionID, _ transaction: WriteTransaction) throws {
        guard let brief = try transaction.row(SessionStatements.brief, [.integer(id.number)]) else { return }
        let since = brief.instant(1)
        var session = SessionRow(id: id, status: try brief.word(0), since: since, kind: try brief.word(6))
        let step = session.life.expire(
            lastHeard: try lastHeard(id, transaction) ?? since, silenceForgivenUntil: silenceForgivenUntil,
            at: judged(transaction),
            timing: transaction.timing
        )
        guard let step else { return }
        let isHung = step.to == .stopped
        try session.write(step, actor: "sweep", frees: isHung ? .hungStop : .silence, transaction)
    }

    private func judged(_ transaction: WriteTransaction) -> Instant {
        transaction.now.adding(milliseconds: -(node?.marginMilliseconds ?? 0))
    }

    /// The last word of a session, to any node.
    private func lastHeard(_ id: SessionID, _ transaction: WriteTransaction) throws -> Instant? {
        guard node != nil else { return heard(id) }
        let stored = try transaction.row(SessionStatements.heardAt, [.integer(id.number)])?.instant(0)
        return [heard(id), stored].compactMap(\.self).max()
    }

    private func end(_ id: JobID, _ transaction: WriteTransaction) throws {
        guard let row = try transaction.row(JobStatements.life, [.integer(id.number)]) else { return }
        var job = try JobRow(row, transaction)
        let last = try job.life.holder.flatMap { try lastHeard($0, transaction) }
        guard job.life.status.isHeld,
            job.lease(transaction.timing).hasEnded(
                lastHeard: last, silenceForgivenUntil: silenceForgivenUntil, at: judged(transaction)
            )
        else { return }
        try job.lose(why: "its lease ended", actor: "sweep", transaction)
    }

    private func makeReady(_ transaction: WriteTransaction) throws {
        for row in try transaction.rows(JobStatements.due, [.instant(transaction.now), .int(Self.dueLimit)]) {
            let id: JobID = row.id(0)
            let queue: QueueID = row.id(1)
            let home = JobHome(
                queue: queue, requirement: row.int64(2), study: row.optionalID(3),
                queueName: try transaction.queue(queue)?.name
            )
            let sequence = transaction.nextSequence()
            try transaction.run(
                JobStatements.makeReady, [.instant(transaction.now), .sequence(sequence), .integer(id.number)]
            )
            transaction.changed(job: id, sequence: sequence, home: home)
            transaction.becameReady(home)
        }
    }
}
