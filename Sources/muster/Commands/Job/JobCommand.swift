import ArgumentParser
import Domain
import Wire

struct JobCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration.page(
        "job", "Put jobs on a queue and look after them.",
        subcommands: [
            JobSubmit.self, JobList.self, JobShow.self, JobCancel.self, JobRetry.self, JobDelete.self,
        ]
    )
}

/// One or more jobs: `j12`, or assignments as `phantoms/3`.
struct JobArguments: ParsableArguments {
    @Argument(help: ArgumentHelp("Ids of jobs, or assignments such as phantoms/3.", valueName: "job"))
    var jobs: [String]
}

struct JobSubmit: AsyncParsableCommand {
    static let configuration = CommandConfiguration.page(
        "submit", "Put a job for each file on a queue: all of them or none.",
        discussion: """
            muster job submit --queue render scene.json
            echo '{"scene": 4}' | muster job submit --queue render -

            Prints the ids; with --json as POST /api/v1/jobs gives them: {"jobs": [{"id", "new"}]}.
            """)

    @Argument(
        help: ArgumentHelp("Each job's configuration as JSON, or - for standard input.", valueName: "file"),
        completion: .file(extensions: ["json"]))
    var files: [String]

    @Option(name: .long, help: ArgumentHelp("The queue.", valueName: "name"))
    var queue = "default"

    @Option(name: .long, help: ArgumentHelp("The higher goes first.", valueName: "n"))
    var priority = 0

    @Option(name: .long, help: ArgumentHelp("Not before this time, in RFC 3339.", valueName: "time"))
    var runAt: String?

    @Option(name: .long, help: ArgumentHelp("A name for people.", valueName: "text"))
    var label: String?

    @Option(
        name: .long,
        help: ArgumentHelp("At most one job of the queue has it; a second one finds the first.", valueName: "key"))
    var uniqueKey: String?

    @Option(name: .long, help: ArgumentHelp("What a worker must have, as a JSON object.", valueName: "json"))
    var requires: String?

    @Option(name: .long, help: ArgumentHelp("Attempts before it has failed for good.", valueName: "n"))
    var maxAttempts: Int?

    @OptionGroup var client: ClientOptions

    func validate() throws {
        guard files.count <= SubmitRequest.countLimit else {
            throw ValidationError("At most \(SubmitRequest.countLimit) jobs go in one call.")
        }
        guard uniqueKey == nil || files.count == 1 else {
            throw ValidationError("--unique-key is for one job: give one file.")
        }
    }

    func run() async throws {
        let context = CommandContext.current
        var template = NewJob(
            queue: queue, payload: .null, priority: priority, uniqueKey: uniqueKey, label: label,
            maximumAttempts: maxAttempts)
        template.requires = try requires.map { text in
            try ConfigurationInput.parse(Array(text.utf8), name: "--requires")
        }
        if let runAt {
            guard let moment = Instant(rfc3339: runAt) else {
                throw CommandError(.wrongUse, "--run-at must be a time such as 2026-03-01T12:00:00Z, not \(runAt)")
            }
            template.runAt = moment
        }
        let jobs = try files.map { file in
            var job = template
            job.payload = try ConfigurationInput.read(file, context: context)
            return job
        }
        try await client.withClient { api in
            let reply = try await api.post(APIPath.jobs, body: SubmitRequest(jobs: jobs).body, as: SubmitReply.self)
            guard !client.json else { return context.terminal.printJSON(reply.body) }
            for job in reply.value.jobs {
                context.terminal.print(job.isNew ? "\(job.id)" : "\(job.id) (was there before)")
            }
        }
    }
}

struct JobList: AsyncParsableCommand {
    static let configuration = CommandConfiguration.page(
        "list", "List jobs, the newest first; those of a study in index order.",
        discussion: "With --json as GET /api/v1/jobs gives it: {\"items\", \"next\"?}.", aliases: ["ls"])

    @Option(name: .long, help: ArgumentHelp("Only of this queue.", valueName: "name"))
    var queue: String?

    @Option(name: .long, help: ArgumentHelp("Only of this study.", valueName: "study"))
    var study: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Only jobs that are \(JobStatus.allCases.map(\.rawValue).joined(separator: ", ")).", valueName: "status"))
    var status: String?

    @Option(name: .long, help: ArgumentHelp("List at most this many.", valueName: "n"))
    var limit = 100

    @OptionGroup var client: ClientOptions

    func validate() throws {
        guard limit > 0 else { throw ValidationError("--limit must be at least 1.") }
        guard queue == nil || study == nil else { throw ValidationError("Give --queue or --study, not both.") }
    }

    func run() async throws {
        let context = CommandContext.current
        try await client.withClient { api in
            let path = study.map(APIPath.assignments) ?? APIPath.jobs
            let (page, serverTime) = try await api.list(
                path, query: [("queue", queue), ("status", status)], limit: limit, of: JobRecord.self)
            guard !client.json else { return context.terminal.printJSON(page) }
            guard !page.items.isEmpty else {
                return context.terminal.note("There is no such job. Next: muster job submit FILE")
            }
            let now = serverTime ?? context.now()
            context.terminal.show(JobTable.jobs(page.items, now: now, style: context.terminal.style))
            if page.next != nil { context.terminal.note("There are more: --limit shows them.") }
        }
    }
}
