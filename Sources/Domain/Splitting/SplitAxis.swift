/// One dimension of a split that was made: the items of an array or object in groups.
package struct SplitAxis: Sendable {
    package let path: ConfigurationPath
    /// The name of each item in the configuration's order: the key of an object's member; of an array's element the
    /// string or number itself, the `name` or `id` of an object, a short text of anything else, or `#` and its
    /// position. Two items may have one name.
    package let itemLabels: [String]
    /// The array or object itself.
    private let container: JSON
    /// A short name for each group, for the side of an assignment map: its only item's, or the names of a few, or the
    /// first, the last and how many.
    package let labels: [String]
    /// Positions of items, group after group; within a group in the configuration's order.
    private let order: [Int]
    /// Where each group begins in `order`, and the end.
    private let starts: [Int]
    /// The text of each group's array or object, one after the other, and where each begins, and the end.
    private let texts: [UInt8]
    private let textStarts: [Int]

    package var groupCount: Int { starts.count - 1 }
    package var itemCount: Int { order.count }

    /// Positions of the items of one group in the configuration's array or object, rising.
    package func items(of group: Int) -> [Int] {
        Array(order[starts[group]..<starts[group + 1]])
    }

    /// The array or object with the items of one group.
    func value(of group: Int) -> JSON {
        switch container {
        case .object(let object): .object(JSONObject(distinctMembers: items(of: group).map { object.members[$0] }))
        case .array(let elements): .array(items(of: group).map { elements[$0] })
        default: container
        }
    }

    func appendText(of group: Int, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: texts[textStarts[group]..<textStarts[group + 1]])
    }

    /// In bytes, all groups together.
    var textByteCount: Int { texts.count }

    /// "phantoms (3)", "frequencies (9 in 4 groups)".
    var summary: String {
        let groups = groupCount == itemCount ? "" : " in \(MessageWords.counted(groupCount, "group"))"
        return "\(path.shown) (\(itemCount)\(groups))"
    }
}

// MARK: - Making

extension SplitAxis {
    /// - Parameters:
    ///   - container: what stands at the dimension's path.
    ///   - field: of the dimension in the split's JSON form.
    init(_ dimension: SplitDimension, container: JSON, field: String) throws(SplitError) {
        path = dimension.path
        self.container = container
        itemLabels = try Self.itemLabels(of: container, path: dimension.path, field: field)
        let itemCount = itemLabels.count
        switch dimension.rule {
        case .each:
            order = Array(0..<itemCount)
            starts = Array(0...itemCount)
        case .groups(let count):
            guard (1...itemCount).contains(count) else {
                throw SplitError(
                    .count, field: "\(field).groups", keyPath: dimension.path,
                    possibleCounts: [count < 1 ? 1 : itemCount],
                    "\(dimension.path.shown) has \(MessageWords.counted(itemCount, "item")), so it can be put into "
                        + "\(itemCount == 1 ? "1 group" : "1 to \(itemCount) groups"), not \(count)."
                )
            }
            order = Array(0..<itemCount)
            starts = Self.balancedStarts(itemCount: itemCount, groupCount: count)
        case .explicit(let groups):
            (order, starts) = try SplitGroupNames(
                path: dimension.path, itemLabels: itemLabels, isArray: container.arrayValue != nil,
                field: "\(field).explicit"
            ).places(of: groups)
        }
        let (order, starts, itemLabels) = (order, starts, itemLabels)
        labels = starts.indices.dropLast().map { group in
            Self.label(of: order[starts[group]..<starts[group + 1]].map { itemLabels[$0] })
        }
        (texts, textStarts) = Self.texts(of: container, order: order, starts: starts)
    }

    private static func label(of items: [String]) -> String {
        guard items.count > namedItemsLimit, let first = items.first, let last = items.last else {
            return items.map(MessageWords.shortened).joined(separator: ",")
        }
        return "\(MessageWords.shortened(first))…\(MessageWords.shortened(last)) (\(items.count))"
    }

    /// A group with more items is named by its first and last.
    private static let namedItemsLimit = 3

    /// Sizes differ by at most one; the first groups are the longer ones.
    private static func balancedStarts(itemCount: Int, groupCount: Int) -> [Int] {
        let (size, longer) = itemCount.quotientAndRemainder(dividingBy: groupCount)
        return (0...groupCount).map { $0 * size + min($0, longer) }
    }

    private static func texts(of container: JSON, order: [Int], starts: [Int]) -> ([UInt8], [Int]) {
        var bytes: [UInt8] = []
        var textStarts = [0]
        textStarts.reserveCapacity(starts.count)
        let isObject = container.objectValue != nil
        let members = container.objectValue?.members ?? []
        let elements = container.arrayValue ?? []
        for group in 0..<starts.count - 1 {
            bytes.append(isObject ? .openBrace : .openBracket)
            for index in starts[group]..<starts[group + 1] {
                if index > starts[group] { bytes.append(.comma) }
                if isObject {
                    JSONText.append(members[order[index]].key, to: &bytes)
                    bytes.append(.colon)
                    members[order[index]].value.append(to: &bytes)
                } else {
                    elements[order[index]].append(to: &bytes)
                }
            }
            bytes.append(isObject ? .closeBrace : .closeBracket)
            textStarts.append(bytes.count)
        }
        return (bytes, textStarts)
    }

    private static func itemLabels(
        of container: JSON, path: ConfigurationPath, field: String
    ) throws(SplitError) -> [String] {
        let labels: [String]
        switch container {
        case .object(let object): labels = object.keys
        case .array(let elements): labels = elements.enumerated().map { label(of: $1, at: $0) }
        default:
            throw SplitError(
                .notDivisible, field: "\(field).path", keyPath: path,
                "\(path.shown) is \(container.kindName); only an array or an object can be split by its items."
            )
        }
        guard !labels.isEmpty else {
            throw SplitError(
                .noItems, field: "\(field).path", keyPath: path,
                "\(path.shown) is \(container.objectValue == nil ? "an empty array" : "an empty object"), so there "
                    + "would be no assignment at all: put items into it, or leave it out of the split."
            )
        }
        return labels
    }

    private static func label(of element: JSON, at position: Int) -> String {
        switch element {
        case .string(let text) where !text.isEmpty: return text
        case .number(let number): return number.text
        case .bool, .null: return element.text
        case .object(let object):
            switch object["name"] ?? object["id"] {
            case .string(let name) where !name.isEmpty: return name
            case .number(let number): return number.text
            default: return "#\(position)"
            }
        case .array(let elements) where elements.count <= shortArrayLimit:
            let text = element.text
            return text.utf8.count <= shortTextByteLimit ? text : "#\(position)"
        default: return "#\(position)"
        }
    }

    /// An array among the items is named by its own text while that is short, such as `[700,835]`.
    private static let shortArrayLimit = 4
    private static let shortTextByteLimit = 24
}
