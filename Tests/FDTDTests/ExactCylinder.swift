import FDTDSolver
import Foundation

/// The exact solution of a plane wave on an infinite round cylinder, E along its axis: the classical series
/// (Harrington, Time-Harmonic Electromagnetic Fields, section 5-9), written for a lossy dielectric.
struct ExactCylinder {
    private let wavenumber: Double
    private let inner: Complex
    /// Amplitudes of the scattered and of the inner wave by order 0, 1, 2 …
    private let scattered: [Complex]
    private let transmitted: [Complex]

    /// - Parameters:
    ///   - frequency: Hz.
    ///   - radius: m.
    init(frequency: Double, radius: Double, medium: Medium) {
        let angular = 2 * Double.pi * frequency
        wavenumber = angular / Physics.lightSpeed
        let loss = medium.conductivity / (angular * Physics.permittivity)
        inner = wavenumber * Complex(medium.permittivity, -loss).squareRoot
        let outerArgument = wavenumber * radius
        let orders = Int(outerArgument) + 20
        let jOuter = Bessel.first(upTo: orders + 1, Complex(outerArgument))
        let yOuter = Bessel.second(upTo: orders + 1, outerArgument)
        let hankel = zip(jOuter, yOuter).map { $0 - Complex(0, $1) }
        let jInner = Bessel.first(upTo: orders + 1, radius * inner)
        let (jOuterSlope, hankelSlope) = (Bessel.derivatives(jOuter), Bessel.derivatives(hankel))
        let jInnerSlope = Bessel.derivatives(jInner)
        var scattered: [Complex] = []
        var transmitted: [Complex] = []
        for n in 0...orders {
            let divisor = wavenumber * (jInner[n] * hankelSlope[n]) - inner * jInnerSlope[n] * hankel[n]
            let numerator = inner * jInnerSlope[n] * jOuter[n] - wavenumber * (jInner[n] * jOuterSlope[n])
            scattered.append(numerator / divisor)
            transmitted.append(Complex(0, -2 / (Double.pi * radius)) / divisor)
        }
        self.scattered = scattered
        self.transmitted = transmitted
    }

    /// W/m for an incident wave of 1 W/m²: what is taken out of the wave less what is scattered.
    var absorbedPower: Double {
        let sum = scattered.enumerated().reduce(0) { sum, term in
            let (n, a) = term
            return sum + (n == 0 ? 1 : 2) * (-a.real - a.squaredMagnitude)
        }
        return 4 / wavenumber * sum
    }

    /// Ez inside, for an incident wave e^(−jkx) of 1 V/m.
    func field(x: Double, y: Double) -> Complex {
        let distance = (x * x + y * y).squareRoot()
        let angle = atan2(y, x)
        let bessel = Bessel.first(upTo: transmitted.count - 1, max(distance, 1e-9) * inner)
        var sum = Complex(0)
        var power = Complex(1)
        for n in transmitted.indices {
            sum = sum + (n == 0 ? 1 : 2 * cos(Double(n) * angle)) * (power * transmitted[n] * bessel[n])
            power = power * Complex(0, -1)
        }
        return sum
    }
}
