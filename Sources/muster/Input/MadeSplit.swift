import ArgumentParser
import Domain

/// What is split for, and run with, by the rules of a program that Muster knows.
enum Preset: String, ExpressibleByArgument, CaseIterable {
    case goliat
}

/// Splitting by a program's own rules in place of key paths.
struct PresetSplitOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            """
            Split as this program does it: goliat. --split-by is then auto (which it is unless said), phantom, \
            frequency, direction, polarization, freq_x_pol, custom or scenario, and --splits counts for auto.
            """, valueName: "program"))
    var preset: Preset?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Groups for --split-by custom of the preset, such as 5800;2140,2450.", valueName: "groups"))
    var frequencyGroups: String?
}

/// A configuration split as its options ask for it.
enum MadeSplit {
    case own(Split, SplitSpecification)
    case goliat(GOLIATSplit)

    init(_ configuration: JSON, by options: SplitOptions, preset: PresetSplitOptions) throws(CommandError) {
        guard preset.preset != nil else {
            guard preset.frequencyGroups == nil else {
                throw CommandError(.wrongUse, "--frequency-groups counts for --preset goliat alone")
            }
            self = .own(try options.split(configuration), try options.specification())
            return
        }
        do {
            let specification = try GOLIATSplitSpecification(
                named: options.splitBy, splits: options.splits, frequencyGroups: preset.frequencyGroups)
            self = .goliat(try GOLIATSplit(of: configuration, by: specification))
        } catch {
            throw CommandError(.wrongUse, error.message)
        }
    }

    /// As the server reads it.
    var specification: JSON {
        switch self {
        case .own(_, let specification): specification.json
        case .goliat(let split): split.specification.json
        }
    }

    var indices: Range<Int> {
        switch self {
        case .own(let split, _): split.indices
        case .goliat(let split): split.indices
        }
    }

    var summary: String {
        switch self {
        case .own(let split, _): split.summary
        case .goliat(let split): split.summary
        }
    }

    /// What a person should know before it is made, a sentence each.
    var notes: [String] {
        switch self {
        case .own: []
        case .goliat(let split): split.notes
        }
    }

    /// The key paths it is split by, and the names of their groups where each has its own.
    var dimensions: [(path: String, groups: [String])] {
        switch self {
        case .own(let split, _): split.axes.map { ($0.path.text, $0.labels) }
        case .goliat(let split): split.dimensions.map { ($0, []) }
        }
    }

    func label(at index: Int) -> String {
        switch self {
        case .own(let split, _): split.label(at: index)
        case .goliat(let split): split.label(at: index)
        }
    }

    func configuration(at index: Int) -> JSON {
        switch self {
        case .own(let split, _): split.configuration(at: index)
        case .goliat(let split): split.configuration(at: index)
        }
    }

    /// Of GOLIAT's the very text that it would send.
    func text(at index: Int) -> String {
        switch self {
        case .own(let split, _): split.text(at: index)
        case .goliat(let split): split.text(at: index)
        }
    }
}
