import Domain
import Wire

/// Where a command writes and whom it may ask: the process's own streams, or a test's.
struct Terminal: Sendable {
    /// Somebody reads standard output, standard error, or can type an answer.
    var isOutputWatched: Bool
    var isErrorWatched: Bool
    var isInputTyped: Bool
    /// `NO_COLOR` was not set and the terminal is no dumb one.
    var allowsColour: Bool
    var columns: @Sendable () -> Int
    /// Both take text as it is to be written, line ends and all.
    var writeOutput: @Sendable (String) -> Void
    var writeError: @Sendable (String) -> Void
    /// What a long-running process says of itself. Its work goes on when nobody reads it any more.
    var writeLog: (@Sendable (String) -> Void)? = nil
    /// A line that a person typed, without its end; `nil` at the end of input.
    var readLine: @Sendable () -> String?
    /// Everything on standard input.
    var readInput: @Sendable () throws -> [UInt8]

    var style: Style { Style(isOn: allowsColour && isOutputWatched) }
    var errorStyle: Style { Style(isOn: allowsColour && isErrorWatched) }

    /// A line on standard output: a command's result.
    func print(_ text: String) { writeOutput(text + "\n") }

    /// A line on standard error: what is said beside the result.
    func note(_ text: String) { writeError(text + "\n") }

    /// A line of the log of a process that runs on without readers, on standard error.
    func log(_ text: String) { (writeLog ?? writeError)(text + "\n") }

    /// A body as the server sent it, on a line of its own.
    func printJSON(_ body: [UInt8]) { print(PlainText.json(String(decoding: body, as: UTF8.self))) }

    func printJSON(_ value: some WireValue) { printJSON(value.body) }
}
