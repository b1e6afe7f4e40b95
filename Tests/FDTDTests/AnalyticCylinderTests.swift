import FDTDSolver
import Foundation
import Testing

/// The solver against the exact solution of a lossy round cylinder.
@Suite struct AnalyticCylinderTests {
    @Test(arguments: [(450.0, 20.0, 0.005), (900.0, 20.0, 0.005), (2100.0, 20.0, 0.01)])
    func `absorbed power equals the exact series`(frequency: Double, resolution: Double, tolerance: Double) throws {
        let error = try powerError(frequency: frequency, resolution: resolution)
        #expect(abs(error) < tolerance)
    }

    @Test func `field inside equals the exact series in magnitude and phase`() throws {
        let computation = try Study.computation(Study.cylinder(diameter: 100), resolution: 40)
        let plan = computation.plan
        let phasors = computation.run { _ in }.steady.phasors
        let exact = try exactCylinder(frequency: 900)
        for (x, y) in [(0.0, 0.0), (-0.040, 0.0), (-0.025, 0.0), (0.030, 0.0), (0.0, 0.035), (-0.02, -0.03)] {
            let column = plan.origin.column + Int((x / plan.cell).rounded())
            let row = plan.origin.row + Int((y / plan.cell).rounded())
            let place = plan.position(column: column, row: row)
            let computed = phasors[column, row]
            let expected = exact.field(x: place.x, y: place.y)
            let difference =
                1 / computation.wave.amplitude * Complex(computed.real, computed.imaginary) - expected
            #expect(difference.magnitude < 0.02 * expected.magnitude, "at \(x), \(y)")
        }
    }

    @Test func `error falls with the square of the cell`() throws {
        // Six times finer is 36 times better; how the cells happen to cut the rim takes a part of it.
        let coarse = abs(try powerError(frequency: 900, resolution: 10))
        let middle = abs(try powerError(frequency: 900, resolution: 20))
        let fine = abs(try powerError(frequency: 900, resolution: 60))
        #expect(coarse < 0.02)
        #expect(middle < coarse / 3)
        #expect(fine < coarse / 20)
    }

    private func powerError(frequency: Double, resolution: Double) throws -> Double {
        let computation = try Study.computation(
            Study.cylinder(diameter: 100), frequency: frequency, resolution: resolution)
        let absorption = computation.run { _ in }.absorption
        let exact = try exactCylinder(frequency: frequency)
        return absorption.power / exact.absorbedPower - 1
    }

    private func exactCylinder(frequency: Double) throws -> ExactCylinder {
        let medium = try #require(Study.muscle.medium(at: frequency))
        return ExactCylinder(frequency: frequency * 1e6, radius: 0.05, medium: medium)
    }
}
