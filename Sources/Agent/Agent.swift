import AsyncHTTPClient
import Connectors
import Domain
package import Logging
import NIOCore
import NIOPosix
import Synchronization
import Wire

/// A worker: registers with a server, takes jobs, runs them and tells of them, until it is asked to stop or its work is
/// finished. See DESIGN.md beside this file.
///
///     var settings = AgentSettings(
///         server: "http://127.0.0.1:7117", stateFolder: "/var/lib/muster", hostname: "lab-3", programFolder: "/lab"
///     )
///     settings.studies = ["heads"]
///     settings.command = ["./solve", "{config}", "{output}"]
///     let agent = Agent(settings: settings, logger: logger)
///     // on SIGTERM: agent.drain(), on the second: agent.stopNow()
///     let summary = try await agent.run()
package final class Agent: Sendable {
    private struct State {
        var core: SessionCore?
        var isDraining = false
        var isStopping = false
    }

    /// A server that ends every session at once is not asked more often than this.
    private static let anewMilliseconds: Int64 = 500

    private let settings: AgentSettings
    private let clock: AgentClock
    private let logger: Logger
    private let state = Mutex(State())
    /// It was asked to stop: there is nothing to begin any more.
    private let asked = Bell()

    /// - Parameter clock: replaced in tests.
    package init(settings: AgentSettings, clock: AgentClock = .system, logger: Logger) {
        self.settings = settings
        self.clock = clock
        self.logger = logger
    }

    /// Take no more work, let what runs end within the grace, deliver, say goodbye. Any thread; returns at once.
    package func drain() {
        let core = state.withLock { state in
            state.isDraining = true
            return state.core
        }
        asked.ring()
        core?.drain(why: "this worker was asked to")
    }

    /// End what runs now and give it back. Any thread; returns at once.
    package func stopNow() {
        let core = state.withLock { state in
            state.isDraining = true
            state.isStopping = true
            return state.core
        }
        asked.ring()
        core?.stopNow()
    }

    /// Serves until the end. To be called once.
    ///
    /// When its task is cancelled, everything that runs is ended and nothing is waited for: what could not be told lies
    /// in the state folder for the next worker of this name.
    package func run() async throws(AgentError) -> AgentSummary {
        if let problem = settings.problem { throw .settings(problem) }
        let folder = try StateFolder(settings.stateFolder)
        let clients = Clients()
        let result = await withTaskCancellationHandler { () async -> Result<AgentSummary, AgentError> in
            do throws(AgentError) {
                return .success(try await live(folder, clients))
            } catch {
                return .failure(error)
            }
        } onCancel: {
            stopNow()
        }
        await clients.shutDown()
        return try result.get()
    }

    private func live(_ folder: StateFolder, _ clients: Clients) async throws(AgentError) -> AgentSummary {
        let predecessor = Predecessor(settings: settings, clients: clients, clock: clock, logger: logger)
        let (name, hadPredecessor) = try await predecessor.takeName(in: folder)
        await asked.interrupting { await predecessor.deliver(name) }
        var life = try await Life(
            folder: folder, name: name, hadPredecessor: hadPredecessor, settings: settings, clients: clients,
            clock: clock, logger: logger
        )
        var summary = AgentSummary()
        while !asked.hasRung {
            guard let reply = try await register(life) else { break }
            let (serving, core) = try life.serving(reply)
            let ending = await serve(serving, core)
            summary.add(core.read { $0.summary })
            switch ending {
            case .goodbye:
                life.forgetSession()
                life.noteCleanEnd()
                return summary
            case .leave:
                summary.hasUndelivered = true
                return summary
            case .gone(let problem) where problem.code == Self.deletedCode:
                // Coming back at once is what nobody wants of a worker that they have just deleted.
                life.forgetSession()
                life.noteCleanEnd()
                throw .refused(problem)
            case .gone(let problem):
                logger.warning(
                    "the server ended this session; registering anew", metadata: ["reason": "\(problem.detail)"])
                life.forgetSession()
                life.beAnew()
                try? await clock.sleep(Self.anewMilliseconds)
            }
        }
        life.noteCleanEnd()
        summary.hasUndelivered = life.hasUndelivered
        return summary
    }

    private static let deletedCode = "session-deleted"

    /// `nil` where it was asked to stop before the server answered.
    private func register(_ life: Life) async throws(AgentError) -> RegisterReply? {
        let result = await asked.interrupting { () async -> Result<RegisterReply, AgentError> in
            do throws(AgentError) {
                return .success(try await life.register())
            } catch {
                return .failure(error)
            }
        }
        guard let result, !(asked.hasRung && result.isCancelled) else { return nil }
        return try result.get()
    }

    private func serve(_ serving: ServingSession, _ core: SessionCore) async -> SessionCore.Ending {
        let (isDraining, isStopping) = state.withLock { state in
            state.core = core
            return (state.isDraining, state.isStopping)
        }
        // Asked while it registered.
        if isStopping { core.stopNow() } else if isDraining { core.drain(why: "this worker was asked to") }
        let ending = await serving.run()
        state.withLock { $0.core = nil }
        return ending
    }
}

extension Result<RegisterReply, AgentError> {
    fileprivate var isCancelled: Bool {
        if case .failure(.cancelled) = self { true } else { false }
    }
}
