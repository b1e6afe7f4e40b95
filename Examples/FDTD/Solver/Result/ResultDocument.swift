/// The results of a run as JSON, keys in a fixed order, each number with its unit in its name.
package struct ResultDocument {
    private let configuration: StudyConfiguration
    private var results: [JSONValue] = []

    package init(configuration: StudyConfiguration) {
        self.configuration = configuration
    }

    /// Ends with a line break.
    package var text: String {
        var members = [JSONValue.Member("program", .string("fdtd"))]
        if let title = configuration.title { members.append(JSONValue.Member("title", .string(title))) }
        members.append(JSONValue.Member("results", .array(results)))
        return JSONValue.object(members).text() + "\n"
    }

    package mutating func add(
        _ computation: Computation, outcome: Computation.Outcome, seconds: Double, picture: String
    ) {
        let combination = computation.combination
        let absorption = outcome.absorption
        results.append(
            .object([
                .init("phantom", .string(combination.phantom.name)),
                .init("frequencyMegahertz", .rounded(combination.frequency)),
                .init("direction", .string(combination.direction.name)),
                .init("powerDensityWattsPerSquareMetre", .rounded(computation.numerics.powerDensity)),
                .init("incidentFieldVoltsPerMetre", .rounded(computation.wave.amplitude)),
                .init("absorbedPowerWattsPerMetre", .rounded(absorption.power)),
                .init("absorbedPowerByFluxWattsPerMetre", .rounded(absorption.powerByFlux)),
                .init("absorptionWidthMetres", .rounded(absorption.power / computation.numerics.powerDensity)),
                .init("averageSarWattsPerKilogram", .rounded(absorption.specificRate)),
                .init("peak", Self.peak(absorption.peak)),
                .init("massKilogramsPerMetre", .rounded(absorption.mass)),
                .init("areaSquareMetres", .rounded(absorption.area)),
                .init("tissues", .array(absorption.tissues.map(Self.tissue))),
                .init("computation", Self.effort(computation.plan, steady: outcome.steady, seconds: seconds)),
                .init("picture", .string(picture)),
            ])
        )
    }

    private static func peak(_ peak: Absorption.Peak) -> JSONValue {
        .object([
            .init("sarWattsPerKilogram", .rounded(peak.specificRate)),
            .init("fieldVoltsPerMetre", .rounded(peak.field)),
            .init("tissue", .string(peak.tissue)),
            .init("placeMillimetres", .array([.rounded(peak.x * 1e3), .rounded(peak.y * 1e3)])),
        ])
    }

    private static func tissue(_ share: Absorption.TissueShare) -> JSONValue {
        .object([
            .init("name", .string(share.name)),
            .init("absorbedPowerWattsPerMetre", .rounded(share.power)),
            .init("averageSarWattsPerKilogram", .rounded(share.specificRate)),
            .init("massKilogramsPerMetre", .rounded(share.mass)),
            .init("areaSquareMetres", .rounded(share.area)),
        ])
    }

    private static func effort(_ plan: Plan, steady: SteadyState, seconds: Double) -> JSONValue {
        .object([
            .init("columns", .integer(plan.columns)),
            .init("rows", .integer(plan.rows)),
            .init("cells", .integer(plan.cellCount)),
            .init("cellMillimetres", .rounded(plan.cell * 1e3)),
            .init("cellsPerWavelength", .rounded(plan.cellsPerWavelength, digits: 4)),
            .init("steps", .integer(steady.steps)),
            .init("stepsPerPeriod", .integer(plan.stepsPerPeriod)),
            .init("periods", .integer(steady.periods)),
            .init("settled", .bool(steady.settled)),
            .init("changePerNanosecond", .rounded(steady.change, digits: 3)),
            .init("seconds", .rounded(seconds, digits: 4)),
        ])
    }
}
