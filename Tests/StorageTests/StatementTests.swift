import Domain
import Foundation
import Storage
import TestKit
import Testing

@Suite struct StatementTests {
    @Test(arguments: Engine.all)
    func everyStatementIsPreparedByTheEngine(on engine: Engine) async throws {
        try await TestStore.with(engine) { test in
            for statement in Statements.all {
                let values = Array(repeating: SQLValue.integer(1), count: statement.parameterCount)
                // Each runs on an empty database, inside a transaction that is undone.
                await #expect(throws: Undo.self, "\(statement.name)") {
                    try await test.store.write { transaction in
                        do {
                            _ = try transaction.rows(statement, values)
                        } catch let error as StoreError where error.code == .constraint {
                            // A value of the wrong kind reached a table: the text itself was understood.
                        }
                        throw Undo()
                    }
                }
            }
        }
    }

    @Test func namesAreGivenOnce() {
        let names = Statements.all.map(\.name)
        #expect(Set(names).count == names.count)
        #expect(Statements.all.count > 90)
    }

    @Test func parametersOutOfOrderStopTheProgram() async {
        await #expect(processExitsWith: .failure) {
            _ = Statement("wrong", "SELECT $2, $1")
        }
        await #expect(processExitsWith: .failure) {
            _ = Statement("wrong", "SELECT 1::bigint")
        }
    }

    @Test func theFragmentForRowLocksIsReplaced() {
        let statement = Statement("x", "SELECT 1 WHERE $1 = 1 {FOR UPDATE}")
        #expect(statement.textWithLocks == "SELECT 1 WHERE $1 = 1 FOR UPDATE")
        #expect(statement.textWithoutLocks == "SELECT 1 WHERE $1 = 1 ")
    }

    private struct Undo: Error {}
}
