/// Cuts a command that stands in one text into words, as a POSIX shell would, and does nothing else that a shell does:
/// no variables, no patterns, no pipes.
enum CommandWords {
    struct Failure: Error, Hashable {
        /// The end of a sentence without its full stop.
        let reason: String
    }

    /// Space separates; single quotes keep all as it is; in double quotes a backslash stands before a quote or a
    /// backslash; outside, before anything.
    static func split(_ text: String) throws(Failure) -> [String] {
        var words: [String] = []
        var word: String?
        var quote: Character?
        var scan = text[...]
        while let letter = scan.popFirst() {
            switch (quote, letter) {
            case (nil, "'"), (nil, "\""):
                quote = letter
                word = word ?? ""
            case (let open?, letter) where open == letter:
                quote = nil
            case (nil, "\\"):
                guard let next = scan.popFirst() else { throw Failure(reason: "it ends with a backslash") }
                word = (word ?? "") + String(next)
            case ("\"", "\\") where scan.first == "\"" || scan.first == "\\":
                word = (word ?? "") + String(scan.removeFirst())
            case (nil, _) where letter.isWhitespace:
                if let finished = word { words.append(finished) }
                word = nil
            default:
                word = (word ?? "") + String(letter)
            }
        }
        if let quote { throw Failure(reason: "a \(quote) is not closed") }
        if let finished = word { words.append(finished) }
        guard !words.isEmpty else { throw Failure(reason: "it is empty") }
        return words
    }
}
