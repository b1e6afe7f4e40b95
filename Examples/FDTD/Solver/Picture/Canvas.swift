/// A picture in memory that smooth shapes are drawn on. Pixels, x to the right, y down.
struct Canvas {
    let width: Int
    let height: Int
    private var pixels: [Colour]

    init(width: Int, height: Int, background: Colour) {
        self.width = width
        self.height = height
        pixels = Array(repeating: background, count: width * height)
    }

    subscript(x: Int, y: Int) -> Colour {
        get { pixels[y * width + x] }
        set { pixels[y * width + x] = newValue }
    }

    /// Three bytes a pixel, row by row from the top.
    var bytes: [UInt8] {
        let encoding = ScreenEncoding()
        var bytes: [UInt8] = []
        bytes.reserveCapacity(3 * pixels.count)
        for pixel in pixels { pixel.append(to: &bytes, encoding: encoding) }
        return bytes
    }

    /// Lays `colour` over a pixel; outside of the picture nothing happens.
    mutating func blend(x: Int, y: Int, colour: Colour, share: Double) {
        guard share > 0, x >= 0, x < width, y >= 0, y < height else { return }
        self[x, y] = self[x, y].mixed(with: colour, share: min(1, share))
    }

    /// A line with round ends.
    mutating func line(
        from start: (x: Double, y: Double), to end: (x: Double, y: Double), width: Double, colour: Colour,
        opacity: Double = 1
    ) {
        stroke([start, end], width: width, colour: colour, opacity: opacity)
    }

    /// A chain of lines with round ends and corners, laid on once, also where it meets itself.
    mutating func stroke(
        _ points: [(x: Double, y: Double)], width: Double, colour: Colour, opacity: Double = 1
    ) {
        let reach = width / 2 + 1
        let (xs, ys) = (points.map(\.x), points.map(\.y))
        guard let left = xs.min(), let right = xs.max(), let top = ys.min(), let bottom = ys.max() else { return }
        for y in clamped(top - reach, bottom + reach, limit: height) {
            for x in clamped(left - reach, right + reach, limit: self.width) {
                let place = (x: Double(x) + 0.5, y: Double(y) + 0.5)
                let distance = zip(points, points.dropFirst()).map { Self.distance(place, $0, $1) }.min() ?? reach
                blend(x: x, y: y, colour: colour, share: opacity * min(1, max(0, width / 2 + 0.5 - distance)))
            }
        }
    }

    private func clamped(_ first: Double, _ last: Double, limit: Int) -> Range<Int> {
        let lower = min(limit, max(0, Int(first)))
        return lower..<max(lower, min(limit, Int(last) + 1))
    }

    private static func distance(
        _ point: (x: Double, y: Double), _ start: (x: Double, y: Double), _ end: (x: Double, y: Double)
    ) -> Double {
        let (dx, dy) = (end.x - start.x, end.y - start.y)
        let length = dx * dx + dy * dy
        let along = length > 0 ? ((point.x - start.x) * dx + (point.y - start.y) * dy) / length : 0
        let share = min(1, max(0, along))
        let (ex, ey) = (point.x - start.x - share * dx, point.y - start.y - share * dy)
        return (ex * ex + ey * ey).squareRoot()
    }
}
