import Dispatch
import Synchronization
import Testing

@testable import Storage

/// For whom the next group waits where nodes take turns.
@Suite(.timeLimit(.minutes(1))) struct CompanionsTests {
    /// How many wait for the writer, and what it is told of it.
    private final class Line: Sendable {
        private let count = Mutex(0)
        let companions: Companions

        init(_ companions: Companions, _ count: Int) {
            self.companions = companions
            self.count.withLock { $0 = count }
        }

        var waiting: Int { count.withLock { $0 } }

        func enter() {
            companions.came(
                count.withLock { count in
                    count += 1
                    return count
                }
            )
        }
    }

    private static let forEver = DispatchTimeInterval.seconds(3_600)

    @Test func whoeverWasAnsweredOrWaitedIsWaitedFor() {
        let line = Line(Companions(limit: Self.forEver), 1)
        line.companions.willAnswer(3, waiting: 1)
        for _ in 0..<3 { DispatchQueue.global().async { line.enter() } }
        line.companions.wait(most: 100) { line.waiting }
        #expect(line.waiting == 4)
    }

    @Test func nobodyIsWaitedForWhereEnoughAreThere() {
        let line = Line(Companions(limit: Self.forEver), 3)
        line.companions.wait(most: 100) { line.waiting }
        line.companions.willAnswer(2, waiting: 1)
        line.companions.wait(most: 100) { line.waiting }
        line.companions.willAnswer(500, waiting: 500)
        line.companions.wait(most: 3) { line.waiting }
    }

    @Test func theMomentEnds() {
        let line = Line(Companions(limit: .milliseconds(1)), 1)
        line.companions.willAnswer(100, waiting: 0)
        line.companions.wait(most: 100) { line.waiting }
        #expect(line.waiting == 1)
    }

    /// The last one comes when the writer has found by itself that enough are there: it signals all the same, and the
    /// next wait is not to end by that.
    @Test func whoComesTooLateEndsNoOtherWait() {
        let line = Line(Companions(limit: Self.forEver), 0)
        line.companions.willAnswer(1, waiting: 0)
        line.companions.wait(most: 100) {
            line.enter()
            return line.waiting
        }
        line.companions.willAnswer(3, waiting: 0)
        for _ in 0..<2 { DispatchQueue.global().async { line.enter() } }
        line.companions.wait(most: 100) { line.waiting }
        #expect(line.waiting == 3)
    }
}
