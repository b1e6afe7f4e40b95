import Storage
import TestKit
import Testing

/// The same history of clients that name no session, on both engines.
@Suite("GOLIAT's clients on both engines", .timeLimit(.minutes(15)))
struct LegacyRowsTests {
    /// Tables that only such clients fill, with the columns of their keys.
    private static let tables = [
        ("legacy_session", "1"), ("legacy_address", "1, 2"), ("session_address", "1, 2"), ("session_window", "1, 2, 3"),
        ("session_alias", "1"),
    ]
    private static let statements = tables.map { table, key in
        (table, Statement("dump.\(table)", "SELECT * FROM \(table) ORDER BY \(key)"))
    }

    private static func lines(_ connection: any SQLConnection) throws -> [String] {
        let others = try statements.flatMap { table, statement in
            try connection.rows(statement, []).map { "\(table) | \($0.values)" }
        }
        // Each database has facts of its own: its epoch, its secret.
        return try TableDump.lines(connection).filter { !$0.hasPrefix("fact | ") } + others
    }

    @Test("A history ends with the same rows, to the last number", arguments: [11, 12] as [UInt64])
    func sameRows(_ seed: UInt64) async throws {
        var dumps: [[String]] = []
        for engine in Engine.all {
            try await TestStore.with(engine) { test in
                var fleet = LegacyFleet(test: test, machineCount: 30, seed: seed)
                try await fleet.run(steps: 1_000)
                dumps.append(try await test.store.read { try Self.lines($0) })
            }
        }
        #expect(dumps[0].count == dumps[1].count)
        let first = zip(dumps[0], dumps[1]).first { $0 != $1 }
        #expect(first == nil)
        for (table, _) in Self.tables {
            #expect(dumps[0].contains { $0.hasPrefix("\(table) | ") }, "\(table) is empty")
        }
    }
}
