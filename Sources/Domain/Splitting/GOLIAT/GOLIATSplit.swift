/// A configuration split into assignments as GOLIAT's own `super_study` command splits it: the same assignments, in
/// the same order, in the same text.
///
///     let split = try GOLIATSplit(of: configuration, by: GOLIATSplitSpecification(.auto, splits: 6))
///     for index in split.indices { store(split.text(at: index), label: split.label(at: index)) }
///
/// **Content**: each assignment is the whole file, `extends` and all, in which only what the strategy names is reduced.
/// Lists and objects keep the file's order. Of `gridding_parameters.global_gridding_per_frequency` the strategies
/// `freq_x_pol` and `custom` keep what belongs to their frequencies, if anything does; else it stays whole.
///
/// **Text**: GOLIAT reads the file with Python's `json` and sends what that writes, so numbers are spelled as Python
/// spells them (see ``JSON/respelledByPython``).
///
/// **`auto`** divides the number asked for into a number of phantom groups and one of antenna or frequency groups: the
/// largest divisor that there are phantoms for, if there are items for the rest. Where no divisor will do, all phantoms
/// stay together and the items are put into as many groups as were asked for, or into groups of one: then there are
/// fewer assignments than asked for. GOLIAT keeps that to itself; here it stands in ``notes``.
package struct GOLIATSplit: Sendable {
    /// What of the base is otherwise in one assignment, and what a person calls it.
    struct Reduction: Sendable {
        var label: String
        var changes: [Change]

        struct Change: Sendable {
            /// Keys of objects from the base on; all but the last are there.
            var path: [String]
            var value: JSON
        }
    }

    package let specification: GOLIATSplitSpecification
    /// What GOLIAT would have kept to itself, a sentence each: fewer assignments than asked for, frequencies that no
    /// group has, a number that counts for nothing.
    package let notes: [String]
    private let base: JSON
    private let reductions: [Reduction]

    /// - Throws: why it can't be split so. Nothing is made then, and never a study without assignments.
    package init(of base: JSON, by specification: GOLIATSplitSpecification) throws(SplitError) {
        let base = base.respelledByPython
        guard base.objectValue != nil else {
            throw SplitError(
                .notDivisible, field: "configuration",
                "The configuration is \(base.kindName), but a study of GOLIAT is an object.")
        }
        var plan = GOLIATSplitPlan(base: base)
        reductions = try plan.reductions(by: specification)
        if specification.strategy != .auto, specification.splits != nil {
            plan.notes.append(
                "The number of splits counts for auto only: \(specification.strategy.rawValue) makes as many "
                    + "assignments as there are.")
        }
        notes = plan.notes
        self.base = base
        self.specification = specification
    }

    package var count: Int { reductions.count }
    package var indices: Range<Int> { 0..<count }

    /// The whole configuration of one assignment.
    package func configuration(at index: Int) -> JSON {
        reductions[index].changes.reduce(base) { $0.setting($1.path[...], to: $1.value) }
    }

    /// ``configuration(at:)`` in the text that GOLIAT sends of it, blanks and escapes included.
    package func text(at index: Int) -> String { configuration(at: index).pythonText }

    /// The base configuration in that text.
    package var baseText: String { base.pythonText }

    /// What tells this assignment from the others, for a person: `duke · 700, 835`.
    package func label(at index: Int) -> String { reductions[index].label }

    /// The key paths of what the strategy reduces, for a page and for `study show`.
    package var dimensions: [String] {
        var paths: [String] = []
        for change in reductions.first?.changes ?? [] where change.path.first != "gridding_parameters" {
            paths.append(ConfigurationPath(components: change.path).text)
        }
        return paths
    }

    /// One line for a preview.
    package var summary: String {
        "\(MessageWords.counted(count, "assignment")), split by \(specification.strategy.rawValue) as GOLIAT does"
    }
}

extension JSON {
    /// With another value at the end of a way through objects; a last key that is not there is appended.
    fileprivate func setting(_ path: ArraySlice<String>, to value: JSON) -> JSON {
        guard let key = path.first else { return value }
        guard case .object(var object) = self else { return self }
        object[key] = (object[key] ?? .null).setting(path.dropFirst(), to: value)
        return .object(object)
    }
}
