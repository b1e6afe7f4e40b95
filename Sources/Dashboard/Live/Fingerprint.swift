package import Domain

/// What a region was rendered from, in numbers: two that are equal render the same.
///
/// Numbers are the same in every process and on every node, so that a digest of them can travel with the page. A text
/// is added by its 64-bit FNV-1a hash, where no sequence covers it.
package struct Fingerprint: Sendable, Hashable {
    package private(set) var words: [Int64] = []

    package init() {}

    package init(_ sequences: SequenceNumber...) {
        words = sequences.map(\.value)
    }

    package mutating func add(_ number: Int64) { words.append(number) }
    package mutating func add(_ number: Int) { words.append(Int64(number)) }
    package mutating func add(_ flag: Bool) { words.append(flag ? 1 : 0) }
    package mutating func add(_ sequence: SequenceNumber) { words.append(sequence.value) }
    package mutating func add(_ moment: Instant?) { words.append(moment?.milliseconds ?? .min) }
    package mutating func add(_ share: Double?) { words.append(share.map { Int64(Format.perMille($0)) } ?? -1) }

    package mutating func add(_ text: String?) {
        guard let text else { return words.append(0) }
        var hash = FNV()
        for byte in text.utf8 { hash.add(byte) }
        words.append(Int64(bitPattern: hash.value))
    }

    package mutating func add(_ counts: JobCounts) {
        for status in JobStatus.allCases { words.append(Int64(counts[status])) }
    }

    /// A badge without its age, which the page counts on by itself; but since when a silent one wasn't heard.
    ///
    /// - Parameter heard: when it was last heard, where that is known. Of one that is heard it is told by `beats`.
    package mutating func add(_ badge: Badge, heard: Instant?) {
        add(badge.word)
        add(heard == nil)
        if !badge.isHeard { add(heard) }
    }

    package mutating func add(_ progress: JobProgress) {
        add(progress.fraction)
        add(progress.stage)
        add(progress.stageFraction)
        add(progress.etaAt)
        add(progress.message)
    }
}

/// The 64-bit FNV-1a hash: not against malice, but the same everywhere and for ever.
struct FNV {
    private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    mutating func add(_ byte: UInt8) {
        value = (value ^ UInt64(byte)) &* 0x100_0000_01B3
    }

    mutating func add(_ number: UInt64) {
        for shift in stride(from: UInt64(0), to: 64, by: 8) { add(UInt8(truncatingIfNeeded: number >> shift)) }
    }

    mutating func add(_ text: String) {
        for byte in text.utf8 { add(byte) }
        add(0xFF as UInt8)
    }

    /// 16 hexadecimal digits.
    var text: String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
