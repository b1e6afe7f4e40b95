package import Domain

extension FieldReader {
    /// How many of something: a whole number from 0 that must be there, since a number that is zero is sent.
    package mutating func count(_ key: String) throws(WireError) -> Int {
        try int(key, in: 0...Int64.max)
    }

    /// The number of an entity's last change, which every record carries as `seq`.
    package mutating func sequence(_ key: String = "seq") throws(WireError) -> SequenceNumber {
        SequenceNumber(Int64(try int(key, in: 0...Int64.max)))
    }

    package mutating func optionalAttempt(_ key: String) throws(WireError) -> AttemptNumber? {
        try optionalInt(key, in: 0...1_000_000_000).map(AttemptNumber.init)
    }
}

/// What a client takes of a text that a server made; the server's own limits on input are tighter.
enum RecordLimits {
    /// A sentence of why: a worker's own 2 KiB and what the server adds to it.
    static let reasonBytes = 8_192
    /// A line of a log, with room for what a character takes that was repaired.
    static let lineBytes = 65_536
    static let heldCount = 10_000
}
