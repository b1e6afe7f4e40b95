import ArgumentParser
import Domain
import Wire

struct JobCancel: AsyncParsableCommand {
    static let configuration = CommandConfiguration.page(
        "cancel", "Cancel jobs: one that waits at once, one that runs through its worker.",
        discussion: "With --json prints each job as the API gives it, one object a line.")

    @OptionGroup var which: JobArguments
    @OptionGroup var client: ClientOptions

    func run() async throws { try await client.act(.cancel, on: which.jobs) }
}

struct JobRetry: AsyncParsableCommand {
    static let configuration = CommandConfiguration.page(
        "retry", "Put failed or cancelled jobs up again.",
        discussion: "With --json prints each job as the API gives it, one object a line.")

    @OptionGroup var which: JobArguments
    @OptionGroup var client: ClientOptions

    func run() async throws { try await client.act(.retry, on: which.jobs) }
}

extension ClientOptions {
    fileprivate func act(_ action: JobAction, on jobs: [String]) async throws {
        let terminal = CommandContext.current.terminal
        try await withClient { api in
            for text in jobs {
                let id = try await api.job(text)
                let reply = try await api.post(APIPath.jobAction(id, action), as: JobRecord.self)
                json
                    ? terminal.printJSON(reply.body)
                    : terminal.print(PlainText.line("\(id) is \(JobTable.word(reply.value))."))
            }
        }
    }
}

struct JobDelete: AsyncParsableCommand {
    static let configuration = CommandConfiguration.page(
        "delete", "Delete jobs with their history, logs and results. Refused while a worker holds one.",
        discussion: "Asks first; where no person can be asked, needs --yes. With --json prints {\"deleted\": id}.")

    @OptionGroup var which: JobArguments
    @OptionGroup var confirmation: ConfirmationOptions
    @OptionGroup var client: ClientOptions

    func run() async throws {
        let terminal = CommandContext.current.terminal
        try await client.withClient { api in
            var ids: [JobID] = []
            for text in which.jobs { ids.append(try await api.job(text)) }
            let names = ids.map(\.description).joined(separator: ", ")
            try Confirmation.require(
                """
                This deletes \(Spoken.count(ids.count, "job")) for good: \(names), with history, logs and result files.
                """, isGiven: confirmation.yes, terminal: terminal)
            for id in ids {
                try await api.delete(APIPath.job(id))
                terminal.reportDeleted(id.description, name: id.description, json: client.json)
            }
        }
    }
}
