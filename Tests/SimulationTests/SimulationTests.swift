import Domain
import Foundation
import Synchronization
import TestKit
import Testing

/// The store under simulated agents in every kind of weather. One seed again: `MUSTER_SEED=7`; a longer hunt:
/// `MUSTER_SEEDS=500 MUSTER_STEPS=4000` from `MUSTER_FIRST_SEED`.
@Suite(.serialized) struct SimulationTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static func number(_ name: String, orElse value: Int) -> Int {
        environment[name].flatMap { Int($0) } ?? value
    }

    static var seeds: [UInt64] {
        if let seed = environment["MUSTER_SEED"].flatMap({ UInt64($0) }) { return [seed] }
        let first = UInt64(number("MUSTER_FIRST_SEED", orElse: 1))
        return (0..<UInt64(number("MUSTER_SEEDS", orElse: 12))).map { first + $0 }
    }

    private final class Dump: Sendable {
        let lines = Mutex<[String]>([])
    }

    /// The same on PostgreSQL, and at the end the same rows as on SQLite, to the last number.
    @Test(arguments: [UInt64(101), 104])
    func bothEnginesEndWithTheSameRows(seed: UInt64) async throws {
        var dumps: [[String]] = []
        for engine in Engine.all {
            let dump = Dump()
            _ = try await Simulation.run(seed: seed, steps: 900, agents: 40, on: engine) { connection in
                let lines = try TableDump.lines(connection)
                dump.lines.withLock { $0 = lines }
            }
            dumps.append(dump.lines.withLock { $0 })
        }
        #expect(dumps[0].count > 500)
        let differences = zip(dumps[0], dumps[1]).filter { $0 != $1 }
        let first = differences.first.map { "\($0.0) | \($0.1)" } ?? ""
        #expect(dumps[0].count == dumps[1].count)
        #expect(first == "")
    }

    @Test(arguments: seeds)
    func theLawsHoldInEveryWeather(seed: UInt64) async throws {
        let steps = Self.number("MUSTER_STEPS", orElse: 2_000)
        do {
            let figures = try await Simulation.run(
                seed: seed, steps: steps, agents: Self.number("MUSTER_AGENTS", orElse: seed % 4 == 0 ? 240 : 60)
            )
            #expect(figures.finished > 0)
            #expect(figures.checks > 10)
            #expect(figures.followed > 0)
            if Self.environment["MUSTER_SEEDS"] != nil { print("seed \(seed): \(figures)") }
        } catch {
            Issue.record("MUSTER_SEED=\(seed) MUSTER_STEPS=\(steps): \(error)")
        }
    }
}
