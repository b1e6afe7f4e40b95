/// Works out what each assignment of a ``GOLIATSplit`` has, or why there is none.
struct GOLIATSplitPlan {
    let base: JSON
    var notes: [String] = []

    init(base: JSON) {
        self.base = base
    }

    private typealias Reduction = GOLIATSplit.Reduction
    private typealias Change = GOLIATSplit.Reduction.Change

    mutating func reductions(by specification: GOLIATSplitSpecification) throws(SplitError) -> [GOLIATSplit.Reduction] {
        switch specification.strategy {
        case .auto: return try auto(specification.splits ?? GOLIATSplitSpecification.standardSplits)
        case .phantom: return try each(of: Items(at: ["phantoms"], in: base))
        case .frequency: return try each(of: frequencies())
        case .direction: return try each(of: farField("incident_directions"))
        case .polarization: return try each(of: farField("polarizations"))
        case .frequencyByPolarization: return try frequencyByPolarization()
        case .custom: return try custom(specification.frequencyGroups)
        case .scenario: return try scenarios()
        }
    }

    // MARK: - Where items stand

    private func frequencies() throws(SplitError) -> Items {
        try Items(at: ["frequencies_mhz"], in: base, isListOnly: true)
    }

    private func farField(_ name: String) throws(SplitError) -> Items {
        try require(studyType: "far_field")
        let type = base["far_field_setup"]?["type"]?.stringValue ?? "environmental"
        return try Items(at: ["far_field_setup", type, name], in: base, isListOnly: true)
    }

    private func require(studyType: String) throws(SplitError) {
        guard base["study_type"]?.stringValue != studyType else { return }
        throw SplitError(
            .pathMissing, field: "by", keyPath: ConfigurationPath(components: ["study_type"]),
            "This split needs a configuration whose study_type is \(studyType).")
    }

    // MARK: - Strategies

    private func each(of items: Items) -> [Reduction] {
        items.elements.indices.map { position in
            Reduction(label: items.labels[position], changes: [items.keeping([position])])
        }
    }

    private mutating func auto(_ splits: Int) throws(SplitError) -> [Reduction] {
        guard splits >= 1 else {
            throw SplitError(
                .count, field: "splits", possibleCounts: [1], "\(splits) assignments can't be made; ask for 1 or more.")
        }
        let isNearField = base["study_type"]?.stringValue == "near_field"
        let phantoms = try Items(at: ["phantoms"], in: base)
        let items = isNearField ? try Items(at: ["antenna_config"], in: base) : try frequencies()
        let (phantomGroups, itemGroups) = Self.factors(
            of: splits, phantoms: phantoms.elements.count, items: items.elements.count)
        var reductions: [Reduction] = []
        for phantomGroup in Self.runs(phantoms.elements.count, groups: phantomGroups) {
            for itemGroup in Self.runs(items.elements.count, groups: itemGroups) {
                let label = "\(phantoms.label(of: phantomGroup)) · \(items.label(of: itemGroup))"
                reductions.append(
                    Reduction(label: label, changes: [phantoms.keeping(phantomGroup), items.keeping(itemGroup)]))
            }
        }
        if reductions.count < splits { note(fewer: reductions.count, than: splits, phantoms, items) }
        return reductions
    }

    private mutating func note(fewer made: Int, than splits: Int, _ phantoms: Items, _ items: Items) {
        var factors = SplitFactors(sizes: [phantoms.elements.count, items.elements.count])
        let near = factors.possibleCounts(near: splits).map(String.init).joined(separator: " or ")
        let what = "\(MessageWords.counted(phantoms.elements.count, "phantom")) and \(items.elements.count) of "
        notes.append(
            "\(splits) assignments were asked for and \(made) made, as GOLIAT makes them: \(what)\(items.shownPath) "
                + "can't be divided into \(splits), so all phantoms stay together. What can be: \(near).")
    }

    /// How many groups of phantoms and of items, by GOLIAT's rule.
    static func factors(of splits: Int, phantoms: Int, items: Int) -> (phantoms: Int, items: Int) {
        for factor in stride(from: min(phantoms, splits), through: 2, by: -1)
        where splits.isMultiple(of: factor) && splits / factor <= items {
            return (factor, splits / factor)
        }
        return (1, splits)
    }

    /// Positions in runs whose sizes differ by at most one, the longer ones first; of one where there are too few.
    static func runs(_ count: Int, groups: Int) -> [[Int]] {
        let groups = min(groups, count)
        let (size, longer) = count.quotientAndRemainder(dividingBy: groups)
        return (0..<groups).map { group in
            let start = group * size + min(group, longer)
            return Array(start..<start + size + (group < longer ? 1 : 0))
        }
    }

    private func frequencyByPolarization() throws(SplitError) -> [Reduction] {
        try require(studyType: "far_field")
        let frequencies = try frequencies()
        let polarizations = try farField("polarizations")
        let (count, isOverflow) = frequencies.elements.count.multipliedReportingOverflow(
            by: polarizations.elements.count)
        guard !isOverflow, count <= Split.assignmentLimit else {
            throw SplitError(.tooMany, field: "by", "That would make more than \(Split.assignmentLimit) assignments.")
        }
        var reductions: [Reduction] = []
        for frequency in frequencies.elements.indices {
            let gridding = gridding(of: [frequencies.elements[frequency]])
            for polarization in polarizations.elements.indices {
                let changes = [frequencies.keeping([frequency]), polarizations.keeping([polarization])]
                reductions.append(
                    Reduction(
                        label: "\(frequencies.labels[frequency]) · \(polarizations.labels[polarization])",
                        changes: changes + gridding))
            }
        }
        return reductions
    }

    private mutating func custom(_ text: String?) throws(SplitError) -> [Reduction] {
        let items = try frequencies()
        let groups = try GOLIATFrequencyGroups(text, among: items.elements)
        notes += groups.notes
        return groups.groups.map { group in
            let frequencies = group.map { JSON($0) }
            return Reduction(
                label: Items.joined(group.map(String.init)),
                changes: [Change(path: items.path, value: .array(frequencies))] + gridding(of: frequencies))
        }
    }

    private func scenarios() throws(SplitError) -> [Reduction] {
        try require(studyType: "near_field")
        let scenarios = try Items(at: ["placement_scenarios"], in: base, isObjectOnly: true)
        var reductions: [Reduction] = []
        for (position, name) in scenarios.labels.enumerated() {
            let scenario = scenarios.elements[position]
            guard let orientations = scenario["orientations"]?.objectValue, !orientations.isEmpty else {
                reductions.append(Reduction(label: name, changes: [scenarios.keeping([position])]))
                continue
            }
            for orientation in orientations.members {
                guard case .object(var reduced) = scenario else { continue }
                reduced["orientations"] = .object(JSONObject([orientation]))
                let kept = JSONObject([JSONMember(key: name, value: .object(reduced))])
                reductions.append(
                    Reduction(
                        label: "\(name) · \(orientation.key)",
                        changes: [Change(path: scenarios.path, value: .object(kept))]))
            }
        }
        return reductions
    }

    /// The gridding of these frequencies alone, in their order; nothing to change where none of them has one.
    private func gridding(of frequencies: [JSON]) -> [Change] {
        let path = ["gridding_parameters", "global_gridding_per_frequency"]
        guard let table = base[path[0]]?[path[1]]?.objectValue else { return [] }
        var kept = JSONObject()
        for frequency in frequencies {
            guard let key = frequency.stringValue ?? frequency.numberValue?.text, let value = table[key] else {
                continue
            }
            kept[key] = value
        }
        return kept.isEmpty ? [] : [Change(path: path, value: .object(kept))]
    }
}

/// A list or an object of the configuration whose items are shared out.
private struct Items {
    let path: [String]
    /// The list's elements, or the values of the object's members.
    let elements: [JSON]
    /// The elements as words, or the keys.
    let labels: [String]
    private let isObject: Bool

    /// - Throws: where it is not there, of another kind or empty: GOLIAT would make no assignment of it.
    init(
        at path: [String], in base: JSON, isListOnly: Bool = false, isObjectOnly: Bool = false
    ) throws(SplitError) {
        self.path = path
        let keyPath = ConfigurationPath(components: path)
        let place = path.reduce(JSON?.some(base)) { $0?[$1] }
        switch place {
        case .array(let elements)? where !isObjectOnly:
            (self.elements, isObject) = (elements, false)
            labels = elements.map { $0.stringValue ?? $0.text }
        case .object(let object)? where !isListOnly:
            (elements, isObject) = (object.members.map(\.value), true)
            labels = object.keys
        case nil:
            throw SplitError(
                .pathMissing, field: "by", keyPath: keyPath,
                "There is no \(keyPath.shown) in the configuration, and what it extends is not looked at: "
                    + "GOLIAT splits the file as it is.")
        case let other?:
            throw SplitError(
                .notDivisible, field: "by", keyPath: keyPath,
                "\(keyPath.shown) is \(other.kindName); that can't be split so.")
        }
        guard !elements.isEmpty else {
            throw SplitError(
                .noItems, field: "by", keyPath: keyPath,
                "\(keyPath.shown) is empty, so there would be no assignment at all.")
        }
    }

    var shownPath: String { ConfigurationPath(components: path).shown }

    func keeping(_ positions: [Int]) -> GOLIATSplit.Reduction.Change {
        let value: JSON =
            isObject
            ? .object(JSONObject(positions.map { JSONMember(key: labels[$0], value: elements[$0]) }))
            : .array(positions.map { elements[$0] })
        return GOLIATSplit.Reduction.Change(path: path, value: value)
    }

    func label(of positions: [Int]) -> String { Self.joined(positions.map { labels[$0] }) }

    static func joined(_ names: [String]) -> String {
        guard names.count > namedLimit, let first = names.first, let last = names.last else {
            return names.map(MessageWords.shortened).joined(separator: ", ")
        }
        return "\(MessageWords.shortened(first))…\(MessageWords.shortened(last)) (\(names.count))"
    }

    /// A group of more is named by its first and last.
    private static let namedLimit = 3
}
