/// The box in which the grid carries the total field: what the incident wave corrects on its four sides.
///
/// Each side has two lines of the incident wave: Ez on the outermost nodes of the box, and the H half a cell outside.
struct TotalFieldBox {
    private let columns: ClosedRange<Int>
    private let rows: ClosedRange<Int>
    private let stepsPerPeriod: Int
    /// Half steps until the whole box has the full wave.
    private let switchingOnHalfSteps: Int
    private var electric: Sides
    private var magnetic: Sides

    /// Left and right run from the lowest row up, lower and upper from the first column on.
    private struct Sides {
        var left: IncidentLine
        var right: IncidentLine
        var lower: IncidentLine
        var upper: IncidentLine

        mutating func advance(to carrier: Carrier, switchingOn: Bool) {
            left.advance(to: carrier, switchingOn: switchingOn)
            right.advance(to: carrier, switchingOn: switchingOn)
            lower.advance(to: carrier, switchingOn: switchingOn)
            upper.advance(to: carrier, switchingOn: switchingOn)
        }

        var latestDelay: Double {
            max(left.latestDelay, right.latestDelay, lower.latestDelay, upper.latestDelay)
        }
    }

    init(plan: Plan, wave: PlaneWave) {
        columns = plan.totalField.columns
        rows = plan.totalField.rows
        stepsPerPeriod = plan.stepsPerPeriod
        let halfWidth = Double(columns.count - 1) / 2
        let halfHeight = Double(rows.count - 1) / 2
        // H lies half a cell outside of the box, hence the 0.5.
        let reach = abs(wave.phasePerColumn) * (halfWidth + 0.5) + abs(wave.phasePerRow) * (halfHeight + 0.5)
        let across = rows.map { Double($0 - plan.origin.row) }
        let along = columns.map { Double($0 - plan.origin.column) }

        func sides(outside: Double, scaleX: Double, scaleY: Double) -> Sides {
            func line(_ nodes: [(x: Double, y: Double)], _ scale: Double) -> IncidentLine {
                IncidentLine(nodes: nodes, wave: wave, earliest: -reach, scale: wave.amplitude * scale)
            }
            return Sides(
                left: line(across.map { (-halfWidth - outside, $0) }, scaleY),
                right: line(across.map { (halfWidth + outside, $0) }, scaleY),
                lower: line(along.map { ($0, -halfHeight - outside) }, scaleX),
                upper: line(along.map { ($0, halfHeight + outside) }, scaleX)
            )
        }
        electric = sides(outside: 0, scaleX: plan.courant, scaleY: plan.courant)
        magnetic = sides(outside: 0.5, scaleX: wave.magneticX, scaleY: wave.magneticY)
        let lastPhase = max(electric.latestDelay, magnetic.latestDelay) + Carrier.rampPhase
        switchingOnHalfSteps = Int((lastPhase / Double.pi * Double(plan.stepsPerPeriod)).rounded(.up))
    }

    /// Prepares the step from `steps` to `steps` + 1: E of now, H of half a step later.
    mutating func advance(steps: Int) {
        let now = Carrier(halfSteps: 2 * steps, stepsPerPeriod: stepsPerPeriod)
        let later = Carrier(halfSteps: 2 * steps + 1, stepsPerPeriod: stepsPerPeriod)
        let switchingOn = 2 * steps <= switchingOnHalfSteps
        electric.advance(to: now, switchingOn: switchingOn)
        magnetic.advance(to: later, switchingOn: switchingOn)
    }

    /// H outside of the box took the total Ez of the box for scattered: the incident Ez is taken out again.
    func correctMagnetic(_ row: Int, magneticX: inout FieldPlane, magneticY: inout FieldPlane) {
        if row == rows.lowerBound - 1 {
            for (offset, column) in columns.enumerated() { magneticX[column, row] += electric.lower.values[offset] }
        }
        if row == rows.upperBound {
            for (offset, column) in columns.enumerated() { magneticX[column, row] -= electric.upper.values[offset] }
        }
        guard rows.contains(row) else { return }
        let offset = row - rows.lowerBound
        magneticY[columns.lowerBound - 1, row] -= electric.left.values[offset]
        magneticY[columns.upperBound, row] += electric.right.values[offset]
    }

    /// Ez on the rim of the box took the scattered H outside for total: the incident H is added.
    func correctElectric(_ row: Int, electric field: inout FieldPlane, gain: borrowing FieldPlane) {
        guard rows.contains(row) else { return }
        let offset = row - rows.lowerBound
        let (first, last) = (columns.lowerBound, columns.upperBound)
        field[first, row] -= gain[first, row] * magnetic.left.values[offset]
        field[last, row] += gain[last, row] * magnetic.right.values[offset]
        if row == rows.lowerBound {
            for (offset, column) in columns.enumerated() {
                field[column, row] += gain[column, row] * magnetic.lower.values[offset]
            }
        }
        if row == rows.upperBound {
            for (offset, column) in columns.enumerated() {
                field[column, row] -= gain[column, row] * magnetic.upper.values[offset]
            }
        }
    }
}
