import Foundation

/// A cross-section made of ellipses; a later one is painted over an earlier one.
package struct Phantom: Equatable, Sendable {
    package var name: String
    package var ellipses: [Ellipse]

    package init(name: String, ellipses: [Ellipse]) {
        self.name = name
        self.ellipses = ellipses
    }

    /// The smallest half width and half height, mm, of a box around the origin that holds the whole cross-section.
    package var halfExtent: (x: Double, y: Double) {
        ellipses.reduce((0, 0)) { extent, ellipse in
            let half = ellipse.halfExtent
            return (
                max(extent.0, abs(ellipse.centerX) + half.x), max(extent.1, abs(ellipse.centerY) + half.y)
            )
        }
    }
}

/// An ellipse of one tissue. Lengths in mm, x to the right, y upwards.
package struct Ellipse: Equatable, Sendable {
    package let tissue: String
    package let centerX: Double
    package let centerY: Double
    /// Full axes before the turn.
    package let width: Double
    package let height: Double
    /// Turn about its centre, degrees, counter-clockwise.
    package let angle: Double
    private let cosine: Double
    private let sine: Double
    private let perHalfWidth: Double
    private let perHalfHeight: Double

    package init(
        tissue: String, centerX: Double = 0, centerY: Double = 0, width: Double, height: Double, angle: Double = 0
    ) {
        self.tissue = tissue
        self.centerX = centerX
        self.centerY = centerY
        self.width = width
        self.height = height
        self.angle = angle
        cosine = angle == 0 ? 1 : cos(angle * Double.pi / 180)
        sine = angle == 0 ? 0 : sin(angle * Double.pi / 180)
        perHalfWidth = 2 / width
        perHalfHeight = 2 / height
    }

    package var halfExtent: (x: Double, y: Double) {
        let (a, b) = (width / 2, height / 2)
        return (
            (a * a * cosine * cosine + b * b * sine * sine).squareRoot(),
            (a * a * sine * sine + b * b * cosine * cosine).squareRoot()
        )
    }

    package func contains(x: Double, y: Double) -> Bool {
        let (u, v) = local(x: x, y: y)
        return u * u + v * v < 1
    }

    /// Where a point lies; `reach` is how near to the rim, mm, its distance is wanted.
    package func side(x: Double, y: Double, reach: Double) -> Side {
        let (u, v) = local(x: x, y: y)
        let squared = u * u + v * v
        // A point this far off in the ellipse's own frame is further than `reach` from the rim in any direction.
        let slack = 2 * reach / min(width, height)
        if squared > (1 + slack) * (1 + slack) { return .outside }
        if slack < 1, squared < (1 - slack) * (1 - slack) { return .inside }
        let level = squared.squareRoot()
        let (gx, gy) = (2 * u / width, 2 * v / height)
        let slope = (gx * gx + gy * gy).squareRoot()
        let distance = slope > 0 ? level * (level - 1) / slope : -min(width, height) / 2
        if abs(distance) <= reach { return .rim(distance: distance) }
        return distance < 0 ? .inside : .outside
    }

    package enum Side: Equatable, Sendable {
        case outside
        case inside
        /// mm, negative inside: exact to first order.
        case rim(distance: Double)
    }

    /// The point in the ellipse's own frame, where its rim is the unit circle.
    private func local(x: Double, y: Double) -> (u: Double, v: Double) {
        let (dx, dy) = (x - centerX, y - centerY)
        return ((dx * cosine + dy * sine) * perHalfWidth, (dy * cosine - dx * sine) * perHalfHeight)
    }
}
