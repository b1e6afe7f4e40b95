import Storage
import TestKit
import Testing

/// What SQLite means to do for each statement. It keeps no statistics here, so the plan is the same for a database of
/// ten rows and of ten million.
@Suite struct QueryPlanTests {
    /// What the statements of large lists go by.
    private static let indices = [
        "job.leases": "job_held", "read.held": "job_held", "read.jobs_held_before": "job_held",
        "read.jobs_unwell_before": "job_unwell", "read.jobs_of_queue_before": "job_of_queue",
        "read.changed_jobs_of_queue": "job_of_queue", "job.candidates": "job_waiting", "job.due": "job_scheduled",
        "legacy.next_assignment": "job_waiting", "read.departed_sessions": "session_left",
    ]
    /// Tables that stay small whatever is done: a row a study, a machine, a node, a queue, a token, a live session.
    private static let small: Set = [
        "beat", "duty", "machine", "migration", "node", "queue", "screenshot", "study", "token",
    ]
    /// Statements that walk through a table in the order of its key, and stop after a few rows.
    private static let bounded: Set = [
        "log_line.total", "prune.oldest_lines", "prune.oldest_tombstones", "read.jobs_before",
        "read.jobs_before_of_status", "read.sessions_before",
    ]

    @Test func noStatementWalksThroughATableThatGrows() async throws {
        for (statement, plan) in try await Self.plans("EXPLAIN QUERY PLAN", column: 3)
        where !Self.bounded.contains(statement.name) {
            for step in plan {
                let words = step.split(separator: " ")
                guard words.first == "SCAN", let table = words.dropFirst().first.map(String.init) else { continue }
                // A partial index holds the few rows that something is to be done with.
                let isPartial = Self.partial.contains { step.hasSuffix("INDEX \($0)") }
                let isSmall = Self.small.contains(table) || Self.derived.contains(table)
                #expect(isPartial || isSmall, "\(statement.name): \(step)")
            }
        }
    }

    @Test func eachLargeListGoesByItsIndex() async throws {
        let plans = try await Self.plans("EXPLAIN QUERY PLAN", column: 3)
        for (name, index) in Self.indices {
            let plan = try #require(plans.first { $0.0.name == name }, "\(name)").1
            #expect(plan.contains { $0.contains("INDEX \(index) ") }, "\(name): \(plan)")
        }
    }

    /// A table that is built while a row is written costs as much as the writing.
    @Test func noStatementOfAJobsLifeBuildsATable() async throws {
        let hot: Set = [
            "attempt.end", "attempt.open", "job.candidates", "job.claim", "job.insert", "job.life", "job.progress",
            "job.start", "job.step", "job_count.add", "job_count.subtract", "transition.add",
        ]
        var seen: Set<String> = []
        for (statement, operations) in try await Self.plans("EXPLAIN", column: 1) where hot.contains(statement.name) {
            seen.insert(statement.name)
            #expect(!operations.contains("OpenEphemeral"), "\(statement.name)")
            #expect(!operations.contains("SorterOpen"), "\(statement.name)")
        }
        #expect(seen == hot)
    }

    private static let partial = ["session_current", "session_left", "study_deleted", "legacy_session_fresh"]
    /// Names of subqueries, whose own tables are looked at in steps of their own, and lists of values.
    private static let derived: Set = ["first", "said", "100"]

    /// One column of what SQLite says of each statement.
    private static func plans(_ verb: String, column: Int) async throws -> [(Statement, [String])] {
        // All of them outlive the connection, which knows a statement by its identity.
        let asked = Statements.all.map { Statement("plan.\($0.name)", "\(verb) \($0.textWithoutLocks)") }
        return try await TestStore.with(.sqlite) { test in
            try await test.store.read { connection in
                try zip(Statements.all, asked).map { statement, asked in
                    let values = Array(repeating: SQLValue.null, count: statement.parameterCount)
                    return (statement, try connection.rows(asked, values).map { $0.text(column) })
                }
            }
        }
    }
}
