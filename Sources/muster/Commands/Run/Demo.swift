import ArgumentParser
import Domain
import Wire

struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration.page(
        "demo", "Run everything on this machine: a server, some workers, a study.",
        discussion: """
            muster demo --config phantoms.json --split-by phantoms,frequencies -- solver --input {config}

            Stays up for you to look around until Ctrl-C. With --exit it ends by itself, with 0 only if every \
            assignment completed. With --json prints the study as the API gives it, one object a line, at each change. \
            Here --config is the study's configuration; a settings file can be named by MUSTER_CONFIG.
            """)

    @Option(
        name: .long, help: ArgumentHelp("Configuration of the study, as JSON.", valueName: "file"),
        completion: .file(extensions: ["json"]))
    var config: String

    @OptionGroup var split: SplitOptions

    @Option(name: .long, help: ArgumentHelp("Name of the study; else the file's, without ending.", valueName: "name"))
    var name: String?

    @Option(name: .long, help: ArgumentHelp("Worker processes.", valueName: "n"))
    var workers = 3

    @Option(name: .long, help: ArgumentHelp("Port of the server, 7117 unless set (MUSTER_PORT).", valueName: "port"))
    var port: String?

    @Option(
        name: .long,
        help: ArgumentHelp("Folder for all that it keeps; else demo in the data folder.", valueName: "dir"),
        completion: .directory)
    var data: String?

    @Flag(name: .long, help: "End when the study has ended.")
    var exit = false

    @OptionGroup var output: OutputOptions

    @Argument(parsing: .postTerminator, help: ArgumentHelp("What the workers run, after --.", valueName: "command"))
    var command: [String]

    func validate() throws {
        guard (1...64).contains(workers) else { throw ValidationError("--workers must be from 1 to 64.") }
        guard !command.isEmpty else { throw ValidationError("Say what the workers run, after --.") }
    }

    func run() async throws {
        let context = CommandContext.current
        var flags: [SettingKey: RawSetting] = [:]
        flags[.port] = port.map(RawSetting.text)
        let settings = try context.settings(flags: flags, file: nil)
        let configuration = try ConfigurationInput.read(config, context: context)
        _ = try split.split(configuration)
        let study = NewStudy(
            name: name ?? ConfigurationInput.stem(config) ?? "demo", configuration: configuration,
            split: try split.specification().json)
        let demo = DemoRun(
            context: context, folder: data.map { context.folders.absolute($0) } ?? "\(settings.data.value)/demo",
            port: settings.port.value, workers: workers, command: command, study: study, endsByItself: exit,
            printsJSON: output.json)
        if try await !demo.run() { throw ExitCode(Outcome.failed.rawValue) }
    }
}
