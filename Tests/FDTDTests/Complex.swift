import Foundation

/// As much of complex numbers as the exact solution needs.
struct Complex: Equatable {
    var real: Double
    var imaginary: Double

    init(_ real: Double, _ imaginary: Double = 0) {
        self.real = real
        self.imaginary = imaginary
    }

    static let j = Complex(0, 1)

    var magnitude: Double { (real * real + imaginary * imaginary).squareRoot() }
    var squaredMagnitude: Double { real * real + imaginary * imaginary }

    /// The root with a positive real part.
    var squareRoot: Complex {
        let half = atan2(imaginary, real) / 2
        let size = magnitude.squareRoot()
        return Complex(size * cos(half), size * sin(half))
    }

    static func exponential(_ value: Complex) -> Complex {
        let size = exp(value.real)
        return Complex(size * cos(value.imaginary), size * sin(value.imaginary))
    }

    static func + (a: Complex, b: Complex) -> Complex { Complex(a.real + b.real, a.imaginary + b.imaginary) }
    static func - (a: Complex, b: Complex) -> Complex { Complex(a.real - b.real, a.imaginary - b.imaginary) }
    static prefix func - (a: Complex) -> Complex { Complex(-a.real, -a.imaginary) }
    static func * (a: Complex, b: Complex) -> Complex {
        Complex(a.real * b.real - a.imaginary * b.imaginary, a.real * b.imaginary + a.imaginary * b.real)
    }
    static func * (a: Double, b: Complex) -> Complex { Complex(a * b.real, a * b.imaginary) }
    static func / (a: Complex, b: Complex) -> Complex {
        let size = b.squaredMagnitude
        return Complex(
            (a.real * b.real + a.imaginary * b.imaginary) / size, (a.imaginary * b.real - a.real * b.imaginary) / size)
    }
}
