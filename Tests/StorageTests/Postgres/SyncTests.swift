import Dispatch
import Domain
import Storage
import Synchronization
import TestKit
import Testing

@testable import StoragePostgres

/// While several nodes are at work a commit can be seen a moment before it is on disk: nobody may be shown it then, and
/// nobody may be answered.
@Suite(.timeLimit(.minutes(5))) struct SyncTests {
    /// A PostgreSQL that brings nothing to disk by itself, so that a crash takes back what nobody waited for.
    private func withLazyServer(
        _ body: (TemporaryPostgres, PostgresTarget, ManualClock) async throws -> Void
    ) async throws {
        let server = try TemporaryPostgres()
        defer { server.stop() }
        try server.becomeLazy()
        try await body(server, server.newTarget(), ManualClock())
    }

    private final class Load: Sendable {
        let answered = Mutex<Set<JobID>>([])
        let isOver = Mutex(false)
    }

    private static func sequence(_ test: TestStore) async throws -> SequenceNumber {
        try await test.store.read { try WatchReads.sequence($0) }
    }

    /// How a node comes to know what another committed.
    enum Way: String, CaseIterable { case reads, watches, follows, commits }

    @Test(arguments: Way.allCases)
    func whatIsShownOutlivesACrash(by way: Way) async throws {
        try await withLazyServer { server, target, clock in
            var limits = PostgresLimits()
            limits.listens = way == .follows
            let test = try await TestStore.open(TestPlace(target, limits: limits), clock: clock)
            try await test.submit(1)
            let before = try await Self.sequence(test)
            try server.commitUnsynced(target)
            let shown: SequenceNumber
            switch way {
            case .reads: shown = try await Self.sequence(test)
            case .watches: shown = try await test.store.readPinned(enter: {}) { try WatchReads.sequence($0) }
            case .follows, .commits:
                if way == .follows {
                    // A call that does not say what is on disk.
                    try server.execute("SELECT pg_notify('muster:\(target.schema)', 'look')")
                } else {
                    try await test.submit(1)
                }
                await test.observer.wait { $0.contains { $0.isGap } }
                shown = test.observer.all.first { $0.isGap }?.sequence ?? .zero
            }
            #expect(shown.value == before.value + 1)
            try server.crash()
            try server.start()
            try await Patience.until { (try? await Self.sequence(test)) != nil }
            #expect(try await Self.sequence(test) >= shown)
            await test.store.close()
        }
    }

    /// That the play above has something in it: nobody has looked, and the crash takes it back.
    @Test func whatNobodySawIsTakenBack() async throws {
        try await withLazyServer { server, target, clock in
            let test = try await TestStore.open(TestPlace(target), clock: clock)
            try await test.submit(1)
            let before = try await Self.sequence(test)
            await test.store.close()
            let last = Statement("test.last", "SELECT value FROM \"\(target.schema)\".sequence")
            let closed = try PostgresScript.rows(last, url: server.url).first?.int64(0) ?? 0
            #expect(closed >= before.value)
            try server.commitUnsynced(target)
            #expect(try PostgresScript.rows(last, url: server.url).first?.int64(0) == closed + 1)
            try server.crash()
            try server.start()
            #expect(try PostgresScript.rows(last, url: server.url).first?.int64(0) == closed)
        }
    }

    /// Two nodes that let each other in before the disk has it, and a database that crashes under them: whatever was
    /// answered or told is there.
    @Test func twoNodesUnderACrashLoseNothingThatWasAnswered() async throws {
        try await withLazyServer { server, target, clock in
            let nodes = [
                try await TestStore.open(TestPlace(target), clock: clock),
                try await TestStore.open(TestPlace(target), clock: clock),
            ]
            let load = Load()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for worker in 0..<8 {
                    group.addTask {
                        while !load.isOver.withLock({ $0 }), !Task.isCancelled {
                            guard let jobs = try? await nodes[worker % 2].submit(1) else {
                                await Task.yield()
                                continue
                            }
                            load.answered.withLock { $0.formUnion(jobs) }
                        }
                    }
                }
                for round in 0...3 {
                    let before = load.answered.withLock { $0.count }
                    try await Patience.until { load.answered.withLock { $0.count } >= before + 100 }
                    if round == 3 { break }
                    try server.crash()
                    try server.start()
                }
                load.isOver.withLock { $0 = true }
                try await group.waitForAll()
            }
            let stored = try await nodes[0].store.read { connection in
                try ListReads.jobs(queue: nil, status: nil, before: ListReads.end, limit: 1_000_000, connection)
            }
            #expect(load.answered.withLock { $0 }.isSubset(of: Set(stored.map(\.id))))
            let end = try await Self.sequence(nodes[0])
            for node in nodes {
                let told = node.observer.all.map(\.sequence)
                #expect(told == told.sorted())
                #expect(told.allSatisfy { $0 <= end })
                try await node.store.read { try StoreLaws.check($0) }
            }
            for node in nodes { await node.store.close() }
        }
    }

    @Test func callsAreSpacedAndTheLastIsNeverLost() {
        let start = DispatchTime(uptimeNanoseconds: 1_000_000_000)
        func news(_ number: Int64) -> News { News(node: "a", sequence: SequenceNumber(number)) }
        var calls = CallSpacing()
        #expect(calls.add(news(1), at: start) == .now(news(1)))
        let moment = start + CallSpacing.spacing
        #expect(calls.add(news(2), at: start + .milliseconds(1)) == .later(moment))
        #expect(calls.add(news(3), at: start + .milliseconds(2)) == .waiting)
        #expect(calls.due(at: moment) == news(3))
        #expect(calls.due(at: moment) == nil)
        // Said in time by the next commit, it is not said again.
        #expect(calls.add(news(4), at: moment + .milliseconds(1)) == .later(moment + CallSpacing.spacing))
        #expect(calls.add(news(5), at: moment + CallSpacing.spacing) == .now(news(5)))
        #expect(calls.due(at: moment + CallSpacing.spacing) == nil)
    }

    @Test func newsIsReadAsItIsWritten() {
        let news = News(node: "0a1b", sequence: SequenceNumber(42))
        #expect(News(text: news.text) == news)
        for text in ["", "0a1b", "0a1b x", "0a1b 1 2"] { #expect(News(text: text) == nil) }
    }
}
