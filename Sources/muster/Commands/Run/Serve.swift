import ArgumentParser
import Domain

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration.page(
        "serve", "Start the server: store, API and dashboard in one process.",
        discussion: """
            On loopback it needs nothing. On any other address it needs a token first: muster token create me --role \
            admin. SIGTERM or Ctrl-C stops it cleanly; workers go on without it and catch up.

            Prints the dashboard's address once it serves; with --json {"ready": true, "url", "data", "pid", "version"} \
            on standard output, and its log as one object a line on standard error.
            """)

    @Option(
        name: .long,
        help: ArgumentHelp("Folder for database and files; made where missing (MUSTER_DATA).", valueName: "dir"),
        completion: .directory)
    var data: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "PostgreSQL database instead of the folder's own, shared by any number of servers (MUSTER_DATABASE).",
            valueName: "url"))
    var database: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Schema in that database, muster unless set (MUSTER_DATABASE_SCHEMA).", valueName: "name"))
    var databaseSchema: String?

    @Option(
        name: .long, help: ArgumentHelp("Address to listen on, 127.0.0.1 unless set (MUSTER_HOST).", valueName: "host"))
    var host: String?

    @Option(name: .long, help: ArgumentHelp("Port to listen on, 7117 unless set (MUSTER_PORT).", valueName: "port"))
    var port: String?

    @Flag(name: .long, help: "Serve others without tokens: everybody who reaches it may do everything.")
    var insecure = false

    @Flag(name: .long, help: "Ask for a token on loopback, too (MUSTER_REQUIRE_TOKENS).")
    var requireTokens = false

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Proxies to believe where they say whom they pass on: 10.0.0.2,10.1.0.0/16 (MUSTER_TRUSTED_PROXIES).",
            valueName: "ranges"))
    var trustedProxies: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Addresses from which GOLIAT's own programs need no token (MUSTER_GOLIAT_FROM).", valueName: "ranges"))
    var goliatFrom: String?

    @Option(
        name: .long,
        help: ArgumentHelp("Days to keep log lines, 14 unless set (MUSTER_KEEP_LOG_DAYS).", valueName: "days"))
    var keepLogDays: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Megabytes of log lines to keep, 10000 unless set: the oldest go first (MUSTER_KEEP_LOG_MEGABYTES).",
            valueName: "mb"))
    var keepLogMegabytes: String?

    @Option(
        name: .long,
        help: ArgumentHelp("Days to keep ended workers, 30 unless set (MUSTER_KEEP_WORKER_DAYS).", valueName: "days"))
    var keepWorkerDays: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Days to keep finished jobs of queues, 90 unless set (MUSTER_KEEP_JOB_DAYS). Studies stay until deleted.",
            valueName: "days"))
    var keepJobDays: String?

    @Option(
        name: .long,
        help: ArgumentHelp("For development: read the dashboard's files from here at every request.", valueName: "dir"),
        completion: .directory)
    var dashboardFrom: String?

    @OptionGroup var life: LifeOptions
    @OptionGroup var log: LogOptions
    @OptionGroup var file: FileOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let context = CommandContext.current
        let settings = try context.settings(flags: flags, file: file.config)
        let start = ServerStart(
            dataFolder: settings.data.value, store: settings.storePlace, host: settings.host.value,
            port: settings.port.value, isInsecure: settings.insecure.value,
            requiresTokens: settings.requireTokens.value, trustedProxies: settings.trustedProxies.value,
            goliatFrom: settings.goliatFrom.value, retention: settings.retention,
            dashboardFolder: settings.dashboardFrom.value, version: ProgramVersion.text,
            logger: LogOutput.logger("muster.server", settings: settings, printsJSON: output.json, context: context),
            isReady: { port in ready(settings, port: port, context: context) }
        )
        life.watch(signals: 1)
        try await start.run()
    }

    private var flags: [SettingKey: RawSetting] {
        var flags = log.flags
        flags[.data] = data.map(RawSetting.text)
        flags[.database] = database.map(RawSetting.text)
        flags[.databaseSchema] = databaseSchema.map(RawSetting.text)
        flags[.host] = host.map(RawSetting.text)
        flags[.port] = port.map(RawSetting.text)
        if insecure { flags[.insecure] = .flag(true) }
        if requireTokens { flags[.requireTokens] = .flag(true) }
        flags[.trustedProxies] = trustedProxies.map(RawSetting.text)
        flags[.goliatFrom] = goliatFrom.map(RawSetting.text)
        flags[.keepLogDays] = keepLogDays.map(RawSetting.text)
        flags[.keepLogMegabytes] = keepLogMegabytes.map(RawSetting.text)
        flags[.keepWorkerDays] = keepWorkerDays.map(RawSetting.text)
        flags[.keepJobDays] = keepJobDays.map(RawSetting.text)
        flags[.dashboardFrom] = dashboardFrom.map(RawSetting.text)
        return flags
    }

    /// The beginning of the line that says so; a demo waits for it.
    static let readyWords = "Muster serves at"

    private func ready(_ settings: Settings, port: Int, context: CommandContext) {
        let url = Self.url(host: settings.host.value, port: port)
        guard output.json else {
            return context.terminal.print("\(Self.readyWords) \(url), with its data in \(settings.storePlace).")
        }
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("ready", true)
        writer.field("url", url)
        writer.field("data", settings.data.value)
        writer.field("database", settings.storePlace.databaseName)
        writer.field("pid", Int(context.processID))
        writer.field("version", ProgramVersion.text)
        writer.endObject()
        context.terminal.printJSON(writer.bytes)
    }

    /// An address that a browser on this machine opens: one that means "all" is reached by loopback.
    static func url(host: String, port: Int) -> String {
        switch host {
        case "0.0.0.0": "http://127.0.0.1:\(port)"
        case "::", "[::]": "http://[::1]:\(port)"
        default: host.contains(":") && !host.hasPrefix("[") ? "http://[\(host)]:\(port)" : "http://\(host):\(port)"
        }
    }
}
