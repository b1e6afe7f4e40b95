/// The ways in which GOLIAT's own `super_study` command splits a configuration, under its own names.
package enum GOLIATStrategy: String, Sendable, Hashable, CaseIterable {
    /// Phantoms into groups, and antennas (near field) or frequencies into groups, to a number of assignments.
    case auto
    case phantom
    case frequency
    /// Of the incident plane wave. Far field alone, as the next two.
    case direction
    case polarization
    /// Every frequency with every polarisation.
    case frequencyByPolarization = "freq_x_pol"
    /// Frequencies in groups that are written out.
    case custom
    /// Every placement scenario with each of its orientations. Near field alone.
    case scenario
}

/// How a configuration is split as GOLIAT does it.
package struct GOLIATSplitSpecification: Sendable, Hashable {
    package var strategy: GOLIATStrategy
    /// For `auto`; without it ``standardSplits``. With any other strategy it counts for nothing, and that is said.
    package var splits: Int?
    /// For `custom`: `5800;5200;2140,2450`.
    package var frequencyGroups: String?

    /// What GOLIAT splits into unless told otherwise.
    package static let standardSplits = 4
    /// What stands in the JSON form of a split to say that it is one of these.
    package static let presetName = "goliat"

    package init(_ strategy: GOLIATStrategy = .auto, splits: Int? = nil, frequencyGroups: String? = nil) {
        self.strategy = strategy
        self.splits = splits
        self.frequencyGroups = frequencyGroups
    }

    /// From a command line.
    ///
    /// - Throws: `syntax` for a strategy that GOLIAT does not have.
    package init(named name: String?, splits: Int?, frequencyGroups: String?) throws(SplitError) {
        self.init(try Self.strategy(name ?? GOLIATStrategy.auto.rawValue), splits: splits)
        self.frequencyGroups = frequencyGroups
    }

    /// Whether a split in JSON is meant to be read by ``init(json:)``, and not by ``SplitSpecification``.
    package static func isMeant(by json: JSON) -> Bool { json["preset"] != nil }

    /// Reads `{"preset": "goliat", "by": "auto", "splits": 12}`, `{"preset": "goliat", "by": "custom",
    /// "frequencyGroups": "5800;2140,2450"}`, and so on; `by` may be absent for `auto`.
    ///
    /// - Throws: `syntax`, with the field; unknown fields are refused.
    package init(json: JSON) throws(SplitError) {
        guard json["preset"]?.stringValue == Self.presetName, case .object(let form) = json else {
            throw SplitError(
                .syntax, field: "preset", "The only preset is \(MessageWords.quoted(Self.presetName)).")
        }
        let allowed = ["preset", "by", "splits", "frequencyGroups"]
        for key in form.keys where !allowed.contains(key) {
            throw SplitError(
                .syntax, field: key,
                "A split of this preset has no field \(MessageWords.quoted(key)); allowed are "
                    + "\(MessageWords.list(allowed))."
            )
        }
        strategy = .auto
        if let by = form["by"] {
            guard let name = by.stringValue else { throw Self.wrongKind(by, field: "by", "a string") }
            strategy = try Self.strategy(name)
        }
        if let splits = form["splits"] {
            guard let count = splits.intValue.flatMap({ Int(exactly: $0) }) else {
                throw Self.wrongKind(splits, field: "splits", "a whole number from 1")
            }
            self.splits = count
        }
        if let groups = form["frequencyGroups"] {
            guard let text = groups.stringValue else {
                throw Self.wrongKind(groups, field: "frequencyGroups", "a string")
            }
            frequencyGroups = text
        }
    }

    /// Reads back as the same.
    package var json: JSON {
        var object: JSONObject = ["preset": .string(Self.presetName), "by": .string(strategy.rawValue)]
        object["splits"] = splits.map { JSON($0) }
        object["frequencyGroups"] = frequencyGroups.map(JSON.string)
        return .object(object)
    }

    private static func strategy(_ name: String) throws(SplitError) -> GOLIATStrategy {
        guard let strategy = GOLIATStrategy(rawValue: name) else {
            throw SplitError(
                .syntax, field: "by",
                "GOLIAT does not split by \(MessageWords.quoted(name)): it does by "
                    + "\(GOLIATStrategy.allCases.map(\.rawValue).joined(separator: ", "))."
            )
        }
        return strategy
    }

    private static func wrongKind(_ json: JSON, field: String, _ wanted: String) -> SplitError {
        SplitError(.syntax, field: field, "\(field) is \(json.kindName), but must be \(wanted).")
    }
}
