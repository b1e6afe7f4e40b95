import ArgumentParser
import Domain
import Wire

struct StudyRetry: AsyncParsableCommand {
    static let configuration = CommandConfiguration.page(
        "retry", "Put a study's failed and cancelled assignments up again.",
        discussion: "Prints the study; with --json as the API gives it.")

    @OptionGroup var which: StudyArgument
    @OptionGroup var client: ClientOptions

    func run() async throws {
        try await client.act(.retryFailed, on: which.study) {
            "\(Spoken.count($0.counts.pending, "assignment")) of \($0.name) waiting, \($0.counts.held) running."
        }
    }
}

struct StudyCancel: AsyncParsableCommand {
    static let configuration = CommandConfiguration.page(
        "cancel", "Cancel a study: what waits is cancelled at once, what runs is told to stop.",
        discussion: "Prints the study; with --json as the API gives it. muster study retry takes it back.")

    @OptionGroup var which: StudyArgument
    @OptionGroup var client: ClientOptions

    func run() async throws {
        try await client.act(.cancel, on: which.study) {
            let stopping = $0.counts.held > 0 ? ", \($0.counts.held) being stopped" : ""
            return "\($0.name) is cancelled: \($0.counts.cancelled) cancelled\(stopping)."
        }
    }
}

struct StudyPause: AsyncParsableCommand {
    static let configuration = CommandConfiguration.page(
        "pause", "Hand out no more of a study; what runs goes on.",
        discussion: "Prints the study; with --json as the API gives it. muster study resume goes on.")

    @OptionGroup var which: StudyArgument
    @OptionGroup var client: ClientOptions

    func run() async throws {
        try await client.act(.pause, on: which.study) { "\($0.name) is paused; \($0.counts.held) still running." }
    }
}

struct StudyResume: AsyncParsableCommand {
    static let configuration = CommandConfiguration.page(
        "resume", "Go on with a paused study.", discussion: "Prints the study; with --json as the API gives it.")

    @OptionGroup var which: StudyArgument
    @OptionGroup var client: ClientOptions

    func run() async throws {
        try await client.act(.resume, on: which.study) { "\($0.name) goes on: \($0.counts.pending) waiting." }
    }
}

extension ClientOptions {
    fileprivate func act(
        _ action: StudyAction, on study: String, _ sentence: (StudyRecord) -> String
    ) async throws {
        let terminal = CommandContext.current.terminal
        try await withClient { api in
            let reply = try await api.post(APIPath.studyAction(study, action), as: StudyRecord.self)
            json ? terminal.printJSON(reply.body) : terminal.print(PlainText.line(sentence(reply.value)))
        }
    }
}

struct StudyDelete: AsyncParsableCommand {
    static let configuration = CommandConfiguration.page(
        "delete", "Delete a study with its assignments, their history, logs and results.",
        discussion: "Asks first; where no person can be asked, needs --yes. With --json prints {\"deleted\": id}.")

    @OptionGroup var which: StudyArgument
    @OptionGroup var confirmation: ConfirmationOptions
    @OptionGroup var client: ClientOptions

    func run() async throws {
        let terminal = CommandContext.current.terminal
        try await client.withClient { api in
            let study = try await api.get(APIPath.study(which.study), as: StudyRecord.self).value
            let running = study.counts.held > 0 ? " (\(study.counts.held) running, which are stopped)" : ""
            try Confirmation.require(
                """
                This deletes the study \(study.name) for good: \(Spoken.count(study.counts.total, "assignment"))\
                \(running), with their history, logs and result files.
                """, isGiven: confirmation.yes, terminal: terminal)
            try await api.delete(APIPath.study(study.id.description))
            terminal.reportDeleted(study.id.description, name: "The study \(study.name)", json: client.json)
        }
    }
}

extension Terminal {
    /// The end of every delete.
    func reportDeleted(_ id: String, name: String, json: Bool) {
        guard json else { return print(PlainText.line("\(name) is deleted.")) }
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("deleted", id)
        writer.endObject()
        printJSON(writer.bytes)
    }
}
