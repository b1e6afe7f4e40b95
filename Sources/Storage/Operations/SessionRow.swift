import Domain

/// A session as the rules need it.
struct SessionRow {
    let id: SessionID
    var life: SessionLife
    let isDraining: Bool
    let lastReport: Int64
    /// It has jobs in hand: only then is there something to look up.
    let holdsJobs: Bool
    /// Its utilisation and its connectors, as they are stored.
    let said: [String]
    private let storedStatus: SessionStatus

    static func find(_ id: SessionID, _ transaction: WriteTransaction) throws -> SessionRow {
        guard let row = try transaction.row(SessionStatements.brief, [.integer(id.number)]) else {
            throw StoreError(
                .notFound, "There is no session \(id). Register anew with POST /api/v1/sessions.",
                reason: "unknown-session"
            )
        }
        return try SessionRow(id: id, row)
    }

    private init(id: SessionID, _ row: SQLRow) throws {
        self.id = id
        storedStatus = try row.word(0)
        life = SessionLife(
            status: storedStatus, since: row.instant(1), holdsRole: false, isReplaced: !row.flag(4),
            kind: try row.word(6)
        )
        isDraining = row.flag(2)
        lastReport = row.int64(3)
        holdsJobs = row.flag(5)
        said = [row.text(7), row.text(8)]
    }

    init(id: SessionID, status: SessionStatus, since: Instant, kind: SessionKind = .agent) {
        self.id = id
        storedStatus = status
        life = SessionLife(status: status, since: since, holdsRole: false, kind: kind)
        isDraining = false
        lastReport = 0
        holdsJobs = false
        said = []
    }

    var actor: String { "session:\(id)" }

    /// Writes a decided step of the session. A step to its end by proof frees its work at once.
    func write(
        _ step: SessionTransition, actor: String, frees: DeathCause? = nil, _ transaction: WriteTransaction
    ) throws {
        let isOver = !step.to.isLive
        let sequence = transaction.nextSequence()
        let changed = try transaction.run(
            SessionStatements.move,
            [
                .word(step.to), .instant(transaction.now), .instant(isOver ? transaction.now : nil),
                .optional(isOver ? step.why : nil), .sequence(sequence), .integer(id.number), .word(step.from),
            ],
            expecting: 1
        )
        guard changed == 1 else {
            throw StoreError(.conflict, "Session \(id) changed while it was being changed. Try again.")
        }
        try transaction.transition(
            .session, id.number, from: step.from.rawValue, to: step.to.rawValue, actor: actor, why: step.why,
            sequence: sequence
        )
        transaction.touch(session: id)
        transaction.wishChanged(id)
        guard let frees, frees.isProved else { return }
        for var job in try JobRow.heldBy(id, transaction) {
            try job.lose(why: "its worker is gone (\(frees.rawValue))", actor: actor, transaction)
        }
    }
}
