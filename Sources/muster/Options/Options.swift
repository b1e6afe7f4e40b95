import ArgumentParser

/// `--json`, on every command.
struct OutputOptions: ParsableArguments {
    @Flag(name: .long, help: "Print JSON, in the shapes of the HTTP API.")
    var json = false
}

/// For processes that another one of ours starts.
struct LifeOptions: ParsableArguments {
    @Flag(name: .long, help: ArgumentHelp("End when standard input does.", visibility: .hidden))
    var endWithInput = false

    /// - Parameter signals: how many SIGTERM it takes.
    func watch(signals: Int) {
        if endWithInput { ParentWatch.endWithInput(signals: signals) }
    }
}

/// Where the settings file is.
struct FileOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "Settings file; else ./muster.toml, else muster.toml in your configuration folder.", valueName: "file"),
        completion: .file(extensions: ["toml"])
    )
    var config: String?
}

/// What every command needs that calls a server.
struct ClientOptions: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("Address of the server (MUSTER_URL).", valueName: "url"))
    var server: String?

    @Option(name: .long, help: ArgumentHelp("Token for it; better given as MUSTER_TOKEN.", valueName: "token"))
    var token: String?

    @OptionGroup var file: FileOptions
    @OptionGroup var output: OutputOptions

    var flags: [SettingKey: RawSetting] {
        var flags: [SettingKey: RawSetting] = [:]
        flags[.url] = server.map(RawSetting.text)
        flags[.token] = token.map(RawSetting.text)
        return flags
    }

    var json: Bool { output.json }

    /// - Parameter others: flags that only this command has.
    func settings(_ others: [SettingKey: RawSetting] = [:]) throws -> Settings {
        try CommandContext.current.settings(
            flags: flags.merging(others) { _, other in other }, file: file.config)
    }

    /// Runs `body` with a client of the server that the settings name.
    func withClient<Result: Sendable>(_ body: (APIClient) async throws -> Result) async throws -> Result {
        let settings = try settings()
        return try await APIClient.with(settings.url.value, token: settings.token.value, body)
    }
}

extension CommandContext {
    /// - Parameter file: the settings file that was named on the command line.
    func settings(flags: [SettingKey: RawSetting], file: String?) throws -> Settings {
        let named = file ?? environment[SettingKey.configurationVariable].flatMap { $0.isEmpty ? nil : $0 }
        return try Settings(
            flags: flags, environment: environment,
            file: try SettingsFile.find(named: named, folders: folders), folders: folders
        )
    }
}

/// How much a long-running command says of itself.
struct LogOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "How much to say: trace, debug, info, notice, warning, error or critical (MUSTER_LOG_LEVEL).",
            valueName: "level")
    )
    var logLevel: String?

    var flags: [SettingKey: RawSetting] {
        logLevel.map { [.logLevel: .text($0)] } ?? [:]
    }
}

extension CommandConfiguration {
    /// A page of help that ends with the exit codes, as all do.
    static func page(
        _ name: String, _ abstract: String, discussion: String = "", subcommands: [any ParsableCommand.Type] = [],
        aliases: [String] = []
    ) -> CommandConfiguration {
        CommandConfiguration(
            commandName: name, abstract: abstract,
            discussion: discussion.isEmpty ? Outcome.summary : "\(discussion)\n\n\(Outcome.summary)",
            subcommands: subcommands, aliases: aliases
        )
    }
}
