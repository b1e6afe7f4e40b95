/// The order of lines whose program numbers them: they come as the network brings them.
package enum LogOrder {
    /// Lines with a position stand in the order of their positions, those without stay where they came. Attempts are
    /// apart: a position counts within one process.
    package static func placed(_ lines: [LogLine]) -> [LogLine] {
        var placesOfProcess: [Process: [Int]] = [:]
        for (place, line) in lines.enumerated() where line.position != nil {
            placesOfProcess[Process(job: line.job, attempt: line.attempt), default: []].append(place)
        }
        var placed = lines
        for places in placesOfProcess.values {
            let order = places.sorted { key(lines[$0]) < key(lines[$1]) }
            for (place, source) in zip(places, order) { placed[place] = lines[source] }
        }
        return placed
    }

    private struct Process: Hashable {
        let job: JobID?
        let attempt: AttemptNumber?
    }

    private static func key(_ line: LogLine) -> (Int64, Int64) { (line.position ?? 0, line.number) }
}
