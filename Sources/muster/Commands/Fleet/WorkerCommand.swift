import ArgumentParser
import Domain
import Wire

struct WorkerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration.page(
        "worker", "Look after one worker.", subcommands: [WorkerDrain.self, WorkerDelete.self])
}

/// Which worker: its name, or its session's id.
struct WorkerArgument: ParsableArguments {
    @Argument(help: ArgumentHelp("Name of the worker, or id of its session such as s7.", valueName: "worker"))
    var worker: String
}

struct WorkerDrain: AsyncParsableCommand {
    static let configuration = CommandConfiguration.page(
        "drain", "Let a worker finish what it holds, take nothing more, and stop.",
        discussion: "With --json prints {\"draining\": id}.")

    @OptionGroup var which: WorkerArgument
    @OptionGroup var client: ClientOptions

    func run() async throws {
        let terminal = CommandContext.current.terminal
        try await client.withClient { api in
            let session = try await api.session(which.worker)
            try await api.post(APIPath.drain(session.id))
            guard client.json else {
                let held = session.held.isEmpty ? "it holds nothing" : "it holds \(session.held.count)"
                return terminal.print(
                    PlainText.line("\(session.workerName) (\(session.id)) drains; \(held)."))
            }
            var writer = JSONWriter()
            writer.beginObject()
            writer.field("draining", session.id.description)
            writer.endObject()
            terminal.printJSON(writer.bytes)
        }
    }
}

struct WorkerDelete: AsyncParsableCommand {
    static let configuration = CommandConfiguration.page(
        "delete", "Delete an ended session with its log. A live one is refused, unless forced.",
        discussion: """
            With --force a live session is ended at once and its jobs go back. Asks first; where no person can be \
            asked, needs --yes. With --json prints {"deleted": id}.
            """)

    @OptionGroup var which: WorkerArgument

    @Flag(name: .long, help: "Also where it is live: end it, and give its jobs back.")
    var force = false

    @OptionGroup var confirmation: ConfirmationOptions
    @OptionGroup var client: ClientOptions

    func run() async throws {
        let terminal = CommandContext.current.terminal
        try await client.withClient { api in
            let session = try await api.session(which.worker)
            let name = "\(session.workerName) (\(session.id))"
            let held = session.held.isEmpty ? "" : " The \(Spoken.count(session.held.count, "job")) it holds goes back."
            try Confirmation.require(
                "This deletes the session of \(name), which is \(session.status.rawValue), with its log.\(held)",
                isGiven: confirmation.yes, terminal: terminal)
            try await api.delete(APIPath.session(session.id), query: [("force", force ? "true" : nil)])
            terminal.reportDeleted(session.id.description, name: name, json: client.json)
        }
    }
}
