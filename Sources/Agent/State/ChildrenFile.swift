package import Connectors
import Glibc
import Synchronization

/// The children of one worker as a file tells them: what may be running, by mark, with its number where it is known.
package struct ChildrenRecord: Sendable, Hashable {
    package enum Child: Sendable, Hashable {
        /// It may be there, or never have come to be.
        case announced
        case running(ProcessMark)
    }

    /// The machine's start they belong to; after another one they are all gone.
    package var bootID: String?
    package var children: [String: Child] = [:]

    package init(bootID: String? = nil, children: [String: Child] = [:]) {
        self.bootID = bootID
        self.children = children
    }

    /// Reads the lines of a ``ChildrenFile``. The last one may be torn; what can't be read is passed over.
    package init(text: String) {
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ").map(String.init)
            switch (words.first, words.count) {
            case ("boot", 2): bootID = words[1]
            case ("will", 2): children[words[1]] = .announced
            case ("is", 4):
                guard let pid = Int32(words[2]), pid > 1, let ticks = UInt64(words[3]) else { continue }
                children[words[1]] = .running(ProcessMark(pid: pid, startTicks: ticks))
            case ("gone", 2): children[words[1]] = nil
            default: break
            }
        }
    }

    package var text: String {
        var text = bootID.map { "boot \($0)\n" } ?? ""
        for (marker, child) in children.sorted(by: { $0.key < $1.key }) {
            text += "will \(marker)\n"
            if case .running(let mark) = child { text += "is \(marker) \(mark.pid) \(mark.startTicks)\n" }
        }
        return text
    }
}

/// Keeps the record of children on disk. That one may be there is written, and on the disk, before it is started; its
/// number follows. An agent that dies in between leaves the mark, which stands in the child's environment.
package final class ChildrenFile: Sendable {
    private struct State {
        var record: ChildrenRecord
        var file: OpenFile
        var size: Int64
    }

    private let path: String
    private let state: Mutex<State>

    /// Past this the file is written anew with what still runs.
    private static let rewriteBytes: Int64 = 65_536

    /// Begins a file with no children. What was in it must have been seen to before.
    package init(path: String, bootID: String?) throws(SystemError) {
        self.path = path
        let record = ChildrenRecord(bootID: bootID)
        try Files.replace(path, with: Array(record.text.utf8))
        let file = try OpenFile.open(path, O_WRONLY)
        state = Mutex(State(record: record, file: file, size: try file.size()))
    }

    package static func read(path: String) -> ChildrenRecord {
        Files.text(path, limitBytes: 16 * 1_024 * 1_024).map(ChildrenRecord.init(text:)) ?? ChildrenRecord()
    }

    package func will(_ marker: String) throws(SystemError) {
        let result = state.withLock { state in
            Result { () throws(SystemError) in
                if state.size > Self.rewriteBytes { try rewrite(&state) }
                try append("will \(marker)\n", &state)
                state.record.children[marker] = .announced
                return state.file
            }
        }
        try result.get().synchronize()
    }

    /// The next two can't fail in a way that matters: without the number the mark is enough, and a child that is noted
    /// too long is looked for and not found.
    package func started(_ marker: String, _ mark: ProcessMark) {
        state.withLock { state in
            state.record.children[marker] = .running(mark)
            try? append("is \(marker) \(mark.pid) \(mark.startTicks)\n", &state)
        }
    }

    package func gone(_ marker: String) {
        state.withLock { state in
            state.record.children[marker] = nil
            try? append("gone \(marker)\n", &state)
        }
    }

    private func append(_ line: String, _ state: inout State) throws(SystemError) {
        let bytes = Array(line.utf8)
        do throws(SystemError) {
            try state.file.write(bytes, at: state.size)
        } catch {
            try? state.file.truncate(to: state.size)
            throw error
        }
        state.size += Int64(bytes.count)
    }

    private func rewrite(_ state: inout State) throws(SystemError) {
        try Files.replace(path, with: Array(state.record.text.utf8))
        state.file = try OpenFile.open(path, O_WRONLY)
        state.size = try state.file.size()
    }
}
