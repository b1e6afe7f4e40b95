import FDTDSolver
import Foundation
import Testing

@Suite struct RasterTests {
    @Test(arguments: [0.0, 30, 90])
    func `an ellipse has its area and its mass`(angle: Double) throws {
        let phantom = Phantom(
            name: "oval", ellipses: [Ellipse(tissue: "muscle", centerX: 3.3, width: 90, height: 50, angle: angle)])
        let computation = try Study.computation(phantom, resolution: 20)
        let absorption = Absorption(
            phasors: PhasorPlane(columns: computation.plan.columns, rows: computation.plan.rows),
            raster: Self.raster(computation), plan: computation.plan
        )
        let area = Double.pi / 4 * 0.090 * 0.050
        #expect(abs(absorption.area / area - 1) < 0.002)
        #expect(abs(absorption.mass / (area * 1090) - 1) < 0.002)
        #expect(absorption.power == 0)
    }

    @Test func `a later ellipse is painted over an earlier one`() throws {
        let phantom = Phantom(
            name: "ring",
            ellipses: [
                Ellipse(tissue: "fat", width: 80, height: 80), Ellipse(tissue: "muscle", width: 60, height: 60),
                Ellipse(tissue: "air", width: 20, height: 20),
            ]
        )
        let computation = try Study.computation(phantom, resolution: 20)
        let raster = Self.raster(computation)
        let plan = computation.plan
        func tissue(_ x: Double) -> String {
            let column = plan.origin.column + Int((x * 1e-3 / plan.cell).rounded())
            return raster.names[Int(raster.tissue[plan.origin.row * plan.columns + column])]
        }
        #expect([0, 20, 35, 45].map(tissue) == ["air", "muscle", "fat", "air"])
        let shared = try #require(raster.mixed.first)
        #expect(abs(shared.shares.reduce(0) { $0 + $1.share } - 1) < 1e-12)
    }

    @Test func `a side is told from the rim and its distance`() {
        let ellipse = Ellipse(tissue: "fat", width: 100, height: 40)
        #expect(ellipse.side(x: 0, y: 0, reach: 1) == .inside)
        #expect(ellipse.side(x: 60, y: 0, reach: 1) == .outside)
        guard case .rim(let distance) = ellipse.side(x: 0, y: 20.5, reach: 1) else {
            Issue.record("a point half a millimetre off the rim was not seen")
            return
        }
        #expect(abs(distance - 0.5) < 0.02)
    }

    @Test func `a period is a whole number of samples and the step is stable`() throws {
        for frequency in [450.0, 900, 2100] {
            let plan = try Study.computation(Study.cylinder(diameter: 70), frequency: frequency).plan
            #expect(plan.stepsPerPeriod % Plan.samplesPerPeriod == 0)
            #expect(plan.courant < 1 / 2.0.squareRoot())
            #expect(plan.columns % 2 == 1 && plan.rows % 2 == 1)
        }
    }

    private static func raster(_ computation: Computation) -> Raster {
        Raster(
            phantom: computation.combination.phantom, tissues: [.air, Study.muscle, Study.fat],
            frequency: computation.combination.frequency, plan: computation.plan
        )
    }
}
