import Domain
import Storage
import TestKit
import Testing

@testable import Server

/// Claims that another server's jobs wake: who was called and does not take, calls the next.
@Suite struct ClaimWaitersTests {
    private let waiters = ClaimWaiters()

    private func waiter(_ session: SessionID, count: Int = 1) -> Waiter {
        let claim = ClaimJobs(session: session, count: count, held: [], study: nil, index: nil)
        return Waiter(claim: claim, deadline: .now.advanced(by: .seconds(3_600)))
    }

    private func claim(_ waiter: Waiter, _ test: TestStore) async throws -> ClaimWaiters.Outcome {
        let waiters = waiters
        return try await test.store.write { try waiters.claim(for: waiter, $0) }
    }

    /// A claim that finds nothing, and so waits.
    private func waiting(_ session: SessionID, count: Int = 1, _ test: TestStore) async throws -> Waiter {
        let waiter = waiter(session, count: count)
        guard case .waits = try await claim(waiter, test) else { throw TestServer.Unexpected("it does not wait") }
        return waiter
    }

    private func submit(_ count: Int, to queue: String, priority: Int = 0, _ test: TestStore) async throws {
        try await test.submit(count, queue: queue, priority: priority)
        waiters.didCommit(try #require(test.observer.all.last))
    }

    @Test func whoLeavesCallsAsManyAsItsJobsNeed() async throws {
        try await TestStore.with { test in
            try await test.submit(1)
            _ = try await test.claim(try await test.register("holder"))
            let greedy = try await waiting(try await test.register("greedy"), count: 3, test)
            var others: [Waiter] = []
            for number in 0..<4 { others.append(try await waiting(try await test.register("\(number)"), test)) }
            try await submit(3, to: "default", test)
            #expect(others.allSatisfy { $0.call == nil })
            #expect(greedy.call?.count == 3)
            waiters.passOn(greedy)
            #expect(others.map { $0.call?.count } == [1, 1, 1, nil])
            #expect(waiters.count == 1)
        }
    }

    @Test func whoTakesSomethingBetterElsewhereCallsTheNext() async throws {
        try await TestStore.with { test in
            for queue in ["good", "better"] { try await test.submit(1, queue: queue) }
            _ = try await test.claim(try await test.register("holder", queues: ["good", "better"]), count: 2)
            let both = try await waiting(try await test.register("both", queues: ["good", "better"]), test)
            let behind = try await waiting(try await test.register("behind", queues: ["good"]), test)
            try await submit(1, to: "good", test)
            // Nobody waits here now: the one who would is on its way to the other.
            try await submit(1, to: "better", priority: 5, test)
            #expect(both.call?.count == 1)
            #expect(behind.call == nil)
            guard case .answered(let answer) = try await claim(waiter(both.claim.session), test) else {
                throw TestServer.Unexpected("there are two jobs")
            }
            waiters.passOn(both, after: answer)
            #expect(behind.call?.count == 1)
        }
    }

    @Test func whoTookWhatItWasCalledForCallsNobody() async throws {
        try await TestStore.with { test in
            try await test.submit(1)
            _ = try await test.claim(try await test.register("holder"))
            let first = try await waiting(try await test.register("first"), test)
            let behind = try await waiting(try await test.register("behind"), test)
            try await submit(1, to: "default", test)
            guard case .answered(let answer) = try await claim(waiter(first.claim.session), test) else {
                throw TestServer.Unexpected("there is a job")
            }
            waiters.passOn(first, after: answer)
            #expect(behind.call == nil)
            #expect(waiters.count == 1)
        }
    }

    /// A claim that a group runs while the server stops comes when all waits have been ended, and nobody would end it.
    @Test func nobodyWaitsAfterTheEndOfAllWaits() async throws {
        try await TestStore.with { test in
            let session = try await test.register()
            waiters.endAll()
            let late = try await waiting(session, test)
            #expect(waiters.count == 0)
            guard case .timeout = await late.wait() else { throw TestServer.Unexpected("it waits") }
        }
    }

    @Test func linesAreClearedOfWhoeverLeft() async throws {
        try await TestStore.with { test in
            let session = try await test.register(queues: (0..<40).map { "queue-\($0)" })
            for _ in 0..<60 { waiters.leave(try await waiting(session, test)) }
            let stays = try await waiting(session, test)
            let before = waiters.entryCount
            #expect(before == 61 * 40)
            waiters.expire(now: .now)
            #expect(waiters.entryCount == 40)
            try await submit(1, to: "queue-7", test)
            waiters.didCommit(try #require(test.observer.all.last))
            guard case .work = await stays.wait() else { throw TestServer.Unexpected("it was not woken") }
        }
    }
}
