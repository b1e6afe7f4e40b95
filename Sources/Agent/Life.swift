import Connectors
import Domain
import Logging
import Synchronization
import Wire

/// What a worker process is to the server: its machine, its name, its key; and how it becomes a session.
struct Life: Sendable {
    private let name: HeldName
    private let settings: AgentSettings
    private let clients: Clients
    private let clock: AgentClock
    private let logger: Logger
    private let api: ServerAPI
    private let children: ChildrenFile
    private let connector: CommandConnector
    private let machine: MachineDescription
    private let version: String
    private let workRoot: String
    /// Random, of this process; made anew where the server has ended the session of the old one.
    private var processKey = RandomID.make()
    private var endsPredecessor: Bool

    /// From here on the name's next holder knows of us, also if we never get to register.
    init(
        folder: StateFolder, name: HeldName, hadPredecessor: Bool, settings: AgentSettings, clients: Clients,
        clock: AgentClock, logger: Logger
    ) async throws(AgentError) {
        self.name = name
        self.settings = settings
        self.clients = clients
        self.clock = clock
        self.logger = logger
        endsPredecessor = hadPredecessor
        api = ServerAPI(server: settings.server, client: clients.work)
        connector = CommandConnector(settings.commandSettings, logger: logger)
        do throws(SystemError) {
            children = try ChildrenFile(path: name.childrenPath, bootID: ProcessTable.bootID())
            workRoot = settings.workRoot(name: name.name)
            // Of a worker that was killed: nothing of it runs, and what it did not store it will do again.
            if !settings.keepsWorkFolders { Files.removeTree(workRoot) }
            try Files.makeFolder(workRoot)
            try name.noteHolder(processKey: processKey)
        } catch {
            throw .state(error)
        }
        let gpus = await ProgramOutput.of(
            GPUReading.arguments, in: settings.stateFolder, environment: settings.environment
        ).flatMap(GPUReading.init(csv:))
        machine = MachineInspection.describe(
            id: try folder.machineID(), hostname: settings.hostname, gpus: gpus?.names ?? []
        )
        version = await BuildVersion.find(settings, clock: clock)
    }

    private var request: RegisterRequest {
        RegisterRequest(
            machine: machine, workerName: name.name, pid: ProcessTable.ownNumber, version: version,
            processKey: processKey, predecessorEnded: endsPredecessor, queues: settings.queues,
            studies: settings.studies, slots: settings.slots, capabilities: settings.capabilities,
            connectors: [connector.state]
        )
    }

    /// Makes this process known, however long the server is away. Sent again it finds the session that it made the
    /// first time.
    func register() async throws(AgentError) -> RegisterReply {
        var backoff = Backoff()
        var isAway = false
        while true {
            var wait: Int64 = 0
            do throws(ServerError) {
                let reply = try await api.register(request, token: settings.token)
                logger.info("registered", metadata: ["session": "\(reply.session)", "name": "\(name.name)"])
                return reply
            } catch {
                switch error {
                case .unauthorised(let problem), .gone(let problem), .refused(let problem): throw .refused(problem)
                case .away, .busy: wait = error.retryMilliseconds
                }
                if !isAway, !Task.isCancelled {
                    logger.warning("the server does not answer; trying again", metadata: ["reason": "\(error)"])
                }
                isAway = true
            }
            let pause = backoff.wait(chance: clock.chance(), atLeastMilliseconds: wait)
            guard (try? await clock.sleep(pause)) != nil else { throw .cancelled }
        }
    }

    /// A new token for the session that this process has. Nothing where the server can't be asked now.
    private func renew() async -> RegisterReply? {
        guard let reply = try? await api.register(request, token: settings.token) else { return nil }
        try? SessionFile(server: api.baseURL, session: reply.session, token: reply.token).write(to: sessionFolder)
        return reply
    }

    private var sessionFolder: String { name.sessionFolder(processKey: processKey) }

    /// The session that the server gave, noted for whoever comes after us, ready to serve.
    func serving(_ reply: RegisterReply) throws(AgentError) -> (ServingSession, SessionCore) {
        let spool: Spool
        do throws(SystemError) {
            try SessionFile(server: api.baseURL, session: reply.session, token: reply.token).write(to: sessionFolder)
            spool = try Spool(folder: sessionFolder, policy: settings.spool)
        } catch {
            throw .state(error)
        }
        let core = SessionCore(
            reply: reply, settings: settings, connector: connector, spool: spool, clock: clock, logger: logger
        )
        let serving = ServingSession(
            core: core, api: api, settings: settings, beatClient: clients.beat, beatLoop: clients.beatLoop,
            children: children, workRoot: workRoot, processKey: processKey,
            heartbeatMilliseconds: reply.heartbeatMilliseconds,
            renewToken: { await renew() }
        )
        return (serving, core)
    }

    /// The session is over, and nothing of it is owed.
    func forgetSession() { Files.removeTree(sessionFolder) }

    /// Sessions of earlier workers of this name wait to be told of.
    var hasUndelivered: Bool { !name.sessionFolders().isEmpty }

    func noteCleanEnd() { try? name.noteCleanEnd() }

    /// The server ended our session: whoever registers now is a new process to it.
    mutating func beAnew() {
        processKey = RandomID.make()
        endsPredecessor = false
        try? name.noteHolder(processKey: processKey)
    }
}
