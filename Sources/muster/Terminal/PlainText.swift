/// Text from a server or a job is hostile: shown as it came, it could move the cursor, repaint the screen or set the
/// window's title (DESIGN.md, section 12). This is the one gate between such text and a terminal.
enum PlainText {
    /// Without terminal escapes, controls and marks that turn the direction of the text around them. A line's end
    /// becomes a space, so that what was one line stays one.
    ///
    /// - Parameter keepsTabs: a tab stays a tab, as in a log; otherwise it is a space, as a table needs it.
    static func line(_ text: String, keepsTabs: Bool = false) -> String {
        guard text.unicodeScalars.contains(where: { isUnruly($0) }) else { return text }
        var kept = String.UnicodeScalarView()
        var scan = Substring(text).unicodeScalars
        while let scalar = scan.popFirst() {
            switch scalar {
            case "\u{1B}": skipEscape(&scan)
            case "\u{9B}": skipControlSequence(&scan)
            case "\u{90}", "\u{98}", "\u{9D}", "\u{9E}", "\u{9F}": skipString(&scan)
            case "\t": kept.append(keepsTabs ? "\t" : " ")
            case "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}": kept.append(" ")
            default: if !isUnruly(scalar) { kept.append(scalar) }
            }
        }
        return String(kept)
    }

    /// JSON that means the same and holds nothing that a terminal obeys: such characters can only stand in strings,
    /// where they are spelled out.
    static func json(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { isUnruly($0) && $0 != "\n" && $0 != "\t" }) else { return text }
        var spelled = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if isUnruly(scalar), scalar != "\n", scalar != "\t" {
                let digits = String(scalar.value, radix: 16)
                spelled.append(contentsOf: "\\u".unicodeScalars)
                spelled.append(contentsOf: String(repeating: "0", count: 4 - digits.count).unicodeScalars)
                spelled.append(contentsOf: digits.unicodeScalars)
            } else {
                spelled.append(scalar)
            }
        }
        return String(spelled)
    }

    private static func isUnruly(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F...0x9F, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069: true
        default: false
        }
    }

    /// What stands behind ESC: a control sequence, a string for the terminal, or intermediates and one final.
    private static func skipEscape(_ scan: inout Substring.UnicodeScalarView) {
        switch scan.first {
        case "[":
            scan.removeFirst()
            skipControlSequence(&scan)
        case "]", "P", "X", "^", "_":
            scan.removeFirst()
            skipString(&scan)
        default:
            while let scalar = scan.first, (0x20...0x2F).contains(scalar.value) { scan.removeFirst() }
            if let final = scan.first, (0x30...0x7E).contains(final.value) { scan.removeFirst() }
        }
    }

    /// Parameters and intermediates, then one final.
    private static func skipControlSequence(_ scan: inout Substring.UnicodeScalarView) {
        while let scalar = scan.first, (0x20...0x3F).contains(scalar.value) { scan.removeFirst() }
        if let final = scan.first, (0x40...0x7E).contains(final.value) { scan.removeFirst() }
    }

    /// To the bell, the string terminator in either spelling, or the end.
    private static func skipString(_ scan: inout Substring.UnicodeScalarView) {
        while let scalar = scan.popFirst() {
            if scalar == "\u{07}" || scalar == "\u{9C}" { return }
            if scalar == "\u{1B}", scan.first == "\\" {
                scan.removeFirst()
                return
            }
        }
    }
}

/// How many columns of a terminal a text takes.
enum DisplayWidth {
    static func of(_ text: String) -> Int {
        if text.utf8.allSatisfy({ $0 < 0x80 }) { return text.utf8.count }
        return text.unicodeScalars.reduce(0) { $0 + width(of: $1) }
    }

    /// Cut to at most that many columns, with an ellipsis where something is left out.
    static func cut(_ text: String, to columns: Int) -> String {
        guard of(text) > columns else { return text }
        guard columns > 0 else { return "" }
        var kept = String.UnicodeScalarView()
        var used = 0
        for scalar in text.unicodeScalars {
            used += width(of: scalar)
            if used > columns - 1 { break }
            kept.append(scalar)
        }
        return String(kept) + "…"
    }

    static func padded(_ text: String, to columns: Int, alignsRight: Bool = false) -> String {
        let space = String(repeating: " ", count: max(0, columns - of(text)))
        return alignsRight ? space + text : text + space
    }

    private static func width(of scalar: Unicode.Scalar) -> Int {
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format, .control: return 0
        default: break
        }
        switch scalar.value {
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
            0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F900...0x1F9FF, 0x20000...0x3FFFD:
            return 2
        default: return 1
        }
    }
}
