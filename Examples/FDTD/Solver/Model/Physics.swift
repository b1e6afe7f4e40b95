import Foundation

/// Constants of nature, SI.
package enum Physics {
    /// Speed of light in vacuum, m/s (exact).
    package static let lightSpeed = 299_792_458.0
    /// Permeability of vacuum, H/m (CODATA 2018).
    package static let permeability = 1.256_637_062_12e-6
    /// Permittivity of vacuum, F/m.
    package static let permittivity = 1 / (permeability * lightSpeed * lightSpeed)
    /// Wave impedance of vacuum, Ω.
    package static let impedance = permeability * lightSpeed

    /// Peak electric field, V/m, of a plane wave in vacuum that carries `powerDensity` W/m².
    package static func fieldStrength(powerDensity: Double) -> Double {
        (2 * impedance * powerDensity).squareRoot()
    }
}
