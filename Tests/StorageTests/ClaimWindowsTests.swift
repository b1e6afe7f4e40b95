import Domain
import Testing

@testable import Storage

/// The waiting jobs that are read once for all claims of a group, and what is asked ahead for the next group.
@Suite struct ClaimWindowsTests {
    private static func place(_ queue: Int64) -> ReadyJobs { ReadyJobs(queue: QueueID(number: queue), requirement: 1) }

    /// Rows of waiting jobs, as far as these windows look: the id comes first.
    private static func rows(_ ids: ClosedRange<Int64>) -> [SQLRow] { ids.map { SQLRow([.integer($0)]) } }

    /// Asks, and notes what had to be read.
    private static func ask(
        _ windows: inout ClaimWindows, _ place: ReadyJobs, _ wanted: Int, reads: inout [Int]
    ) -> [Int64] {
        var limits: [Int] = []
        let found = try? windows.candidates(place, wanted) { limit throws(StoreError) in
            limits.append(limit)
            return rows(100...Int64(99 + limit))
        }
        reads += limits
        return (found ?? []).map { $0.int64(0) }
    }

    @Test func whatWasAskedAheadIsNotReadAgain() {
        var windows = ClaimWindows(claimCount: 4)
        var reads: [Int] = []
        windows.put(Self.rows(1...4), Self.place(7), limit: 4)
        for job in 1...4 {
            #expect(Self.ask(&windows, Self.place(7), 1, reads: &reads) == [Int64(job)])
            windows.remove(JobID(number: Int64(job)), from: Self.place(7))
        }
        #expect(reads.isEmpty)
        // More came than were thought of.
        #expect(Self.ask(&windows, Self.place(7), 1, reads: &reads) == [100])
        #expect(reads == [4])
    }

    @Test func whereFewerWaitThanWereAskedForThereAreNoMore() {
        var windows = ClaimWindows(claimCount: 4)
        var reads: [Int] = []
        windows.put(Self.rows(1...1), Self.place(7), limit: 4)
        #expect(Self.ask(&windows, Self.place(7), 2, reads: &reads) == [1])
        windows.remove(JobID(number: 1), from: Self.place(7))
        #expect(Self.ask(&windows, Self.place(7), 2, reads: &reads) == [])
        #expect(reads.isEmpty)
        // But for those that an operation of the group brings.
        windows.forget(QueueID(number: 7))
        #expect(Self.ask(&windows, Self.place(7), 2, reads: &reads) == [100, 101])
        #expect(reads == [4])
    }

    @Test func theNextGroupIsExpectedToLookWhereThisOneDid() {
        var windows = ClaimWindows(claimCount: 8)
        var reads: [Int] = []
        #expect(windows.forecast.questions(forClaims: 3).isEmpty)
        _ = Self.ask(&windows, Self.place(7), 1, reads: &reads)
        let asked = windows.forecast.questions(forClaims: 3)
        #expect(asked.map(\.place) == [Self.place(7)])
        #expect(asked.map(\.question.values) == [[7, 1, 3]])
        #expect(windows.forecast.questions(forClaims: 0).isEmpty)
    }

    @Test func manyPlacesAreNotAskedAhead() {
        var windows = ClaimWindows(claimCount: 8)
        var reads: [Int] = []
        for queue in 1...4 { _ = Self.ask(&windows, Self.place(Int64(queue)), 1, reads: &reads) }
        #expect(windows.forecast.questions(forClaims: 8).count == 4)
        _ = Self.ask(&windows, Self.place(5), 1, reads: &reads)
        #expect(windows.forecast.questions(forClaims: 8).isEmpty)
    }
}
