import ArgumentParser
import Domain
import Wire

struct StudyShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration.page(
        "show", "Show a study and its assignments, or follow it to its end.",
        discussion: """
            With --json the study as GET /api/v1/studies/{id} gives it; with --follow one such object a line, at each \
            change. The exit code of --follow is 1 unless every assignment completed.
            """)

    @OptionGroup var which: StudyArgument

    @Flag(name: [.long, .short], help: "Stay until it has ended, with a progress bar.")
    var follow = false

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Only assignments that are \(JobStatus.allCases.map(\.rawValue).joined(separator: ", ")).",
            valueName: "status"))
    var status: String?

    @Option(name: .long, help: ArgumentHelp("Show at most this many assignments.", valueName: "n"))
    var limit = 50

    @OptionGroup var client: ClientOptions

    func validate() throws {
        guard limit > 0 else { throw ValidationError("--limit must be at least 1.") }
    }

    func run() async throws {
        let context = CommandContext.current
        try await client.withClient { api in
            if follow {
                let follower = StudyFollower(client: api, context: context, printsJSON: client.json)
                let end = try await Interrupts.ending { try await follower.follow(which.study) }
                if !end.isWhole { throw ExitCode(Outcome.failed.rawValue) }
                return
            }
            let reply = try await api.get(APIPath.study(which.study), as: StudyRecord.self)
            guard !client.json else { return context.terminal.printJSON(reply.body) }
            let (page, _) = try await api.list(
                APIPath.assignments(which.study), query: [("status", status)], limit: limit, of: JobRecord.self)
            show(reply.value, page: page, now: reply.serverTime ?? context.now(), context: context)
        }
    }

    private func show(_ study: StudyRecord, page: ListReply<JobRecord>, now: Instant, context: CommandContext) {
        let terminal = context.terminal
        let width = terminal.isOutputWatched ? terminal.columns() : Self.plainColumns
        terminal.print(ProgressLine(study, now: now).bar(columns: width, style: terminal.style))
        let dimensions = study.dimensions.isEmpty ? "" : ", by \(study.dimensions.joined(separator: " × "))"
        let text = "\(study.id), \(study.word), created \(context.date(study.createdAt))\(dimensions)"
        terminal.print(terminal.style.faint(PlainText.line(text)))
        for note in study.notes { terminal.print(terminal.style.faint(PlainText.line(note))) }
        guard !page.items.isEmpty else { return }
        terminal.print("")
        terminal.show(JobTable.assignments(page.items, now: now, style: terminal.style))
        if page.next != nil { terminal.note("There are more: --limit shows them, --status filters.") }
    }

    private static let plainColumns = 100
}
