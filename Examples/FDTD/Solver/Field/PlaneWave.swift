import Foundation

/// A plane wave as the grid carries it.
///
/// Waves on a grid are a little slower than light, more along the axes than across them. The wave injected here has the
/// very wavenumber and impedance that the difference equations give it, so once its switching-on has passed, it enters
/// and leaves the box of the total field without leaking, in any direction.
package struct PlaneWave: Equatable, Sendable {
    /// Peak of Ez, V/m.
    package let amplitude: Double
    /// Radians per cell along x and y.
    package let phasePerColumn: Double
    package let phasePerRow: Double
    /// η₀Hx / Ez and η₀Hy / Ez.
    package let magneticX: Double
    package let magneticY: Double
    package let stepsPerPeriod: Int

    package init(direction: Direction, amplitude: Double, plan: Plan) {
        self.amplitude = amplitude
        stepsPerPeriod = plan.stepsPerPeriod
        let number = Self.wavenumber(direction: direction, plan: plan)
        phasePerColumn = number * direction.x
        phasePerRow = number * direction.y
        let temporal = sin(Double.pi / Double(plan.stepsPerPeriod))
        magneticX = plan.courant * sin(phasePerRow / 2) / temporal
        magneticY = -plan.courant * sin(phasePerColumn / 2) / temporal
    }

    /// Radians per cell along the direction of travel, from the dispersion relation of the grid,
    /// sin²(kx/2) + sin²(ky/2) = (sin(ωΔt/2) / S)², by Newton's method from the wavenumber in vacuum.
    private static func wavenumber(direction: Direction, plan: Plan) -> Double {
        let temporal = sin(Double.pi / Double(plan.stepsPerPeriod)) / plan.courant
        var number = 2 * Double.pi * plan.frequency / Physics.lightSpeed * plan.cell
        for _ in 0..<20 {
            let (u, v) = (number * direction.x / 2, number * direction.y / 2)
            let value = sin(u) * sin(u) + sin(v) * sin(v) - temporal * temporal
            let slope = (direction.x * sin(2 * u) + direction.y * sin(2 * v)) / 2
            let correction = value / slope
            number -= correction
            if abs(correction) < 1e-15 * number { break }
        }
        return number
    }
}
