/// Writing with a pen of even width, so that a picture needs no font from the machine.
///
/// A glyph is a list of strokes on a grid: pairs of base-36 digits x and y, the baseline at y = 3, small letters up to
/// 9, capitals and figures up to b (11). A stroke that begins with `~` is rounded between its ends, one with `o` is a
/// closed round.
struct Lettering {
    /// Height of a capital, pixels.
    let size: Double
    let weight: Double
    let colour: Colour
    var opacity = 1.0

    private static let baseline = 3.0
    private static let capitalHeight = 8.0
    private static let gap = 2.3
    private static let space = 3.6
    /// For a character that has no glyph.
    private static let unknown = ["03535b0b03"]

    private var unit: Double { size / Self.capitalHeight }

    func width(_ text: String) -> Double {
        text.reduce(0) { $0 + advance($1) } - (text.isEmpty ? 0 : Self.gap * unit)
    }

    /// - Parameters:
    ///   - x: left end, pixels.
    ///   - y: the baseline, pixels.
    func draw(_ text: String, x: Double, y: Double, on canvas: inout Canvas) {
        var pen = x
        for character in text {
            for stroke in Self.strokes(character) {
                let points = stroke.map { (x: pen + $0.x * unit, y: y - ($0.y - Self.baseline) * unit) }
                canvas.stroke(points, width: weight, colour: colour, opacity: opacity)
            }
            pen += advance(character)
        }
    }

    private func advance(_ character: Character) -> Double {
        if character == " " { return Self.space * unit }
        let widest = Self.strokes(character).flatMap { $0 }.map(\.x).max() ?? 0
        return (widest + Self.gap) * unit
    }

    private static func strokes(_ character: Character) -> [[(x: Double, y: Double)]] {
        if character == " " { return [] }
        return (Glyphs.strokes[character] ?? unknown).map { stroke in
            switch stroke.first {
            case "~": rounded(points(stroke.dropFirst()), closed: false)
            case "o": rounded(points(stroke.dropFirst()), closed: true)
            default: points(stroke[...])
            }
        }
    }

    private static func points(_ digits: Substring) -> [(x: Double, y: Double)] {
        let values = digits.compactMap { Int(String($0), radix: 36) }
        return stride(from: 0, to: values.count - 1, by: 2).map { (Double(values[$0]), Double(values[$0 + 1])) }
    }

    /// Cuts corners three times, after Chaikin.
    private static func rounded(_ corners: [(x: Double, y: Double)], closed: Bool) -> [(x: Double, y: Double)] {
        guard let first = corners.first, let last = corners.last else { return [] }
        var points = corners
        for _ in 0..<3 {
            let pairs = Array(zip(points, points.dropFirst())) + (closed ? [(points[points.count - 1], points[0])] : [])
            let cut = pairs.flatMap { start, end in
                [0.25, 0.75].map { (x: start.x + $0 * (end.x - start.x), y: start.y + $0 * (end.y - start.y)) }
            }
            points = closed ? cut : [first] + cut.dropFirst().dropLast() + [last]
        }
        return closed ? points + [points[0]] : points
    }
}
