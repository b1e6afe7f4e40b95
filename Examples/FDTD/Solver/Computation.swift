/// One combination of a study, from its description to what it absorbs.
///
/// ```swift
/// let computation = try Computation(combination, tissues: study.tissues, numerics: study.numerics)
/// let outcome = computation.run { _ in }
/// // outcome.absorption.power, W/m
/// ```
package struct Computation: Sendable {
    package let combination: StudyConfiguration.Combination
    package let numerics: StudyConfiguration.Numerics
    package let plan: Plan
    package let wave: PlaneWave
    private let tissues: [Tissue]

    /// What a running computation tells of itself.
    package enum Event: Sendable {
        /// The phantom is on the grid.
        case ready
        /// Steps done, and expected in all as far as can be told by now.
        case stepped(steps: Int, expected: Int)
        /// The phasors were compared with those before: their change in a nanosecond, as a share.
        case compared(nanoseconds: Double, change: Double)
        /// The field is there; what remains is to evaluate it.
        case solved
    }

    package struct Outcome: Sendable {
        package let steady: SteadyState
        package let absorption: Absorption
    }

    /// Decides the grid; nothing large is made yet.
    ///
    /// - Throws: ``ConfigurationError`` when the grid would be too large.
    package init(
        _ combination: StudyConfiguration.Combination, tissues: [Tissue], numerics: StudyConfiguration.Numerics
    ) throws(ConfigurationError) {
        self.combination = combination
        self.numerics = numerics
        self.tissues = tissues
        plan = try Plan(combination: combination, tissues: tissues, numerics: numerics)
        let amplitude = Physics.fieldStrength(powerDensity: numerics.powerDensity)
        wave = PlaneWave(direction: combination.direction, amplitude: amplitude, plan: plan)
    }

    /// Steps times cells that this is likely to take: the weight of a computation among others.
    package var likelyWork: Double {
        Double(plan.likelySteps) * Double(plan.cellCount)
    }

    /// Below this many cells in a wavelength the error of the absorbed power passes a few percent.
    package static let fewestCellsPerWavelength = 10.0

    package func run(report: (Event) -> Void) -> Outcome {
        let raster = Raster(
            phantom: combination.phantom, tissues: tissues, frequency: combination.frequency, plan: plan)
        var simulation = Simulation(plan: plan, raster: raster, wave: wave)
        report(.ready)
        // Where the phantom has mass its field must settle.
        let steady = SteadyState.reach(
            &simulation, tolerance: numerics.tolerance, weight: raster.density, report: report)
        report(.solved)
        return Outcome(
            steady: steady, absorption: Absorption(phasors: steady.phasors, raster: raster, plan: plan))
    }
}
