package import Domain

/// Result files of a simulation: the one message that names its assignment.
package struct KeepLegacyResults: Sendable {
    package struct File: Sendable {
        /// With its folder: `far_field/duke/700MHz/…/config.json`.
        package var name: String
        package var mediaType: String
        package var byteCount: Int64
        package var sha256: String

        package init(name: String, mediaType: String, byteCount: Int64, sha256: String) {
            self.name = name
            self.mediaType = mediaType
            self.byteCount = byteCount
            self.sha256 = sha256
        }
    }

    package struct Answer: Sendable {
        /// Whose they are, where a session holds the assignment.
        package var session: SessionID?
        /// The files' ids in their order.
        package var artifacts: [ArtifactID]
        package var replaced: [ArtifactID]
    }

    package var job: JobID
    package var peer: String?
    package var files: [File]
    /// The session of an agent whose program sends them, and which of its attempts that program is, if it says so.
    package var bound: SessionID?
    package var attempt: HeldKey?

    package init(job: JobID, peer: String?, files: [File], bound: SessionID? = nil, attempt: HeldKey? = nil) {
        self.bound = bound
        self.attempt = attempt
        self.job = job
        self.peer = peer
        self.files = files
    }

    /// Files of the same name of the same attempt are replaced.
    ///
    /// - Throws: `leaseLost` where an agent's program sends results of what its agent does not hold.
    package func run(_ transaction: WriteTransaction) throws -> Answer {
        let job = try JobRow.find(job, transaction)
        guard job.home.study != nil else {
            throw StoreError(.notFound, "Job \(job.id) is no assignment of a study.", reason: "unknown-assignment")
        }
        guard job.life.attempt != .none else {
            throw StoreError(
                .conflict, "Assignment \(job.index ?? 0) was never claimed, so it has no results.",
                reason: "never-claimed"
            )
        }
        if let bound {
            let own = try JobRow.bound(bound, attempt ?? job.key, transaction)
            guard own?.id == job.id else {
                throw JobRefusal.leaseLost(
                    attempt: attempt?.attempt ?? .none, current: job.life.attempt, status: job.life.status
                )
            }
        }
        var answer = Answer(session: nil, artifacts: [], replaced: [])
        let holder = try joinByPeer(job, transaction) ?? hear(job, transaction)
        answer.session = holder
        for file in files {
            let id = try transaction.openArtifact(
                of: HeldKey(job: job.id, attempt: job.life.attempt), from: holder, name: file.name,
                mediaType: file.mediaType
            )
            let stored = try StoreArtifact(artifact: id, byteCount: file.byteCount, sha256: file.sha256).run(
                transaction)
            answer.artifacts.append(id)
            answer.replaced += stored.replaced
        }
        return answer
    }

    /// The window that speaks from the same connection's address and claimed nothing is the one that this assignment's
    /// claim waits for (rule 5). Where others speak or claimed from there as well, it is the address of a proxy or of
    /// a whole network, and tells nothing.
    private func joinByPeer(_ job: JobRow, _ transaction: WriteTransaction) throws -> SessionID? {
        guard let peer, job.life.status.isHeld, let holder = job.life.holder,
            let claim = try LegacyRow.find(holder, transaction), claim.isFresh, claim.status.isLive
        else { return nil }
        let others = try LegacyRow.all(LegacyStatements.livePeer, [.text(peer)], transaction)
            .filter { $0.id != holder }
        guard others.count == 1, var row = others.first, !row.isFresh, row.claimedJob == nil,
            JoinLegacy.mayBeOne(row, with: claim)
        else { return nil }
        let origin = LegacyOrigin(address: row.address, hostname: row.hostname, peer: peer)
        try JoinLegacy.join(&row, with: claim, evidence: "results of it came from \(peer)", origin, transaction)
        return row.id
    }

    /// A headless run is silent but for its results: they are its word, and its assignment runs.
    private func hear(_ job: JobRow, _ transaction: WriteTransaction) throws -> SessionID? {
        guard let holder = job.life.holder, var row = try LegacyRow.find(holder, transaction) else {
            return job.life.holder
        }
        guard job.life.status.isHeld else { return holder }
        let origin = LegacyOrigin(address: row.address, hostname: nil, peer: peer)
        if row.status == .stale {
            var session = try SessionRow.find(row.id, transaction)
            if let step = try? session.life.hear(.running, at: transaction.now) {
                try session.write(step, actor: origin.actor, transaction)
                transaction.legacyMoved(row.id, row.address, row.hostname)
            }
        }
        try LegacySession.hear(&row, origin, rule: .bound, transaction)
        return holder
    }
}
