package import Domain

/// A worker process makes itself known. A new process is always a new session.
package struct RegisterSession: Sendable {
    package var machine: MachineRecord
    package var workerName: String
    package var pid: Int
    package var version: String
    /// Random, made once by the process: the same key again is the same registration, sent again.
    package var processKey: String
    package var predecessorEnded: Bool
    package var queues: [String]
    package var studies: [String]
    package var slots: Int
    package var capabilities: JSON
    package var connectors: [ConnectorState]
    /// SHA-256 of the bearer token in hexadecimal; the token itself is never stored.
    package var tokenHash: String

    package init(
        machine: MachineRecord, workerName: String, pid: Int, version: String, processKey: String,
        predecessorEnded: Bool, queues: [String], studies: [String], slots: Int, capabilities: JSON,
        connectors: [ConnectorState], tokenHash: String
    ) {
        self.machine = machine
        self.workerName = workerName
        self.pid = pid
        self.version = version
        self.processKey = processKey
        self.predecessorEnded = predecessorEnded
        self.queues = queues
        self.studies = studies
        self.slots = slots
        self.capabilities = capabilities
        self.connectors = connectors
        self.tokenHash = tokenHash
    }

    /// Returns the new session, or the one this process made before.
    ///
    /// The holder of this name before it is over: by the word of the new one (`predecessorEnded`), by a new boot id,
    /// or because the same name can't be held twice. Its work is free at once (proved death).
    package func run(_ transaction: WriteTransaction) throws -> SessionID {
        let known = try transaction.row(
            SessionStatements.ofProcess, [.text(machine.id.text), .text(processKey)]
        )
        if let known {
            let id: SessionID = known.id(0)
            try transaction.run(SessionStatements.renewToken, [.text(tokenHash), .integer(id.number)])
            // The old token is worth nothing any more, on no node; a number tells the others.
            transaction.effects.changesAccess = true
            _ = transaction.nextSequence()
            return id
        }
        try putMachine(transaction)
        let previous = try endPredecessor(transaction)
        let id = transaction.nextID(SessionID.self)
        try transaction.run(SessionStatements.insert, values(id: id, previous: previous, transaction))
        try transaction.transition(
            .session, id.number, from: nil, to: SessionStatus.starting.rawValue, actor: "session:\(id)",
            why: "registered", sequence: transaction.nextSequence()
        )
        transaction.touch(session: id)
        return id
    }

    private func values(id: SessionID, previous: SessionID?, _ transaction: WriteTransaction) -> [SQLValue] {
        [
            .integer(id.number), .text(machine.id.text), .text(machine.hostname), .text(workerName), .int(pid),
            .text(version), .text(processKey), .text(tokenHash), .word(SessionStatus.starting),
            .instant(transaction.now), .text(StoredText.strings(queues)), .text(StoredText.strings(studies)),
            .int(slots), .text(capabilities.text), .instant(transaction.now),
            .text(StoredText.utilisation(Utilisation())), .text(StoredText.connectors(connectors)), .id(previous),
            .sequence(transaction.nextSequence()),
        ]
    }

    /// Writes the machine where anything of it changed. A new boot id ends what lived before the reboot.
    private func putMachine(_ transaction: WriteTransaction) throws {
        let addresses = StoredText.strings(machine.addresses)
        let gpus = StoredText.strings(machine.gpus)
        let described: [SQLValue] = [
            .text(machine.hostname), .text(addresses), .text(machine.os), .text(machine.arch), .int(machine.cores),
            .int64(machine.memoryBytes), .text(gpus), .optional(machine.bootID),
        ]
        let stored = try transaction.row(SessionStatements.machine, [.text(machine.id.text)])
        if let stored, stored.values == described { return }
        let rebooted =
            machine.bootID != nil && stored?.optionalText(7) != nil && stored?.optionalText(7) != machine.bootID
        let sequence = transaction.nextSequence()
        try transaction.run(
            SessionStatements.putMachine,
            [.text(machine.id.text)] + described + [.instant(transaction.now), .sequence(sequence)]
        )
        transaction.touch(machine: machine.id)
        guard rebooted else { return }
        for row in try transaction.rows(SessionStatements.liveOfMachine, [.text(machine.id.text)]) {
            let status: SessionStatus = try row.word(1)
            var session = SessionRow(id: row.id(0), status: status, since: row.instant(2))
            if let step = session.life.die(.reboot, at: transaction.now) {
                try session.write(step, actor: "machine:\(machine.id)", frees: .reboot, transaction)
            } else {
                try freeWork(of: session.id, cause: .reboot, transaction)
            }
        }
    }

    private func endPredecessor(_ transaction: WriteTransaction) throws -> SessionID? {
        let newest = try transaction.row(
            SessionStatements.newestOfWorker, [.text(machine.id.text), .text(workerName)]
        )
        guard let newest else { return nil }
        let id: SessionID = newest.id(0)
        var session = SessionRow(id: id, status: try newest.word(1), since: newest.instant(2))
        if let step = session.life.die(predecessorEnded ? .reaped : .replaced, at: transaction.now) {
            try session.write(step, actor: "worker:\(workerName)", frees: .replaced, transaction)
        } else {
            try freeWork(of: id, cause: .replaced, transaction)
        }
        let sequence = transaction.nextSequence()
        try transaction.run(SessionStatements.replace, [.sequence(sequence), .integer(id.number)])
        transaction.touch(session: id)
        transaction.leaves(.session(id), scopes: [.fleet], sequence: sequence)
        return id
    }

    /// A session that had gone silent before may still have leases; now its death is proved.
    private func freeWork(of session: SessionID, cause: DeathCause, _ transaction: WriteTransaction) throws {
        for var job in try JobRow.heldBy(session, transaction) {
            try job.lose(
                why: "its worker is gone (\(cause.rawValue))", actor: "worker:\(workerName)", transaction
            )
        }
    }
}
