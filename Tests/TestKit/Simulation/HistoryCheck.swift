import Domain
import Storage

/// What the simulation remembers of jobs from outside the store, to compare with what is stored.
struct HistoryCheck {
    private struct Place: Hashable {
        let study: Int64?
        let index: Int?
        let label: String?
    }

    private var places: [Int64: Place] = [:]

    private static let jobs = Statement(
        "check.jobs", "SELECT id, study_id, study_index, label FROM job ORDER BY id"
    )
    private static let ends = Statement(
        "check.ends", "SELECT outcome FROM ended_attempt WHERE job_id = $1 AND number = $2 AND session_id = $3"
    )
    private static let late = Statement(
        "check.late", "SELECT COUNT(*) FROM late_report WHERE job_id = $1 AND attempt = $2 AND session_id = $3"
    )
    private static let line = Statement("check.line", "SELECT COUNT(*) FROM log_line WHERE text = $1")
    private static let job = Statement("check.job", "SELECT id FROM job WHERE id = $1")

    /// An index never moves (law 5).
    mutating func checkPlaces(_ rows: [SQLRow]) throws {
        for row in rows {
            let place = Place(study: row.optionalInt64(1), index: row.optionalInt(2), label: row.optionalText(3))
            if let known = places[row.int64(0)], known != place {
                throw BrokenLaw(description: "job \(row.int64(0)) moved from \(known) to \(place)")
            }
            places[row.int64(0)] = place
        }
    }

    static func readPlaces(_ connection: any SQLConnection) throws -> [SQLRow] {
        try connection.rows(jobs, [])
    }

    /// Every end that was acknowledged is in the history once: as the attempt's outcome, or as a late word of an
    /// attempt that had been lost. Only the deletion of its job takes it away.
    static func check(_ ends: [SimulatedAgent.Acknowledged], _ connection: any SQLConnection) throws {
        for end in ends {
            let key: [SQLValue] = [.id(end.key.job), .int(end.key.attempt.value), .id(end.session)]
            guard let row = try connection.row(self.ends, key) else {
                guard try connection.row(job, [.id(end.key.job)]) == nil else {
                    throw BrokenLaw(description: "\(end) was acknowledged, and there is no such attempt")
                }
                continue
            }
            let lateCount = try connection.row(late, key)?.int(0) ?? 0
            let outcome = row.text(0)
            let isApplied = outcome == "\(end.end)" && lateCount == 0
            let isLate = lateCount == 1
            guard isApplied || isLate else {
                throw BrokenLaw(
                    description: "\(end) was acknowledged; the attempt is \(outcome), late \(lateCount)"
                )
            }
        }
    }

    static func check(lines: [String], _ connection: any SQLConnection) throws {
        for text in lines where try connection.row(line, [.text(text)])?.int(0) != 1 {
            throw BrokenLaw(description: "log line '\(text)' was acknowledged and is not kept once")
        }
    }
}
