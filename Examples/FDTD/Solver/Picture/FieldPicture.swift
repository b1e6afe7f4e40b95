import Foundation

/// The field of one computation as a picture: the magnitude of Ez in decibels of the incident field, the outlines of
/// the tissues, a colour bar, a scale and an arrow.
package struct FieldPicture {
    private let phasors: PhasorPlane
    private let plan: Plan
    private let combination: StudyConfiguration.Combination
    private let wave: PlaneWave
    private let map = ColourMap()
    /// Pixels per metre.
    private let scale: Double
    private let mapWidth: Int
    private let mapHeight: Int

    /// What the colours span, dB of the incident field: the shadow in the middle of a torso to a focus.
    private static let darkest = -50.0
    private static let lightest = 5.0
    private static let widest = 1280.0
    private static let highest = 960.0
    private static let panelHeight = 92
    private static let panelMargin = 28.0
    private static let ink = Colour(lightness: 0.97, chroma: 0.01, hue: 90)
    private static let faintInk = Colour(lightness: 0.72, chroma: 0.02, hue: 290)
    private static let panel = Colour(lightness: 0.16, chroma: 0.025, hue: 280)

    package init(_ computation: Computation, phasors: PhasorPlane) {
        self.phasors = phasors
        plan = computation.plan
        wave = computation.wave
        combination = computation.combination
        let (columns, rows) = plan.totalField
        // The outermost nodes of the box touch the scattered field.
        let width = Double(columns.count - 3) * plan.cell
        let height = Double(rows.count - 3) * plan.cell
        scale = min(Self.widest / width, Self.highest / height)
        mapWidth = Int(width * scale)
        mapHeight = Int(height * scale)
    }

    /// The picture as a PNG file, with a title and a line of small print below the field.
    package func png(smallPrint: String) -> [UInt8] {
        var canvas = Canvas(width: mapWidth, height: mapHeight + Self.panelHeight, background: Self.panel)
        drawField(on: &canvas)
        drawOutlines(on: &canvas)
        drawArrow(on: &canvas)
        drawScale(on: &canvas)
        let frequency = SignificantDigits.spell(combination.frequency, digits: 6)
        let title = "\(combination.phantom.name) · \(frequency) MHz · \(combination.direction.name)"
        drawPanel(title: title, smallPrint: smallPrint, on: &canvas)
        return PNG.encode(width: canvas.width, height: canvas.height, pixels: canvas.bytes)
    }

    /// Place of the middle of a pixel, m from the origin, y upwards.
    private func place(x: Int, y: Int) -> (x: Double, y: Double) {
        ((Double(x) + 0.5 - Double(mapWidth) / 2) / scale, (Double(mapHeight) / 2 - Double(y) - 0.5) / scale)
    }

    private func drawField(on canvas: inout Canvas) {
        for y in 0..<mapHeight {
            for x in 0..<mapWidth {
                let place = place(x: x, y: y)
                let decibels = 20 * log10(magnitude(at: place) / wave.amplitude)
                canvas[x, y] = map.colour((decibels - Self.darkest) / (Self.lightest - Self.darkest))
            }
        }
    }

    /// |Ez| between four nodes; the complex amplitude is what is smooth there, not its magnitude.
    private func magnitude(at place: (x: Double, y: Double)) -> Double {
        let u = place.x / plan.cell + Double(plan.origin.column)
        let v = place.y / plan.cell + Double(plan.origin.row)
        let (column, row) = (Int(u), Int(v))
        let (du, dv) = (u - Double(column), v - Double(row))
        var sum = (real: 0.0, imaginary: 0.0)
        for (c, r, share) in [
            (column, row, (1 - du) * (1 - dv)), (column + 1, row, du * (1 - dv)), (column, row + 1, (1 - du) * dv),
            (column + 1, row + 1, du * dv),
        ] {
            let value = phasors[c, r]
            sum.real += share * value.real
            sum.imaginary += share * value.imaginary
        }
        return (sum.real * sum.real + sum.imaginary * sum.imaginary).squareRoot()
    }

    /// Rims of ellipses where nothing is painted over them, the outermost brightest.
    private func drawOutlines(on canvas: inout Canvas) {
        let halfWidth = 0.75
        let pixel = 1000 / scale
        let ellipses = combination.phantom.ellipses
        for y in 0..<mapHeight {
            for x in 0..<mapWidth {
                let place = place(x: x, y: y)
                let (px, py) = (place.x * 1000, place.y * 1000)
                for index in ellipses.indices.reversed() {
                    let side = ellipses[index].side(x: px, y: py, reach: (halfWidth + 0.5) * pixel)
                    if side == .inside { break }
                    guard case .rim(let distance) = side else { continue }
                    let share = min(1, halfWidth + 0.5 - abs(distance) / pixel)
                    let isOuter = ellipses[..<index].allSatisfy { !$0.contains(x: px, y: py) }
                    canvas.blend(x: x, y: y, colour: Self.ink, share: share * (isOuter ? 0.9 : 0.42))
                    if distance < 0 { break }
                }
            }
        }
    }
}

extension FieldPicture {
    /// In the corner from which the wave comes.
    private func drawArrow(on canvas: inout Canvas) {
        let length = 54.0
        let x = 44 + length / 2
        let y = 44 + length / 2
        let (ux, uy) = (combination.direction.x, -combination.direction.y)
        let tip = (x: x + ux * length / 2, y: y + uy * length / 2)
        let barbs = [-1.0, 1.0].map { side in
            (x: tip.x - (ux + side * uy * 0.6) * 13, y: tip.y - (uy - side * ux * 0.6) * 13)
        }
        let shaft = [(x: x - ux * length / 2, y: y - uy * length / 2), tip]
        drawMark([shaft, [barbs[0], tip, barbs[1]]], on: &canvas)
    }

    /// White on a dark rim, to be seen on any colour.
    private func drawMark(_ strokes: [[(x: Double, y: Double)]], on canvas: inout Canvas) {
        for stroke in strokes { canvas.stroke(stroke, width: 7, colour: Self.panel, opacity: 0.55) }
        for stroke in strokes { canvas.stroke(stroke, width: 3, colour: Self.ink) }
    }

    private func drawScale(on canvas: inout Canvas) {
        let metres = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5].last { $0 * scale < Double(mapWidth) / 4 } ?? 0.01
        let length = metres * scale
        let right = Double(mapWidth) - 32
        let y = Double(mapHeight) - 30
        drawMark([[(right - length, y), (right, y)]], on: &canvas)
        let label = SignificantDigits.spell(metres * 1000, digits: 4) + " mm"
        let rim = Lettering(size: 12, weight: 5, colour: Self.panel, opacity: 0.3)
        let lettering = Lettering(size: 12, weight: 1.8, colour: Self.ink)
        for writing in [rim, lettering] {
            writing.draw(label, x: right - length / 2 - writing.width(label) / 2, y: y - 13, on: &canvas)
        }
    }

    private func drawPanel(title: String, smallPrint: String, on canvas: inout Canvas) {
        let top = Double(mapHeight)
        Lettering(size: 18, weight: 2.1, colour: Self.ink).draw(
            title, x: Self.panelMargin, y: top + 42, on: &canvas)
        Lettering(size: 11, weight: 1.4, colour: Self.faintInk).draw(
            smallPrint, x: Self.panelMargin, y: top + 68, on: &canvas)
        drawColourBar(top: mapHeight + 26, on: &canvas)
    }

    private func drawColourBar(top: Int, on canvas: inout Canvas) {
        let width = min(360, mapWidth * 2 / 5)
        let height = 16
        let left = mapWidth - width - Int(Self.panelMargin)
        for x in 0..<width {
            for y in 0..<height {
                canvas[left + x, top + y] = map.colour(Double(x) / Double(width - 1))
            }
        }
        let lettering = Lettering(size: 11, weight: 1.4, colour: Self.faintInk)
        for decibels in stride(from: Self.darkest, through: Self.lightest, by: 10) {
            let share = (decibels - Self.darkest) / (Self.lightest - Self.darkest)
            let x = Double(left) + share * Double(width)
            canvas.line(
                from: (x, Double(top + height + 2)), to: (x, Double(top + height + 5)), width: 1.2,
                colour: Self.faintInk)
            let label = SignificantDigits.spell(decibels, digits: 3)
            lettering.draw(
                label, x: x - lettering.width(label) / 2, y: Double(top + height + 23), on: &canvas)
        }
        let label = "dB"
        lettering.draw(
            label, x: Double(left + width) - lettering.width(label), y: Double(top + height + 23), on: &canvas)
    }
}
