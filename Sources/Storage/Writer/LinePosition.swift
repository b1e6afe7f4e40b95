/// Where a job stands among those that wait in one place: by priority, then time, then id, as
/// `JobStatements.candidates` has them.
struct LinePosition: Sendable, Hashable, Comparable {
    let priority: Int64
    /// In milliseconds since 1970.
    let readyAt: Int64
    let job: Int64

    /// Before every job that could ever wait.
    static let front = LinePosition(priority: .max, readyAt: .min, job: .min)
    /// Behind every one.
    static let back = LinePosition(priority: -.max, readyAt: .max, job: .max)

    static func < (one: LinePosition, other: LinePosition) -> Bool {
        (other.priority, one.readyAt, one.job) < (one.priority, other.readyAt, other.job)
    }
}

extension LinePosition {
    /// - Parameter candidate: the columns of `JobStatements.candidates`.
    init(_ candidate: SQLRow) {
        self.init(priority: candidate.int64(1), readyAt: candidate.int64(2), job: candidate.int64(0))
    }

    /// As `JobStatements.candidatesFrom` compares.
    var values: [SQLValue] { [.integer(-priority), .integer(readyAt), .integer(job)] }
}
