import Foundation

/// A colour in linear light, so that mixing two looks like mixing two lights.
struct Colour: Equatable, Sendable {
    var red: Double
    var green: Double
    var blue: Double

    /// From Oklab's lightness (0…1), chroma and hue in degrees: steps of equal size there look equal.
    init(lightness: Double, chroma: Double, hue: Double) {
        let (a, b) = (chroma * cos(hue * Double.pi / 180), chroma * sin(hue * Double.pi / 180))
        func cubed(_ value: Double) -> Double { value * value * value }
        let long = cubed(lightness + 0.396_337_777_4 * a + 0.215_803_757_3 * b)
        let middle = cubed(lightness - 0.105_561_345_8 * a - 0.063_854_172_8 * b)
        let short = cubed(lightness - 0.089_484_177_5 * a - 1.291_485_548 * b)
        red = 4.076_741_662_1 * long - 3.307_711_591_3 * middle + 0.230_969_929_2 * short
        green = -1.268_438_004_6 * long + 2.609_757_401_1 * middle - 0.341_319_396_5 * short
        blue = -0.004_196_086_3 * long - 0.703_418_614_7 * middle + 1.707_614_701 * short
    }

    func mixed(with other: Colour, share: Double) -> Colour {
        var mixed = self
        mixed.red += share * (other.red - red)
        mixed.green += share * (other.green - green)
        mixed.blue += share * (other.blue - blue)
        return mixed
    }

    /// Appends the three bytes of sRGB; what a screen can't show is clipped.
    func append(to bytes: inout [UInt8], encoding: ScreenEncoding) {
        bytes.append(encoding.byte(red))
        bytes.append(encoding.byte(green))
        bytes.append(encoding.byte(blue))
    }
}

/// The curve of sRGB from light to bytes, as a table fine enough for each byte.
struct ScreenEncoding {
    private static let entries = 16_384
    private let table: [UInt8]

    init() {
        table = (0...Self.entries).map { index in
            let light = Double(index) / Double(Self.entries)
            let encoded = light <= 0.003_130_8 ? 12.92 * light : 1.055 * pow(light, 1 / 2.4) - 0.055
            return UInt8((encoded * 255).rounded())
        }
    }

    func byte(_ light: Double) -> UInt8 {
        table[Int(min(1, max(0, light)) * Double(Self.entries) + 0.5)]
    }
}

/// From near black through violet, magenta and orange to a pale yellow: lightness rises evenly, so that the eye reads
/// it as height, also in grey and with the common kinds of colour blindness.
struct ColourMap: Sendable {
    private static let stops: [(place: Double, lightness: Double, chroma: Double, hue: Double)] = [
        (0.00, 0.13, 0.045, 275), (0.20, 0.30, 0.135, 288), (0.42, 0.48, 0.195, 335), (0.62, 0.64, 0.200, 385),
        (0.80, 0.79, 0.160, 425), (1.00, 0.965, 0.085, 465),
    ]
    private static let entries = 1024

    private let table: [Colour]

    init() {
        table = (0..<Self.entries).map { Self.colour(at: Double($0) / Double(Self.entries - 1)) }
    }

    /// - Parameter share: 0 is darkest, 1 is lightest; beyond them the ends go on.
    func colour(_ share: Double) -> Colour {
        let place = min(1, max(0, share.isNaN ? 0 : share)) * Double(Self.entries - 1)
        return table[Int(place.rounded())]
    }

    private static func colour(at place: Double) -> Colour {
        let upper = stops.dropFirst().firstIndex { $0.place >= place } ?? stops.count - 1
        let (a, b) = (stops[upper - 1], stops[upper])
        let share = (place - a.place) / (b.place - a.place)
        func between(_ first: Double, _ second: Double) -> Double { first + share * (second - first) }
        return Colour(
            lightness: between(a.lightness, b.lightness), chroma: between(a.chroma, b.chroma),
            hue: between(a.hue, b.hue)
        )
    }
}
