/// The steady state of Ez: complex amplitudes, V/m, with exp(+jωt) and the phase of the incident wave at the origin
/// taken as zero.
package struct PhasorPlane: Sendable, Equatable {
    package let columns: Int
    package let rows: Int
    package var real: [Float]
    package var imaginary: [Float]

    package init(columns: Int, rows: Int) {
        self.columns = columns
        self.rows = rows
        real = Array(repeating: 0, count: columns * rows)
        imaginary = Array(repeating: 0, count: columns * rows)
    }

    package func squaredMagnitude(at node: Int) -> Double {
        let (re, im) = (Double(real[node]), Double(imaginary[node]))
        return re * re + im * im
    }

    package subscript(column: Int, row: Int) -> (real: Double, imaginary: Double) {
        let node = row * columns + column
        return (Double(real[node]), Double(imaginary[node]))
    }

    /// Adds one sample of a Fourier sum: `field` · (cosine − j sine) · weight.
    mutating func add(_ field: borrowing FieldPlane, cosine: Float, sine: Float, weight: Float) {
        let (c, s) = (cosine * weight, -sine * weight)
        for row in 0..<rows {
            let source = unsafe field.row(row)
            let start = row * columns
            for column in 0..<columns {
                unsafe real[start &+ column] += c * source[column]
                unsafe imaginary[start &+ column] += s * source[column]
            }
        }
    }

    /// How far this is from `other`, as a share of its own size, over the nodes where `weight` is above zero.
    func change(from other: PhasorPlane, where weight: [Float]) -> Double {
        var difference = 0.0
        var size = 0.0
        for node in weight.indices where weight[node] > 0 {
            let re = Double(real[node]) - Double(other.real[node])
            let im = Double(imaginary[node]) - Double(other.imaginary[node])
            difference += re * re + im * im
            size += squaredMagnitude(at: node)
        }
        return size > 0 ? (difference / size).squareRoot() : 0
    }
}
