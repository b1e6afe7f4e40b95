/// A whole study as its file describes it: phantoms × frequencies × directions, and how finely to compute them.
///
/// A split of the file has the same shape with shorter lists, so a part is read and run in the very same way.
package struct StudyConfiguration: Equatable, Sendable {
    package var title: String?
    package var phantoms: [Phantom]
    /// MHz.
    package var frequencies: [Double]
    package var directions: [Direction]
    package var tissues: [Tissue]
    package var numerics: Numerics

    /// What decides how exact and how long a computation is.
    package struct Numerics: Equatable, Sendable {
        /// Power density of the incident wave, W/m².
        package var powerDensity = 1.0
        /// Largest cell, mm.
        package var cellSize = 1.0
        /// Fewest cells in the shortest wavelength; the cell is made smaller where `cellSize` gives fewer.
        package var resolution = 15.0
        /// Free space around the phantom, mm.
        package var margin = 60.0
        /// The solver stops when the field changes by less than this, as a share of itself, in a nanosecond.
        package var tolerance = 1e-3

        package init() {}
    }

    /// One computation of the study.
    package struct Combination: Equatable, Sendable {
        package var phantom: Phantom
        /// MHz.
        package var frequency: Double
        package var direction: Direction

        package init(phantom: Phantom, frequency: Double, direction: Direction) {
            self.phantom = phantom
            self.frequency = frequency
            self.direction = direction
        }

        /// `adult-900MHz-x+`: unique in a study, fit for a file name.
        package var name: String {
            "\(phantom.name)-\(SignificantDigits.spell(frequency, digits: 6))MHz-\(direction.name)"
        }
    }

    /// Every combination, phantoms outermost and directions innermost, in the order of the file.
    package var combinations: [Combination] {
        phantoms.flatMap { phantom in
            frequencies.flatMap { frequency in
                directions.map { Combination(phantom: phantom, frequency: frequency, direction: $0) }
            }
        }
    }
}

extension StudyConfiguration {
    /// Reads a configuration; see `README.md` beside this folder for its fields.
    ///
    /// - Throws: ``ConfigurationError`` that names the first field that is wrong.
    package init(text: String) throws(ConfigurationError) {
        let root = ConfigurationReader(try JSONParser.parse(text))
        _ = try root.members(allowed: Self.fields)
        title = try root.optional("title")?.text()
        tissues = try Self.tissues(root.required("tissues"))
        phantoms = try Self.phantoms(root.required("phantoms"), tissues: tissues)
        frequencies = try Self.frequencies(root.required("frequencies"))
        directions = try Self.directions(root.required("directions"))
        numerics = try Self.numerics(root)
        try checkDispersion()
    }

    private static let fields = [
        "title", "phantoms", "frequencies", "directions", "tissues", "powerDensity", "cellSize", "resolution",
        "margin", "tolerance",
    ]

    private static func frequencies(_ reader: ConfigurationReader) throws(ConfigurationError) -> [Double] {
        var frequencies: [Double] = []
        for item in try reader.items() {
            let frequency = try item.number(in: 1...100_000, unit: " MHz")
            guard !frequencies.contains(frequency) else {
                throw item.refused("this frequency is there twice; name each once")
            }
            frequencies.append(frequency)
        }
        return frequencies
    }

    private static func directions(_ reader: ConfigurationReader) throws(ConfigurationError) -> [Direction] {
        var directions: [Direction] = []
        for item in try reader.items() {
            let direction: Direction
            if case .string(let name) = item.value {
                guard let axis = Direction(axis: name) else {
                    throw item.refused("'\(name)' is no direction; write x+, x-, y+, y- or a number of degrees")
                }
                direction = axis
            } else {
                direction = Direction(degrees: try item.number(in: -360...360, unit: " degrees"))
            }
            guard !directions.contains(where: { $0.name == direction.name }) else {
                throw item.refused("this direction is there twice; name each once")
            }
            directions.append(direction)
        }
        return directions
    }

    private static func numerics(_ root: ConfigurationReader) throws(ConfigurationError) -> Numerics {
        var numerics = Numerics()
        if let reader = try root.optional("powerDensity") {
            numerics.powerDensity = try reader.number(in: 1e-9...1e9, unit: " W/m²")
        }
        if let reader = try root.optional("cellSize") {
            numerics.cellSize = try reader.number(in: 0.01...1000, unit: " mm")
        }
        if let reader = try root.optional("resolution") {
            numerics.resolution = try reader.number(in: 4...200, unit: " cells per wavelength")
        }
        if let reader = try root.optional("margin") {
            numerics.margin = try reader.number(in: 1...10_000, unit: " mm")
        }
        if let reader = try root.optional("tolerance") {
            numerics.tolerance = try reader.number(in: 1e-5...0.1, unit: "")
        }
        return numerics
    }

    /// A frequency for which a tissue in use has no values is refused before anything is computed.
    private func checkDispersion() throws(ConfigurationError) {
        for phantom in phantoms {
            for ellipse in phantom.ellipses {
                guard let tissue = tissues.first(where: { $0.name == ellipse.tissue }) else { continue }
                for (index, frequency) in frequencies.enumerated() where tissue.medium(at: frequency) == nil {
                    let spelled = SignificantDigits.spell(frequency, digits: 6)
                    throw ConfigurationError(
                        field: "frequencies[\(index)]",
                        message: "\(spelled) MHz is outside of tissues.\(tissue.name).dispersion;"
                            + " add a row for it there or leave it out"
                    )
                }
            }
        }
    }
}
