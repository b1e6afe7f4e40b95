import FDTDSolver
import Foundation

/// Computes the combinations of a configuration one after the other and writes what came out.
struct StudyRun {
    private let configuration: StudyConfiguration
    private let computations: [Computation]
    private let output: URL

    /// Shares of a computation that are spent before and after the steps.
    private static let setupShare = 0.01
    private static let solvedShare = 0.88
    private static let analysedShare = 0.89

    /// Checks every combination before the first is computed.
    init(configuration: StudyConfiguration, output: String) throws(ConfigurationError) {
        self.configuration = configuration
        self.output = URL(fileURLWithPath: output, isDirectory: true)
        var computations: [Computation] = []
        for combination in configuration.combinations {
            computations.append(
                try Computation(combination, tissues: configuration.tissues, numerics: configuration.numerics))
        }
        self.computations = computations
    }

    func run() throws {
        do {
            try FileManager.default.createDirectory(at: output, withIntermediateDirectories: true)
        } catch {
            throw OutputError(message: "the folder '\(output.path)' can't be made; choose another with --output")
        }
        let start = ContinuousClock.now
        var reporter = ProgressReporter(start: start)
        var document = ResultDocument(configuration: configuration)
        let allWork = computations.reduce(0) { $0 + $1.likelyWork }
        var doneWork = 0.0
        for computation in computations {
            let picture = computations.count == 1 ? "field.png" : "field-\(computation.combination.name).png"
            func report(_ stage: ProgressReporter.Stage, _ share: Double) {
                reporter.report(stage, reached: (doneWork + share * computation.likelyWork) / allWork)
            }
            report(.setup, 0)
            let begun = ContinuousClock.now
            let outcome = solve(computation, report: report)
            let seconds = (ContinuousClock.now - begun) / .seconds(1)
            describe(computation, outcome: outcome, seconds: seconds)

            report(.write, Self.analysedShare)
            let png = FieldPicture(computation, phasors: outcome.steady.phasors).png(
                smallPrint: Self.smallPrint(computation, outcome.absorption))
            try write(Data(png), to: picture)
            document.add(computation, outcome: outcome, seconds: seconds, picture: picture)
            doneWork += computation.likelyWork
        }
        try write(Data(document.text.utf8), to: "result.json")
        reporter.report(.write, reached: 1)
        let seconds = SignificantDigits.fixed((ContinuousClock.now - start) / .seconds(1), decimals: 2)
        Terminal.say("done: \(computations.count) of \(computations.count) in \(seconds) s, in \(output.path)")
    }

    private func solve(
        _ computation: Computation, report: (ProgressReporter.Stage, Double) -> Void
    ) -> Computation.Outcome {
        announce(computation)
        return computation.run { event in
            switch event {
            case .ready:
                report(.solve, Self.setupShare)
            case .stepped(let steps, let expected):
                let share = Double(steps) / Double(max(steps, expected))
                report(.solve, Self.setupShare + share * (Self.solvedShare - Self.setupShare))
            case .compared(let nanoseconds, let change):
                let time = SignificantDigits.fixed(nanoseconds, decimals: 1)
                Terminal.say("  \(time) ns: change \(SignificantDigits.spell(change, digits: 2)) per ns")
            case .solved:
                report(.analyse, Self.solvedShare)
            }
        }
    }

    private func announce(_ computation: Computation) {
        let plan = computation.plan
        let cell = SignificantDigits.spell(plan.cell * 1e3, digits: 3)
        let perWavelength = SignificantDigits.fixed(plan.cellsPerWavelength, decimals: 1)
        Terminal.say(
            "\(computation.combination.name): \(plan.columns) x \(plan.rows) cells of \(cell) mm,"
                + " \(perWavelength) in the shortest wavelength, \(plan.stepsPerPeriod) steps a period"
        )
        if plan.cellsPerWavelength < Computation.fewestCellsPerWavelength {
            Terminal.say(
                "::warning::\(computation.combination.name): only \(perWavelength) cells in the shortest wavelength;"
                    + " below 10 the absorbed power is off by percents, raise resolution"
            )
        }
    }

    private func describe(_ computation: Computation, outcome: Computation.Outcome, seconds: Double) {
        let absorption = outcome.absorption
        let steps = outcome.steady.steps
        let rate = Double(steps) * Double(computation.plan.cellCount) / seconds / 1e6
        Terminal.say(
            "\(computation.combination.name): absorbs \(SignificantDigits.spell(absorption.power, digits: 4)) W/m,"
                + " by flux \(SignificantDigits.spell(absorption.powerByFlux, digits: 4)) W/m;"
                + " \(steps) steps in \(SignificantDigits.fixed(seconds, decimals: 2)) s,"
                + " \(SignificantDigits.fixed(rate, decimals: 0)) million cells a second"
        )
        if !outcome.steady.settled {
            Terminal.say(
                "::warning::\(computation.combination.name): the field still changes by"
                    + " \(SignificantDigits.spell(outcome.steady.change, digits: 2)) per ns after \(steps) steps;"
                    + " take its numbers as rough"
            )
        }
    }

    private static func smallPrint(_ computation: Computation, _ absorption: Absorption) -> String {
        let density = SignificantDigits.spell(computation.numerics.powerDensity, digits: 3)
        let power = SignificantDigits.spell(absorption.power, digits: 3)
        let rate = SignificantDigits.spell(absorption.specificRate * 1e3, digits: 3)
        return "absorbs \(power) W/m of \(density) W/m² · on average \(rate) mW/kg"
    }

    private func write(_ data: Data, to name: String) throws {
        let file = output.appendingPathComponent(name)
        do {
            try data.write(to: file, options: .atomic)
        } catch {
            throw OutputError(message: "'\(file.path)' can't be written; check the rights and the space there")
        }
    }
}

/// The results have no place.
struct OutputError: Error {
    let message: String
}
