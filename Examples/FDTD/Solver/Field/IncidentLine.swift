import Foundation

/// The incident wave along one side of the box of the total field.
///
/// The carrier at a node is cos(ωt − φ) = cos ωt · cos φ + sin ωt · sin φ, so that a step costs two multiplications a
/// node. While the wave is switched on, each node has an envelope of its own.
struct IncidentLine {
    /// The wave now, scaled for the equation that it corrects.
    private(set) var values: [Float]
    private let cosine: [Float]
    private let sine: [Float]
    /// How long, in radians of the carrier, after the first node of the box the front reaches a node.
    private let delay: [Double]

    /// - Parameters:
    ///   - nodes: places on the grid, in cells from the origin.
    ///   - earliest: phase of the node of the box that the front reaches first.
    ///   - scale: amplitude of the component, with the factor of its equation.
    init(nodes: [(x: Double, y: Double)], wave: PlaneWave, earliest: Double, scale: Double) {
        let phases = nodes.map { $0.x * wave.phasePerColumn + $0.y * wave.phasePerRow }
        values = Array(repeating: 0, count: nodes.count)
        cosine = phases.map { Float(scale * cos($0)) }
        sine = phases.map { Float(scale * sin($0)) }
        delay = phases.map { $0 - earliest }
    }

    var latestDelay: Double { delay.max() ?? 0 }

    /// - Parameter carrier: the running phase ωt, radians, and its cosine and sine.
    mutating func advance(to carrier: Carrier, switchingOn: Bool) {
        let (c, s) = (carrier.cosine, carrier.sine)
        for index in values.indices {
            values[index] = c * cosine[index] + s * sine[index]
        }
        guard switchingOn else { return }
        for index in values.indices {
            values[index] *= Float(Carrier.envelope(phase: carrier.phase - delay[index]))
        }
    }
}

/// The phase of the incident wave at the origin of the grid.
struct Carrier {
    /// Radians since the start.
    let phase: Double
    let cosine: Float
    let sine: Float

    /// At a count of half steps; cosine and sine repeat exactly from period to period.
    init(halfSteps: Int, stepsPerPeriod: Int) {
        let halfStepsPerPeriod = 2 * stepsPerPeriod
        let angle = 2 * Double.pi / Double(halfStepsPerPeriod)
        phase = angle * Double(halfSteps)
        cosine = Float(cos(angle * Double(halfSteps % halfStepsPerPeriod)))
        sine = Float(sin(angle * Double(halfSteps % halfStepsPerPeriod)))
    }

    static let rampPhase = 2 * Double.pi * Double(Plan.rampPeriods)

    /// From 0 to 1 over the ramp, with two smooth derivatives, so that little but the carrier is sent.
    static func envelope(phase: Double) -> Double {
        let share = min(1, max(0, phase / rampPhase))
        return share * share * share * (10 - share * (15 - 6 * share))
    }
}
