import Domain
import StoragePostgres
import Synchronization
import TestKit
import Testing

@testable import Storage

/// A write says how many rows it has to change, and its commit travels with it: where another number has changed,
/// nothing is committed.
@Suite(.timeLimit(.minutes(5))) struct CountedWriteTests {
    private static let alone = Statement("test.say", "UPDATE session SET connectors = $1 WHERE id = $2")
    private static let together = Statement(
        "test.say_together", "UPDATE session SET connectors = $1 WHERE id = $2", rows: [.session(2)]
    )
    private static let said = Statement("test.said", "SELECT connectors FROM session WHERE id = $1")
    private static let nobody: Int64 = 999_999_999

    /// What an operation was told in each of its runs.
    private final class Runs: Sendable {
        private let told = Mutex<[[Int]]>([])
        var all: [[Int]] { told.withLock { $0 } }
        func add(_ counts: [Int]) { told.withLock { $0.append(counts) } }
    }

    private static func change(
        _ statement: Statement, _ ids: [Int64], _ runs: Runs, _ test: TestStore
    ) async throws {
        try await test.store.write { transaction in
            let counts = try ids.map { try transaction.run(statement, [.text("new"), .integer($0)], expecting: 1) }
            runs.add(counts)
            guard counts.allSatisfy({ $0 == 1 }) else { throw StoreError(.conflict, "Somebody is not there.") }
        }
    }

    @Test(arguments: [alone, together], [1, 3])
    func nothingIsCommittedWhereARowIsMissing(_ statement: Statement, count: Int) async throws {
        let server = try TemporaryPostgres.shared()
        let target = server.newTarget()
        defer { server.drop(target) }
        let test = try await TestStore.open(TestPlace(target), clock: ManualClock())
        var ids: [Int64] = []
        for number in 0..<count { ids.append(try await test.register("worker-\(number)").number) }
        let runs = Runs()
        await #expect { try await Self.change(statement, ids + [Self.nobody], runs, test) } throws: {
            ($0 as? StoreError)?.code == .conflict
        }
        let expected = Array(repeating: 1, count: count)
        // First swiftly, where nobody knows yet; then with care, where the operation is told.
        #expect(runs.all == [expected + [1], expected + [0]])
        for id in ids {
            #expect(try await test.store.read { try $0.row(Self.said, [.integer(id)])?.text(0) } != "new")
        }
        let second = Runs()
        try await Self.change(statement, ids, second, test)
        #expect(second.all == [expected])
        for id in ids {
            #expect(try await test.store.read { try $0.row(Self.said, [.integer(id)])?.text(0) } == "new")
        }
        await test.store.close()
    }
}
