import Foundation

/// The size of one computation, decided before it starts: cells, steps and how long it may take to settle.
package struct Plan: Equatable, Sendable {
    /// Edge of a cell, m.
    package let cell: Double
    /// Steps in one period of the wave: a multiple of ``samplesPerPeriod``, so that a period is a whole number of
    /// steps and a sum over its samples sees the frequency and nothing else.
    package let stepsPerPeriod: Int
    /// Periods between two looks at the phasors: about a nanosecond.
    package let periodsPerBlock: Int
    /// Before this many blocks nothing is called settled: the front has not yet crossed the domain.
    package let fewestBlocks: Int
    package let mostBlocks: Int
    /// Nodes of Ez in the whole domain, absorbing layer included; odd, with the origin in the middle.
    package let columns: Int
    package let rows: Int
    /// Cells in the shortest wavelength that occurs.
    package let cellsPerWavelength: Double
    /// Hz.
    package let frequency: Double

    /// Samples of the running Fourier sum in a period: enough to keep the first 14 harmonics out of it.
    package static let samplesPerPeriod = 16
    /// Thickness of the absorbing layer: more changes the absorbed power by less than 0.01 %.
    package static let absorberCells = 12
    /// Cells of scattered field between the box of the total field and the absorbing layer.
    package static let scatteredCells = 4
    /// Share of the largest stable time step that is used at most.
    private static let courantShare = 0.98
    /// Periods over which the wave is switched on.
    package static let rampPeriods = 2
    /// The largest domain: about 1.5 GB of fields.
    private static let mostCells = 40_000_000.0

    /// - Throws: ``ConfigurationError`` when the domain would have too many cells.
    package init(
        combination: StudyConfiguration.Combination, tissues: [Tissue], numerics: StudyConfiguration.Numerics
    ) throws(ConfigurationError) {
        frequency = combination.frequency * 1e6
        let extent = combination.phantom.halfExtent
        let wavelength = Self.shortestWavelength(combination, tissues: tissues)
        cell = min(numerics.cellSize * 1e-3, wavelength / numerics.resolution)
        cellsPerWavelength = wavelength / cell

        let halfWidth = (extent.x + numerics.margin) * 1e-3
        let halfHeight = (extent.y + numerics.margin) * 1e-3
        guard 4 * halfWidth * halfHeight / (cell * cell) < Self.mostCells else {
            throw ConfigurationError(
                field: "cellSize",
                message: "\(combination.name) needs more than \(Int(Self.mostCells)) cells of"
                    + " \(SignificantDigits.spell(cell * 1e3, digits: 3)) mm;"
                    + " make cellSize larger, resolution or margin smaller"
            )
        }
        let border = Self.absorberCells + Self.scatteredCells
        columns = 2 * (Int((halfWidth / cell).rounded(.up)) + border) + 1
        rows = 2 * (Int((halfHeight / cell).rounded(.up)) + border) + 1

        let period = 1 / frequency
        let largestStep = Self.courantShare * cell / (Physics.lightSpeed * 2.0.squareRoot())
        let samples = Double(Self.samplesPerPeriod)
        stepsPerPeriod = Self.samplesPerPeriod * Int((period / largestStep / samples).rounded(.up))
        periodsPerBlock = max(1, Int((1e-9 * frequency).rounded()))

        let diagonal = 2 * (halfWidth * halfWidth + halfHeight * halfHeight).squareRoot()
        let crossing = diagonal / Physics.lightSpeed + Double(Self.rampPeriods) * period
        let block = Double(periodsPerBlock) * period
        fewestBlocks = Int((crossing / block).rounded(.up)) + 1
        // Ten times the slow crossing of the densest tissue, plus what the ramp and the front take.
        let slow = diagonal / (wavelength * frequency)
        mostBlocks = fewestBlocks + 10 + Int((10 * slow / block).rounded(.up))
    }

    /// Seconds in one step.
    package var timeStep: Double { 1 / (frequency * Double(stepsPerPeriod)) }
    /// Nanoseconds between two looks.
    package var blockNanoseconds: Double { Double(periodsPerBlock) / frequency * 1e9 }
    package var stepsPerBlock: Int { stepsPerPeriod * periodsPerBlock }
    package var cellCount: Int { columns * rows }
    /// c Δt / Δx.
    package var courant: Double { Physics.lightSpeed * timeStep / cell }
    /// Column and row of the origin.
    package var origin: (column: Int, row: Int) { (columns / 2, rows / 2) }

    /// The nodes of Ez that carry the total field.
    package var totalField: (columns: ClosedRange<Int>, rows: ClosedRange<Int>) {
        let border = Self.absorberCells + Self.scatteredCells
        return (border...(columns - 1 - border), border...(rows - 1 - border))
    }

    /// Steps that a computation of this size usually takes, for shares and estimates before it has begun.
    package var likelySteps: Int { (fewestBlocks + 4) * stepsPerBlock }

    /// Place of a node, m from the origin.
    package func position(column: Int, row: Int) -> (x: Double, y: Double) {
        (Double(column - columns / 2) * cell, Double(row - rows / 2) * cell)
    }

    private static func shortestWavelength(
        _ combination: StudyConfiguration.Combination, tissues: [Tissue]
    ) -> Double {
        let used = Set(combination.phantom.ellipses.map(\.tissue))
        let hertz = combination.frequency * 1e6
        let lengths = tissues.filter { used.contains($0.name) }
            .compactMap { $0.medium(at: combination.frequency)?.wavelength(frequency: hertz) }
        return lengths.min() ?? Physics.lightSpeed / hertz
    }
}
