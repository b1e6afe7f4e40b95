/// What a cross-section absorbs in the steady state, per metre of its length.
package struct Absorption: Sendable {
    /// ½ ∫ σ|E|² dA, W/m.
    package let power: Double
    /// The same from the energy that flows in through the sides of the box of the total field, W/m.
    package let powerByFlux: Double
    /// ∫ ρ dA, kg/m.
    package let mass: Double
    /// m².
    package let area: Double
    package let tissues: [TissueShare]
    package let peak: Peak

    package struct TissueShare: Sendable {
        package let name: String
        /// m².
        package var area = 0.0
        /// kg/m.
        package var mass = 0.0
        /// W/m.
        package var power = 0.0

        /// W/kg.
        package var specificRate: Double { mass > 0 ? power / mass : 0 }
    }

    /// The cell with the largest specific absorption rate.
    package struct Peak: Sendable {
        /// W/kg.
        package var specificRate = 0.0
        /// Peak of Ez there, V/m.
        package var field = 0.0
        package var tissue = ""
        /// m from the origin.
        package var x = 0.0
        package var y = 0.0
    }

    /// Mean specific absorption rate of the whole cross-section, W/kg.
    package var specificRate: Double { mass > 0 ? power / mass : 0 }

    package init(phasors: PhasorPlane, raster: Raster, plan: Plan) {
        let cellArea = plan.cell * plan.cell
        var shares = raster.names.map { TissueShare(name: $0) }
        func count(_ tissue: Int, share: Double, node: Int) {
            let medium = raster.media[tissue]
            shares[tissue].area += share * cellArea
            shares[tissue].mass += share * cellArea * medium.density
            shares[tissue].power +=
                share * cellArea * medium.conductivity * phasors.squaredMagnitude(at: node) / 2
        }
        var mixtures = raster.mixed.makeIterator()
        var mixture = mixtures.next()
        var peak = Peak()
        for node in raster.tissue.indices {
            if let shared = mixture, shared.node == node {
                for (tissue, share) in shared.shares { count(tissue, share: share, node: node) }
                mixture = mixtures.next()
            } else if raster.tissue[node] != 0 {
                count(Int(raster.tissue[node]), share: 1, node: node)
            }
            Self.consider(node, phasors: phasors, raster: raster, plan: plan, peak: &peak)
        }
        tissues = Array(shares.dropFirst())
        power = tissues.reduce(0) { $0 + $1.power }
        mass = tissues.reduce(0) { $0 + $1.mass }
        area = tissues.reduce(0) { $0 + $1.area }
        self.peak = peak
        powerByFlux = EnergyFlux.inward(phasors: phasors, plan: plan)
    }

    /// Shared cells are left out: their rate belongs to no tissue.
    private static func consider(_ node: Int, phasors: PhasorPlane, raster: Raster, plan: Plan, peak: inout Peak) {
        let medium = raster.media[Int(raster.tissue[node])]
        guard medium.conductivity > 0, Float(medium.density) == raster.density[node] else { return }
        let squared = phasors.squaredMagnitude(at: node)
        let rate = medium.conductivity * squared / (2 * medium.density)
        guard rate > peak.specificRate else { return }
        let place = plan.position(column: node % plan.columns, row: node / plan.columns)
        peak = Peak(
            specificRate: rate, field: squared.squareRoot(), tissue: raster.names[Int(raster.tissue[node])],
            x: place.x, y: place.y
        )
    }
}
