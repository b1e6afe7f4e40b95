import ArgumentParser
import Domain
import Wire

struct WorkersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration.page(
        "workers", "List workers, what they do, and when they were last heard.",
        discussion: "With --json as GET /api/v1/sessions gives it: {\"items\", \"beats\", \"next\"?}.")

    @Flag(name: .long, help: "Also those that stopped or went stale.")
    var all = false

    @Option(name: .long, help: ArgumentHelp("List at most this many.", valueName: "n"))
    var limit = 200

    @OptionGroup var client: ClientOptions

    func validate() throws {
        guard limit > 0 else { throw ValidationError("--limit must be at least 1.") }
    }

    func run() async throws {
        let context = CommandContext.current
        try await client.withClient { api in
            let (page, serverTime) = try await api.sessions(ended: all, limit: limit)
            guard !client.json else { return context.terminal.printJSON(page) }
            let shown = page.items.filter { all || $0.status.isLive }
            guard !shown.isEmpty else {
                return context.terminal.note(
                    "There is no worker. Next: muster work --queue default -- PROGRAM {config}")
            }
            context.terminal.show(
                WorkerTable.table(
                    shown, beats: page.beats, now: serverTime ?? context.now(), style: context.terminal.style))
            if page.next != nil { context.terminal.note("There are more: --limit shows them.") }
        }
    }
}

/// Sessions as rows.
enum WorkerTable {
    static func table(_ sessions: [SessionRecord], beats: Beats, now: Instant, style: Style) -> Table {
        var table = Table([
            .init(title: "WORKER", leastColumns: 10), .init(title: "ID"), .init(title: "STATUS"),
            .init(title: "DOING", leastColumns: 16), .init(title: "DONE", alignsRight: true),
            .init(title: "FAILED", alignsRight: true), .init(title: "HEARD"), .init(title: "VERSION", leastColumns: 7),
            .init(title: "HOST", leastColumns: 8),
        ])
        for session in sessions {
            let heard = beats.heard[session.id]
            let badge = Badge(
                status: session.status, kind: session.kind, lastHeard: heard, heldCount: session.held.count,
                lastAttemptFailed: session.lastAttemptFailed, now: now, timing: Timing())
            table.rows.append([
                .init(session.workerName), "\(session.id)", .init(badge.word, paint: paint(badge, style: style)),
                .init(doing(session)), "\(session.completedCount)", "\(session.failedCount)",
                .init(heard.map { Spoken.age(of: $0, at: now) } ?? "–"), .init(session.version),
                .init(session.hostname),
            ])
        }
        return table
    }

    /// `phantoms/3 solve 42 %`, of the first job, and how many more.
    static func doing(_ session: SessionRecord) -> String {
        guard let first = session.held.first else { return session.isDraining ? "draining" : "" }
        let parts = [name(first), first.progress.stage, first.progress.fraction.map(Spoken.percent)]
        let text = parts.compactMap(\.self).joined(separator: " ")
        return session.held.count > 1 ? "\(text) and \(session.held.count - 1) more" : text
    }

    /// `phantoms/3`, or the job's id.
    static func name(_ held: HeldJob) -> String {
        guard let study = held.studyName, let index = held.index else { return held.job.description }
        return "\(study)/\(index)"
    }

    private static func paint(_ badge: Badge, style: Style) -> @Sendable (String) -> String {
        switch badge {
        case .active: { style.green($0) }
        case .error: { style.red($0) }
        case .suspect, .stopping, .starting: { style.yellow($0) }
        case .idle, .stale, .stopped: { style.faint($0) }
        }
    }
}
