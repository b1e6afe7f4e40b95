/// The rounds of one measurement.
struct Rounds {
    private(set) var rounds: [Round] = []

    mutating func add(_ round: Round) { rounds.append(round) }

    var medianRate: Double { rounds.map(\.rate).median }
    var medianServerMicroseconds: Double { rounds.map(\.serverMicrosecondsPerUnit).median }
    var medianLoadMicroseconds: Double { rounds.map(\.loadMicrosecondsPerUnit).median }

    var latencies: Histogram {
        rounds.reduce(into: Histogram()) { $0.add($1.latencies) }
    }

    /// The rate as a share of another's, round by round: what slowed the machine for a while slowed both.
    func share(of other: Rounds) -> Double {
        zip(rounds, other.rounds).map { $0.rate / $1.rate }.median
    }
}
