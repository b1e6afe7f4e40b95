package import Domain

extension LogLevel {
    /// The name of a command that writes a line at a level.
    init?(commandName: Substring) {
        switch commandName {
        case "debug": self = .debug
        case "notice": self = .notice
        case "warning": self = .warning
        case "error": self = .error
        default: return nil
        }
    }

    /// What a line of output says of itself: the usual ways of loggers and compilers to begin one, else `info`.
    ///
    /// `ERROR`, `[warn]` and `WARNING:root:` count among the first words; `error:` in small letters only as the first
    /// word or behind a place (`solver.c:3:5: error: …`), since "no error: all is well" is no error.
    package init(guessedFrom line: String) {
        self = Self.guess(line) ?? .info
    }

    private static let wordLimit = 7
    private static let headBytes = 160

    private static func guess(_ line: String) -> LogLevel? {
        // Only the beginning is looked at, however long the line.
        let words = line.cut(toBytes: headBytes).split(separator: " ", maxSplits: wordLimit).prefix(wordLimit)
        var isBehindPlace = true
        for word in words {
            let core = word.drop { "[(<-|".contains($0) }
            let name = core.prefix { $0.isASCII && $0.isLetter }
            let tail = core.dropFirst(name.count)
            if let level = level(name), tail.first.map({ !$0.isLetter && !$0.isNumber && $0 != "_" }) ?? true {
                let isShouted = !name.contains { $0.isLowercase }
                let isBracketed = core.count < word.count && tail.first.map { "])>|".contains($0) } == true
                if isShouted || isBracketed || (isBehindPlace && tail.first == ":") { return level }
            }
            isBehindPlace = word.hasSuffix(":")
        }
        return line.hasPrefix("Traceback (most recent call last)") ? .error : nil
    }

    private static func level(_ name: Substring) -> LogLevel? {
        switch name.lowercased() {
        case "trace", "debug", "verbose": .debug
        case "info": .info
        case "notice", "success": .notice
        case "warn", "warning": .warning
        case "error", "err", "fatal", "critical", "panic": .error
        default: nil
        }
    }
}
