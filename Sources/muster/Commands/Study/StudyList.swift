import ArgumentParser
import Domain
import Wire

struct StudyList: AsyncParsableCommand {
    static let configuration = CommandConfiguration.page(
        "list", "List studies, the newest first.",
        discussion: "With --json as GET /api/v1/studies gives it: {\"items\", \"next\"?}.", aliases: ["ls"])

    @Option(name: .long, help: ArgumentHelp("List at most this many.", valueName: "n"))
    var limit = 100

    @OptionGroup var client: ClientOptions

    func validate() throws {
        guard limit > 0 else { throw ValidationError("--limit must be at least 1.") }
    }

    func run() async throws {
        let context = CommandContext.current
        try await client.withClient { api in
            let (page, serverTime) = try await api.list(APIPath.studies, limit: limit, of: StudyRecord.self)
            guard !client.json else { return context.terminal.printJSON(page) }
            guard !page.items.isEmpty else {
                return context.terminal.note("There is no study. Next: muster study create FILE --split-by KEYPATH")
            }
            let table = Self.table(page.items, now: serverTime ?? context.now(), context: context)
            context.terminal.show(table)
            if page.next != nil { context.terminal.note("There are more: --limit shows them.") }
        }
    }

    static func table(_ studies: [StudyRecord], now: Instant, context: CommandContext) -> Table {
        var table = Table([
            .init(title: "STUDY", leastColumns: 12), .init(title: "ID"), .init(title: "STATUS"),
            .init(title: "PROGRESS", alignsRight: true), .init(title: "DONE", alignsRight: true),
            .init(title: "RUNNING", alignsRight: true), .init(title: "FAILED", alignsRight: true),
            .init(title: "LEFT"), .init(title: "CREATED"),
        ])
        let style = context.terminal.style
        for study in studies {
            let left = study.forecast.etaAt.map { Spoken.duration(milliseconds: max(0, $0.milliseconds(since: now))) }
            let failed = study.counts.failed
            table.rows.append([
                .init(study.name), "\(study.id)", .init(study.word), .init(Spoken.percent(study.forecast.fraction)),
                "\(study.counts.completed)/\(study.counts.total)", "\(study.counts.held)",
                .init("\(failed)", paint: { failed > 0 ? style.red($0) : $0 }), .init(left ?? "–"),
                .init(context.date(study.createdAt)),
            ])
        }
        return table
    }
}

extension Terminal {
    /// A table on standard output: fitted to the window where somebody looks, whole where a program reads.
    func show(_ table: Table) {
        for line in table.lines(width: isOutputWatched ? columns() : nil, style: style) { print(line) }
    }
}
