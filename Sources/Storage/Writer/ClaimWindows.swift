import Domain

/// Waiting jobs that were read once for all claims of a group: sixty workers ask for the next job, and one statement
/// finds the next sixty.
struct ClaimWindows {
    private struct Window {
        var rows: [SQLRow]
        /// No more wait than these.
        let isWhole: Bool
    }

    /// Where the claims of a group looked: the next group's do mostly the same.
    struct Forecast: Sendable {
        fileprivate(set) var places: Set<ReadyJobs> = []

        /// Places that are looked at before anybody asks; where there are more, they are asked for one by one.
        private static let placeLimit = 4

        /// What to ask for a group whose claims want `count` jobs.
        func questions(forClaims count: Int) -> [(place: ReadyJobs, question: Question)] {
            guard count > 0, places.count <= Self.placeLimit else { return [] }
            return places.map { ($0, ClaimWindows.question($0, count)) }
        }
    }

    private var windows: [ReadyJobs: Window] = [:]
    /// What to expect after this group.
    private(set) var forecast = Forecast()
    /// How many jobs the claims of this group want together. Without it nothing is read ahead.
    let claimCount: Int

    init(claimCount: Int) {
        self.claimCount = claimCount
    }

    /// The next of that queue and requirement, as `JobStatements.candidates` has them.
    mutating func candidates(
        _ place: ReadyJobs, _ wanted: Int, read: (_ limit: Int) throws(StoreError) -> [SQLRow]
    ) throws(StoreError) -> [SQLRow] {
        forecast.places.insert(place)
        if let known = windows[place], known.isWhole || known.rows.count >= wanted {
            return Array(known.rows.prefix(wanted))
        }
        guard claimCount > wanted else { return try read(wanted) }
        let rows = try read(claimCount)
        put(rows, place, limit: claimCount)
        return Array(rows.prefix(wanted))
    }

    /// The first `limit` that wait there, read by now and before anything was written.
    mutating func put(_ rows: [SQLRow], _ place: ReadyJobs, limit: Int) {
        windows[place] = Window(rows: rows, isWhole: rows.count < limit)
    }

    fileprivate static func question(_ place: ReadyJobs, _ limit: Int) -> Question {
        Question(
            JobStatements.candidates, [.integer(place.queue.number), .integer(place.requirement), .int(limit)]
        )
    }

    /// A claim of this group has it, or found that it does not wait.
    mutating func remove(_ job: JobID, from place: ReadyJobs) {
        guard let position = windows[place]?.rows.firstIndex(where: { $0.id(0) == job }) else { return }
        windows[place]?.rows.remove(at: position)
    }

    /// Which jobs of a queue wait has changed in another way.
    mutating func forget(_ queue: QueueID) {
        if windows.isEmpty { return }
        windows = windows.filter { $0.key.queue != queue }
    }

    mutating func forget() { windows.removeAll() }
}

extension WriteTransaction {
    func candidates(_ queue: QueueID, _ requirement: Int64, _ wanted: Int) throws(StoreError) -> [SQLRow] {
        let place = ReadyJobs(queue: queue, requirement: requirement)
        return try windows.candidates(place, wanted) { limit throws(StoreError) in
            let question = ClaimWindows.question(place, limit)
            return try rows(question.statement, question.values)
        }
    }

    func noteTaken(_ job: JobID, _ home: JobHome) {
        windows.remove(job, from: home.place)
    }
}
