import Foundation

/// Steps a simulation until its field repeats itself from period to period.
///
/// About once a nanosecond the phasors of one whole period are taken. They have settled when for two nanoseconds they
/// changed by less than the tolerance allows.
package struct SteadyState {
    package let phasors: PhasorPlane
    package let steps: Int
    package let periods: Int
    /// The last change, as a share, in a nanosecond.
    package let change: Double
    /// False where the limit of time came first.
    package let settled: Bool

    /// One small change could be a pause between two echoes.
    private static let calmNanoseconds = 2.0

    /// Steps between two reports of progress: a few hundredths of a second on a usual grid.
    private static let stepsPerReport = 16

    /// - Parameters:
    ///   - weight: above zero at the nodes whose field must settle; where there is none, crossing the domain is enough.
    ///   - report: is told of steps and comparisons.
    package static func reach(
        _ simulation: inout Simulation, tolerance: Double, weight: [Float],
        report: (Computation.Event) -> Void
    ) -> SteadyState {
        let plan = simulation.plan
        var forecast = SettlingForecast(plan: plan, tolerance: tolerance)
        var previous = PhasorPlane(columns: plan.columns, rows: plan.rows)
        let calmBlocks = max(1, Int((calmNanoseconds / plan.blockNanoseconds).rounded()))
        var calm = 0
        var block = 0
        while true {
            block += 1
            let phasors = runBlock(&simulation) { report(.stepped(steps: $0, expected: forecast.expectedSteps)) }
            let change = phasors.change(from: previous, where: weight) / plan.blockNanoseconds
            previous = phasors
            calm = block > plan.fewestBlocks && change < tolerance ? calm + 1 : 0
            forecast.add(change: change, block: block)
            report(.compared(nanoseconds: Double(block) * plan.blockNanoseconds, change: change))
            if calm == calmBlocks || block == plan.mostBlocks {
                return SteadyState(
                    phasors: phasors, steps: simulation.steps, periods: block * plan.periodsPerBlock, change: change,
                    settled: calm == calmBlocks
                )
            }
        }
    }

    /// One block of periods, the phasors from the last.
    private static func runBlock(_ simulation: inout Simulation, report: (Int) -> Void) -> PhasorPlane {
        let plan = simulation.plan
        let stride = plan.stepsPerPeriod / Plan.samplesPerPeriod
        let firstSampled = plan.stepsPerBlock - plan.stepsPerPeriod
        var phasors = PhasorPlane(columns: plan.columns, rows: plan.rows)
        for step in 1...plan.stepsPerBlock {
            simulation.step()
            if step > firstSampled, step % stride == 0 {
                let carrier = Carrier(halfSteps: 2 * simulation.steps, stepsPerPeriod: plan.stepsPerPeriod)
                phasors.add(
                    simulation.electric, cosine: carrier.cosine, sine: carrier.sine,
                    weight: 2 / Float(Plan.samplesPerPeriod)
                )
            }
            if step % stepsPerReport == 0 { report(simulation.steps) }
        }
        return phasors
    }
}

/// Foretells the end of the settling, which is exponential once the front has passed.
struct SettlingForecast {
    private let plan: Plan
    private let tolerance: Double
    private var lastChange: Double?
    private(set) var expectedSteps: Int

    init(plan: Plan, tolerance: Double) {
        self.plan = plan
        self.tolerance = tolerance
        expectedSteps = plan.likelySteps
    }

    mutating func add(change: Double, block: Int) {
        defer { lastChange = change }
        guard block >= plan.fewestBlocks, let lastChange, change > 0 else {
            expectedSteps = max(expectedSteps, (block + 2) * plan.stepsPerBlock)
            return
        }
        // A field that does not get calmer is taken to halve in a block, or the end would never be in sight.
        let decay = max(0.1, min(log(lastChange / change), 5))
        let blocks = max(1, (log(change / tolerance) / decay).rounded(.up) + 1)
        let end = min(plan.mostBlocks, block + Int(min(blocks, 1000)))
        expectedSteps = end * plan.stepsPerBlock
    }
}
