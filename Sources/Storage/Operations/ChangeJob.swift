package import Domain

/// What a person does to one job.
package struct ChangeJob: Sendable {
    package enum Action: Sendable, Hashable {
        case cancel, retry, delete
    }

    package var job: JobID
    package var action: Action
    package var actor: String

    package init(job: JobID, action: Action, actor: String) {
        self.job = job
        self.action = action
        self.actor = actor
    }

    /// Returns files whose rows are gone, to be removed from the store.
    package func run(_ transaction: WriteTransaction) throws -> [ArtifactID] {
        var row = try JobRow.find(job, transaction)
        switch action {
        case .cancel:
            try row.cancel(why: "cancelled by \(actor)", actor: actor, transaction)
            return []
        case .retry:
            let step = try row.life.retry(why: "retried by \(actor)")
            try row.write(step, holder: nil, actor: actor, transaction)
            return []
        case .delete:
            return try delete(row, transaction)
        }
    }

    private func delete(_ row: JobRow, _ transaction: WriteTransaction) throws -> [ArtifactID] {
        if row.home.study != nil {
            throw StoreError(
                .conflict, "Job \(job) is an assignment: its index is for ever. Delete its study instead.",
                reason: "job-of-study"
            )
        }
        if row.life.status.isHeld {
            throw StoreError(
                .conflict, "Job \(job) is held by a worker. Cancel it first.", reason: "job-held"
            )
        }
        let artifacts = try row.remove(transaction)
        transaction.count(row.home, from: row.life.status, to: nil)
        transaction.deleted(.job(job), scopes: row.home.scopes(of: job))
        return artifacts
    }
}

extension JobRow {
    /// Its row with attempts and artifacts, and its timeline, which belongs to many kinds and so refers to nothing.
    ///
    /// - Returns: files whose rows are gone.
    func remove(_ transaction: WriteTransaction) throws -> [ArtifactID] {
        let artifacts: [ArtifactID] = try transaction.rows(
            HousekeepingStatements.idsOfJobArtifacts, [.integer(id.number)]
        ).map { $0.id(0) }
        try transaction.run(HousekeepingStatements.pruneTransitions, [.text("job"), .integer(id.number)])
        try transaction.run(JobStatements.delete, [.integer(id.number)])
        return artifacts
    }
}
