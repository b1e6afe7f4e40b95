import Storage
import TestKit
import Testing

/// What SQLite means to do for each statement. It keeps no statistics here, so the plan is the same for a database of
/// ten rows and of ten million.
@Suite struct QueryPlanTests {
    /// What the statements of large lists go by.
    private static let indices = [
        "job.leases": "job_held", "read.held": "job_held", "read.holders_of_study": "job_held_study",
        "read.holders_of_studies": "job_held",
        "read.jobs_held_before": "job_held",
        "read.jobs_unwell_before": "job_unwell", "read.jobs_of_queue_before": "job_of_queue",
        "read.changed_jobs_of_queue": "job_of_queue", "job.candidates": "job_waiting",
        "job.candidates_from": "job_waiting", "job.due": "job_scheduled",
        "legacy.next_assignment": "job_waiting", "read.departed_sessions": "session_left",
    ]
    /// Tables that stay small whatever is done: a row a study, a machine, a node, a queue with what is required in it,
    /// a token, a live session.
    private static let small: Set = [
        "beat", "duty", "machine", "migration", "node", "queue", "queue_requirement", "screenshot", "study", "token",
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
            "attempt.end", "job.candidates", "job.claim", "job.insert", "job.life", "job.progress",
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

    /// Who deletes a row has the engine look for what refers to it: without an index through all there is, whatever the
    /// statement says. An index over some rows serves where it leaves out none but those that refer to nothing.
    @Test func everyReferenceHasAnIndexToBeFoundBy() async throws {
        let references = Statement(
            "plan.references",
            """
            SELECT child.name, key.id, key."from"
            FROM sqlite_schema AS child, pragma_foreign_key_list(child.name) AS key
            WHERE child.type = 'table' AND key.seq = 0 ORDER BY 1, 2
            """
        )
        let indexed = Statement(
            "plan.indexed",
            """
            SELECT list.name, list.partial, coalesce(schema.sql, '') FROM pragma_index_list($1) AS list
            JOIN pragma_index_info(list.name) AS info ON info.seqno = 0 AND info.name = $2
            LEFT JOIN sqlite_schema AS schema ON schema.name = list.name
            """
        )
        let keyed = Statement(
            "plan.keyed", "SELECT name FROM pragma_table_info($1) WHERE pk = 1 AND name = $2"
        )
        try await TestStore.with(.sqlite) { test in
            try await test.store.read { connection in
                let found = try connection.rows(references, [])
                #expect(found.count > 10)
                for row in found where !Self.small.contains(row.text(0)) {
                    let (table, column) = (row.text(0), row.text(2))
                    let isKey = try !connection.rows(keyed, [.text(table), .text(column)]).isEmpty
                    let isIndexed = try connection.rows(indexed, [.text(table), .text(column)]).contains { index in
                        index.int(1) == 0 || index.text(2).hasSuffix("WHERE \(column) IS NOT NULL")
                    }
                    #expect(isKey || isIndexed, "\(table).\(column)")
                }
            }
        }
    }

    private static let partial = ["session_current", "session_left", "study_deleted", "legacy_session_fresh"]
    /// Names of subqueries, whose own tables are looked at in steps of their own, and lists of values.
    private static let derived: Set = ["first", "newest", "said", "100"]

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
