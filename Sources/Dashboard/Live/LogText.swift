/// Log text as a page may show it: what a terminal would leave standing, without what only a terminal understands.
package enum LogText {
    /// Longest line that is shown, in bytes; the stored line keeps all.
    package static let lineLimitBytes = 16_384

    /// - Colours, cursor movements, titles and all other escape sequences are dropped, as are controls but the tab.
    /// - Of a line that its program wrote again and again over itself (`\r`), the last writing stays.
    /// - A backspace takes back the character before it.
    /// - Marks that turn the direction of writing around become `�`.
    /// - Past `lineLimitBytes` the line is cut, and it is said how much is missing.
    package static func plain(_ text: String) -> String {
        guard text.utf8.count > lineLimitBytes || text.utf8.contains(where: needsWork) else { return text }
        var scanner = LogScanner(bytes: Array(text.utf8))
        return scanner.scan()
    }

    /// The same of a text of several lines, one of which may be empty: its breaks stay.
    package static func lines(_ text: String) -> String {
        guard text.utf8.contains(0x0A) else { return plain(text) }
        let parts = text.utf8.split(separator: 0x0A, maxSplits: lineBreakLimit, omittingEmptySubsequences: false)
        return parts.map { plain(String(decoding: $0, as: UTF8.self)) }.joined(separator: "\n")
    }

    /// Breaks of one message that are kept; the rest of it stands in one line.
    private static let lineBreakLimit = 200

    private static func needsWork(_ byte: UInt8) -> Bool {
        (byte < 0x20 && byte != 0x09) || byte == 0x7F || byte == 0xC2 || byte == 0xE2
    }
}

/// Goes through one line once.
private struct LogScanner {
    private let bytes: [UInt8]
    private var position = 0
    private var out: [UInt8] = []
    /// A carriage return was seen: what comes next takes the place of what stands.
    private var isOverwriting = false

    init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    mutating func scan() -> String {
        while let byte = peek() {
            switch byte {
            case 0x1B: skipEscape()
            case 0x0D:
                isOverwriting = true
                position += 1
            case 0x08: takeBack()
            case 0x09: put(count: 1)
            case 0x0A:
                // A stored line has none; should one come, it is a space rather than a second line.
                put(0x20)
                position += 1
            case 0x00...0x1F, 0x7F: position += 1
            case 0xC2 where isC1(): skipC1()
            default: putCodePoint()
            }
        }
        return cut()
    }

    private func peek(_ offset: Int = 0) -> UInt8? {
        position + offset < bytes.count ? bytes[position + offset] : nil
    }

    private func isC1() -> Bool {
        peek(1).map { (0x80...0x9F).contains($0) } ?? false
    }

    /// C1 controls are escapes in one code point: `U+009B` begins as `ESC [` does.
    private mutating func skipC1() {
        let control = peek(1) ?? 0
        position += 2
        switch control {
        case 0x9B: skipControlSequence()
        case 0x90, 0x98, 0x9D, 0x9E, 0x9F: skipString()
        default: break
        }
    }

    private mutating func skipEscape() {
        position += 1
        guard let kind = peek() else { return }
        position += 1
        switch kind {
        case UInt8(ascii: "["): skipControlSequence()
        case UInt8(ascii: "]"), UInt8(ascii: "P"), UInt8(ascii: "X"), UInt8(ascii: "^"), UInt8(ascii: "_"):
            skipString()
        case 0x20...0x2F:
            while let byte = peek(), (0x20...0x2F).contains(byte) { position += 1 }
            if let byte = peek(), (0x30...0x7E).contains(byte) { position += 1 }
        case 0x30...0x7E: break
        default: position -= 1
        }
    }

    /// `ESC [` parameters, intermediates, one final byte.
    private mutating func skipControlSequence() {
        while let byte = peek(), (0x20...0x3F).contains(byte) { position += 1 }
        if let byte = peek(), (0x40...0x7E).contains(byte) { position += 1 }
    }

    /// A string for the terminal (its title, a link, a palette) up to BEL or ST; one that never ends takes the rest.
    private mutating func skipString() {
        while let byte = peek() {
            if byte == 0x07 {
                position += 1
                return
            }
            if byte == 0x1B, peek(1) == UInt8(ascii: "\\") {
                position += 2
                return
            }
            if byte == 0xC2, peek(1) == 0x9C {
                position += 2
                return
            }
            position += 1
        }
    }

    private mutating func takeBack() {
        position += 1
        while let last = out.last, last & 0xC0 == 0x80 { out.removeLast() }
        if !out.isEmpty { out.removeLast() }
    }

    private mutating func putCodePoint() {
        if ControlText.length(in: bytes, at: position) == 3 {
            position += 3
            for byte in ControlText.replacement { put(byte) }
            return
        }
        var count = 1
        while let next = peek(count), next & 0xC0 == 0x80 { count += 1 }
        put(count: count)
    }

    private mutating func put(count: Int) {
        for offset in 0..<count {
            if let byte = peek(offset) { put(byte) }
        }
        position += count
    }

    private mutating func put(_ byte: UInt8) {
        if isOverwriting {
            out.removeAll(keepingCapacity: true)
            isOverwriting = false
        }
        out.append(byte)
    }

    private func cut() -> String {
        guard out.count > LogText.lineLimitBytes else { return String(decoding: out, as: UTF8.self) }
        var end = LogText.lineLimitBytes
        while end > 0, out[end] & 0xC0 == 0x80 { end -= 1 }
        let missing = Format.bytes(Int64(out.count - end))
        return String(decoding: out[..<end], as: UTF8.self) + " … \(missing) more"
    }
}
