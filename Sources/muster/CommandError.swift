/// How a command ends. Told in every command's help.
enum Outcome: Int32, Sendable, CaseIterable {
    case done = 0
    /// What was run did not succeed: a study with failed assignments, a doctor's finding.
    case failed = 1
    case wrongUse = 2
    /// Taken, in conflict, not allowed, or declined by the person who was asked.
    case refused = 3
    case unreachable = 4

    /// For `help`, at the foot of every page.
    static let summary = """
        Exit codes: 0 done · 1 the work failed · 2 wrong use · 3 refused (taken, conflict, not allowed) · \
        4 server unreachable.
        """
}

/// Why a command ends without having done what it was asked: one line for a person, with the next thing to run.
struct CommandError: Error, Sendable, Hashable {
    let outcome: Outcome
    /// A sentence or two, with the value in it.
    let message: String
    /// The command to run next, where there is one.
    let next: String?

    init(_ outcome: Outcome, _ message: String, next: String? = nil) {
        self.outcome = outcome
        self.message = message
        self.next = next
    }

    /// One line, whatever the message is made of.
    var line: String {
        var text = PlainText.line(message).split(separator: " ").joined(separator: " ")
        if let last = text.last, !".?!:".contains(last) { text += "." }
        guard let next else { return text }
        return "\(text) Next: \(PlainText.line(next))"
    }
}
