import Connectors
import Glibc

/// One file of a spool: a head, then frames to the end.
struct SpoolSegment: Sendable {
    /// `MSTSPL01`: what the file is, and the version of its layout.
    private static let magic = Array("MSTSPL01".utf8)
    static let headBytes: Int64 = 8
    /// Past this a new one is begun, so that what was acknowledged can be let go of.
    static let limitBytes: Int64 = 4 * 1_024 * 1_024

    let index: Int
    let file: OpenFile
    /// Where the next frame goes.
    private(set) var size: Int64

    static func path(in folder: String, index: Int) -> String {
        let digits = String(index)
        return "\(folder)/spool-\(String(repeating: "0", count: max(0, 8 - digits.count)))\(digits)"
    }

    /// The indices of the segments in a folder, in order.
    static func indices(in folder: String) -> [Int] {
        Files.list(folder).compactMap { $0.hasPrefix("spool-") ? Int($0.dropFirst(6)) : nil }.sorted()
    }

    /// Begins an empty one.
    static func create(in folder: String, index: Int) throws(SystemError) -> SpoolSegment {
        let file = try OpenFile.open(path(in: folder, index: index), O_RDWR | O_CREAT | O_TRUNC)
        try file.write(magic, at: 0)
        return SpoolSegment(index: index, file: file, size: headBytes)
    }

    /// Takes one up that was left. A torn end is cut off; a file without its head has nothing.
    static func open(in folder: String, index: Int) throws(SystemError) -> SpoolSegment? {
        let file = try OpenFile.open(path(in: folder, index: index), O_RDWR)
        guard try file.read(Int(headBytes), at: 0) == magic else { return nil }
        var segment = SpoolSegment(index: index, file: file, size: try file.size())
        let end = try segment.end()
        if end < segment.size {
            try file.truncate(to: end)
            segment.size = end
        }
        return segment
    }

    /// Where the last whole frame ends.
    private func end() throws(SystemError) -> Int64 {
        var position = Self.headBytes
        while let frame = try frame(at: position) { position += Int64(frame.byteCount) }
        return position
    }

    /// The frame that begins at `position`, if one does.
    func frame(at position: Int64) throws(SystemError) -> SpoolFrame? {
        guard position + Int64(SpoolFrame.headBytes) <= size else { return nil }
        let head = try file.read(SpoolFrame.headBytes, at: position)
        guard head.count == SpoolFrame.headBytes else { return nil }
        let count = head.prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
        guard count <= SpoolFrame.jsonLimitBytes, position + Int64(SpoolFrame.headBytes + count) <= size else {
            return nil
        }
        return SpoolFrame(try file.read(SpoolFrame.headBytes + count, at: position), at: 0)
    }

    /// Adds a frame. What a failed write left behind is cut off again, or overwritten by the next.
    mutating func append(_ frame: SpoolFrame) throws(SystemError) {
        do throws(SystemError) {
            try file.write(frame.bytes, at: size)
        } catch {
            try? file.truncate(to: size)
            throw error
        }
        size += Int64(frame.byteCount)
    }

    /// Everything in it was acknowledged: begin anew in the same file.
    mutating func empty() throws(SystemError) {
        try file.truncate(to: Self.headBytes)
        size = Self.headBytes
    }
}
