import Connectors
import Domain
import Logging
import NIOCore
import Synchronization
import Testing
import Wire

@testable import Agent

/// A folder of a test's own, gone afterwards.
struct TestFolder: Sendable {
    let path: String

    init() throws {
        path = "\(Files.realPath("/tmp") ?? "/tmp")/muster-agent-test-\(RandomID.make())"
        try Files.makeFolder(path)
    }

    func write(_ name: String, _ text: String) throws {
        try Files.replace("\(path)/\(name)", with: Array(text.utf8))
    }

    func remove() { Files.removeTree(path) }
}

func withFolder<Value>(_ body: (TestFolder) async throws -> Value) async throws -> Value {
    let folder = try TestFolder()
    defer { folder.remove() }
    return try await body(folder)
}

/// A server that listens, and a folder, for one test.
func withServer(_ body: (FakeServer, TestFolder) async throws -> Void) async throws {
    try await withFolder { folder in
        let server = FakeServer()
        try await server.http.start()
        do {
            try await body(server, folder)
        } catch {
            await server.close()
            throw error
        }
        await server.close()
    }
}

extension FakeServer {
    func close() async {
        await http.stop()
        let pending = Mutex<[PendingClaim]>([])
        change { state in
            let claims = state.pendingClaims
            state.pendingClaims = []
            pending.withLock { $0 = claims }
        }
        for claim in pending.withLock({ $0 }) { claim.promise.succeed(.cut) }
    }
}

/// Settings of a worker that runs a line of shell for each job.
func someSettings(_ server: FakeServer, _ folder: TestFolder, shell: String = "true") -> AgentSettings {
    var settings = AgentSettings(
        server: server.url, stateFolder: "\(folder.path)/state", hostname: "lab", programFolder: folder.path
    )
    settings.queues = ["default"]
    settings.command = ["/bin/sh", "-c", shell, "sh"]
    settings.environment = ["PATH": "/usr/local/bin:/usr/bin:/bin"]
    settings.version = "test"
    settings.spool = SpoolPolicy(reserveBytes: 65_536, diskFloorBytes: 0)
    return settings
}

func quietLogger() -> Logger {
    Logger(label: "agent") { _ in SwiftLogNoOpLogHandler() }
}

/// Runs a worker beside the body of a test, and waits for its end after it.
@discardableResult
func withWorker(
    _ settings: AgentSettings, clock: AgentClock = .system, _ body: (Agent) async throws -> Void
) async throws -> AgentSummary {
    let agent = Agent(settings: settings, clock: clock, logger: quietLogger())
    async let summary = agent.run()
    do {
        try await body(agent)
    } catch {
        agent.stopNow()
        _ = try? await summary
        throw error
    }
    return try await summary
}

/// A clock that goes with the system's and can be put forward.
final class JumpingClock: Sendable {
    private let ahead = Mutex<Int64>(0)

    func jump(_ milliseconds: Int64) { ahead.withLock { $0 += milliseconds } }

    var clock: AgentClock {
        var clock = AgentClock.system
        let real = clock.milliseconds
        clock.milliseconds = { [self] in real() + ahead.withLock { $0 } }
        return clock
    }
}

/// Whether anything alive has `name=value` in its environment. Waits for it to go.
func areGone(_ name: String, _ value: String) async -> Bool {
    for _ in 0..<10_000 {
        if !ProcessTable.processes(withVariable: name, value: value).contains(where: \.isAlive) { return true }
        try? await Task.sleep(for: .milliseconds(5))
    }
    return false
}
