import ArgumentParser

/// A question before something is gone for good.
enum Confirmation {
    /// - Parameters:
    ///   - what: what goes, with all that goes with it; a sentence.
    ///   - isGiven: `--yes` was said.
    /// - Throws: where nobody can be asked, or the answer was no.
    static func require(_ what: String, isGiven: Bool, terminal: Terminal) throws(CommandError) {
        guard !isGiven else { return }
        guard terminal.isInputTyped, terminal.isErrorWatched else {
            throw CommandError(.wrongUse, "\(what) Nobody can be asked here, so say --yes")
        }
        terminal.note(PlainText.line(what))
        terminal.writeError("Go on? [y/N] ")
        let answer = terminal.readLine()?.trimmingSpaces.lowercased()
        guard answer == "y" || answer == "yes" else {
            throw CommandError(.refused, "Nothing was deleted.")
        }
    }
}

/// `--yes`, on every command that asks first.
struct ConfirmationOptions: ParsableArguments {
    @Flag(name: [.long, .short], help: "Don't ask. Needed where no person is at the terminal.")
    var yes = false
}
