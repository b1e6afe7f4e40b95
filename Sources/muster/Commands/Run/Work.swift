import ArgumentParser
import Domain
import Wire

struct WorkCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration.page(
        "work", "Make this machine a worker: take work, run it, report.",
        discussion: """
            muster work --study phantoms -- solver --input {config}
            muster work 0,2,4-7 phantoms -- solver --input {config}
            muster work --queue render --slots 2 -- render {config}

            What stands after -- is the only command that is run, a word an argument, never through a shell. {config} \
            is the file with the job's configuration, {workdir} and {output} folders of its own (what is left in \
            {output} is stored as results), {job}, {attempt}, {index} and {study} what they say.

            --preset goliat runs GOLIAT's studies and needs no command (goliat study {config} …). GOLIAT's \
            window then reports into this worker, and indices are read as GOLIAT reads them:

            muster work --preset goliat 0-4 near_field

            Ctrl-C or SIGTERM once: finish what runs, take nothing more. Twice: give it back and stop now. With --json \
            its log is one object a line. With studies alone it ends when they are finished, unless told to --stay; \
            with indices when it is done with them. The exit code is then 1 if any failed here, 3 if an index was not \
            to be had, 4 if the server was away at the end.
            """)

    @Argument(help: ArgumentHelp("Exactly these assignments, such as 0,2,4-7.", valueName: "indices"))
    var indices: String?

    @Argument(help: ArgumentHelp("Study of the indices.", valueName: "study"))
    var indexedStudy: String?

    @Argument(parsing: .postTerminator, help: ArgumentHelp("The command, after --.", valueName: "command"))
    var command: [String] = []

    @Option(
        name: .long, help: ArgumentHelp("Take the next of this study, to its end. May be repeated.", valueName: "study")
    )
    var study: [String] = []

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Take jobs of this queue. May be repeated; default unless a study is named.", valueName: "queue"))
    var queue: [String] = []

    @Option(name: .long, help: ArgumentHelp("Jobs run side by side, 1 unless set (MUSTER_SLOTS).", valueName: "n"))
    var slots: String?

    @Option(
        name: .long, help: ArgumentHelp("Name on this machine; else the hostname (MUSTER_NAME).", valueName: "name"))
    var name: String?

    @Option(
        name: .long,
        help: ArgumentHelp("Folder for machine id, locks and spool (MUSTER_STATE).", valueName: "dir"),
        completion: .directory)
    var state: String?

    @Option(
        name: .long,
        help: ArgumentHelp("The command as one text, cut at spaces and quotes (MUSTER_EXEC).", valueName: "command"))
    var exec: String?

    @Option(
        name: .long,
        help: ArgumentHelp("Work as this program's own worker does: goliat.", valueName: "program"))
    var preset: Preset?

    @Option(
        name: .long,
        help: ArgumentHelp("Exit code that asks for another try, 42 unless set. May be repeated.", valueName: "code"))
    var retryableExitCode: [String] = []

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Seconds that running work gets to end on a drain, 60 unless set (MUSTER_GRACE_SECONDS).", valueName: "s"))
    var grace: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Seconds between SIGTERM and SIGKILL, 10 unless set (MUSTER_KILL_GRACE_SECONDS).", valueName: "s"))
    var killGrace: String?

    @Option(
        name: .long,
        help: ArgumentHelp("What jobs may require, as name=value. May be repeated.", valueName: "name=value"))
    var capability: [String] = []

    @Option(
        name: .long,
        help: ArgumentHelp("Where jobs get folders of their own; else in the state folder.", valueName: "dir"),
        completion: .directory)
    var workFolder: String?

    @Flag(name: .long, help: "Start the command in the job's own folder instead of here.")
    var inWorkFolder = false

    @Flag(name: .long, help: "Keep the jobs' folders when they have ended.")
    var keepWorkFolders = false

    @Flag(name: .long, help: "Let jobs bring their own command: whoever may submit one runs anything here.")
    var allowJobCommands = false

    @Flag(name: .long, help: "Go on when the studies are finished: somebody may try something again.")
    var stay = false

    @OptionGroup var life: LifeOptions
    @OptionGroup var log: LogOptions
    @OptionGroup var client: ClientOptions

    func validate() throws {
        guard command.isEmpty || exec == nil else {
            throw ValidationError("Give the command after -- or with --exec, not both.")
        }
    }

    /// Not in `validate`: a misspelt option leaves its value behind as an index, and is to be told first.
    private func checkIndices() throws {
        guard (indices == nil) == (indexedStudy == nil) else {
            throw ValidationError("Indices need their study: muster work 0,2,4-7 STUDY -- COMMAND.")
        }
        guard indices == nil || (study.isEmpty && queue.isEmpty) else {
            throw ValidationError("Indices are all that is taken: leave --study and --queue out.")
        }
    }

    func run() async throws {
        try checkIndices()
        let context = CommandContext.current
        life.watch(signals: 2)
        let settings = try client.settings(flags)
        guard !settings.exec.value.isEmpty || preset != nil || settings.allowJobCommands.value else {
            throw CommandError(
                .wrongUse, "There is no command to run: write it after --", next: "muster work --help")
        }
        var start = AgentStart(
            selection: try selection(settings), server: settings.url.value.text,
            stateFolder: settings.state.value, hostname: context.hostname, workingFolder: context.folders.working,
            logger: LogOutput.logger("muster.agent", settings: settings, printsJSON: client.json, context: context),
            signals: Interrupts.stream())
        start.token = settings.token.value
        start.name = settings.workerName.value
        start.slots = settings.slots.value
        start.command = settings.exec.value
        start.preset = preset
        start.allowsJobCommands = settings.allowJobCommands.value
        start.retryableExitCodes = settings.retryableExitCodes.value
        start.capabilities = settings.capabilities.value
        start.graceSeconds = settings.graceSeconds.value
        start.killGraceSeconds = settings.killGraceSeconds.value
        start.workFolder = settings.workFolder.value
        start.startsInWorkFolder = settings.inWorkFolder.value
        start.keepsWorkFolders = settings.keepWorkFolders.value
        start.staysWhenFinished = stay
        // A job's program is given what is its own; the worker's token and settings are none of its business.
        let ours = Set(SettingKey.allCases.map(\.environmentName) + [SettingKey.configurationVariable])
        start.environment = context.environment.filter { !ours.contains($0.key) }
        start.buildID = context.environment["BUILD_ID"]
        try await requireStudies(start.selection, settings)
        let outcome = try await start.run()
        if outcome != .done { throw ExitCode(outcome.rawValue) }
    }

    /// A study of a misspelt name has nothing more to come, and so a worker of it would end at once as if all was done.
    /// One that is told to stay may wait for what is made later, and where no server answers the agent waits for it.
    private func requireStudies(_ selection: AgentStart.Selection, _ settings: Settings) async throws {
        let studies =
            switch selection {
            case .assignments(let study, _): [study]
            case .open(let studies, _): stay ? [] : studies
            }
        do {
            try await APIClient.with(settings.url.value, token: settings.token.value) { api in
                for study in studies { _ = try await api.get(APIPath.study(study), as: StudyRecord.self) }
            }
        } catch ClientError.problem(let problem) where problem.status == 404 {
            throw ClientError.problem(problem)
        } catch is ClientError {
            // Whatever else is wrong with the server may be right again soon, and the agent knows how to wait.
        }
    }

    private var flags: [SettingKey: RawSetting] {
        var flags = log.flags
        flags[.slots] = slots.map(RawSetting.text)
        flags[.workerName] = name.map(RawSetting.text)
        flags[.state] = state.map(RawSetting.text)
        flags[.exec] = command.isEmpty ? exec.map(RawSetting.text) : .list(command)
        flags[.graceSeconds] = grace.map(RawSetting.text)
        flags[.killGraceSeconds] = killGrace.map(RawSetting.text)
        flags[.workFolder] = workFolder.map(RawSetting.text)
        if !queue.isEmpty { flags[.queues] = .list(queue) }
        if !retryableExitCode.isEmpty { flags[.retryableExitCodes] = .list(retryableExitCode) }
        if !capability.isEmpty { flags[.capabilities] = .list(capability) }
        if allowJobCommands { flags[.allowJobCommands] = .flag(true) }
        if inWorkFolder { flags[.inWorkFolder] = .flag(true) }
        if keepWorkFolders { flags[.keepWorkFolders] = .flag(true) }
        return flags
    }

    private func selection(_ settings: Settings) throws -> AgentStart.Selection {
        if let indices, let indexedStudy {
            do {
                let list = try preset == .goliat ? IndexList(inGOLIATsManner: indices) : IndexList(indices)
                return .assignments(study: indexedStudy, indices: list.indices)
            } catch {
                throw CommandError(.wrongUse, error.message)
            }
        }
        // A file's queues are for workers that were started for nothing else.
        let isForStudies = !study.isEmpty && queue.isEmpty
        let queues = settings.queues.value.isEmpty ? ["default"] : settings.queues.value
        return .open(studies: study, queues: isForStudies ? [] : queues)
    }
}
