import AsyncHTTPClient
import Connectors
import Domain
import Logging
import NIOCore
import Wire

/// One session, from its first heartbeat to its end. The list of tasks is the list of what a worker does.
struct ServingSession: Sendable {
    let core: SessionCore
    let api: ServerAPI
    let settings: AgentSettings
    let beatClient: HTTPClient
    let beatLoop: any EventLoop
    let children: ChildrenFile
    let workRoot: String
    let processKey: String
    let heartbeatMilliseconds: Int
    /// Registers the same process again, for a new token.
    let renewToken: @Sendable () async -> RegisterReply?

    private static let goodbyeLimit = 3

    func run() async -> SessionCore.Ending {
        let heartbeat = Heartbeat(
            baseURL: api.baseURL, client: beatClient, loop: beatLoop, clock: core.clock,
            intervalMilliseconds: Int64(heartbeatMilliseconds), compose: { core.composeBeat() },
            heard: { core.heard($0) }
        )
        core.connectBeat { heartbeat.poke() }
        core.connector.observe { core.poke() }
        heartbeat.start()
        let ending = await serve()
        core.connectBeat(nil)
        core.connector.observe {}
        heartbeat.stop()
        if case .goodbye = ending {
            await heartbeat.waitUntilSilent()
            await sayGoodbye()
        }
        return ending
    }

    private func serve() async -> SessionCore.Ending {
        let runner = AttemptRunner(
            core: core, api: api, children: children, workRoot: workRoot, settings: settings, processKey: processKey
        )
        let claims = ClaimLoop(
            core: core, api: api, runner: runner, stopsWhenFinished: settings.stopsWhenFinished
        )
        return await withTaskGroup(of: Void.self) { group in
            group.addTask { await claims.run() }
            group.addTask { await FlushLoop(core: core).run() }
            group.addTask { await SendLoop(core: core, api: api).run() }
            group.addTask { await WatchLoop(core: core, api: api).run() }
            group.addTask { await UtilisationLoop(core: core, settings: settings).run(heartbeatMilliseconds) }
            group.addTask { await keepToken() }
            group.addTask { await core.connector.watch() }
            let ending = await conduct()
            group.cancelAll()
            return ending
        }
    }

    /// Waits for the end and takes the steps towards it.
    private func conduct() async -> SessionCore.Ending {
        while !Task.isCancelled {
            let seen = core.changed.count
            if let ending = core.settle() { return ending }
            let now = core.clock.milliseconds()
            let wait = core.read { $0.drain.deadline.map { max(1, $0 - now) } }
            await core.changed.wait(past: seen, milliseconds: wait, clock: core.clock)
        }
        return .leave
    }

    /// A token may be refused though the session lives: the process registered twice, or the server lost it. The
    /// process is the same, so its session is, and with a new token all goes on.
    private func keepToken() async {
        var backoff = Backoff(firstMilliseconds: 500, limitMilliseconds: 30_000)
        while !Task.isCancelled {
            let seen = core.tokenRefused.count
            if seen > 0 {
                core.logger.warning("the session's token was refused; asking for a new one")
                if let reply = await renewToken() {
                    if reply.session == core.session {
                        core.change { $0.token = reply.token }
                    } else {
                        core.end(
                            Problem(
                                code: "session-ended", title: "Session ended", status: 410,
                                detail: "The server knows this process as \(reply.session) now."
                            )
                        )
                    }
                    core.poke()
                }
                try? await core.clock.sleep(backoff.wait(chance: core.clock.chance()))
            }
            await core.tokenRefused.wait(past: seen)
        }
    }

    private func sayGoodbye() async {
        var message = core.composeBeat()
        message.request.status = .stopped
        for _ in 0..<Self.goodbyeLimit {
            do throws(ServerError) {
                _ = try await api.heartbeat(message.session, message.request, token: message.token)
                return
            } catch .gone {
                return
            } catch {
                try? await core.clock.sleep(200)
            }
        }
        core.logger.warning("goodbye could not be said; the server will find out by itself")
    }
}

/// Measures the machine, a little more often than heartbeats tell of it.
struct UtilisationLoop: Sendable {
    let core: SessionCore
    let settings: AgentSettings

    private static let shortestMilliseconds: Int64 = 1_000

    func run(_ heartbeatMilliseconds: Int) async {
        var earlier = ProcessorReading.now()
        while !Task.isCancelled {
            try? await core.clock.sleep(max(Self.shortestMilliseconds, Int64(heartbeatMilliseconds) * 9 / 10))
            let processor = ProcessorReading.now()
            let gpu = await ProgramOutput.of(
                GPUReading.arguments, in: settings.stateFolder, environment: settings.environment
            ).flatMap(GPUReading.init(csv:))
            var measured = Utilisation()
            if let processor, let earlier { measured.cpu = processor.share(since: earlier) }
            measured.memory = MemoryReading.now()?.share
            measured.gpu = gpu?.share
            measured.gpuMemory = gpu?.memoryShare
            measured.diskFreeBytes = Files.freeBytes(settings.stateFolder)
            earlier = processor
            let told = measured
            core.change { $0.utilisation = $0.utilisation.settled(told) }
        }
    }
}
