import Foundation
import Testing

/// The yardstick itself, against values printed in tables and against an identity.
@Suite struct BesselTests {
    @Test(arguments: [
        (0, 1.0, 0.765_197_686_557_967), (1, 1.0, 0.440_050_585_744_934), (5, 1.0, 0.000_249_757_730_211_234),
        (0, 10.0, -0.245_935_764_451_348), (10, 10.0, 0.207_486_106_633_359),
    ])
    func `first kind equals the tables`(order: Int, x: Double, value: Double) {
        #expect(abs(Bessel.first(upTo: order, Complex(x))[order].real - value) < 1e-13)
    }

    @Test(arguments: [
        (0, 1.0, 0.088_256_964_215_677), (1, 1.0, -0.781_212_821_300_289), (0, 10.0, 0.055_671_167_283_599),
        (5, 10.0, 0.135_403_047_689_362),
    ])
    func `second kind equals the tables`(order: Int, x: Double, value: Double) {
        #expect(abs(Bessel.second(upTo: order, x)[order] - value) < 1e-12)
    }

    @Test func `an imaginary argument gives the modified function`() {
        // J₀(−2j) = I₀(2).
        #expect(abs(Bessel.first(upTo: 0, Complex(0, -2))[0].real - 2.279_585_302_336_067) < 1e-13)
    }

    @Test func `squares sum to one for a large complex argument`() {
        // J₀² + 2 Σ J_k² = 1 cancels by e^(2 |Im z|), so it is a severe test.
        let values = Bessel.first(upTo: 90, Complex(33, -5))
        let sum = values.enumerated().reduce(Complex(0)) { $0 + ($1.offset == 0 ? 1 : 2) * ($1.element * $1.element) }
        #expect((sum - Complex(1)).magnitude < 1e-9)
    }
}
