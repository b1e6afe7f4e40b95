/// Checks a specification against a configuration: every refusal of a split is decided here or in the parts it calls.
struct SplitPlan {
    let axes: [SplitAxis]
    /// The way to each axis in the configuration, by positions.
    let places: [[Int]]
    let count: Int

    init(_ base: JSON, _ specification: SplitSpecification) throws(SplitError) {
        let targets: [Target]
        switch specification {
        case .dimensions(let dimensions):
            targets = try Self.targets(
                dimensions.enumerated().map { ($1, "by[\($0)]", "by[\($0)].path") }, in: base, listField: "by")
        case .auto(let paths, let splits):
            let candidates = paths.isEmpty ? try Self.discoveredPaths(in: base) : paths
            let whole = try Self.targets(
                candidates.enumerated().map { path in
                    let field = paths.isEmpty ? "auto.paths" : "auto.paths[\(path.offset)]"
                    return (SplitDimension(path: path.element), field, field)
                },
                in: base, listField: "auto.paths")
            targets = try Self.divided(whole, into: splits)
        }
        var axes: [SplitAxis] = []
        for target in targets {
            axes.append(try SplitAxis(target.dimension, container: target.container, field: target.field))
        }
        self.axes = axes
        places = targets.map(\.places)
        count = try Self.count(of: axes)
    }

    /// A dimension with what stands at its path.
    private struct Target {
        var dimension: SplitDimension
        let container: JSON
        let places: [Int]
        let field: String
    }

    private static func targets(
        _ dimensions: [(dimension: SplitDimension, field: String, pathField: String)],
        in base: JSON,
        listField: String
    ) throws(SplitError) -> [Target] {
        guard !dimensions.isEmpty else {
            throw SplitError(
                .empty, field: listField,
                "A split needs at least one key path of an array or an object, such as phantoms or grid.frequencies."
            )
        }
        guard dimensions.count <= Split.dimensionLimit else {
            throw SplitError(
                .tooMany, field: listField,
                "A split has at most \(Split.dimensionLimit) dimensions, not \(dimensions.count)."
            )
        }
        var targets: [Target] = []
        for (dimension, field, pathField) in dimensions {
            for other in targets { try check(dimension.path, against: other.dimension.path, field: pathField) }
            let (container, places) = try dimension.path.resolve(in: base, field: pathField)
            targets.append(Target(dimension: dimension, container: container, places: places, field: field))
        }
        return targets
    }

    private static func check(
        _ path: ConfigurationPath, against other: ConfigurationPath, field: String
    ) throws(SplitError) {
        if path == other {
            throw SplitError(
                .repeated, field: field, keyPath: path, "\(path.shown) is named twice in this split: name it once.")
        }
        guard path.contains(other) || other.contains(path) else { return }
        let (outer, inner) = path.contains(other) ? (path, other) : (other, path)
        throw SplitError(
            .cyclic, field: field, keyPath: path,
            "\(inner.shown) lies inside \(outer.shown), so splitting by \(outer.shown) would change what "
                + "\(inner.shown) splits: split by one of the two."
        )
    }

    /// What `auto` takes where no paths are given: on the first level of the configuration, in its order, arrays of
    /// more than one element, and objects of more than one member that are tables. A table's members are all objects
    /// or all arrays; an object with plain members holds settings, and splitting it would take settings away.
    private static func discoveredPaths(in base: JSON) throws(SplitError) -> [ConfigurationPath] {
        let members = base.objectValue?.members ?? []
        let paths = members.filter { isTable($0.value) }.map { ConfigurationPath(components: [$0.key]) }
        guard !paths.isEmpty else {
            throw SplitError(
                .empty, field: "auto.paths",
                "There is nothing on the first level of the configuration to split by: auto looks for arrays of more "
                    + "than one element and objects whose members are all objects or all arrays. Name key paths "
                    + "instead."
            )
        }
        return Array(paths.prefix(Split.dimensionLimit))
    }

    private static func isTable(_ value: JSON) -> Bool {
        switch value {
        case .array(let elements): elements.count > 1
        case .object(let object):
            object.count > 1
                && (object.members.allSatisfy { $0.value.objectValue != nil }
                    || object.members.allSatisfy { $0.value.arrayValue != nil })
        default: false
        }
    }

    private static func divided(_ targets: [Target], into splits: Int) throws(SplitError) -> [Target] {
        var sizes: [Int] = []
        for target in targets {
            sizes.append(
                try SplitAxis(target.dimension, container: target.container, field: target.field).itemCount)
        }
        var factors = SplitFactors(sizes: sizes)
        guard (1...Split.assignmentLimit).contains(splits), let groups = factors.factors(of: splits) else {
            throw impossible(splits, targets: targets, factors: factors)
        }
        var divided: [Target] = []
        for (target, groupCount) in zip(targets, groups) where groupCount > 1 {
            var target = target
            target.dimension = SplitDimension(path: target.dimension.path, rule: .groups(groupCount))
            divided.append(target)
        }
        if divided.isEmpty, var first = targets.first {
            first.dimension = SplitDimension(path: first.dimension.path, rule: .groups(1))
            divided = [first]
        }
        return divided
    }

    private static func impossible(_ splits: Int, targets: [Target], factors: SplitFactors) -> SplitError {
        let limit = Split.assignmentLimit
        let sources = zip(targets, factors.sizes).map {
            "\($0.dimension.path.shown) (\(MessageWords.counted($1, "item")))"
        }
        let named = sources.joined(separator: " and ")
        var factors = factors
        let counts = factors.possibleCounts(near: min(max(splits, 1), limit)).filter { $0 <= limit }
        let most = "the most is \(min(factors.largest, limit))"
        let choice = counts.map(String.init).joined(separator: " or ")
        let wayOut =
            counts.isEmpty || counts == [factors.largest] ? "T\(most.dropFirst())" : "Ask for \(choice); \(most)"
        return SplitError(
            .count, field: "auto.splits", possibleCounts: counts,
            "\(named) can't be divided into \(MessageWords.counted(splits, "assignment")). \(wayOut)."
        )
    }

    private static func count(of axes: [SplitAxis]) throws(SplitError) -> Int {
        var count = 1
        for axis in axes {
            let (product, isOverflow) = count.multipliedReportingOverflow(by: axis.groupCount)
            guard !isOverflow, product <= Split.assignmentLimit else {
                throw SplitError(
                    .tooMany, field: "by",
                    "\(axes.map(\.summary).joined(separator: " × ")) would make more than \(Split.assignmentLimit) "
                        + "assignments: put the items of some dimensions into groups."
                )
            }
            count = product
        }
        return count
    }
}
