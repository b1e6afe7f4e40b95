import Domain
import Logging
import ServiceLifecycle
import Storage

/// What the server does by itself: writes beats once a second, sweeps, ends waits, forgets what is too old.
struct Housekeeping: Service {
    let server: ServerContext

    /// Beats are written and leases looked at this often: what a crash takes of beats, and how late a lease may end.
    private static let period = Duration.seconds(1)
    private static let waitPeriod = Duration.milliseconds(100)
    /// A turn that comes this late was no turn: the process was frozen, and the silence was its own.
    private static let frozenMilliseconds: Int64 = 5_000

    func run() async throws {
        // In the order of stopping: waits end first, so that no request holds the server up.
        try await cancelWhenGracefulShutdown {
            try await withThrowingDiscardingTaskGroup { group in
                group.addTask { try await sweepLoop() }
                group.addTask { try await waitLoop() }
                group.addTask { try await pruneLoop() }
                group.addTask { await removeLoop() }
            }
        }
        server.waiters.endAll()
    }

    private func sweepLoop() async throws {
        var last = server.store.now
        while !Task.isCancelled {
            try? await Task.sleep(for: Self.period)
            if Task.isCancelled { return }
            let now = server.store.now
            if now.milliseconds(since: last) > Self.frozenMilliseconds || now < last {
                server.store.forgiveSilence()
                server.logger.warning(
                    "this server was frozen or its clock was set; leases start anew",
                    metadata: ["milliseconds": "\(now.milliseconds(since: last))"]
                )
            }
            last = now
            do {
                try await server.store.flushBeats()
                try await server.store.sweep()
            } catch {
                // Nobody's beats are kept while nothing can be written.
                server.store.forgiveSilence()
                server.logger.error("sweep failed", metadata: ["error": "\(error)"])
            }
        }
    }

    private func waitLoop() async throws {
        while !Task.isCancelled {
            try? await Task.sleep(for: Self.waitPeriod)
            server.waiters.expire(now: ContinuousClock.now)
        }
    }

    /// Takes away what deleted studies left, also those that were deleted before a restart. After each bite the writer
    /// is left to others for as long as the bite took.
    private func removeLoop() async {
        let store = server.store
        while !Task.isCancelled {
            do {
                while !Task.isCancelled, let bite = try await store.read({ try RemoveStudies($0) }) {
                    let began = ContinuousClock.now
                    server.artifacts.remove(bite.artifacts)
                    try await store.write { try bite.run($0) }
                    try? await Task.sleep(for: ContinuousClock.now - began)
                }
            } catch {
                server.logger.error("removing a deleted study failed", metadata: ["error": "\(error)"])
            }
            try? await Task.sleep(for: Self.period)
        }
    }

    /// Pictures that no window shows any more, and traces that tell nothing.
    ///
    /// - Parameter seenBefore: files that were there a turn ago: one that came since may be about to be told of.
    /// - Returns: those that are there now.
    private func forgetTraces(seenBefore: Set<String>) async throws -> Set<String> {
        let found = server.pictures.names
        let old = found.intersection(seenBefore)
        if !old.isEmpty {
            let shown = try await server.store.read { try LegacyReads.screenshotFiles($0) }
            server.pictures.remove(old.subtracting(shown))
        }
        let store = server.store
        let hasOld = try await store.read { try ForgetTraces.hasOld($0, now: store.now) }
        if hasOld { try await store.write { try ForgetTraces().run($0) } }
        return found
    }

    private func pruneLoop() async throws {
        var cursor = JobID(number: 0)
        var seen: Set<String> = []
        while !Task.isCancelled {
            try? await Task.sleep(for: server.settings.prunePeriod)
            if Task.isCancelled { return }
            do {
                var isDone = false
                while !isDone, !Task.isCancelled {
                    let prune = Prune(retention: server.settings.retention, jobCursor: cursor)
                    let answer = try await server.store.write { try prune.run($0) }
                    server.artifacts.remove(answer.orphanedArtifacts)
                    cursor = answer.jobCursor
                    isDone = answer.count == 0
                }
                seen = try await forgetTraces(seenBefore: seen)
            } catch {
                server.logger.error("pruning failed", metadata: ["error": "\(error)"])
            }
        }
    }
}
