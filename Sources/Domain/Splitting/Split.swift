/// A configuration split into assignments, none of which is made before it is asked for: the text of the
/// configuration is kept in pieces around the dimensions, and an assignment's text is the pieces and its groups put
/// together. Making it stores nothing, so it serves as the preview, too.
///
///     let specification = try SplitSpecification(commandLine: "phantoms,frequencies:2")
///     let split = try Split(of: configuration, by: specification)
///     for index in split.indices { split.append(at: index, to: &bytes) }
///
/// **Order**: as nested loops over the dimensions as they were named, the first outermost: the last one varies from
/// one assignment to the next. `phantoms,frequencies` gives the first phantom with each frequency, then the second
/// phantom with each. Groups of a dimension come in the configuration's order, or as written where they are explicit.
/// The same configuration and specification always give the same assignments.
///
/// **Content**: each assignment is the whole configuration, in which an array that is split keeps the group's
/// elements and an object the group's members, in their order; an array of one stays an array. All else is the same
/// text, without space between tokens.
package struct Split: Sendable {
    /// In the order they were named. `auto` leaves out what stays whole.
    package let axes: [SplitAxis]
    package let count: Int

    private let base: JSON
    /// The way to each axis in `base`, by positions.
    private let places: [[Int]]
    /// By how much the index grows from one group of an axis to the next.
    private let strides: [Int]
    /// `base` as text, cut at the dimensions: a piece, a dimension, a piece, a dimension, … a piece.
    private let pieces: [[UInt8]]
    /// Which axis stands behind each piece but the last.
    private let axisBehindPiece: [Int]

    /// A study may have no more assignments: ten million rows are what one database is tried with.
    package static let assignmentLimit = 10_000_000
    package static let dimensionLimit = 16

    /// - Throws: why it can't be split so. Nothing is made then.
    package init(of base: JSON, by specification: SplitSpecification) throws(SplitError) {
        let plan = try SplitPlan(base, specification)
        self.base = base
        axes = plan.axes
        places = plan.places
        count = plan.count
        var strides = [Int](repeating: 1, count: axes.count)
        for axis in axes.indices.dropLast().reversed() {
            strides[axis] = strides[axis + 1] * axes[axis + 1].groupCount
        }
        self.strides = strides
        var cutter = SplitTextCutter(places: places)
        cutter.write(base)
        (pieces, axisBehindPiece) = cutter.finish()
    }

    package var indices: Range<Int> { 0..<count }

    /// The whole configuration of one assignment.
    ///
    /// - Parameter index: one of ``indices``.
    package func configuration(at index: Int) -> JSON {
        precondition(indices.contains(index), "no such assignment")
        var configuration = base
        for axis in axes.indices {
            let value = axes[axis].value(of: group(of: axis, at: index))
            configuration = configuration.replacing(places[axis][...], with: value)
        }
        return configuration
    }

    /// ``configuration(at:)`` as text, much quicker.
    package func text(at index: Int) -> String {
        var bytes: [UInt8] = []
        append(at: index, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Appends ``text(at:)`` in UTF-8.
    package func append(at index: Int, to bytes: inout [UInt8]) {
        precondition(indices.contains(index), "no such assignment")
        for piece in axisBehindPiece.indices {
            bytes.append(contentsOf: pieces[piece])
            let axis = axisBehindPiece[piece]
            axes[axis].appendText(of: group(of: axis, at: index), to: &bytes)
        }
        bytes.append(contentsOf: pieces[axisBehindPiece.count])
    }

    /// For each axis, which of its groups the assignment has: its place on the assignment map.
    package func coordinates(at index: Int) -> [Int] {
        axes.indices.map { group(of: $0, at: index) }
    }

    /// The other way round.
    package func index(of coordinates: [Int]) -> Int? {
        guard coordinates.count == axes.count else { return nil }
        var index = 0
        for axis in axes.indices {
            guard (0..<axes[axis].groupCount).contains(coordinates[axis]) else { return nil }
            index += coordinates[axis] * strides[axis]
        }
        return index
    }

    /// What tells this assignment from the others, for a person: `child · 900 · x+`.
    package func label(at index: Int) -> String {
        axes.indices.map { axes[$0].labels[group(of: $0, at: index)] }.joined(separator: " · ")
    }

    /// The texts of all assignments together, in bytes; `Int.max` where it is beyond.
    package var textByteCount: Int {
        let fixed = pieces.reduce(0) { $0 + $1.count }.multipliedReportingOverflow(by: count)
        var total = fixed.overflow ? Int.max : fixed.partialValue
        for axis in axes {
            let part = axis.textByteCount.multipliedReportingOverflow(by: count / axis.groupCount)
            let sum = total.addingReportingOverflow(part.partialValue)
            total = part.overflow || sum.overflow ? .max : sum.partialValue
        }
        return total
    }

    /// One line for a preview: `12 assignments: phantoms (3) × frequencies (9 in 4 groups)`.
    package var summary: String {
        "\(MessageWords.counted(count, "assignment")): \(axes.map(\.summary).joined(separator: " × "))"
    }

    private func group(of axis: Int, at index: Int) -> Int {
        index / strides[axis] % axes[axis].groupCount
    }
}

extension JSON {
    /// With another value at the end of a way by positions.
    fileprivate func replacing(_ places: ArraySlice<Int>, with value: JSON) -> JSON {
        guard let place = places.first else { return value }
        switch self {
        case .object(let object):
            var members = object.members
            members[place].value = members[place].value.replacing(places.dropFirst(), with: value)
            return .object(JSONObject(distinctMembers: members))
        case .array(var elements):
            elements[place] = elements[place].replacing(places.dropFirst(), with: value)
            return .array(elements)
        default: return self
        }
    }
}
