import Domain

/// Jobs that changed, as other nodes are told of them: jobs that are submitted, claimed or ended together mostly have
/// ids and numbers that follow each other, and a thousand of them are three numbers.
struct JobRuns: Sendable, Hashable {
    /// Ids and numbers that both go up by one.
    struct Run: Sendable, Hashable {
        let first: Int64
        let sequence: Int64
        var count: Int64

        func isFollowed(by id: Int64, _ sequence: Int64) -> Bool {
            first + count == id && self.sequence + count == sequence
        }
    }

    /// By where they belong beside their own scope: a study, a queue, or nowhere.
    private(set) var runs: [Scope?: [Run]] = [:]

    var isEmpty: Bool { runs.isEmpty }

    /// Jobs of one place are added in the order of their numbers, so that they make long runs.
    mutating func add(_ job: JobID, _ sequence: SequenceNumber, home: Scope?) {
        let id = job.number
        let place = (runs[home]?.count ?? 0) - 1
        if place >= 0, runs[home]?[place].isFollowed(by: id, sequence.value) == true {
            runs[home]?[place].count += 1
        } else {
            runs[home, default: []].append(Run(first: id, sequence: sequence.value, count: 1))
        }
    }

    mutating func merge(_ other: JobRuns) {
        for (home, more) in other.runs { runs[home, default: []] += more }
    }

    /// Every job with its number and its scopes, in no particular order.
    func forEach(_ body: (JobID, SequenceNumber, [Scope]) -> Void) {
        for (home, runs) in runs {
            for run in runs {
                for step in 0..<run.count {
                    let job = JobID(number: run.first + step)
                    body(job, SequenceNumber(run.sequence + step), [.job(job)] + (home.map { [$0] } ?? []))
                }
            }
        }
    }

    // MARK: - As text

    /// A list for each place: the place, then first id, first number and count of each run.
    func write(to writer: inout JSONWriter) {
        for (home, runs) in runs {
            writer.beginArray()
            writer.value(home?.description ?? "")
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
            guard let parts = list.arrayValue, let place = parts.first?.stringValue else { return nil }
            let home = Scope(text: place)
            let numbers = parts.dropFirst().compactMap(\.intValue)
            guard place.isEmpty || home != nil, numbers.count == parts.count - 1, numbers.count % 3 == 0 else {
                return nil
            }
            for start in stride(from: 0, to: numbers.count, by: 3) {
                let run = Run(first: numbers[start], sequence: numbers[start + 1], count: numbers[start + 2])
                guard run.count > 0 else { return nil }
                runs[home, default: []].append(run)
            }
        }
    }
}
