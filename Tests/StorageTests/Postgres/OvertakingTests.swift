import Dispatch
import Domain
import Storage
import StoragePostgres
import Synchronization
import TestKit
import Testing

/// The test that decides how the sequence is kept: a transaction takes its number first and commits last, by seconds,
/// while others want to commit and a subscriber on another node reads by number. Whoever reads everything above the
/// number it has seen must miss nothing.
@Suite(.timeLimit(.minutes(3))) struct OvertakingTests {
    /// Held by the database itself, in the middle of the transaction.
    private static let hold = Statement("test.hold", "SELECT 1 FROM pg_sleep(3)")
    private static let holdMilliseconds: Int64 = 3_000
    private static let clock = Statement(
        "test.clock", "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)"
    )

    private static func submit(_ key: String) -> SubmitJobs {
        let job = SubmitJobs.New(
            queue: "default", payload: "{}", requires: nil, priority: 0, runAt: nil, uniqueKey: key, label: nil,
            maximumAttempts: 5
        )
        return SubmitJobs(jobs: [job], idempotency: nil)
    }

    /// What the tasks of a test tell each other.
    private final class Course: Sendable {
        let isHeld = Mutex(false)
        let heldMilliseconds = Mutex<Int64>(0)
        let readsWhileHeld = Mutex(0)
        let isOver = Mutex(false)
    }

    /// Reads by number as a watcher does that comes again and again with its last one.
    private static func follow(
        _ store: Store, since start: SequenceNumber, _ course: Course
    ) async throws -> [Change] {
        var (last, seen) = (start, [Change]())
        while true {
            try Task.checkCancellation()
            let isLast = course.isOver.withLock { $0 }
            let since = last
            guard
                case .changes(let changes, let upTo) = try await store.read({
                    try WatchReads.changes(.queue("default"), since: since, $0)
                })
            else { throw StoreError(.corrupt, "The watcher was told to begin anew.") }
            seen += changes.filter { $0.key.kind == .job }
            last = upTo
            if course.isHeld.withLock({ $0 }) { course.readsWhileHeld.withLock { $0 += 1 } }
            if isLast { return seen }
            await Task.yield()
        }
    }

    @Test func aTransactionThatIsSecondsLateIsMissedByNobody() async throws {
        let server = try TemporaryPostgres.shared()
        let target = server.newTarget()
        defer { server.drop(target) }
        let clock = ManualClock()
        var nodes: [TestStore] = []
        for _ in 0..<3 { nodes.append(try await TestStore.open(TestPlace(target), clock: clock)) }
        let (first, second, third) = (nodes[0].store, nodes[1].store, nodes[2].store)
        _ = try await first.write { try Self.submit("before").run($0) }
        let start = try await third.read { try WatchReads.sequence($0) }
        let course = Course()
        let (jobs, late, seen) = try await withThrowingTaskGroup(of: JobID.self) { group in
            async let following = Self.follow(third, since: start, course)
            group.addTask { try await Self.submitLate(first, course) }
            try await Patience.until { course.isHeld.withLock { $0 } }
            for number in 0..<20 {
                group.addTask { try await second.write { try Self.submit("other-\(number)").run($0)[0].id } }
            }
            let late = try await group.next() ?? JobID(number: 0)
            let jobs = try await group.reduce(into: [late]) { $0.append($1) }
            course.isOver.withLock { $0 = true }
            return (jobs, late, try await following)
        }
        // The database held it so long, and the subscriber went on reading all the while.
        #expect(course.heldMilliseconds.withLock { $0 } >= Self.holdMilliseconds)
        #expect(course.readsWhileHeld.withLock { $0 } > 0)
        #expect(late == jobs.min { $0.number < $1.number })
        #expect(seen.map(\.key) == jobs.sorted { $0.number < $1.number }.map(EntityKey.job))
        // Nor did who only listens miss any.
        let end = try await first.read { try WatchReads.sequence($0) }
        await nodes[2].observer.wait { $0.contains { $0.sequence >= end } }
        let told = nodes[2].observer.changes.filter { $0.key.kind == .job && $0.sequence > start }
        #expect(told.map(\.key) == seen.map(\.key))
        for node in nodes { await node.store.close() }
    }

    private static func submitLate(_ store: Store, _ course: Course) async throws -> JobID {
        try await store.write { transaction in
            let answer = try submit("late").run(transaction)
            let began = try transaction.row(clock, [])?.int64(0) ?? 0
            course.isHeld.withLock { $0 = true }
            _ = try transaction.row(hold, [])
            course.isHeld.withLock { $0 = false }
            let ended = try transaction.row(clock, [])?.int64(0) ?? 0
            course.heldMilliseconds.withLock { $0 = ended - began }
            return answer[0].id
        }
    }

    /// That such a reader can miss something at all: numbers that are given without a lock, and the same course.
    @Test func numbersWithoutALockAreOvertaken() async throws {
        let server = try TemporaryPostgres.shared()
        let target = server.newTarget()
        defer { server.drop(target) }
        let schema = "\"\(target.schema)\""
        try server.execute(
            "CREATE SCHEMA \(schema); CREATE TABLE \(schema).entry (seq BIGINT); CREATE SEQUENCE \(schema).number;"
                + "CREATE TABLE \(schema).go_on (id BIGINT)"
        )
        let add = "INSERT INTO \(schema).entry VALUES (nextval('\(target.schema).number'))"
        // It commits when it is told to, in a table that it looks into.
        let late = """
            SET statement_timeout = 0; BEGIN; \(add);
            DO 'BEGIN WHILE NOT EXISTS (SELECT 1 FROM \(schema).go_on) LOOP PERFORM pg_sleep(0.01); END LOOP; END';
            COMMIT
            """
        let given = Statement("test.given", "SELECT CAST(is_called AS INTEGER) FROM \(schema).number")
        let entries = Statement("test.entries", "SELECT seq FROM \(schema).entry ORDER BY seq")
        func read() throws -> [Int64] { try PostgresScript.rows(entries, url: server.url).map { $0.int64(0) } }
        let url = server.url
        async let ended: Void = withCheckedThrowingContinuation {
            (continuation: CheckedContinuation<Void, any Error>) in
            DispatchQueue.global().async {
                continuation.resume(with: Result { try PostgresScript.run(late, url: url) })
            }
        }
        try await Patience.until { try PostgresScript.rows(given, url: server.url).first?.flag(0) == true }
        for _ in 0..<3 { try server.execute(add) }
        let before = try read()
        try server.execute("INSERT INTO \(schema).go_on VALUES (1)")
        try await ended
        let seen = before + (try read()).filter { $0 > before.max() ?? 0 }
        #expect(before == [2, 3, 4])
        #expect(try read() == [1, 2, 3, 4])
        #expect(seen == [2, 3, 4])
    }
}
