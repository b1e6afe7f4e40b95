import Domain

/// Making, naming and ending sessions of clients that name none.
enum LegacySession {
    struct Claim {
        let job: JobID
        let at: Instant
    }

    /// A new session: of a claim, or of a word that nothing fits.
    static func make(
        _ origin: LegacyOrigin, claim: Claim?, isShared: Bool = false, why: String, _ transaction: WriteTransaction
    ) throws -> LegacyRow {
        if let hostname = origin.hostname { try LegacyMachine.see(hostname, at: origin.address, transaction) }
        let machine = try LegacyMachine.put(
            hostname: origin.hostname, address: origin.address, facts: nil, transaction
        )
        let id = transaction.nextID(SessionID.self)
        let base = origin.hostname ?? (isShared ? "\(origin.address) (shared)" : origin.address)
        let (name, previous) = try name(base, on: machine, for: id, transaction)
        let status: SessionStatus = claim == nil ? .running : .starting
        try transaction.run(
            LegacyStatements.insertSession,
            [
                .integer(id.number), .text(machine.text), .text(origin.hostname ?? origin.address), .text(name),
                .text("goliat-\(id)"), .text("legacy-\(id)"), .word(status), .instant(transaction.now),
                .instant(transaction.now), .text(StoredText.utilisation(Utilisation())), .id(previous),
                .sequence(transaction.nextSequence()),
            ]
        )
        try transaction.run(
            LegacyStatements.insert,
            [
                .integer(id.number), .text(origin.address), .optional(origin.hostname), .optional(origin.peer),
                .instant(claim?.at), .id(claim?.job), .flag(claim != nil), .flag(isShared),
            ]
        )
        try addAddress(origin.address, to: id, transaction)
        try transaction.transition(
            .session, id.number, from: nil, to: status.rawValue, actor: origin.actor, why: why,
            sequence: transaction.nextSequence()
        )
        transaction.touch(session: id)
        transaction.legacyMoved(id, origin.address, origin.hostname)
        guard let row = try LegacyRow.find(id, transaction) else {
            throw StoreError(.corrupt, "Session \(id) was made and is not there.")
        }
        return row
    }

    static func addAddress(_ address: String, to id: SessionID, _ transaction: WriteTransaction) throws {
        try transaction.run(
            LegacyStatements.addAddress, [.integer(id.number), .text(address), .instant(transaction.now)]
        )
    }

    /// The first name of `base`, `base-2` … that no live session of the machine has. Who had it before is history.
    private static func name(
        _ base: String, on machine: MachineID, for id: SessionID, _ transaction: WriteTransaction
    ) throws -> (name: String, previous: SessionID?) {
        var taken: Set<String> = []
        for row in try transaction.rows(
            LegacyStatements.namesOfMachine, [.text(machine.text), .integer(id.number)]
        ) where try !letGo(row, of: base, transaction) {
            taken.insert(row.text(0))
        }
        var name = base
        var number = 2
        while taken.contains(name) {
            name = "\(base)-\(number)"
            number += 1
        }
        let newest = try transaction.row(
            LegacyStatements.newestOfName, [.text(machine.text), .text(name), .integer(id.number)]
        )
        guard let previous: SessionID = newest?.id(0) else { return (name, nil) }
        let sequence = transaction.nextSequence()
        try transaction.run(SessionStatements.replace, [.sequence(sequence), .integer(previous.number)])
        transaction.touch(session: previous)
        transaction.leaves(.session(previous), scopes: [.fleet], sequence: sequence)
        return (name, previous)
    }

    /// Whoever has said its last word needs its name no more.
    private static func letGo(_ row: SQLRow, of base: String, _ transaction: WriteTransaction) throws -> Bool {
        var session = SessionRow(
            id: row.id(1), status: try row.word(2), since: row.instant(3), kind: try row.word(4)
        )
        guard row.text(0) == base, session.life.kind == .legacy, session.life.status == .stopping,
            let step = session.life.die(.goodbye, at: transaction.now)
        else { return false }
        try session.write(step, actor: "client:\(base)", transaction)
        return true
    }

    /// A word of this session: it lives, at this address, and by this name from now on.
    static func hear(
        _ row: inout LegacyRow, _ origin: LegacyOrigin, rule: LegacyRule, _ transaction: WriteTransaction
    ) throws {
        let isMoved = row.address != origin.address
        let isNamed = origin.hostname != nil && row.hostname == nil && !row.isShared
        let wasFresh = row.isFresh
        if let hostname = origin.hostname { try LegacyMachine.see(hostname, at: origin.address, transaction) }
        if isMoved || isNamed || wasFresh || (origin.peer != nil && origin.peer != row.peer) {
            try transaction.run(
                LegacyStatements.heardFrom,
                [
                    .text(origin.address), .optional(row.isShared ? nil : origin.hostname), .optional(origin.peer),
                    .integer(row.id.number),
                ]
            )
            transaction.legacyMoved(row.id, row.address, origin.address, row.hostname, origin.hostname)
        }
        if wasFresh { try begin(row, origin, rule, transaction) }
        if isMoved { try move(row, origin, transaction) }
        if isNamed, let hostname = origin.hostname { try identify(&row, hostname, origin, rule, transaction) }
        row.address = origin.address
        row.isFresh = false
    }

    /// The window of a claim speaks for the first time: what it claimed runs.
    private static func begin(
        _ row: LegacyRow, _ origin: LegacyOrigin, _ rule: LegacyRule, _ transaction: WriteTransaction
    ) throws {
        var session = try SessionRow.find(row.id, transaction)
        if let step = try session.life.hear(.running, at: transaction.now) {
            let told = SessionTransition(
                from: step.from, to: step.to, why: "heard from \(origin.address), by \(rule.rawValue)")
            try session.write(told, actor: origin.actor, transaction)
        }
        guard let job = try row.heldJob(transaction) else { return }
        try start(job, of: row.id, actor: origin.actor, transaction)
    }

    /// The lease of a claim lasts while its simulator starts; from its first word on, words renew it.
    static func start(
        _ job: JobRow, of session: SessionID, actor: String, _ transaction: WriteTransaction
    ) throws {
        var job = job
        try job.thaw(transaction)
        let step = try job.life.report(.started, by: session, attempt: job.life.attempt, why: "its window is heard")
        if let step { try job.write(step, holder: session, actor: actor, transaction) }
    }

    private static func move(
        _ row: LegacyRow, _ origin: LegacyOrigin, _ transaction: WriteTransaction
    ) throws {
        try addAddress(origin.address, to: row.id, transaction)
        if let hostname = row.hostname { try LegacyMachine.see(hostname, at: origin.address, transaction) }
        try note(row, "moved from \(row.address) to \(origin.address)", origin, transaction)
    }

    /// The hostname is known now: the session goes to that machine, under a name of its own there.
    private static func identify(
        _ row: inout LegacyRow, _ hostname: String, _ origin: LegacyOrigin, _ rule: LegacyRule,
        _ transaction: WriteTransaction
    ) throws {
        // The address that it claimed from was this machine's too.
        try LegacyMachine.see(hostname, at: row.address, transaction)
        let machine = try LegacyMachine.put(hostname: hostname, address: origin.address, facts: nil, transaction)
        let (name, previous) = try name(hostname, on: machine, for: row.id, transaction)
        let sequence = transaction.nextSequence()
        try transaction.run(
            LegacyStatements.identify,
            [
                .text(machine.text), .text(hostname), .text(name), .id(previous), .sequence(sequence),
                .integer(row.id.number),
            ]
        )
        transaction.changed(session: row.id, sequence: sequence)
        transaction.interned.use { $0.sessions[row.id] = nil }
        try transaction.run(LegacyStatements.renameAttempts, [.text(name), .integer(row.id.number)])
        for job in try JobRow.heldBy(row.id, transaction) {
            let changed = transaction.nextSequence()
            try transaction.run(
                LegacyStatements.renameHeld,
                [.text(name), .sequence(changed), .integer(job.id.number), .integer(row.id.number)]
            )
            transaction.changed(job: job.id, sequence: changed, home: job.home)
        }
        let (old, oldName) = (row.machine, row.workerName)
        row.hostname = hostname
        row.workerName = name
        row.machine = machine
        try transaction.bringBack(oldName, on: old)
        try LegacyMachine.leave(old, transaction)
        try note(row, "is \(hostname), by \(rule.rawValue)", origin, transaction)
    }

    /// A step of its history that is no change of its status.
    static func note(
        _ row: LegacyRow, _ why: String, _ origin: LegacyOrigin, _ transaction: WriteTransaction
    ) throws {
        let status = try SessionRow.find(row.id, transaction).life.status.rawValue
        try transaction.transition(
            .session, row.id.number, from: status, to: status, actor: origin.actor, why: why,
            sequence: transaction.nextSequence()
        )
        transaction.touch(session: row.id)
    }
}
