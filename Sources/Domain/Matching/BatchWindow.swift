/// Which numbered batches of one process have come: the last number and which of the 63 before it.
///
/// A process numbers its batches from 0. They overtake each other on the way and some never come, so a number is
/// compared with what came and never waited for.
package struct BatchWindow: Sendable, Hashable {
    /// The highest number that came; -1 before the first.
    package private(set) var last: Int64
    /// Bit *n* is set where `last - n` came.
    package private(set) var mask: UInt64

    /// How far from the last number one may lie and still be of the same process.
    package static let width: Int64 = 64

    package init(last: Int64 = -1, mask: UInt64 = 0) {
        self.last = last
        self.mask = mask
    }

    /// Notes a number; `false` where it had come before, or is too old to tell.
    package mutating func insert(_ number: Int64) -> Bool {
        guard number > last else {
            let age = last - number
            guard age < Self.width, mask & (1 << UInt64(age)) == 0 else { return false }
            mask |= 1 << UInt64(age)
            return true
        }
        let step = number - last
        mask = last < 0 || step >= Self.width ? 1 : mask << UInt64(step) | 1
        last = number
        return true
    }

    package func hasSeen(_ number: Int64) -> Bool {
        let age = last - number
        return age >= 0 && age < Self.width && mask & (1 << UInt64(age)) != 0
    }

    /// The number may be one of this process: near what came, and not come yet.
    package func mayContinue(with number: Int64) -> Bool {
        if last < 0 { return number < Self.width }
        return number > last ? number - last < Self.width : last - number < Self.width && !hasSeen(number)
    }

    /// Too far behind what came to be of the same process: another one, which began anew.
    package func isContradicted(by number: Int64) -> Bool { last - number >= Self.width }
}
