import Foundation

/// Cylinder functions of integer order, from their recurrences.
enum Bessel {
    /// J₀(z) … J_n(z) for Im z ≤ 0, by Miller's downward recurrence, scaled by
    /// e^(jz) = J₀ + 2 Σ jᵏ J_k, in which nothing cancels where Im z ≤ 0.
    static func first(upTo order: Int, _ z: Complex) -> [Complex] {
        let start = order + Int(z.magnitude) + 40
        var values = Array(repeating: Complex(0), count: start + 2)
        values[start] = Complex(1e-100)
        for n in stride(from: start, to: 0, by: -1) {
            values[n - 1] = 2 * Double(n) * (values[n] / z) - values[n + 1]
            guard values[n - 1].magnitude > 1e100 else { continue }
            for index in (n - 1)...start { values[index] = 1e-100 * values[index] }
        }
        var sum = values[0]
        var power = Complex(1)
        for k in 1...start {
            power = power * .j
            sum = sum + 2 * (power * values[k])
        }
        let scale = Complex.exponential(.j * z) / sum
        return values.prefix(order + 1).map { $0 * scale }
    }

    /// Y₀(x) … Y_n(x) for real x > 0: Y₀ by Neumann's series, Y₁ from the Wronskian, the others upwards.
    static func second(upTo order: Int, _ x: Double) -> [Double] {
        let eulerGamma = 0.577_215_664_901_532_9
        let j = first(upTo: 2 * (Int(x) + 40), Complex(x)).map(\.real)
        var series = 0.0
        for k in 1..<(j.count / 2) { series += (k % 2 == 0 ? 1 : -1) * j[2 * k] / Double(k) }
        let y0 = 2 / Double.pi * (log(x / 2) + eulerGamma) * j[0] - 4 / Double.pi * series
        let y1 = (j[1] * y0 - 2 / (Double.pi * x)) / j[0]
        var values = [y0, y1]
        while values.count <= order {
            let n = values.count - 1
            values.append(2 * Double(n) / x * values[n] - values[n - 1])
        }
        return values
    }

    /// Derivatives of a cylinder function from its values; the last order is given up.
    static func derivatives(_ values: [Complex]) -> [Complex] {
        values.indices.dropLast().map { n in
            n == 0 ? -values[1] : 0.5 * (values[n - 1] - values[n + 1])
        }
    }
}
