import FDTDSolver
import Foundation
import Testing

/// What must hold for any right solver, whatever the numbers are.
@Suite struct SolverTests {
    @Test(arguments: [0.0, 30, 45, 90, 200])
    func `free space scatters nothing`(degrees: Double) throws {
        let nothing = Phantom(name: "nothing", ellipses: [Ellipse(tissue: "air", width: 200, height: 120)])
        let computation = try Study.computation(nothing, direction: Direction(degrees: degrees), resolution: 20)
        let plan = computation.plan
        let phasors = computation.run { _ in }.steady.phasors
        let (columns, rows) = plan.totalField
        var leaked = 0.0
        var missing = 0.0
        for row in 0..<plan.rows {
            for column in 0..<plan.columns {
                let size = phasors.squaredMagnitude(at: row * plan.columns + column).squareRoot()
                if columns.contains(column), rows.contains(row) {
                    missing = max(missing, abs(size / computation.wave.amplitude - 1))
                } else {
                    leaked = max(leaked, size / computation.wave.amplitude)
                }
            }
        }
        #expect(leaked < 1e-5)
        #expect(missing < 1e-5)
    }

    @Test func `a round phantom absorbs the same from every side`() throws {
        let phantom = Study.cylinder(diameter: 80)
        func power(_ direction: Direction) throws -> Double {
            try Study.computation(phantom, direction: direction).run { _ in }.absorption.power
        }
        let fromLeft = try power(Study.axis("x+"))
        for name in ["x-", "y+", "y-"] {
            #expect(abs(try power(Study.axis(name)) / fromLeft - 1) < 1e-5)
        }
        #expect(abs(try power(Direction(degrees: 30)) / fromLeft - 1) < 0.005)
        #expect(abs(try power(Direction(degrees: 45)) / fromLeft - 1) < 0.005)
    }

    @Test func `a mirrored phantom absorbs from the mirrored side the same`() throws {
        func phantom(side: Double) -> Phantom {
            Phantom(
                name: "lopsided",
                ellipses: [
                    Ellipse(tissue: "fat", width: 100, height: 70),
                    Ellipse(tissue: "muscle", centerX: 20 * side, centerY: 5, width: 40, height: 50, angle: 30 * side),
                ]
            )
        }
        let power = try Study.computation(phantom(side: 1), direction: Study.axis("x+")).run { _ in }.absorption.power
        let mirrored = try Study.computation(phantom(side: -1), direction: Study.axis("x-")).run { _ in }.absorption
        let other = try Study.computation(phantom(side: 1), direction: Study.axis("x-")).run { _ in }.absorption
        #expect(abs(mirrored.power / power - 1) < 1e-3)
        #expect(abs(other.power / power - 1) > 0.02)
    }

    @Test(arguments: [0.0, 70])
    func `what is absorbed is what flows in`(degrees: Double) throws {
        let phantom = Phantom(
            name: "layered",
            ellipses: [
                Ellipse(tissue: "fat", width: 110, height: 80, angle: 15),
                Ellipse(tissue: "muscle", width: 90, height: 60, angle: 15),
                Ellipse(tissue: "air", centerX: 15, width: 20, height: 30),
            ]
        )
        let computation = try Study.computation(phantom, direction: Direction(degrees: degrees))
        let outcome = computation.run { _ in }
        #expect(outcome.steady.settled)
        #expect(abs(outcome.absorption.power / outcome.absorption.powerByFlux - 1) < 1e-3)
        let sum = outcome.absorption.tissues.reduce(0) { $0 + $1.power }
        #expect(abs(sum / outcome.absorption.power - 1) < 1e-9)
    }

    @Test func `absorbed power follows the incident power and not the margin`() throws {
        let phantom = Study.cylinder(diameter: 60)
        let near = try Study.computation(phantom, frequency: 450, margin: 20).run { _ in }.absorption.power
        let far = try Study.computation(phantom, frequency: 450, margin: 120).run { _ in }.absorption.power
        #expect(abs(near / far - 1) < 0.002)
    }

    @Test func `the same computation gives the same numbers`() throws {
        let computation = try Study.computation(Study.cylinder(diameter: 60))
        let first = computation.run { _ in }
        let second = computation.run { _ in }
        #expect(first.steady.phasors == second.steady.phasors)
        #expect(first.steady.steps == second.steady.steps)
    }

    @Test func `events come in order and steps only grow`() throws {
        let computation = try Study.computation(Study.cylinder(diameter: 60), resolution: 8)
        var steps: [Int] = []
        var names: [String] = []
        let outcome = computation.run { event in
            switch event {
            case .ready: names.append("ready")
            case .stepped(let done, let expected):
                steps.append(done)
                #expect(expected > 0)
            case .compared(_, let change): #expect(change.isFinite)
            case .solved: names.append("solved")
            }
        }
        #expect(names == ["ready", "solved"])
        #expect(steps == steps.sorted())
        #expect(steps.last == outcome.steady.steps)
    }
}
