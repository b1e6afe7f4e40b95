import Foundation

/// Where a plane wave goes: `x+` travels towards larger x, an angle is counted from there, counter-clockwise.
package struct Direction: Equatable, Sendable {
    /// As the configuration and the file names call it: `x+`, `30deg`.
    package var name: String
    /// Unit vector of travel.
    package var x: Double
    package var y: Double

    /// One of the four axes, or nil.
    package init?(axis name: String) {
        switch name {
        case "x+": (x, y) = (1, 0)
        case "x-": (x, y) = (-1, 0)
        case "y+": (x, y) = (0, 1)
        case "y-": (x, y) = (0, -1)
        default: return nil
        }
        self.name = name
    }

    package init(degrees: Double) {
        let radians = degrees * Double.pi / 180
        name = SignificantDigits.spell(degrees, digits: 6) + "deg"
        x = cos(radians)
        y = sin(radians)
    }
}
