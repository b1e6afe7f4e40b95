import Agent
import Connectors
import Domain
import Logging
import Wire

/// All that an agent is started with. `WorkCommand` fills it from arguments and settings and hands it over; what
/// follows is the agent's own.
struct AgentStart: Sendable {
    /// What it takes work from.
    enum Selection: Sendable, Hashable {
        /// Exactly these assignments of one study, then it ends.
        case assignments(study: String, indices: [Int])
        /// The next of these studies, and jobs of these queues.
        case open(studies: [String], queues: [String])
    }

    let selection: Selection
    let server: String
    var token: String?
    /// Absolute path of the folder for machine id, name locks and spool; made where it is missing.
    let stateFolder: String
    /// Absent: the hostname, with `-2` … while that is taken.
    var name: String?
    let hostname: String
    var slots = 1
    /// The command template, a word an element; empty where only jobs bring one.
    var command: [String] = []
    /// Fills in the command where there is none, and what its program needs in its environment.
    var preset: Preset?
    var allowsJobCommands = false
    var retryableExitCodes = Settings.standardRetryableExitCodes
    var capabilities = JSONObject()
    /// For running work, once the worker was told to drain.
    var graceSeconds = Settings.standardGraceSeconds
    /// Between SIGTERM and SIGKILL.
    var killGraceSeconds = Settings.standardKillGraceSeconds
    /// Absent: in the state folder.
    var workFolder: String?
    var startsInWorkFolder = false
    var keepsWorkFolders = false
    /// Where programs are started, and what they find in their environment.
    let workingFolder: String
    var environment: [String: String] = [:]
    /// A version for a working folder that git knows nothing of.
    var buildID: String?
    /// Go on when every study is finished. Without, a worker of studies alone ends then.
    var staysWhenFinished = false
    let logger: Logger
    /// SIGINT or SIGTERM, each as it comes: the first drains, the second stops now.
    let signals: AsyncStream<Int32>

    /// Works until there is nothing more to come or it is told to stop.
    ///
    /// - Returns: `done`, or `failed` where something of what it ran failed.
    /// - Throws: `CommandError`: `wrongUse` for settings that contradict themselves, `refused` where the name or an
    ///   index is taken or the server says no, `unreachable` where not everything could be told at the end.
    func run() async throws -> Outcome {
        let agent = Agent(settings: try settings(), logger: logger)
        let summary: AgentSummary
        do {
            summary = try await serve(agent)
        } catch let error as AgentError {
            throw CommandError(error)
        }
        return try outcome(of: summary)
    }

    private func serve(_ agent: Agent) async throws -> AgentSummary {
        try await withThrowingTaskGroup(of: AgentSummary?.self) { group in
            group.addTask { try await agent.run() }
            group.addTask {
                var isFirst = true
                for await _ in signals {
                    if isFirst { agent.drain() } else { agent.stopNow() }
                    isFirst = false
                }
                return nil
            }
            defer { group.cancelAll() }
            while let summary = try await group.next() {
                if let summary { return summary }
            }
            throw CancellationError()
        }
    }

    private func outcome(of summary: AgentSummary) throws -> Outcome {
        logger.info(
            "the worker ended",
            metadata: [
                "completed": "\(summary.completed)", "failed": "\(summary.failed)", "released": "\(summary.released)",
                "lost": "\(summary.lost)",
            ])
        if summary.failed > 0 { return .failed }
        if let refusal = summary.refused.first {
            let others = summary.refused.count - 1
            let more = others > 0 ? " And \(Spoken.count(others, "other")) likewise." : ""
            throw CommandError(
                .refused, "Assignment \(refusal.index): \(refusal.problem.detail)\(more)",
                next: studies.first.map { "muster study show \($0)" })
        }
        if summary.hasUndelivered {
            throw CommandError(
                .unreachable,
                "The server at \(server) was away at the end; what there is to tell lies in \(stateFolder)",
                next: "muster work again under the same name, which tells it")
        }
        return .done
    }

    private var studies: [String] {
        switch selection {
        case .assignments(let study, _): [study]
        case .open(let studies, _): studies
        }
    }

    private func settings() throws(CommandError) -> AgentSettings {
        var settings = AgentSettings(
            server: server, stateFolder: stateFolder, hostname: hostname, programFolder: workingFolder)
        settings.token = token
        settings.name = name
        settings.workFolder = workFolder
        switch selection {
        case .assignments(let study, let indices):
            settings.studies = [study]
            settings.indices = indices
        case .open(let studies, let queues):
            settings.studies = studies
            settings.queues = queues
            settings.stopsWhenFinished = !staysWhenFinished && queues.isEmpty
        }
        settings.slots = slots
        settings.capabilities = .object(capabilities)
        settings.command = command
        settings.allowsJobCommands = allowsJobCommands
        settings.retryableExitCodes = Set(retryableExitCodes)
        settings.environment = environment
        if preset == .goliat { try GOLIATPreset.apply(to: &settings) }
        settings.startsInWorkFolder = startsInWorkFolder
        settings.keepsWorkFolders = keepsWorkFolders
        settings.drainGraceMilliseconds = Int64(graceSeconds) * 1_000
        settings.killGraceMilliseconds = Int64(killGraceSeconds) * 1_000
        settings.buildID = buildID
        return settings
    }
}

extension CommandError {
    init(_ error: AgentError) {
        switch error {
        case .settings: self.init(.wrongUse, error.description, next: "muster work --help")
        case .nameTaken: self.init(.refused, error.description, next: "muster workers")
        case .haunted: self.init(.refused, error.description, next: "muster doctor")
        case .cancelled: self.init(.failed, error.description)
        case .state, .damagedMachineID: self.init(.failed, error.description, next: "muster doctor")
        case .refused(let problem): self.init(ClientError.problem(problem))
        }
    }
}

extension GOLIATPreset {
    fileprivate static func apply(to settings: inout AgentSettings) throws(CommandError) {
        if settings.command.isEmpty && !settings.allowsJobCommands { settings.command = command }
        do {
            settings.environment = try environment(settings.environment, stateFolder: settings.stateFolder)
        } catch {
            throw CommandError(
                .failed, "What GOLIAT needs can't be written into the state folder: \(error)", next: "muster doctor")
        }
    }
}
