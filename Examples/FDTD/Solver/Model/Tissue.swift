import Foundation

/// A material, with its measured values at a few frequencies.
package struct Tissue: Equatable, Sendable {
    package var name: String
    /// Mass density, kg/m³.
    package var density: Double
    /// Rows in rising frequency.
    package var dispersion: [Row]

    package struct Row: Equatable, Sendable {
        /// MHz.
        package var frequency: Double
        /// Relative permittivity.
        package var permittivity: Double
        /// S/m.
        package var conductivity: Double

        package init(frequency: Double, permittivity: Double, conductivity: Double) {
            self.frequency = frequency
            self.permittivity = permittivity
            self.conductivity = conductivity
        }
    }

    package init(name: String, density: Double, dispersion: [Row]) {
        self.name = name
        self.density = density
        self.dispersion = dispersion
    }

    /// Free space, which every configuration knows by this name without describing it.
    package static let air = Tissue(name: "air", density: 0, dispersion: [])

    /// The values at `frequency` MHz, between two rows by straight line; nil outside of the rows.
    package func medium(at frequency: Double) -> Medium? {
        if name == Tissue.air.name { return Medium(permittivity: 1, conductivity: 0, density: density) }
        guard let upper = dispersion.firstIndex(where: { $0.frequency >= frequency }) else { return nil }
        let above = dispersion[upper]
        if above.frequency == frequency {
            return Medium(permittivity: above.permittivity, conductivity: above.conductivity, density: density)
        }
        guard upper > 0 else { return nil }
        let below = dispersion[upper - 1]
        let share = (frequency - below.frequency) / (above.frequency - below.frequency)
        return Medium(
            permittivity: below.permittivity + share * (above.permittivity - below.permittivity),
            conductivity: below.conductivity + share * (above.conductivity - below.conductivity),
            density: density
        )
    }
}

/// What a tissue is to a wave of one frequency.
package struct Medium: Equatable, Sendable {
    /// Relative permittivity.
    package var permittivity: Double
    /// S/m.
    package var conductivity: Double
    /// kg/m³.
    package var density: Double

    package init(permittivity: Double, conductivity: Double, density: Double) {
        self.permittivity = permittivity
        self.conductivity = conductivity
        self.density = density
    }

    /// Wavelength, m, at `frequency` Hz, from the real part of the complex refractive index.
    package func wavelength(frequency: Double) -> Double {
        let loss = conductivity / (2 * Double.pi * frequency * Physics.permittivity)
        let modulus = (permittivity * permittivity + loss * loss).squareRoot()
        let index = ((modulus + permittivity) / 2).squareRoot()
        return Physics.lightSpeed / (frequency * index)
    }
}
