import Foundation

/// The power that flows into the box of the total field, from the field on its rim alone.
///
/// The grid has a Poynting theorem of its own, without error: with E on the outermost nodes of the box and H half a
/// cell further out, ½ Re Σ E* × H Δx is exactly the loss inside. Comparing it with the integral of the loss tells
/// whether the field has settled and whether the absorbed power was summed rightly.
package enum EnergyFlux {
    /// W/m; negative would be a source.
    package static func inward(phasors: PhasorPlane, plan: Plan) -> Double {
        let (columns, rows) = plan.totalField
        // The sides themselves are half a cell outside of the last nodes, in the scattered field; one node further in
        // both nodes across the side carry the total field.
        let (left, right) = (columns.lowerBound + 1, columns.upperBound - 1)
        let (lower, upper) = (rows.lowerBound + 1, rows.upperBound - 1)
        var sum = 0.0
        for row in lower...upper {
            sum += term(phasors, inner: (right, row), outer: (right + 1, row))
            sum += term(phasors, inner: (left, row), outer: (left - 1, row))
        }
        for column in left...right {
            sum += term(phasors, inner: (column, upper), outer: (column, upper + 1))
            sum += term(phasors, inner: (column, lower), outer: (column, lower - 1))
        }
        // H = Δ E / (2j sin(ωΔt/2)) · S / η₀, by the difference equation of H; the loss inside is that of the mean of
        // two steps, hence the cosine.
        let half = Double.pi / Double(plan.stepsPerPeriod)
        return sum * plan.courant / (2 * sin(half)) / (2 * Physics.impedance) * plan.cell / cos(half)
    }

    /// Re(E* · (outer − inner) / j) at the inner node.
    private static func term(
        _ phasors: PhasorPlane, inner: (column: Int, row: Int), outer: (column: Int, row: Int)
    ) -> Double {
        let e = phasors[inner.column, inner.row]
        let o = phasors[outer.column, outer.row]
        return e.real * (o.imaginary - e.imaginary) - e.imaginary * (o.real - e.real)
    }
}
