package import Domain

/// Takes away what deleted studies leave in the tables, in bites small enough that the writer is never held for long.
///
/// `ChangeStudy` has hidden it all in one short transaction, and `study.deleted_at` remembers: whoever removes may stop
/// between any two bites, die in one, and go on after a restart.
package struct RemoveStudies: Sendable {
    /// Assignments in one bite: a few milliseconds of the writer.
    package static let biteCount = 200

    private let study: StudyID
    /// All up to this index go; `nil` where none is left.
    private let lastIndex: Int?
    /// The study itself goes with them.
    private let isLast: Bool
    /// Files of this bite, to be removed before it is run: a crash in between leaves rows without files, which are
    /// found again, and never files without rows.
    package let artifacts: [ArtifactID]

    /// The next bite, read from the oldest deleted study; `nil` where nothing is left of any.
    ///
    /// - Parameter count: assignments in it.
    package init?(_ connection: any SQLConnection, count: Int = Self.biteCount) throws {
        guard let row = try connection.row(StudyStatements.buried, []) else { return nil }
        study = row.id(0)
        let indices = try connection.rows(
            JobStatements.biteOfStudy, [.integer(study.number), .int(count)]
        ).map { $0.int(0) }
        lastIndex = indices.last
        isLast = indices.count < count
        guard let lastIndex else {
            artifacts = []
            return
        }
        artifacts = try connection.rows(
            HousekeepingStatements.idsOfBite, [.integer(study.number), .int(lastIndex)]
        ).map { $0.id(0) }
    }

    /// How many deleted studies are still in the tables.
    package static func count(_ connection: any SQLConnection) throws -> Int {
        try connection.row(StudyStatements.countBuried, [])?.int(0) ?? 0
    }

    /// Moves no sequence: nobody has seen any of this since it was deleted.
    package func run(_ transaction: WriteTransaction) throws {
        if let lastIndex {
            let bite: [SQLValue] = [.integer(study.number), .int(lastIndex)]
            try transaction.run(HousekeepingStatements.dropTransitionsOfBite, bite)
            try transaction.run(JobStatements.deleteBite, bite)
        }
        // Queue, counters and requirements go with it.
        if isLast { try transaction.run(StudyStatements.delete, [.integer(study.number)]) }
    }
}
