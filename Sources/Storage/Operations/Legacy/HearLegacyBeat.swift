package import Domain

/// A heartbeat of a window: who it is, and what its machine is made of.
package struct HearLegacyBeat: Sendable, Hashable {
    package var origin: LegacyOrigin
    /// Absent where the client does not know.
    package var cores: Int?
    package var memoryBytes: Int64?
    package var gpu: String?

    package init(origin: LegacyOrigin, cores: Int?, memoryBytes: Int64?, gpu: String?) {
        self.origin = origin
        self.cores = cores
        self.memoryBytes = memoryBytes
        self.gpu = gpu
    }

    package func run(_ transaction: WriteTransaction) throws -> SessionID {
        let match = MatchLegacy(origin)
        let (row, isAlone) = try match.find(transaction)
        if row.hostname != nil, row.hostname == origin.hostname {
            _ = try LegacyMachine.put(
                hostname: row.hostname, address: row.address,
                facts: LegacyMachine.Facts(cores: cores, memoryBytes: memoryBytes, gpu: gpu), transaction
            )
        }
        // The same beat would find the same session and change nothing, as long as no other comes there.
        if isAlone, row.status == .running { transaction.effects.quietLegacy[self] = row.id }
        return row.id
    }
}
