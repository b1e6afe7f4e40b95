import Domain
import TestKit
import Testing

@testable import Storage
@testable import StoragePostgres

/// What PostgreSQL means to do where the way matters.
@Suite(.timeLimit(.minutes(5))) struct PostgresPlanTests {
    /// The search for the next jobs begins in the index where it is told to, and not at the front.
    @Test func theNextJobsAreLookedForFromAPosition() async throws {
        try await TestStore.with(.postgres) { test in
            try await test.submit(50)
            let target = try #require(test.place.target)
            let connection = try PostgresConnection(target, limits: PostgresLimits(), isWriter: true)
            let look = JobStatements.candidatesFrom
            let types = Array(repeating: "BIGINT", count: look.parameterCount).joined(separator: ", ")
            try connection.execute("PREPARE look (\(types)) AS \(look.textWithLocks)")
            let explain = Statement("test.explain", "EXPLAIN EXECUTE look (1, 1, 0, 0, 0, 10)")
            let plan = try connection.rows(explain, []).map { $0.text(0) }
            let scan = try #require(plan.firstIndex { $0.contains("Index Scan using job_waiting") }, "\(plan)")
            let condition = try #require(plan.dropFirst(scan).first { $0.contains("Index Cond") })
            #expect(condition.contains("ROW((- priority), ready_at, id) >= ROW("))
            #expect(!plan.contains { $0.contains("Sort") || $0.contains("Filter: (ROW") })
        }
    }
}
