import Domain

/// Waiting jobs that were read once for all claims of a group: sixty workers ask for the next job, and one statement
/// finds the next sixty.
struct ClaimWindows {
    private struct Window {
        var rows: [SQLRow]
        /// No more wait than these.
        let isWhole: Bool
    }

    private var windows: [ReadyJobs: Window] = [:]
    /// How many jobs the claims of this group want together. Without it nothing is read ahead.
    let claimCount: Int

    init(claimCount: Int) {
        self.claimCount = claimCount
    }

    /// The next of that queue and requirement, as `JobStatements.candidates` has them.
    mutating func candidates(
        _ place: ReadyJobs, _ wanted: Int, read: (_ limit: Int) throws(StoreError) -> [SQLRow]
    ) throws(StoreError) -> [SQLRow] {
        guard claimCount > wanted else { return try read(wanted) }
        if let known = windows[place], known.isWhole || known.rows.count >= wanted {
            return Array(known.rows.prefix(wanted))
        }
        let rows = try read(claimCount)
        windows[place] = Window(rows: rows, isWhole: rows.count < claimCount)
        return Array(rows.prefix(wanted))
    }

    /// A claim of this group has it, or found that it does not wait.
    mutating func remove(_ job: JobID, from place: ReadyJobs) {
        guard let position = windows[place]?.rows.firstIndex(where: { $0.id(0) == job }) else { return }
        windows[place]?.rows.remove(at: position)
    }

    /// Which jobs of a queue wait has changed in another way.
    mutating func forget(_ queue: QueueID) {
        if windows.isEmpty { return }
        windows = windows.filter { $0.key.queue != queue }
    }

    mutating func forget() { windows.removeAll() }
}

extension WriteTransaction {
    func candidates(_ queue: QueueID, _ requirement: Int64, _ wanted: Int) throws(StoreError) -> [SQLRow] {
        try windows.candidates(ReadyJobs(queue: queue, requirement: requirement), wanted) { limit throws(StoreError) in
            try rows(JobStatements.candidates, [.integer(queue.number), .integer(requirement), .int(limit)])
        }
    }

    func noteTaken(_ job: JobID, _ home: JobHome) {
        windows.remove(job, from: home.place)
    }
}
