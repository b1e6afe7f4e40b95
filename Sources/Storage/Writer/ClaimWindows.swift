import Domain

/// Waiting jobs that were read once for all claims of a group: sixty workers ask for the next job, and one statement
/// finds the next sixty.
struct ClaimWindows {
    private struct Window {
        var rows: [SQLRow]
        /// No more wait than these.
        let isWhole: Bool
    }

    /// What is known after a group about the claims of the next.
    struct Forecast: Sendable {
        /// Where claims looked: the next ones do mostly the same.
        fileprivate(set) var places: Set<ReadyJobs> = []
        /// Before this position nobody waits there. What was claimed a moment ago stands in PostgreSQL's index until
        /// the table is vacuumed, in front of all that waits: whoever looks from here need not walk over it.
        fileprivate(set) var starts: [ReadyJobs: LinePosition] = [:]

        /// Places that are looked at before anybody asks; where there are more, they are asked for one by one.
        private static let placeLimit = 4
        /// Past this many all are found anew: it is only a short cut.
        private static let startLimit = 10_000

        /// What to ask for a group whose claims want `count` jobs.
        func questions(forClaims count: Int) -> [Look] {
            guard count > 0, places.count <= Self.placeLimit else { return [] }
            return places.map { Look(place: $0, limit: count, start: starts[$0]) }
        }

        /// The first of those that were found waiting there stands here.
        fileprivate mutating func begin(_ place: ReadyJobs, at position: LinePosition) {
            if starts.count >= Self.startLimit, starts[place] == nil { starts = [:] }
            starts[place] = position
        }

        /// Jobs became ready, here or by another node.
        mutating func join(_ joined: [ReadyJobs: LinePosition]) {
            for (place, position) in joined { join(place, position) }
        }

        fileprivate mutating func join(_ place: ReadyJobs, _ position: LinePosition) {
            guard let start = starts[place], position < start else { return }
            starts[place] = position == .front ? nil : position
        }
    }

    /// What is asked of one place.
    struct Look {
        let place: ReadyJobs
        /// Before this nobody waited when it was asked.
        let start: LinePosition?
        let question: Question

        fileprivate init(place: ReadyJobs, limit: Int, start: LinePosition?) {
            self.place = place
            self.start = start
            let values: [SQLValue] = [.integer(place.queue.number), .integer(place.requirement)]
            question =
                if let start {
                    Question(JobStatements.candidatesFrom, values + start.values + [.int(limit)])
                } else {
                    Question(JobStatements.candidates, values + [.int(limit)])
                }
        }
    }

    private var windows: [ReadyJobs: Window] = [:]
    /// What to expect after this group, if its commit succeeds; `nil` where nothing is asked ahead.
    private(set) var forecast: Forecast?
    /// How many jobs the claims of this group want together. Without it nothing is read ahead.
    private(set) var claimCount: Int

    /// - Parameter forecast: what was known after the last group, and all that was heard since.
    init(claimCount: Int = 0, after forecast: Forecast? = nil) {
        self.claimCount = claimCount
        self.forecast = forecast
        if claimCount > 0 { self.forecast?.places = [] }
    }

    /// The next of that queue and requirement, as `JobStatements.candidates` has them.
    mutating func candidates(
        _ place: ReadyJobs, _ wanted: Int, read: (Question) throws(StoreError) -> [SQLRow]
    ) throws(StoreError) -> [SQLRow] {
        forecast?.places.insert(place)
        if let known = windows[place], known.isWhole || known.rows.count >= wanted {
            return Array(known.rows.prefix(wanted))
        }
        let limit = max(claimCount, wanted)
        let look = Look(place: place, limit: limit, start: forecast?.starts[place])
        let rows = try read(look.question)
        if limit > wanted { put(rows, look, limit: limit) } else { note(rows.first, place) }
        return Array(rows.prefix(wanted))
    }

    /// The first `limit` that wait there, read by now and before anything was written. Not taken where somebody came in
    /// before them since they were asked for.
    mutating func put(_ rows: [SQLRow], _ look: Look, limit: Int) {
        guard forecast?.starts[look.place] == look.start else { return }
        windows[look.place] = Window(rows: rows, isWhole: rows.count < limit)
        note(rows.first, look.place)
    }

    private mutating func note(_ first: SQLRow?, _ place: ReadyJobs) {
        if let first { forecast?.begin(place, at: LinePosition(first)) }
    }

    /// Claims for so many jobs follow.
    mutating func expect(_ count: Int) {
        claimCount = count
        windows.removeAll()
    }

    /// Jobs became ready there.
    mutating func join(_ place: ReadyJobs, _ position: LinePosition) {
        forget(place.queue)
        forecast?.join(place, position)
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
        return try windows.candidates(place, wanted) { question throws(StoreError) in
            try rows(question.statement, question.values)
        }
    }

    func noteTaken(_ job: JobID, _ home: JobHome) {
        windows.remove(job, from: home.place)
    }
}
