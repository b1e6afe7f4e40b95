import Domain

/// The machines of clients that name none: one for each hostname that was heard, and one for each address from which
/// only claims came. The latter stands for nobody: a session leaves it when its hostname is heard.
enum LegacyMachine {
    /// An address that a hostname was not heard from for so long tells nothing any more.
    static let addressMilliseconds: Int64 = 14 * 86_400_000
    /// Addresses of a machine that are shown.
    private static let addressLimit = 16

    static func id(hostname: String?, address: String) -> MachineID {
        MachineID(hostname.map { "goliat:\($0)" } ?? "goliat@\(address)")
    }

    /// What a heartbeat tells of the hardware.
    struct Facts: Equatable {
        var cores: Int?
        var memoryBytes: Int64?
        var gpu: String?
    }

    static func hostnames(at address: String, _ transaction: WriteTransaction) throws -> Set<String> {
        let since = transaction.now.adding(milliseconds: -addressMilliseconds)
        return Set(
            try transaction.rows(LegacyStatements.hostnamesAt, [.text(address), .instant(since)]).map { $0.text(0) })
    }

    /// Remembers that this hostname was heard from this address; once an hour is enough.
    static func see(_ hostname: String, at address: String, _ transaction: WriteTransaction) throws {
        let recent = transaction.now.adding(milliseconds: -3_600_000)
        let known = try transaction.rows(LegacyStatements.hostnamesAt, [.text(address), .instant(recent)])
        guard !known.contains(where: { $0.text(0) == hostname }) else { return }
        try transaction.run(LegacyStatements.seeAddress, [.text(address), .text(hostname), .instant(transaction.now)])
    }

    /// Writes the machine where anything of it changed.
    static func put(
        hostname: String?, address: String, facts: Facts?, _ transaction: WriteTransaction
    ) throws -> MachineID {
        let id = id(hostname: hostname, address: address)
        let stored = try transaction.row(SessionStatements.machine, [.text(id.text)])
        var addresses = [address]
        if let hostname {
            addresses = try transaction.rows(
                LegacyStatements.addressesOf, [.text(hostname), .int(addressLimit)]
            ).map { $0.text(0) }
        }
        let facts = facts ?? stored.map(Self.facts) ?? Facts()
        let described: [SQLValue] = [
            .text(hostname ?? address), .text(StoredText.strings(addresses)), .text(""), .text(""),
            .int(facts.cores), .int64(facts.memoryBytes), .text(StoredText.strings(facts.gpu.map { [$0] } ?? [])),
            .null,
        ]
        if stored?.values == described { return id }
        try transaction.run(
            SessionStatements.putMachine,
            [.text(id.text)] + described + [.instant(transaction.now), .sequence(transaction.nextSequence())]
        )
        transaction.touch(machine: id)
        // What another process of this machine said before is not what it says now.
        if let hostname { transaction.effects.legacyTraces.insert(hostname) }
        return id
    }

    private static func facts(_ row: SQLRow) -> Facts {
        Facts(
            cores: row.optionalInt(4), memoryBytes: row.optionalInt64(5), gpu: (try? row.strings(6))?.first
        )
    }

    /// Takes a machine away that stood for an address, once nobody is there any more.
    static func leave(_ machine: MachineID, _ transaction: WriteTransaction) throws {
        guard machine.text.hasPrefix("goliat@"),
            try transaction.row(LegacyStatements.sessionsOfMachine, [.text(machine.text)]) == nil
        else { return }
        try transaction.run(LegacyStatements.deleteMachine, [.text(machine.text)])
        transaction.effects.machines.remove(machine)
        transaction.deleted(.machine(machine), scopes: [.fleet])
    }
}
