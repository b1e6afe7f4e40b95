import Connectors
import Domain
import Logging
import Wire

/// Keeps the slots busy: asks for work, waits for it, runs it, until the session is closing; then waits for what runs.
struct ClaimLoop: Sendable {
    let core: SessionCore
    let api: ServerAPI
    let runner: AttemptRunner
    let stopsWhenFinished: Bool

    /// Between two looks at a connector that can't work.
    private static let connectorBackoff = Backoff(firstMilliseconds: 2_000, limitMilliseconds: 60_000)
    /// An answer without work that comes sooner than this did not wait for any: the next question does.
    private static let quickMilliseconds: Int64 = 1_000

    func run() async {
        await withDiscardingTaskGroup { attempts in
            var backoff = Backoff()
            var connectorBackoff = Self.connectorBackoff
            while !core.closing.hasRung, !Task.isCancelled {
                let seen = core.changed.count
                for job in core.takeHandedOver() {
                    attempts.addTask { await runner.run(job) }
                }
                if core.read({ $0.claims.isDone }) {
                    core.finishServing()
                    break
                }
                guard let request = core.beginClaim() else {
                    await core.changed.wait(past: seen)
                    continue
                }
                let jobs = await isConnectorWell(&connectorBackoff) ? await claim(request, &backoff) : []
                core.endClaim()
                for job in jobs {
                    attempts.addTask { await runner.run(job) }
                }
            }
            for job in core.endClaiming() {
                attempts.addTask { await runner.run(job) }
            }
        }
    }

    /// A connector in error gets no work, but is looked at again and again.
    private func isConnectorWell(_ backoff: inout Backoff) async -> Bool {
        guard core.connector.state.status == .error else {
            backoff.reset()
            return true
        }
        await pause(backoff.wait(chance: core.clock.chance()))
        await core.connector.check()
        return false
    }

    private func claim(_ request: ClaimRequest, _ backoff: inout Backoff) async -> [ClaimedJob] {
        let asked = core.clock.milliseconds()
        let answer = await core.closing.interrupting { () -> Result<ClaimReply, ServerError> in
            await core.waitUntilConfirmed()
            let token = core.read { $0.token }
            do throws(ServerError) {
                return .success(try await api.claim(core.session, request, token: token))
            } catch {
                return .failure(error)
            }
        }
        switch answer {
        case nil: return []
        case .failure?
        where core.closing.hasRung: return []
        case .success(let reply)?:
            core.noteHere()
            let jobs = core.admit(reply.jobs)
            if reply.isFinished, stopsWhenFinished, core.read({ $0.ledger.isIdle }) { core.finishServing() }
            if !reply.jobs.isEmpty || core.clock.milliseconds() - asked > Self.quickMilliseconds {
                backoff.reset()
            } else {
                await pause(backoff.wait(chance: core.clock.chance()))
            }
            return jobs
        case .failure(let error)?:
            await handle(error, request, &backoff)
            return []
        }
    }

    private func handle(_ error: ServerError, _ request: ClaimRequest, _ backoff: inout Backoff) async {
        switch error {
        case .gone(let problem): return core.end(problem)
        case .unauthorised: core.tokenRefused.ring()
        case .refused(let problem) where problem.code == "not-serving": core.drain(why: problem.detail)
        case .refused(let problem):
            if let index = request.index { return refuse(index, problem) }
            core.logger.error("a claim was refused", metadata: ["reason": "\(problem.detail)"])
        case .away, .busy: core.noteAway(error)
        }
        await pause(backoff.wait(chance: core.clock.chance(), atLeastMilliseconds: error.retryMilliseconds))
    }

    /// An index that is not to be had. Had we tried it before, then it ended by our own attempts.
    private func refuse(_ index: Int, _ problem: Problem) {
        core.change { state in
            guard let wasOurs = state.claims.refused(index) else { return }
            if wasOurs {
                state.summary.failed += 1
            } else {
                state.summary.refused.append(AgentSummary.Refusal(index: index, problem: problem))
            }
        }
    }

    private func pause(_ milliseconds: Int64) async {
        await core.closing.wait(past: 0, milliseconds: milliseconds, clock: core.clock)
    }
}
