/// The field of a transverse-magnetic wave (Ez, Hx, Hy) in time, on Yee's grid.
///
/// Ez lives on the nodes, Hx half a cell above a node, Hy half a cell to its right, and half a step earlier. H is kept
/// multiplied by the impedance of vacuum, so that all three are in V/m. A step is one pass over the rows: H of a row
/// needs Ez of this row and the next, both still old, and Ez of a row needs H of this row and the one before, both
/// already new.
///
/// Inside the box of the total field the grid carries the whole field, outside of it only what is scattered; the
/// differences across its sides are corrected by the incident wave. Around everything lies an absorbing layer, and the
/// outermost nodes of Ez stay zero.
package struct Simulation: ~Copyable {
    package let plan: Plan
    package let wave: PlaneWave
    /// Steps done.
    package private(set) var steps = 0
    package private(set) var electric: FieldPlane
    private var magneticX: FieldPlane
    private var magneticY: FieldPlane
    /// Ez ← keep · Ez + gain · curl H.
    private let keep: FieldPlane
    private let gain: FieldPlane
    private var layer: LayerMemory
    private var box: TotalFieldBox

    package init(plan: Plan, raster: Raster, wave: PlaneWave) {
        self.plan = plan
        self.wave = wave
        electric = FieldPlane(columns: plan.columns, rows: plan.rows)
        magneticX = FieldPlane(columns: plan.columns, rows: plan.rows)
        magneticY = FieldPlane(columns: plan.columns, rows: plan.rows)
        layer = LayerMemory(plan: plan)
        box = TotalFieldBox(plan: plan, wave: wave)
        var keep = FieldPlane(columns: plan.columns, rows: plan.rows)
        var gain = FieldPlane(columns: plan.columns, rows: plan.rows)
        for row in 0..<plan.rows {
            for column in 0..<plan.columns {
                let node = row * plan.columns + column
                let permittivity = Double(raster.permittivity[node])
                let loss =
                    Double(raster.conductivity[node]) * plan.timeStep / (2 * Physics.permittivity * permittivity)
                keep[column, row] = Float((1 - loss) / (1 + loss))
                gain[column, row] = Float(plan.courant / permittivity / (1 + loss))
            }
        }
        self.keep = keep
        self.gain = gain
    }

    /// Moves Ez from step n to n + 1, and H from n − ½ to n + ½.
    package mutating func step() {
        box.advance(steps: steps)
        for row in 0..<(plan.rows - 1) {
            advanceMagnetic(row)
            layer.absorbMagnetic(row, electric: electric, magneticX: &magneticX, magneticY: &magneticY)
            box.correctMagnetic(row, magneticX: &magneticX, magneticY: &magneticY)
            guard row > 0 else { continue }
            advanceElectric(row)
            layer.absorbElectric(row, electric: &electric, magneticX: magneticX, magneticY: magneticY, gain: gain)
            box.correctElectric(row, electric: &electric, gain: gain)
        }
        steps += 1
    }

    private mutating func advanceMagnetic(_ row: Int) {
        let courant = Float(plan.courant)
        let ez = unsafe electric.row(row)
        let above = unsafe electric.row(row + 1)
        let hx = unsafe magneticX.row(row)
        let hy = unsafe magneticY.row(row)
        for column in 0..<(plan.columns - 1) {
            unsafe hx[column] -= courant * (above[column] - ez[column])
            unsafe hy[column] += courant * (ez[column &+ 1] - ez[column])
        }
    }

    private mutating func advanceElectric(_ row: Int) {
        let ez = unsafe electric.row(row)
        let hx = unsafe magneticX.row(row)
        let below = unsafe magneticX.row(row - 1)
        let hy = unsafe magneticY.row(row)
        let keep = unsafe keep.row(row)
        let gain = unsafe gain.row(row)
        for column in 1..<(plan.columns - 1) {
            let curl = unsafe (hy[column] - hy[column &- 1]) - (hx[column] - below[column])
            unsafe ez[column] = keep[column] * ez[column] + gain[column] * curl
        }
    }
}
