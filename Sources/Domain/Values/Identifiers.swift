/// An identity given by the database: a number that is never reused, written with a letter that says of what.
///
/// The number comes from the sequence (`SequenceNumber`), so that ids grow with time and an id of one kind is never an
/// id of another: `j1042` is a job, `s77` a session.
package protocol EntityID: Sendable, Hashable, Comparable, CustomStringConvertible {
    static var prefix: String { get }
    var number: Int64 { get }
    init(number: Int64)
}

extension EntityID {
    package var description: String { Self.prefix + String(number) }

    package static func < (left: Self, right: Self) -> Bool { left.number < right.number }

    /// Reads what `description` wrote; `nil` for another kind's id, a sign, a leading zero or anything else.
    package init?(text: String) {
        guard text.hasPrefix(Self.prefix) else { return nil }
        let digits = text.utf8.dropFirst(Self.prefix.utf8.count)
        guard let first = digits.first, (49...57).contains(first), digits.allSatisfy({ (48...57).contains($0) }),
            let number = Int64(String(text.dropFirst(Self.prefix.count)))
        else { return nil }
        self.init(number: number)
    }
}

package struct JobID: EntityID {
    package static let prefix = "j"
    package let number: Int64
    package init(number: Int64) { self.number = number }
}

package struct SessionID: EntityID {
    package static let prefix = "s"
    package let number: Int64
    package init(number: Int64) { self.number = number }
}

package struct StudyID: EntityID {
    package static let prefix = "st"
    package let number: Int64
    package init(number: Int64) { self.number = number }
}

package struct ArtifactID: EntityID {
    package static let prefix = "a"
    package let number: Int64
    package init(number: Int64) { self.number = number }
}

package struct QueueID: EntityID {
    package static let prefix = "q"
    package let number: Int64
    package init(number: Int64) { self.number = number }
}

/// The stable identity that an agent keeps in its state folder. Never an address (law 3).
package struct MachineID: Sendable, Hashable, CustomStringConvertible {
    package let text: String
    package init(_ text: String) { self.text = text }
    package var description: String { text }
}

/// The number of a try at a job: 1, 2, 3 …; the fence that keeps a late report out (law 4). 0 is "never tried".
package struct AttemptNumber: Sendable, Hashable, Comparable, CustomStringConvertible {
    package let value: Int
    package init(_ value: Int) { self.value = value }
    package static let none = AttemptNumber(0)
    package var next: AttemptNumber { AttemptNumber(value + 1) }
    package var description: String { String(value) }
    package static func < (left: AttemptNumber, right: AttemptNumber) -> Bool { left.value < right.value }
}

/// The number that grows with every committed change: the spine of snapshot and watch. 0 is "before everything".
/// (`Sequence` is taken by the standard library.)
package struct SequenceNumber: Sendable, Hashable, Comparable, CustomStringConvertible {
    package let value: Int64
    package init(_ value: Int64) { self.value = value }
    package static let zero = SequenceNumber(0)
    package var description: String { String(value) }
    package static func < (left: SequenceNumber, right: SequenceNumber) -> Bool { left.value < right.value }
}
