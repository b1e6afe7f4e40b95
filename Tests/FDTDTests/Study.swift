import FDTDSolver
import Foundation

/// Short ways to a computation.
enum Study {
    static let muscle = Tissue(
        name: "muscle", density: 1090,
        dispersion: [
            .init(frequency: 450, permittivity: 56.8, conductivity: 0.809),
            .init(frequency: 900, permittivity: 55, conductivity: 0.943),
            .init(frequency: 2100, permittivity: 53.2, conductivity: 1.514),
        ]
    )
    static let fat = Tissue(
        name: "fat", density: 911, dispersion: [.init(frequency: 900, permittivity: 5.46, conductivity: 0.051)])

    /// A round muscle of `diameter` mm.
    static func cylinder(diameter: Double) -> Phantom {
        Phantom(name: "cylinder", ellipses: [Ellipse(tissue: "muscle", width: diameter, height: diameter)])
    }

    static func computation(
        _ phantom: Phantom, frequency: Double = 900, direction: Direction = Direction(degrees: 0),
        resolution: Double = 12, margin: Double = 30
    ) throws -> Computation {
        var numerics = StudyConfiguration.Numerics()
        numerics.cellSize = 1000
        numerics.resolution = resolution
        numerics.margin = margin
        let combination = StudyConfiguration.Combination(
            phantom: phantom, frequency: frequency, direction: direction)
        return try Computation(combination, tissues: [.air, muscle, fat], numerics: numerics)
    }

    static func axis(_ name: String) throws -> Direction {
        guard let direction = Direction(axis: name) else { throw StudyError.noSuchAxis(name) }
        return direction
    }

    enum StudyError: Error {
        case noSuchAxis(String)
    }

    /// The configuration that comes with the example.
    static func exampleText() throws -> String {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try String(contentsOf: root.appendingPathComponent("Examples/FDTD/study.json"), encoding: .utf8)
    }
}
