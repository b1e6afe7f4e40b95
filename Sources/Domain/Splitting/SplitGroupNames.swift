/// Finds the items that explicit groups name. Each item must be named exactly once.
struct SplitGroupNames {
    let path: ConfigurationPath
    /// In the configuration's order.
    let itemLabels: [String]
    /// Elements of an array can be named by `#` and their position, too.
    let isArray: Bool
    let field: String

    /// Where several items have one name, each naming takes the next of them.
    ///
    /// - Returns: positions of items group after group, rising within each; and where each group begins, and the end.
    func places(of groups: [[String]]) throws(SplitError) -> (order: [Int], starts: [Int]) {
        guard !groups.isEmpty, groups.allSatisfy({ !$0.isEmpty }) else {
            throw SplitError(
                .empty, field: field, keyPath: path,
                "\(path.shown) has a group without items. Separate groups by ; and the items of a group by a comma."
            )
        }
        var waiting: [ExactText: [Int]] = [:]
        for (place, label) in itemLabels.enumerated().reversed() {
            waiting[ExactText(label), default: []].append(place)
        }
        var isTaken = [Bool](repeating: false, count: itemLabels.count)
        var order: [Int] = []
        var starts = [0]
        for group in groups {
            var places: [Int] = []
            for name in group {
                let place = try take(name, waiting: &waiting, isTaken: isTaken)
                isTaken[place] = true
                places.append(place)
            }
            order += places.sorted()
            starts.append(order.count)
        }
        let leftOut = isTaken.indices.filter { !isTaken[$0] }.map { itemLabels[$0] }
        guard leftOut.isEmpty else {
            throw SplitError(
                .itemsLeftOut, field: field, keyPath: path,
                "The groups of \(path.shown) leave out \(MessageWords.list(leftOut)). Put every item into a group; to "
                    + "run only some, take the others out of the configuration."
            )
        }
        return (order, starts)
    }

    private func take(
        _ name: String, waiting: inout [ExactText: [Int]], isTaken: [Bool]
    ) throws(SplitError) -> Int {
        let key = ExactText(name)
        guard waiting[key] != nil else { return try takePosition(name, isTaken: isTaken) }
        while let place = waiting[key]?.popLast() {
            if !isTaken[place] { return place }
        }
        throw repeated(name)
    }

    private func takePosition(_ name: String, isTaken: [Bool]) throws(SplitError) -> Int {
        guard isArray, name.hasPrefix("#"), let place = Int(name.dropFirst()), isTaken.indices.contains(place) else {
            throw SplitError(
                .itemMissing, field: field, keyPath: path,
                "\(path.shown) has no item \(MessageWords.quoted(name)); it has \(MessageWords.list(itemLabels)). If "
                    + "\(MessageWords.shortened(name)) is another key path, put the groups before it in [ ]."
            )
        }
        guard !isTaken[place] else { throw repeated(name) }
        return place
    }

    private func repeated(_ name: String) -> SplitError {
        SplitError(
            .itemRepeated, field: field, keyPath: path,
            "The groups of \(path.shown) name \(MessageWords.quoted(name)) more often than it is there. Each item "
                + "belongs to one group: name it once."
        )
    }
}
