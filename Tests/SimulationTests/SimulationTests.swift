import Domain
import Foundation
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

    @Test(arguments: seeds)
    func theLawsHoldInEveryWeather(seed: UInt64) async throws {
        let steps = Self.number("MUSTER_STEPS", orElse: 2_000)
        do {
            let figures = try await Simulation.run(
                seed: seed, steps: steps, agents: Self.number("MUSTER_AGENTS", orElse: seed % 4 == 0 ? 240 : 60)
            )
            #expect(figures.finished > 0)
            #expect(figures.checks > 10)
            if Self.environment["MUSTER_SEEDS"] != nil { print("seed \(seed): \(figures)") }
        } catch {
            Issue.record("MUSTER_SEED=\(seed) MUSTER_STEPS=\(steps): \(error)")
        }
    }
}
