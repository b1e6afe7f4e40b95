/// The memory ψ of the absorbing layer, and the share that the layer has in a step.
///
/// A plane across columns has a column for each slot of the layer, one across rows has a row for each.
struct LayerMemory: ~Copyable {
    private let courant: Float
    private let columns: AbsorbingLayer
    private let rows: AbsorbingLayer
    /// Number of the slot of a row, where it has one.
    private let magneticSlot: [Int?]
    private let electricSlot: [Int?]
    private var magneticAcrossColumns: FieldPlane
    private var electricAcrossColumns: FieldPlane
    private var magneticAcrossRows: FieldPlane
    private var electricAcrossRows: FieldPlane

    init(plan: Plan) {
        courant = Float(plan.courant)
        columns = AbsorbingLayer(nodes: plan.columns, plan: plan)
        rows = AbsorbingLayer(nodes: plan.rows, plan: plan)
        magneticSlot = Self.slots(rows.magnetic, count: plan.rows)
        electricSlot = Self.slots(rows.electric, count: plan.rows)
        magneticAcrossColumns = FieldPlane(columns: columns.magnetic.count, rows: plan.rows)
        electricAcrossColumns = FieldPlane(columns: columns.electric.count, rows: plan.rows)
        magneticAcrossRows = FieldPlane(columns: plan.columns, rows: rows.magnetic.count)
        electricAcrossRows = FieldPlane(columns: plan.columns, rows: rows.electric.count)
    }

    private static func slots(_ slots: [AbsorbingLayer.Slot], count: Int) -> [Int?] {
        var numbers: [Int?] = Array(repeating: nil, count: count)
        for (number, slot) in slots.enumerated() { numbers[slot.index] = number }
        return numbers
    }

    /// Adds ψ to Hx and Hy of a row.
    mutating func absorbMagnetic(
        _ row: Int, electric: borrowing FieldPlane, magneticX: inout FieldPlane, magneticY: inout FieldPlane
    ) {
        let ez = unsafe electric.row(row)
        let hy = unsafe magneticY.row(row)
        let memory = unsafe magneticAcrossColumns.row(row)
        for (number, slot) in columns.magnetic.enumerated() {
            let column = slot.index
            unsafe memory[number] = slot.memory * memory[number] + slot.gain * (ez[column &+ 1] - ez[column])
            unsafe hy[column] += courant * memory[number]
        }
        guard let number = magneticSlot[row] else { return }
        let (b, a) = (rows.magnetic[number].memory, rows.magnetic[number].gain)
        let above = unsafe electric.row(row + 1)
        let hx = unsafe magneticX.row(row)
        let rowMemory = unsafe magneticAcrossRows.row(number)
        for column in 0..<electric.columns {
            unsafe rowMemory[column] = b * rowMemory[column] + a * (above[column] - ez[column])
            unsafe hx[column] -= courant * rowMemory[column]
        }
    }

    /// Adds ψ to Ez of a row.
    mutating func absorbElectric(
        _ row: Int, electric: inout FieldPlane, magneticX: borrowing FieldPlane, magneticY: borrowing FieldPlane,
        gain: borrowing FieldPlane
    ) {
        let ez = unsafe electric.row(row)
        let hy = unsafe magneticY.row(row)
        let gain = unsafe gain.row(row)
        let memory = unsafe electricAcrossColumns.row(row)
        for (number, slot) in columns.electric.enumerated() {
            let column = slot.index
            unsafe memory[number] = slot.memory * memory[number] + slot.gain * (hy[column] - hy[column &- 1])
            unsafe ez[column] += gain[column] * memory[number]
        }
        guard let number = electricSlot[row] else { return }
        let (b, a) = (rows.electric[number].memory, rows.electric[number].gain)
        let hx = unsafe magneticX.row(row)
        let below = unsafe magneticX.row(row - 1)
        let rowMemory = unsafe electricAcrossRows.row(number)
        for column in 1..<(electric.columns - 1) {
            unsafe rowMemory[column] = b * rowMemory[column] + a * (hx[column] - below[column])
            unsafe ez[column] -= gain[column] * rowMemory[column]
        }
    }
}
