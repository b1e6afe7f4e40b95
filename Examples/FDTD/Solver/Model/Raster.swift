/// A phantom on the nodes of the grid.
///
/// The electric field is parallel to every surface of a cross-section, so a cell that several tissues share is exactly
/// described, to second order, by the mean of their permittivities and conductivities.
package struct Raster: Sendable {
    package let columns: Int
    package let rows: Int
    /// Media by tissue number; 0 is air.
    package let media: [Medium]
    package let names: [String]
    /// The tissue at each node, row by row.
    package private(set) var tissue: [UInt8]
    /// Cells that more than one tissue share, in the order of the nodes.
    package private(set) var mixed: [Mixture] = []
    /// Means over each cell.
    package private(set) var permittivity: [Float]
    package private(set) var conductivity: [Float]
    package private(set) var density: [Float]

    package struct Mixture: Sendable {
        package let node: Int
        /// Tissue number and its share of the cell's area; the shares sum to 1.
        package let shares: [(tissue: Int, share: Double)]
    }

    /// A shared cell is looked at in this many points each way.
    private static let pointsPerEdge = 16

    /// The tissues of `phantom` must be among `tissues` and have values at `frequency` (MHz), as a checked
    /// configuration has; one that does not is taken for air.
    package init(phantom: Phantom, tissues: [Tissue], frequency: Double, plan: Plan) {
        let used = tissues.filter { tissue in phantom.ellipses.contains { $0.tissue == tissue.name } }
            .filter { $0.name != Tissue.air.name }.prefix(Int(UInt8.max))
        names = [Tissue.air.name] + used.map(\.name)
        let air = Medium(permittivity: 1, conductivity: 0, density: 0)
        media = [air] + used.map { $0.medium(at: frequency) ?? air }
        columns = plan.columns
        rows = plan.rows
        tissue = Array(repeating: 0, count: plan.cellCount)
        permittivity = Array(repeating: 1, count: plan.cellCount)
        conductivity = Array(repeating: 0, count: plan.cellCount)
        density = Array(repeating: 0, count: plan.cellCount)
        let numbers = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
        let painter = Painter(layers: phantom.ellipses.map { ($0, numbers[$0.tissue] ?? 0) })
        for row in plan.totalField.rows {
            for column in plan.totalField.columns {
                paint(column: column, row: row, painter: painter, plan: plan)
            }
        }
    }

    private mutating func paint(column: Int, row: Int, painter: Painter, plan: Plan) {
        let node = row * columns + column
        let place = plan.position(column: column, row: row)
        let (x, y, cell) = (place.x * 1e3, place.y * 1e3, plan.cell * 1e3)
        let number = painter.tissue(x: x, y: y)
        tissue[node] = UInt8(number)
        guard painter.isNearRim(x: x, y: y, within: cell) else {
            set(node, to: media[number])
            return
        }
        var counts = Array(repeating: 0, count: media.count)
        let points = Self.pointsPerEdge
        for v in 0..<points {
            for u in 0..<points {
                let (du, dv) = ((Double(u) + 0.5) / Double(points) - 0.5, (Double(v) + 0.5) / Double(points) - 0.5)
                counts[painter.tissue(x: x + du * cell, y: y + dv * cell)] += 1
            }
        }
        let shares = counts.indices.filter { counts[$0] > 0 }
            .map { (tissue: $0, share: Double(counts[$0]) / Double(points * points)) }
        var mean = Medium(permittivity: 0, conductivity: 0, density: 0)
        for (number, share) in shares {
            mean.permittivity += share * media[number].permittivity
            mean.conductivity += share * media[number].conductivity
            mean.density += share * media[number].density
        }
        set(node, to: mean)
        if shares.count > 1 { mixed.append(Mixture(node: node, shares: shares)) }
    }

    private mutating func set(_ node: Int, to medium: Medium) {
        permittivity[node] = Float(medium.permittivity)
        conductivity[node] = Float(medium.conductivity)
        density[node] = Float(medium.density)
    }
}

/// Which tissue is on top at a point; all lengths in mm.
struct Painter {
    let layers: [(ellipse: Ellipse, tissue: Int)]

    func tissue(x: Double, y: Double) -> Int {
        layers.last { $0.ellipse.contains(x: x, y: y) }?.tissue ?? 0
    }

    func isNearRim(x: Double, y: Double, within distance: Double) -> Bool {
        layers.contains { layer in
            if case .rim = layer.ellipse.side(x: x, y: y, reach: distance) { return true }
            return false
        }
    }
}
