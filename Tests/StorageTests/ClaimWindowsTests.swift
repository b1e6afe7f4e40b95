import Domain
import Testing

@testable import Storage

/// The waiting jobs that are read once for all claims of a group, and what is asked ahead for the next group.
@Suite struct ClaimWindowsTests {
    private static func place(_ queue: Int64) -> ReadyJobs { ReadyJobs(queue: QueueID(number: queue), requirement: 1) }

    /// Rows of waiting jobs, as far as these windows look: id, priority, and when they became ready.
    private static func rows(_ ids: ClosedRange<Int64>) -> [SQLRow] {
        ids.map { SQLRow([.integer($0), .integer(0), .integer($0)]) }
    }

    private static func position(_ job: Int64) -> LinePosition { LinePosition(priority: 0, readyAt: job, job: job) }

    /// Asks, and notes what had to be read.
    private static func ask(
        _ windows: inout ClaimWindows, _ place: ReadyJobs, _ wanted: Int, reads: inout [Int]
    ) -> [Int64] {
        var limits: [Int] = []
        let found = try? windows.candidates(place, wanted) { question throws(StoreError) in
            guard case .integer(let limit) = question.values.last else { return [] }
            limits.append(Int(limit))
            return rows(100...99 + limit)
        }
        reads += limits
        return (found ?? []).map { $0.int64(0) }
    }

    /// Windows of a group that has looked there.
    private static func windows(of claimCount: Int, after places: ReadyJobs...) -> ClaimWindows {
        var windows = ClaimWindows(claimCount: claimCount, after: ClaimWindows.Forecast())
        var reads: [Int] = []
        for place in places { _ = ask(&windows, place, 1, reads: &reads) }
        return windows
    }

    /// What was asked before the group, of one place.
    private static func ahead(of claimCount: Int, _ place: ReadyJobs) throws -> ClaimWindows.Look {
        var windows = ClaimWindows(claimCount: claimCount, after: ClaimWindows.Forecast())
        _ = try windows.candidates(place, 1) { _ throws(StoreError) in [] }
        return try #require(windows.forecast?.questions(forClaims: claimCount).first)
    }

    @Test func whatWasAskedAheadIsNotReadAgain() throws {
        var windows = ClaimWindows(claimCount: 4)
        var reads: [Int] = []
        windows.put(Self.rows(1...4), try Self.ahead(of: 4, Self.place(7)), limit: 4)
        for job in 1...4 {
            #expect(Self.ask(&windows, Self.place(7), 1, reads: &reads) == [Int64(job)])
            windows.remove(JobID(number: Int64(job)), from: Self.place(7))
        }
        #expect(reads.isEmpty)
        // More came than were thought of.
        #expect(Self.ask(&windows, Self.place(7), 1, reads: &reads) == [100])
        #expect(reads == [4])
    }

    @Test func whereFewerWaitThanWereAskedForThereAreNoMore() throws {
        var windows = ClaimWindows(claimCount: 4)
        var reads: [Int] = []
        windows.put(Self.rows(1...1), try Self.ahead(of: 4, Self.place(7)), limit: 4)
        #expect(Self.ask(&windows, Self.place(7), 2, reads: &reads) == [1])
        windows.remove(JobID(number: 1), from: Self.place(7))
        #expect(Self.ask(&windows, Self.place(7), 2, reads: &reads) == [])
        #expect(reads.isEmpty)
        // But for those that an operation of the group brings.
        windows.forget(QueueID(number: 7))
        #expect(Self.ask(&windows, Self.place(7), 2, reads: &reads) == [100, 101])
        #expect(reads == [4])
    }

    @Test func theNextGroupIsExpectedToLookWhereThisOneDid() throws {
        var windows = ClaimWindows(claimCount: 8, after: ClaimWindows.Forecast())
        var reads: [Int] = []
        #expect(windows.forecast?.questions(forClaims: 3).isEmpty == true)
        _ = Self.ask(&windows, Self.place(7), 1, reads: &reads)
        let asked = try #require(windows.forecast).questions(forClaims: 3)
        #expect(asked.map(\.place) == [Self.place(7)])
        // It found 100 to be the first, so it looks no further to the front.
        #expect(asked.map(\.question.values) == [[7, 1, 0, 100, 100, 3]])
        #expect(windows.forecast?.questions(forClaims: 0).isEmpty == true)
    }

    @Test func whereNothingIsAskedAheadNothingIsKept() {
        var windows = ClaimWindows(claimCount: 8)
        var reads: [Int] = []
        _ = Self.ask(&windows, Self.place(7), 1, reads: &reads)
        #expect(windows.forecast == nil)
    }

    @Test func manyPlacesAreNotAskedAhead() {
        var windows = ClaimWindows(claimCount: 8, after: ClaimWindows.Forecast())
        var reads: [Int] = []
        for queue in 1...4 { _ = Self.ask(&windows, Self.place(Int64(queue)), 1, reads: &reads) }
        #expect(windows.forecast?.questions(forClaims: 8).count == 4)
        _ = Self.ask(&windows, Self.place(5), 1, reads: &reads)
        #expect(windows.forecast?.questions(forClaims: 8).isEmpty == true)
    }

    @Test func whoComesInFrontIsLookedFor() {
        var windows = Self.windows(of: 4, after: Self.place(7))
        #expect(windows.forecast?.starts[Self.place(7)] == Self.position(100))
        // Behind the start, or elsewhere: nothing to look for.
        windows.join(Self.place(7), Self.position(101))
        windows.join(Self.place(8), Self.position(1))
        #expect(windows.forecast?.starts == [Self.place(7): Self.position(100)])
        windows.join(Self.place(7), LinePosition(priority: 1, readyAt: 500, job: 500))
        #expect(windows.forecast?.starts[Self.place(7)] == LinePosition(priority: 1, readyAt: 500, job: 500))
        windows.join(Self.place(7), .front)
        #expect(windows.forecast?.starts[Self.place(7)] == nil)
    }

    @Test func anAnswerThatMissesWhoCameInFrontIsNotTaken() throws {
        let before = Self.windows(of: 4, after: Self.place(7))
        let ahead = try #require(before.forecast?.questions(forClaims: 4).first)
        // Heard with the turn: another node brought a job that stands before all that was looked for.
        var forecast = try #require(before.forecast)
        forecast.join([Self.place(7): Self.position(50)])
        var windows = ClaimWindows(claimCount: 4, after: forecast)
        windows.put(Self.rows(100...103), ahead, limit: 4)
        var reads: [Int] = []
        _ = Self.ask(&windows, Self.place(7), 1, reads: &reads)
        #expect(reads == [4])
        // One that came behind is no reason to ask again.
        forecast = try #require(before.forecast)
        forecast.join([Self.place(7): Self.position(150)])
        windows = ClaimWindows(claimCount: 4, after: forecast)
        windows.put(Self.rows(100...103), ahead, limit: 4)
        reads = []
        #expect(Self.ask(&windows, Self.place(7), 1, reads: &reads) == [100])
        #expect(reads.isEmpty)
    }

    @Test func linesAreOrderedByPriorityThenTimeThenJob() {
        let line = [
            LinePosition.front, LinePosition(priority: 2, readyAt: 9, job: 9),
            LinePosition(priority: 1, readyAt: 1, job: 9), LinePosition(priority: 1, readyAt: 2, job: 1),
            LinePosition(priority: 1, readyAt: 2, job: 2), LinePosition(priority: -1, readyAt: 0, job: 0), .back,
        ]
        #expect(line.shuffled().sorted() == line)
    }
}
