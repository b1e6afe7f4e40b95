import ArgumentParser

/// `muster`: the list of commands.
struct Muster: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "muster",
        abstract: "Turns any set of machines into a supervised work fleet.",
        discussion: """
            muster serve starts the server and its dashboard, muster work makes this machine a worker, muster study \
            create splits a configuration into assignments. muster demo shows all three on this machine.

            Settings come from flags, then variables (MUSTER_…), then muster.toml, then defaults: see muster settings. \
            Shell completions: muster --generate-completion-script bash (or zsh, fish).

            \(Outcome.summary)
            """,
        version: ProgramVersion.text,
        groupedSubcommands: [
            CommandGroup(name: "Run", subcommands: [ServeCommand.self, WorkCommand.self, DemoCommand.self]),
            CommandGroup(name: "Work", subcommands: [StudyCommand.self, JobCommand.self]),
            CommandGroup(
                name: "Look",
                subcommands: [WorkersCommand.self, WorkerCommand.self, LogsCommand.self, WatchCommand.self]
            ),
            CommandGroup(
                name: "Care", subcommands: [TokenCommand.self, SettingsCommand.self, DoctorCommand.self]),
        ]
    )
}
