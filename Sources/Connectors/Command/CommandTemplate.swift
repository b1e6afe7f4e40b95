import Domain

/// The operator's command, an argument each, with places for what differs between jobs. Never read by a shell.
///
/// `{config}` is the file with the job's configuration, `{workdir}` the attempt's own folder, `{output}` the folder
/// whose files become results, `{job}`, `{attempt}`, `{index}` and `{study}` what they say; the last two are empty for
/// a job that is of no study. Anything else in braces stays as it is: a program may want it.
package struct CommandTemplate: Sendable, Hashable {
    package let arguments: [String]

    /// `nil` where there is no program to start.
    package init?(_ arguments: [String]) {
        guard let program = arguments.first, !program.isEmpty else { return nil }
        self.arguments = arguments
    }

    package static let placeholders = ["config", "workdir", "output", "job", "attempt", "index", "study"]

    package func filled(for work: AttemptWork) -> [String] {
        let values = [
            "config": work.folders.configuration, "workdir": work.folders.work, "output": work.folders.artifacts,
            "job": work.job.description, "attempt": work.attempt.description,
            "index": work.index.map(String.init) ?? "", "study": work.study ?? "",
        ]
        return arguments.map { Self.fill($0, values) }
    }

    /// One pass from left to right: what a value brings is never filled again.
    private static func fill(_ argument: String, _ values: [String: String]) -> String {
        guard argument.contains("{") else { return argument }
        var filled = ""
        var rest = argument[...]
        while let open = rest.firstIndex(of: "{") {
            filled += rest[..<open]
            rest = rest[open...]
            if let close = rest.firstIndex(of: "}"), let value = values[String(rest[rest.index(after: open)..<close])] {
                filled += value
                rest = rest[rest.index(after: close)...]
            } else {
                filled.append("{")
                rest = rest.dropFirst()
            }
        }
        return filled + rest
    }

    /// Splits one line into arguments as a person expects: at blanks, with '…', "…" and \ as in a shell, and nothing
    /// else of a shell. `nil` where a quote is not closed.
    package static func split(line: String) -> [String]? {
        var words: [String] = []
        var word: String?
        var quote: Character?
        var isEscaped = false
        for character in line {
            if isEscaped {
                // Within "…" the stroke only means something before these two.
                if quote == "\"", character != "\"", character != "\\" { word = (word ?? "") + "\\" }
                word = (word ?? "") + String(character)
                isEscaped = false
            } else if character == "\\", quote != "'" {
                isEscaped = true
            } else if let open = quote {
                if character == open { quote = nil } else { word = (word ?? "") + String(character) }
            } else if character == "'" || character == "\"" {
                quote = character
                word = word ?? ""
            } else if character.isWhitespace {
                if let whole = word { words.append(whole) }
                word = nil
            } else {
                word = (word ?? "") + String(character)
            }
        }
        guard quote == nil, !isEscaped else { return nil }
        if let word { words.append(word) }
        return words
    }
}
