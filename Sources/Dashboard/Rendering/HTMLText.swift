/// Makes any text safe inside an element or a quoted attribute.
///
/// It works on bytes. Swift's own `Character` joins `"` with a combining mark that follows, so that a table keyed by
/// characters lets `"` + U+0301 through unescaped, and the browser, which reads code points, ends the attribute there.
/// Controls (terminal escapes among them) and marks that turn the direction of writing around become `�`: a name is
/// never allowed to draw over its neighbours.
package enum HTMLText {
    package static func escape(_ text: String) -> String {
        guard text.utf8.contains(where: isSuspicious) else { return text }
        let bytes = Array(text.utf8)
        var out: [UInt8] = []
        out.reserveCapacity(bytes.count + bytes.count / 4 + 16)
        var position = 0
        while position < bytes.count {
            let hidden = ControlText.length(in: bytes, at: position)
            if hidden > 0 {
                out.append(contentsOf: ControlText.replacement)
                position += hidden
                continue
            }
            switch bytes[position] {
            case UInt8(ascii: "<"): out.append(contentsOf: "&lt;".utf8)
            case UInt8(ascii: ">"): out.append(contentsOf: "&gt;".utf8)
            case UInt8(ascii: "&"): out.append(contentsOf: "&amp;".utf8)
            case UInt8(ascii: "\""): out.append(contentsOf: "&quot;".utf8)
            case UInt8(ascii: "'"): out.append(contentsOf: "&#39;".utf8)
            default: out.append(bytes[position])
            }
            position += 1
        }
        return String(decoding: out, as: UTF8.self)
    }

    /// What may need a second look; most text holds none of it and is handed back as it came.
    private static func isSuspicious(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x3C, 0x3E, 0x26, 0x22, 0x27, 0x7F, 0xC2, 0xE2: true
        default: byte < 0x20 && byte != 0x09 && byte != 0x0A
        }
    }
}

/// Code points that are not to be shown: controls but tab and newline, and those that turn the direction around.
enum ControlText {
    /// U+FFFD, shown in place of them.
    static let replacement: [UInt8] = [0xEF, 0xBF, 0xBD]

    /// How many bytes the hidden code point at `position` has; 0 where there is none.
    static func length(in bytes: [UInt8], at position: Int) -> Int {
        switch bytes[position] {
        case 0x09, 0x0A: return 0
        case 0x00...0x1F, 0x7F: return 1
        case 0xC2:
            guard position + 1 < bytes.count else { return 0 }
            return (0x80...0x9F).contains(bytes[position + 1]) ? 2 : 0
        case 0xE2:
            guard position + 2 < bytes.count else { return 0 }
            let isOverride = bytes[position + 1] == 0x80 && (0xAA...0xAE).contains(bytes[position + 2])
            let isIsolate = bytes[position + 1] == 0x81 && (0xA6...0xA9).contains(bytes[position + 2])
            return isOverride || isIsolate ? 3 : 0
        default: return 0
        }
    }
}
