import Connectors
import Domain
import Logging
import Wire

/// Hands gathered words to the spool, ten times a second at most, and the spool to the disk once a second.
struct FlushLoop: Sendable {
    let core: SessionCore

    private static let gapMilliseconds: Int64 = 100
    private static let syncMilliseconds: Int64 = 1_000

    func run() async {
        var syncedAt = core.clock.milliseconds()
        while !Task.isCancelled {
            let seen = core.outbox.filled.count
            let due = core.outbox.flush(isAway: core.read { $0.isAway })
            let now = core.clock.milliseconds()
            if now - syncedAt >= Self.syncMilliseconds {
                core.spool.synchronize()
                core.spool.refillReserve()
                syncedAt = now
            }
            // What comes now is told together; what comes after a silence is told at once.
            try? await core.clock.sleep(Self.gapMilliseconds)
            let wait = min(due ?? Self.syncMilliseconds, Self.syncMilliseconds) - Self.gapMilliseconds
            await core.outbox.filled.wait(past: seen, milliseconds: wait, clock: core.clock)
        }
    }
}

/// Sends what is in the spool, in order, and lets go of what the server has.
struct SendLoop: Sendable {
    let core: SessionCore
    let api: ServerAPI

    func run() async {
        var delivery = Delivery()
        var backoff = Backoff()
        while !Task.isCancelled, core.read({ $0.gone == nil }) {
            let seen = core.spool.arrived.count
            let frames = core.spool.next(countLimit: delivery.countLimit, bytesLimit: Delivery.bytesLimit)
            guard !frames.isEmpty else {
                await core.spool.arrived.wait(past: seen)
                continue
            }
            await core.waitUntilConfirmed()
            let ended = delivery.mayClaim ? Delivery.ends(in: frames) : []
            if let claim = core.beginClaim(beside: ended) {
                await send(frames, beside: claim, &delivery, &backoff)
            } else {
                let token = core.read { $0.token }
                await take(await Self.send(frames, &delivery, session: core.session, token: token, api), &backoff)
            }
        }
    }

    /// Ends jobs and asks for the next ones in one call.
    private func send(
        _ frames: [SpoolFrame], beside claim: ClaimRequest, _ delivery: inout Delivery, _ backoff: inout Backoff
    ) async {
        var jobs: [ClaimedJob] = []
        let step: DeliveryStep
        do throws(ServerError) {
            let body = Delivery.body(of: frames, beside: claim)
            let reply = try await api.claim(core.session, body: body, token: core.read { $0.token })
            jobs = reply.jobs
            step = delivery.answered(reply)
        } catch {
            step = delivery.failed(claiming: error)
        }
        // First what ended is let go of, then what came takes its place.
        await take(step, &backoff)
        core.handOver(jobs)
        core.endClaim()
    }

    static func send(
        _ frames: [SpoolFrame], _ delivery: inout Delivery, session: SessionID, token: String, _ api: ServerAPI
    ) async -> DeliveryStep {
        do throws(ServerError) {
            return delivery.answered(try await api.report(session, body: Delivery.body(of: frames), token: token))
        } catch {
            return delivery.failed(error, frames: frames)
        }
    }

    private func take(_ step: DeliveryStep, _ backoff: inout Backoff) async {
        switch step {
        case .delivered(let number, let lost):
            backoff.reset()
            core.noteHere()
            core.lose(lost)
            core.acknowledged(upTo: number)
        case .simplify(let frame):
            core.logger.error("a report was refused; its end is told in simpler words")
            core.spool.replace(frame)
        case .giveUp(let number, let reason):
            core.logger.error("a report was refused and is dropped", metadata: ["reason": "\(reason)"])
            core.acknowledged(upTo: number)
        case .retry(let milliseconds, let reason):
            if let reason { core.noteAway(.away(reason)) }
            let wait = backoff.wait(chance: core.clock.chance(), atLeastMilliseconds: milliseconds)
            // A heartbeat that is answered says that the server is back.
            await core.confirmed.wait(past: core.confirmed.count, milliseconds: wait, clock: core.clock)
            if milliseconds > 0 { try? await core.clock.sleep(milliseconds) }
        case .renewToken:
            core.tokenRefused.ring()
            try? await core.clock.sleep(backoff.wait(chance: core.clock.chance()))
        case .sessionGone(let problem): core.end(problem)
        }
    }
}
