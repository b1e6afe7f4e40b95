package import Domain

/// What a node tells the others: who it is, and how far the sequence goes on disk.
package struct News: Sendable, Hashable {
    package let node: String
    package let sequence: SequenceNumber

    package init(node: String, sequence: SequenceNumber) {
        self.node = node
        self.sequence = sequence
    }

    /// - Returns: `nil` for what no node says.
    package init?(text: String) {
        let words = text.split(separator: " ")
        guard words.count == 2, let number = Int64(words[1]) else { return nil }
        self.init(node: String(words[0]), sequence: SequenceNumber(number))
    }

    package var text: String { "\(node) \(sequence.value)" }
}
