import Domain

/// Where a word of a client that names no session came from.
package struct LegacyOrigin: Sendable, Hashable {
    /// The client's `machineId`.
    package var address: String
    package var hostname: String?
    /// The address of the connection, where it tells something.
    package var peer: String?

    package init(address: String, hostname: String? = nil, peer: String? = nil) {
        self.address = address
        self.hostname = hostname
        self.peer = peer
    }

    /// How history names it.
    var actor: String { hostname.map { "client:\($0)" } ?? "client:\(address)" }
}

/// A session of a client that names none, as matching needs it.
struct LegacyRow {
    let id: SessionID
    var address: String
    var hostname: String?
    /// Claimed, and not heard since.
    var isFresh: Bool
    var status: SessionStatus
    let spokeAt: Instant?
    let batches: BatchWindow
    /// The assignment that it claimed or took up, held or not.
    var claimedJob: JobID?
    let claimedAt: Instant?
    /// Words whose sender can't be told among several at its address; never a candidate.
    let isShared: Bool
    let peer: String?
    let lastLineAt: Instant?
    var workerName: String
    var machine: MachineID

    /// - Parameter row: the columns of `LegacyStatements.one`.
    init(_ row: SQLRow) throws {
        id = row.id(0)
        address = row.text(1)
        hostname = row.optionalText(2)
        isFresh = row.flag(3)
        status = try row.word(4)
        spokeAt = row.optionalInstant(5)
        batches = BatchWindow(last: row.int64(6), mask: UInt64(bitPattern: row.int64(7)))
        claimedJob = row.optionalID(8)
        claimedAt = row.optionalInstant(9)
        isShared = row.flag(10)
        peer = row.optionalText(11)
        lastLineAt = row.optionalInstant(12)
        workerName = row.text(13)
        machine = MachineID(row.text(14))
    }

    static func find(_ id: SessionID, _ transaction: WriteTransaction) throws -> LegacyRow? {
        try transaction.row(LegacyStatements.one, [.integer(id.number)]).map { try LegacyRow($0) }
    }

    static func all(
        _ statement: Statement, _ values: [SQLValue], _ transaction: WriteTransaction
    ) throws -> [LegacyRow] {
        try transaction.rows(statement, values).map { try LegacyRow($0) }.filter { !$0.isShared }
    }

    /// - Parameter details: what the message tells of its simulation, to be looked for in the configuration.
    func candidate(details: String?, _ transaction: WriteTransaction) throws -> LegacyCandidate {
        let job = try isFresh || details != nil ? heldJob(transaction) : nil
        let isYoung =
            claimedAt.map { transaction.now.milliseconds(since: $0) < transaction.timing.legacyClaimMilliseconds }
        var fits: Bool?
        if let details, let job {
            let configuration = try? JSON(parsing: job.configuration(transaction))
            fits = configuration.map { CaseEvidence.fits(details, configuration: $0) }
        }
        return LegacyCandidate(
            id: id, address: address, hostname: hostname, isFresh: isFresh && job != nil && isYoung == true,
            isEnding: status == .stopping, spokeAt: spokeAt,
            hostnamesHere: isFresh ? try LegacyMachine.hostnames(at: address, transaction) : [], batches: batches,
            fitsDetails: fits
        )
    }

    /// The assignment, where it is still in this session's hands.
    func heldJob(_ transaction: WriteTransaction) throws -> JobRow? {
        guard let job = try ownJob(transaction), job.life.status.isHeld else { return nil }
        return job
    }

    /// The assignment, held or ended by this session; `nil` where it went to another or is gone.
    func ownJob(_ transaction: WriteTransaction) throws -> JobRow? {
        guard let claimedJob, let row = try transaction.row(JobStatements.life, [.integer(claimedJob.number)])
        else { return nil }
        let job = try JobRow(row, transaction)
        guard job.life.holder == id, try transaction.queue(job.home.queue) != nil else { return nil }
        return job
    }
}

extension JobRow {
    /// The configuration as text.
    func configuration(_ transaction: WriteTransaction) throws -> String {
        try transaction.configuration(content(transaction).payload, home, index: index)
    }
}
