import ArgumentParser
import Domain
import Synchronization
import Wire

struct LogsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration.page(
        "logs", "Print the log of a worker or a job, and follow it with -f.",
        discussion: """
            muster logs -f phantoms/3

            With --json prints one line's object a line, as GET …/logs gives them. Following a job ends with it, \
            following a worker with Ctrl-C (exit code 130).
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
            let source = try await LogSource(target, after: after, api: api)
            let printer = LogPrinter(
                context: context, least: level, namesJobs: source.job == nil, printsJSON: client.json)
            guard follow else { return try await source.pages(api, printer) }
            try await Interrupts.ending { try await source.follow(api, printer) }
        }
    }
}

extension LogLevel: ExpressibleByArgument {}

/// Whose lines, and the number of the last one that was printed.
struct LogSource: Sendable {
    let path: String
    let streamPath: String
    /// Absent for a worker's log, which has lines of many jobs.
    let job: JobID?
    private let last: LogCursor

    private static let pageLimit = 500

    /// - Parameter after: the first line's number is greater.
    init(_ text: String, after: Int64, api: APIClient) async throws {
        last = LogCursor(after)
        if JobID(text: text) != nil || APIClient.assignment(text) != nil {
            let id = try await api.job(text)
            (path, streamPath, job) = (APIPath.jobLogs(id), APIPath.jobLogStream(id), id)
        } else {
            let id = try await api.session(text).id
            (path, streamPath, job) = (APIPath.sessionLogs(id), APIPath.sessionLogStream(id), nil)
        }
    }

    /// All that is there now and was not printed before.
    func pages(_ api: APIClient, _ printer: LogPrinter) async throws {
        while true {
            let query: APIClient.Query = [("after", "\(last.number)"), ("limit", "\(Self.pageLimit)")]
            let page = try await api.get(path, query: query, as: LogPage.self).value
            guard !page.lines.isEmpty else { return }
            printer.print(last.fresh(page.lines))
        }
    }

    /// What is there and what comes: of a job until it has ended, of a worker without end.
    func follow(_ api: APIClient, _ printer: LogPrinter) async throws {
        try await pages(api, printer)
        guard let job else { return try await stream(api, printer) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await stream(api, printer) }
            group.addTask { try await JobEnd(api: api, job: job).wait() }
            defer { group.cancelAll() }
            try await group.next()
        }
        // A job's lines are stored before its end is.
        try await pages(api, printer)
    }

    /// Goes on over whatever happens to the server on the way.
    private func stream(_ api: APIClient, _ printer: LogPrinter) async throws {
        var pause = RetryPause()
        while true {
            do {
                try await api.follow(streamPath, query: [("after", "\(last.number)")]) { event in
                    if let lines = try LogFrame.lines(of: event) { printer.print(last.fresh(lines)) }
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

/// The number of the last line that was printed: a line that comes twice, by a stream that was cut or by page and
/// stream, is printed once.
private final class LogCursor: Sendable {
    private let last: Mutex<Int64>

    init(_ number: Int64) {
        last = Mutex(number)
    }

    var number: Int64 { last.withLock { $0 } }

    /// The lines that were not seen before, which now are.
    func fresh(_ lines: [LogLine]) -> [LogLine] {
        last.withLock { last in
            let fresh = lines.filter { $0.number > last }
            last = fresh.last?.number ?? last
            return fresh
        }
    }
}

/// Waits for the end of one job, over whatever happens to the server on the way.
private struct JobEnd: Sendable {
    let api: APIClient
    let job: JobID

    func wait() async throws {
        var pause = RetryPause()
        while true {
            do {
                if try await waitOnce() { return }
                pause.reset()
            } catch ClientError.unreachable {
                // It is asked again below.
            }
            try await pause.wait()
        }
    }

    /// - Returns: whether it has ended.
    private func waitOnce() async throws -> Bool {
        let epoch = try await api.get(APIPath.version, as: VersionReply.self).value.epoch
        let record = try await api.get(APIPath.job(job), as: JobDetail.self).value.job
        if record.status.isFinal { return true }
        var isOver = false
        let query: APIClient.Query = [
            ("scope", Scope.job(job).description), ("since", record.sequence.description), ("epoch", epoch),
        ]
        try await api.follow(APIPath.watch, query: query) { event in
            switch try? WatchFrame(event) {
            case .put(let item):
                if case .job(let changed) = item.record, changed.id == job { isOver = changed.status.isFinal }
            case .delete(let deletion): isOver = deletion.key == .job(job)
            case .reset: return false
            case .beats, nil: break
            }
            return !isOver
        }
        return isOver
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
