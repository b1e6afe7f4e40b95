/// Makes lines of text out of what a program writes, whatever it writes.
///
/// A line longer than the limit is cut and says so, bytes that are not UTF-8 become U+FFFD, terminal escapes and
/// control characters go. A carriage return begins the line anew, as on a terminal, so that of a progress bar that
/// redraws itself the last state is kept. Holds no more than one line of the limit's length.
package struct LineSplitter: Sendable {
    /// In bytes of UTF-8, with the mark.
    package static let limitBytes = 8_192
    package static let cutMark = " … [cut: the line is longer than 8192 bytes]"

    private var line: [UInt8] = []
    private var isCut = false
    private var hasReturned = false

    package init() {}

    /// Takes bytes and gives every line that they end.
    package mutating func take(_ bytes: [UInt8], _ give: (String) -> Void) {
        var rest = bytes[...]
        while let first = rest.first {
            if first == Self.newline {
                give(end())
                rest = rest.dropFirst()
                continue
            }
            if first == Self.carriageReturn {
                hasReturned = true
                rest = rest.dropFirst()
                continue
            }
            let length = rest.firstIndex { $0 == Self.newline || $0 == Self.carriageReturn } ?? rest.endIndex
            append(rest[..<length])
            rest = rest[length...]
        }
    }

    /// The output is at its end: what is left without a line break is a line too.
    package mutating func finish(_ give: (String) -> Void) {
        guard !line.isEmpty || isCut else { return }
        give(end())
    }

    private mutating func append(_ bytes: ArraySlice<UInt8>) {
        if hasReturned {
            line.removeAll(keepingCapacity: true)
            isCut = false
            hasReturned = false
        }
        let room = Self.limitBytes + 1 - line.count
        line += bytes.prefix(room)
        if bytes.count > room { isCut = true }
    }

    private mutating func end() -> String {
        let text = Self.text(line, isCut: isCut)
        line.removeAll(keepingCapacity: true)
        isCut = false
        hasReturned = false
        return text
    }

    private static func text(_ bytes: [UInt8], isCut: Bool) -> String {
        let text = String(decoding: TerminalText.plain(bytes), as: UTF8.self)
        // Repair makes three bytes of a bad one, so the length is known only now.
        guard isCut || text.utf8.count > limitBytes else { return text }
        return text.cut(toBytes: limitBytes - cutMark.utf8.count) + cutMark
    }

    private static let newline = UInt8(ascii: "\n")
    private static let carriageReturn = UInt8(ascii: "\r")
}

extension String {
    /// The longest beginning of at most that many bytes that ends with a whole Unicode scalar.
    package func cut(toBytes limit: Int) -> String {
        guard utf8.count > limit else { return self }
        var end = utf8.index(utf8.startIndex, offsetBy: limit)
        while end > startIndex, end.samePosition(in: unicodeScalars) == nil { end = utf8.index(before: end) }
        return String(self[..<end])
    }
}

/// Text for a terminal, without what speaks to the terminal.
enum TerminalText {
    /// Without escape sequences and control characters; the tab stays.
    static func plain(_ bytes: [UInt8]) -> [UInt8] {
        guard bytes.contains(where: isSuspect) else { return bytes }
        var plain: [UInt8] = []
        plain.reserveCapacity(bytes.count)
        var position = 0
        while position < bytes.count {
            let byte = bytes[position]
            if byte == escape {
                position = afterEscape(bytes, position + 1)
            } else if byte == 0xC2, position + 1 < bytes.count, (0x80...0x9F).contains(bytes[position + 1]) {
                // The same controls as one character, which some terminals obey.
                position += 2
            } else {
                if byte >= 0x20 && byte != 0x7F || byte == tab { plain.append(byte) }
                position += 1
            }
        }
        return plain
    }

    private static func isSuspect(_ byte: UInt8) -> Bool {
        byte < 0x20 && byte != tab || byte == 0x7F || byte == 0xC2
    }

    /// Where the text goes on behind an escape sequence whose `ESC` has been passed.
    private static func afterEscape(_ bytes: [UInt8], _ start: Int) -> Int {
        guard start < bytes.count else { return start }
        switch bytes[start] {
        case UInt8(ascii: "["):
            // Parameters, then one final byte; anything else breaks it off.
            var position = start + 1
            while position < bytes.count, (0x20...0x3F).contains(bytes[position]) { position += 1 }
            let isWhole = position < bytes.count && (0x40...0x7E).contains(bytes[position])
            return isWhole ? position + 1 : position
        case UInt8(ascii: "]"), UInt8(ascii: "P"), UInt8(ascii: "X"), UInt8(ascii: "^"), UInt8(ascii: "_"):
            // A string that ends with BEL or ESC \; one that doesn't end takes the line.
            var position = start + 1
            while position < bytes.count {
                if bytes[position] == bell { return position + 1 }
                if bytes[position] == escape { return min(position + 2, bytes.count) }
                position += 1
            }
            return position
        default:
            return start + 1
        }
    }

    private static let escape: UInt8 = 0x1B
    private static let bell: UInt8 = 0x07
    private static let tab: UInt8 = 0x09
}
