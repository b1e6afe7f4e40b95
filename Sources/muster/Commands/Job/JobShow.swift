import ArgumentParser
import Domain
import Wire

struct JobShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration.page(
        "show", "Show a job with its configuration, result, attempts and files.",
        discussion: "With --json as GET /api/v1/jobs/{id} gives it.")

    @Argument(help: ArgumentHelp("Id of a job, or an assignment such as phantoms/3.", valueName: "job"))
    var job: String

    @OptionGroup var client: ClientOptions

    func run() async throws {
        let context = CommandContext.current
        try await client.withClient { api in
            let reply = try await api.get(APIPath.job(try await api.job(job)), as: JobDetail.self)
            guard !client.json else { return context.terminal.printJSON(reply.body) }
            for line in Self.lines(reply.value, now: reply.serverTime ?? context.now(), context: context) {
                context.terminal.print(line)
            }
        }
    }

    static func lines(_ detail: JobDetail, now: Instant, context: CommandContext) -> [String] {
        let style = context.terminal.style
        let job = detail.job
        let status = JobTable.paint(job.status, style: style)(JobTable.word(job))
        let name = [job.id.description, JobTable.place(job), job.label ?? ""].filter { !$0.isEmpty }
        var lines = ["\(style.bold(PlainText.line(name.joined(separator: "  "))))  \(status)"]
        if let reason = JobTable.reason(job) { lines.append(PlainText.line(reason)) }
        if job.status.isHeld, let fraction = job.progress.fraction {
            lines.append(PlainText.line("\(Spoken.percent(fraction)) \(job.progress.stage ?? "")"))
        }
        if !detail.attempts.isEmpty {
            lines.append("")
            lines += attempts(detail.attempts, now: now, context: context).lines(width: nil, style: style)
        }
        if !detail.artifacts.isEmpty {
            lines.append("")
            var table = Table([
                .init(title: "FILE"), .init(title: "SIZE", alignsRight: true), .init(title: "SHA-256"),
            ])
            for artifact in detail.artifacts {
                table.rows.append([
                    .init(artifact.name), .init(Spoken.bytes(artifact.byteCount)), .init(artifact.sha256),
                ])
            }
            lines += table.lines(width: nil, style: style)
        }
        lines += ["", style.faint("configuration"), PlainText.json(detail.payload.prettyText())]
        if let result = detail.result { lines += ["", style.faint("result"), PlainText.json(result.prettyText())] }
        return lines
    }

    private static func attempts(_ attempts: [AttemptRecord], now: Instant, context: CommandContext) -> Table {
        var table = Table([
            .init(title: "TRY", alignsRight: true), .init(title: "WORKER"), .init(title: "SINCE"),
            .init(title: "TIME", alignsRight: true), .init(title: "END"), .init(title: "REASON"),
        ])
        for attempt in attempts {
            let time = (attempt.endedAt ?? now).milliseconds(since: attempt.startedAt ?? attempt.claimedAt)
            let code = attempt.exitCode.map { " (exit \($0))" } ?? ""
            table.rows.append([
                "\(attempt.number)", .init(attempt.workerName), .init(context.date(attempt.claimedAt)),
                .init(Spoken.duration(milliseconds: time)),
                .init((attempt.outcome?.rawValue ?? "running") + code),
                .init(attempt.reason == attempt.outcome?.rawValue ? "" : attempt.reason ?? ""),
            ])
        }
        return table
    }
}
