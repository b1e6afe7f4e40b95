package import Domain
package import Foundation
import Storage
import Synchronization

/// How far the sequence came, in a file beside the database: `EPOCH SEQUENCE MOMENT`, the last being when it was
/// written, in milliseconds by the file system's clock.
///
/// A copy of the file that was put back with a copy of the database agrees with it. But its status was changed when it
/// was put back (its `ctime`, which nobody can set), so not when it says that it was written.
///
/// Written in place and without waiting for the disk: one that was written late is of an earlier number, and one that
/// can't be read is as none, which costs those who watch a new beginning and no more.
package final class SequenceFile: SequenceMemory {
    private struct Mark: Hashable {
        var epoch: String
        var sequence: Int64
        var writtenAt: Int64

        /// The same length for every sequence, so that nothing is left of a longer text.
        var text: String { "\(epoch) \(Self.padded(sequence)) \(Self.padded(writtenAt))\n" }

        private static func padded(_ number: Int64) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, 20 - digits.count)) + digits
        }

        init(epoch: String, sequence: Int64, writtenAt: Int64) {
            self.epoch = epoch
            self.sequence = sequence
            self.writtenAt = writtenAt
        }

        init?(text: String) {
            let words = text.split(separator: " ", omittingEmptySubsequences: false)
            guard words.count == 3, text.hasSuffix("\n"), let sequence = Int64(words[1]),
                let writtenAt = Int64(words[2].dropLast())
            else { return nil }
            self.init(epoch: String(words[0]), sequence: sequence, writtenAt: writtenAt)
        }
    }

    package static let name = "sequence"
    /// Writing it takes no longer, or it is taken for a copy.
    private static let writingMilliseconds: Int64 = 2_000

    private let url: URL
    private let kept = Mutex<Mark?>(nil)

    /// - Parameter folder: the data folder of the only server that ever has the database open.
    package init(folder: URL) {
        url = folder.appendingPathComponent(Self.name)
    }

    package func doubts(epoch: String, sequence: SequenceNumber) -> Bool {
        // Before anything happened nobody has seen anything.
        guard let data = try? Data(contentsOf: url) else { return sequence > .zero }
        guard let mark = Mark(text: String(decoding: data, as: UTF8.self)), mark.epoch == epoch,
            let changedAt, abs(changedAt - mark.writtenAt) <= Self.writingMilliseconds
        else { return true }
        return sequence.value < mark.sequence
    }

    package func keep(epoch: String, sequence: SequenceNumber) {
        kept.withLock { kept in
            if let kept, kept.epoch == epoch, kept.sequence == sequence.value { return }
            if changedAt == nil { try? Data().write(to: url) }
            guard let file = try? FileHandle(forUpdating: url) else { return }
            defer { try? file.close() }
            var mark = Mark(epoch: epoch, sequence: sequence.value, writtenAt: 0)
            do {
                try Self.write(mark, to: file)
                mark.writtenAt = changedAt ?? 0
                try Self.write(mark, to: file)
                kept = mark
            } catch {
                kept = nil
            }
        }
    }

    private static func write(_ mark: Mark, to file: FileHandle) throws {
        let text = Data(mark.text.utf8)
        try file.seek(toOffset: 0)
        try file.write(contentsOf: text)
        try file.truncate(atOffset: UInt64(text.count))
    }

    /// When anything of the file was last changed, its owner and its place among them; `nil` where there is none.
    private var changedAt: Int64? {
        var status = stat()
        guard unsafe stat(url.path, &status) == 0 else { return nil }
        #if canImport(Darwin)
            let changed = status.st_ctimespec
        #else
            let changed = status.st_ctim
        #endif
        return Int64(changed.tv_sec) * 1_000 + Int64(changed.tv_nsec) / 1_000_000
    }
}
