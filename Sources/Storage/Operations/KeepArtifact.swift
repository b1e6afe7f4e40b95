package import Domain

/// Makes a place for a file of an attempt. Only the holder of the attempt may.
package struct OpenArtifact: Sendable {
    package var session: SessionID
    package var key: HeldKey
    package var name: String
    package var mediaType: String

    package init(session: SessionID, key: HeldKey, name: String, mediaType: String) {
        self.session = session
        self.key = key
        self.name = name
        self.mediaType = mediaType
    }

    package func run(_ transaction: WriteTransaction) throws -> ArtifactID {
        let job = try JobRow.find(key.job, transaction)
        try job.life.requireHeld(by: session, attempt: key.attempt)
        return try transaction.openArtifact(of: key, from: session, name: name, mediaType: mediaType)
    }
}

extension WriteTransaction {
    /// - Parameter session: who brings it; `nil` where nobody holds the attempt any more.
    func openArtifact(
        of key: HeldKey, from session: SessionID?, name: String, mediaType: String
    ) throws(StoreError) -> ArtifactID {
        let id = nextID(ArtifactID.self)
        try run(
            HousekeepingStatements.openArtifact,
            [
                .integer(id.number), .integer(key.job.number), .int(key.attempt.value),
                .integer(session?.number ?? 0), .text(name), .text(mediaType), .instant(now),
            ]
        )
        return id
    }
}

/// The bytes are on disk: the file counts from now on. One of the same name of the same attempt is replaced.
package struct StoreArtifact: Sendable {
    package var artifact: ArtifactID
    package var byteCount: Int64
    package var sha256: String

    package init(artifact: ArtifactID, byteCount: Int64, sha256: String) {
        self.artifact = artifact
        self.byteCount = byteCount
        self.sha256 = sha256
    }

    package struct Answer: Sendable {
        package var artifact: ArtifactRecord
        /// Files that this one replaced.
        package var replaced: [ArtifactID]
        /// It was not stored before: the bytes go to their place with this transaction.
        package var isNew: Bool
    }

    package func run(_ transaction: WriteTransaction) throws -> Answer {
        guard let row = try transaction.row(HousekeepingStatements.artifact, [.integer(artifact.number)]) else {
            throw StoreError(.notFound, "There is no artifact \(artifact).", reason: "unknown-artifact")
        }
        var record = RecordReads.artifact(row)
        if row.flag(9) {
            guard record.sha256 == sha256 else {
                throw StoreError(
                    .conflict, "Artifact \(artifact) is stored already, with other bytes. Ask for a new place.",
                    reason: "artifact-stored"
                )
            }
            return Answer(artifact: record, replaced: [], isNew: false)
        }
        let replaced: [ArtifactID] = try transaction.rows(
            HousekeepingStatements.dropSameName,
            [.integer(record.job.number), .int(record.attempt.value), .text(record.name), .integer(artifact.number)]
        ).map { $0.id(0) }
        try transaction.run(
            HousekeepingStatements.storeArtifact, [.integer(byteCount), .text(sha256), .integer(artifact.number)]
        )
        let job = try JobRow.find(record.job, transaction)
        let sequence = transaction.nextSequence()
        if replaced.isEmpty {
            try transaction.run(
                JobStatements.countArtifact, [.sequence(sequence), .integer(record.job.number)]
            )
            transaction.changed(job: record.job, sequence: sequence, home: job.home)
        }
        record.byteCount = byteCount
        record.sha256 = sha256
        return Answer(artifact: record, replaced: replaced, isNew: true)
    }
}
