import Domain
import Foundation
import Storage
import Synchronization

/// How far the sequence came, in a file beside the data: `EPOCH SEQUENCE NUMBER`, where the last is the file's own (its
/// inode), so that a copy of it proves nothing.
///
/// Written in place and without waiting for the disk: one that was written late is of an earlier number, and one that
/// can't be read is as none, which costs those who watch a new beginning and no more.
final class SequenceFile: SequenceMemory {
    private struct Mark: Hashable {
        var epoch: String
        var sequence: Int64
        var fileNumber: UInt64

        /// The same length for every sequence, so that nothing is left of a longer text.
        var text: String {
            let digits = String(sequence)
            return "\(epoch) \(String(repeating: "0", count: max(0, 20 - digits.count)))\(digits) \(fileNumber)\n"
        }

        init(epoch: String, sequence: Int64, fileNumber: UInt64) {
            self.epoch = epoch
            self.sequence = sequence
            self.fileNumber = fileNumber
        }

        init?(text: String) {
            let words = text.split(separator: " ", omittingEmptySubsequences: false)
            guard words.count == 3, text.hasSuffix("\n"), let sequence = Int64(words[1]),
                let fileNumber = UInt64(words[2].dropLast())
            else { return nil }
            self.init(epoch: String(words[0]), sequence: sequence, fileNumber: fileNumber)
        }
    }

    static let name = "sequence"

    private let url: URL
    private let isAlone: Bool
    private let kept = Mutex<Mark?>(nil)

    /// - Parameters:
    ///   - folder: this server's data folder.
    ///   - isAlone: no other server ever has the database open. Then this one has seen all there was, and must
    ///     remember it; else another may have changed the epoch, and a file that isn't there means nothing.
    init(folder: URL, isAlone: Bool) {
        url = folder.appendingPathComponent(Self.name)
        self.isAlone = isAlone
    }

    func doubts(epoch: String, sequence: SequenceNumber) -> Bool {
        // Before anything happened nobody has seen anything.
        guard let data = try? Data(contentsOf: url) else { return isAlone && sequence > .zero }
        guard let mark = Mark(text: String(decoding: data, as: UTF8.self)), mark.fileNumber == fileNumber,
            mark.epoch == epoch
        else { return isAlone }
        return sequence.value < mark.sequence
    }

    func keep(epoch: String, sequence: SequenceNumber) {
        kept.withLock { kept in
            if let kept, kept.epoch == epoch, kept.sequence == sequence.value, kept.fileNumber == fileNumber { return }
            if fileNumber == nil { try? Data().write(to: url) }
            guard let number = fileNumber, let file = try? FileHandle(forUpdating: url) else { return }
            defer { try? file.close() }
            let mark = Mark(epoch: epoch, sequence: sequence.value, fileNumber: number)
            let text = Data(mark.text.utf8)
            do {
                try file.write(contentsOf: text)
                try file.truncate(atOffset: UInt64(text.count))
                kept = mark
            } catch {
                kept = nil
            }
        }
    }

    private var fileNumber: UInt64? {
        let attributes = try? FileManager.default.attributesOfItem(atPath: url.path)
        return (attributes?[.systemFileNumber] as? NSNumber)?.uint64Value
    }
}
