import ArgumentParser
import Domain
import Wire

struct LogsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration.page(
        "logs", "Print the log of a worker or a job, and follow it with -f.",
        discussion: """
            muster logs -f phantoms/3

            With --json prints one line's object a line, as GET …/logs gives them. Ctrl-C ends -f (exit code 130).
            """)

    @Argument(
        help: ArgumentHelp(
            "Name of a worker, id of its session (s7) or of a job (j12), or an assignment (phantoms/3).",
            valueName: "worker|job"))
    var target: String

    @Flag(name: [.long, .short], help: "Go on with what is written from now on.")
    var follow = false

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Only lines at least this grave: \(LogLevel.allCases.map(\.rawValue).joined(separator: ", ")).",
            valueName: "level"))
    var level: LogLevel = .debug

    @Option(name: .long, help: ArgumentHelp("Begin after the line of this number.", valueName: "n"))
    var after: Int64 = 0

    @OptionGroup var client: ClientOptions

    func run() async throws {
        let context = CommandContext.current
        try await client.withClient { api in
            let source = try await LogSource(target, api: api)
            let printer = LogPrinter(
                context: context, least: level, namesJobs: source.isOfWorker, printsJSON: client.json)
            guard follow else {
                _ = try await source.pages(api, after: after, printer)
                return
            }
            try await Interrupts.ending { try await source.follow(api, after: after, printer) }
        }
    }
}

extension LogLevel: ExpressibleByArgument {}

/// Whose lines.
struct LogSource: Sendable {
    let path: String
    let streamPath: String
    let isOfWorker: Bool

    private static let pageLimit = 500

    init(_ text: String, api: APIClient) async throws {
        if JobID(text: text) != nil || APIClient.assignment(text) != nil {
            let id = try await api.job(text)
            (path, streamPath, isOfWorker) = (APIPath.jobLogs(id), APIPath.jobLogStream(id), false)
        } else {
            let id = try await api.session(text).id
            (path, streamPath, isOfWorker) = (APIPath.sessionLogs(id), APIPath.sessionLogStream(id), true)
        }
    }

    /// All that is there now.
    ///
    /// - Returns: the number of the last line.
    func pages(_ api: APIClient, after: Int64, _ printer: LogPrinter) async throws -> Int64 {
        var next = after
        while true {
            let query: APIClient.Query = [("after", "\(next)"), ("limit", "\(Self.pageLimit)")]
            let page = try await api.get(path, query: query, as: LogPage.self).value
            printer.print(page.lines)
            guard !page.lines.isEmpty, page.next > next else { return next }
            next = page.next
        }
    }

    /// What is there and what comes, over whatever happens to the server on the way.
    func follow(_ api: APIClient, after: Int64, _ printer: LogPrinter) async throws {
        var next = try await pages(api, after: after, printer)
        var pause = RetryPause()
        while true {
            do {
                try await api.follow(streamPath, query: [("after", "\(next)")]) { event in
                    guard let lines = try LogFrame.lines(of: event) else { return true }
                    // A line may come twice where a stream was cut: its number tells.
                    let fresh = lines.filter { $0.number > next }
                    printer.print(fresh)
                    next = fresh.last?.number ?? next
                    return true
                }
                pause.reset()
            } catch ClientError.unreachable {
                // It is asked again below, from the last line that came.
            }
            try await pause.wait()
        }
    }
}

/// Log lines for a person or a program.
struct LogPrinter: Sendable {
    let context: CommandContext
    let least: LogLevel
    /// Put the job before each line, where a worker's log has several.
    let namesJobs: Bool
    let printsJSON: Bool

    func print(_ lines: [LogLine]) {
        for line in lines where line.level.weight >= least.weight {
            if printsJSON {
                context.terminal.printJSON(line)
            } else {
                context.terminal.print(text(line))
            }
        }
    }

    /// `12:00:07 warning j12  the text`.
    func text(_ line: LogLine) -> String {
        let style = context.terminal.style
        let level = DisplayWidth.padded(line.level.rawValue, to: Self.levelColumns)
        let painted: String =
            switch line.level {
            case .debug: style.faint(level)
            case .info: level
            case .notice: style.cyan(level)
            case .warning: style.yellow(level)
            case .error: style.red(level)
            }
        let job = namesJobs ? line.job.map { style.faint(DisplayWidth.padded("\($0)", to: Self.jobColumns)) } : nil
        let text = PlainText.line(line.text, keepsTabs: true)
        return [style.faint(context.clock(line.at)), painted, job, text].compactMap(\.self).joined(separator: " ")
    }

    private static let levelColumns = 7
    private static let jobColumns = 6
}

extension LogLevel {
    var weight: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
