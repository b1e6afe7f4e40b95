/// The words of the command line.
struct Arguments: Equatable {
    let configuration: String
    let output: String

    static let help = """
        Computes what phantoms absorb from a plane wave: two-dimensional FDTD.

        Usage: fdtd CONFIG [--output DIR]

          CONFIG          a JSON file with phantoms, frequencies and directions; all of their combinations are computed
          --output DIR    where result.json and the pictures go; else $MUSTER_ARTIFACTS, else ./results

        Exit status: 0 done, 1 failed, 2 wrong use or a bad configuration.
        """

    /// Nil where help was asked for.
    ///
    /// - Throws: ``UsageError``.
    init?(_ words: [String], environment: [String: String]) throws(UsageError) {
        if words.contains("--help") || words.contains("-h") { return nil }
        var configuration: String?
        var output: String?
        var rest = words[...]
        while let word = rest.popFirst() {
            if word == "--output" {
                guard let value = rest.popFirst() else {
                    throw UsageError(message: "--output needs a folder; write --output DIR")
                }
                output = value
            } else if word.hasPrefix("--output=") {
                output = String(word.dropFirst("--output=".count))
            } else if word.hasPrefix("-") {
                throw UsageError(message: "the option '\(word)' is not known; see fdtd --help")
            } else if configuration == nil {
                configuration = word
            } else {
                throw UsageError(message: "one configuration at a time, but '\(word)' follows; run fdtd for each")
            }
        }
        guard let configuration else {
            throw UsageError(message: "no configuration is given; write fdtd CONFIG, or see fdtd --help")
        }
        self.configuration = configuration
        let wished = [output, environment["MUSTER_ARTIFACTS"]].compactMap(\.self)
        self.output = wished.first { !$0.isEmpty } ?? "results"
    }
}

/// The command was not used rightly; the message says what to write instead.
struct UsageError: Error {
    let message: String
}
