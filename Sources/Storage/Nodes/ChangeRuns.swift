import Domain

/// Jobs and sessions that changed, as other nodes are told of them: nearly all of what changes. Jobs that are
/// submitted, claimed or ended together mostly have ids and numbers that follow each other, and a thousand of them are
/// three numbers.
struct ChangeRuns: Sendable, Hashable {
    /// What a run is of, and where it belongs beside each one's own scope.
    enum Place: Sendable, Hashable {
        /// Jobs of a study or a queue, or of neither.
        case jobs(Scope?)
        /// Sessions of the fleet.
        case sessions
    }

    /// Ids and numbers that both go up by one.
    struct Run: Sendable, Hashable {
        let first: Int64
        let sequence: Int64
        var count: Int64

        func isFollowed(by id: Int64, _ sequence: Int64) -> Bool {
            first + count == id && self.sequence + count == sequence
        }
    }

    private var runs: [Place: [Run]] = [:]

    /// Those of one place are added in the order of their numbers, so that they make long runs.
    mutating func add(_ id: Int64, _ sequence: SequenceNumber, _ place: Place) {
        if let last = runs[place]?.indices.last,
            runs[place]?[last].isFollowed(by: id, sequence.value) == true
        {
            runs[place]?[last].count += 1
        } else {
            runs[place, default: []].append(Run(first: id, sequence: sequence.value, count: 1))
        }
    }

    /// Takes a change in, where it is one of those that are told so.
    mutating func take(_ change: Change) -> Bool {
        guard change.kind == .put else { return false }
        if change.key.kind == .job, let job = JobID(text: change.key.id) {
            add(job.number, change.sequence, .jobs(change.scopes.dropFirst().first))
            return true
        }
        if change.key.kind == .session, change.scopes.first == .fleet, let session = SessionID(text: change.key.id) {
            add(session.number, change.sequence, .sessions)
            return true
        }
        return false
    }

    mutating func merge(_ other: ChangeRuns) {
        for (place, more) in other.runs { runs[place, default: []] += more }
    }

    /// Each with its number and its scopes, in no particular order.
    func forEach(_ body: (EntityKey, SequenceNumber, [Scope]) -> Void) {
        for (place, runs) in runs {
            for run in runs {
                for step in 0..<run.count {
                    let sequence = SequenceNumber(run.sequence + step)
                    switch place {
                    case .jobs(let home):
                        let job = JobID(number: run.first + step)
                        body(.job(job), sequence, home.map { [.job(job), $0] } ?? [.job(job)])
                    case .sessions:
                        let session = SessionID(number: run.first + step)
                        body(.session(session), sequence, [.fleet, .session(session)])
                    }
                }
            }
        }
    }

    // MARK: - As text

    /// A list for each place: the place, then first id, first number and count of each run.
    func write(to writer: inout JSONWriter) {
        for (place, runs) in runs {
            writer.beginArray()
            switch place {
            case .jobs(let home): writer.value(home?.description ?? "")
            case .sessions: writer.value(Scope.fleet.description)
            }
            for run in runs {
                writer.value(run.first)
                writer.value(run.sequence)
                writer.value(run.count)
            }
            writer.endArray()
        }
    }

    init() {}

    /// - Parameter lists: what `write` wrote.
    /// - Returns: `nil` for anything else.
    init?(_ lists: [JSON]) {
        for list in lists {
            guard let parts = list.arrayValue, let text = parts.first?.stringValue else { return nil }
            let home = Scope(text: text)
            let numbers = parts.dropFirst().compactMap(\.intValue)
            guard text.isEmpty || home != nil, numbers.count == parts.count - 1, numbers.count % 3 == 0 else {
                return nil
            }
            let place = home == .fleet ? Place.sessions : .jobs(home)
            for start in stride(from: 0, to: numbers.count, by: 3) {
                let run = Run(first: numbers[start], sequence: numbers[start + 1], count: numbers[start + 2])
                guard run.count > 0 else { return nil }
                runs[place, default: []].append(run)
            }
        }
    }
}
