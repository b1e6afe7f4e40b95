/// Writes a configuration as text and cuts it where a dimension begins and ends.
struct SplitTextCutter {
    private let places: [[Int]]
    private var pieces: [[UInt8]] = []
    private var axisBehindPiece: [Int] = []
    private var current: [UInt8] = []

    /// - Parameter places: the way to each dimension, by positions; none begins another.
    init(places: [[Int]]) {
        self.places = places
    }

    mutating func write(_ base: JSON) {
        write(base, depth: 0, axes: Array(places.indices))
    }

    consuming func finish() -> (pieces: [[UInt8]], axisBehindPiece: [Int]) {
        (pieces + [current], axisBehindPiece)
    }

    /// - Parameter axes: those whose way has led here so far.
    private mutating func write(_ value: JSON, depth: Int, axes: [Int]) {
        if axes.isEmpty {
            value.append(to: &current)
        } else if let axis = axes.first(where: { places[$0].count == depth }) {
            pieces.append(current)
            axisBehindPiece.append(axis)
            current = []
        } else {
            writeItems(of: value, depth: depth, axes: axes)
        }
    }

    private mutating func writeItems(of value: JSON, depth: Int, axes: [Int]) {
        switch value {
        case .object(let object):
            current.append(.openBrace)
            for (place, member) in object.members.enumerated() {
                if place > 0 { current.append(.comma) }
                JSONText.append(member.key, to: &current)
                current.append(.colon)
                write(member.value, depth: depth + 1, axes: axes.filter { places[$0][depth] == place })
            }
            current.append(.closeBrace)
        case .array(let elements):
            current.append(.openBracket)
            for (place, element) in elements.enumerated() {
                if place > 0 { current.append(.comma) }
                write(element, depth: depth + 1, axes: axes.filter { places[$0][depth] == place })
            }
            current.append(.closeBracket)
        default: value.append(to: &current)
        }
    }
}
