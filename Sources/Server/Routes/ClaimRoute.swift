import Domain
import Hummingbird
import Storage
import Synchronization
import Wire

/// `POST /sessions/{id}/claims`: hands out work, waiting for it where it is asked to.
struct ClaimRoute {
    let server: ServerContext

    func add(to table: RouteTable) {
        table.post("/api/v1/sessions/:id/claims", claim)
    }

    @Sendable private func claim(_ ask: Ask) async throws -> Response {
        let id: SessionID = try ask.id()
        try ask.principal.requireSession(id)
        let said = try await ask.request.value(ClaimRequest.self)
        server.store.heard(id)
        let claim = ClaimJobs(
            session: id, count: said.count, held: Set(said.held.map(\.key)), study: said.study, index: said.index,
            reports: said.reports.map(ApplyReports.Entry.init)
        )
        guard said.waitMilliseconds > 0, said.index == nil else {
            return Reply.json(
                try Self.encode(await server.store.write(foreseeing: claim.foresight) { try claim.run($0) }))
        }
        let deadline = ContinuousClock.now.advanced(by: .milliseconds(said.waitMilliseconds))
        switch try await attempt(Waiter(claim: claim, deadline: deadline)) {
        case .answered(let answer):
            return Reply.json(try Self.encode(answer))
        case .waits(let first):
            let waiting = Waiting(first)
            // A worker that goes away while it waits must not be handed a job.
            var response = try await ask.request.whileConnected {
                try await self.wait(waiting)
            } isGone: {
                // In this order: whoever becomes the current one after it sees that nobody is there.
                waiting.isGone.withLock { $0 = true }
                waiting.current.withLock { $0 }.wake(.gone)
            }
            // The body was consumed for its end, so this connection takes no other request.
            response.headers[.connection] = "close"
            return response
        }
    }

    /// The waiter of the moment: each claim that finds nothing makes a new one.
    final class Waiting: Sendable {
        let current: Mutex<Waiter>
        let isGone = Mutex(false)
        init(_ waiter: Waiter) { current = Mutex(waiter) }
    }

    private func attempt(_ waiter: Waiter) async throws -> ClaimWaiters.Outcome {
        let waiters = server.waiters
        do {
            let outcome = try await server.store.write(foreseeing: waiter.claim.foresight) {
                try waiters.claim(for: waiter, $0)
            }
            waiters.settle(waiter, .success(outcome))
            return outcome
        } catch {
            waiters.settle(waiter, .failure(error))
            throw error
        }
    }

    private func wait(_ waiting: Waiting) async throws -> Response {
        while true {
            let waiter = waiting.current.withLock { $0 }
            if waiting.isGone.withLock({ $0 }) { waiter.wake(.gone) }
            let reason = await waiter.wait()
            server.waiters.leave(waiter)
            do {
                switch try await outcome(of: reason, waiter, waiting) {
                case .answered(let answer):
                    server.waiters.passOn(waiter, after: answer)
                    return Reply.json(try Self.encode(answer))
                case .waits(let next): waiting.current.withLock { $0 = next }
                }
            } catch {
                server.waiters.passOn(waiter)
                throw error
            }
        }
    }

    private func outcome(
        of reason: Waiter.Reason, _ waiter: Waiter, _ waiting: Waiting
    ) async throws -> ClaimWaiters.Outcome {
        switch reason {
        case .claimed(.success(let outcome)): return outcome
        case .timeout: return .answered(ClaimJobs.Answer())
        // The group that claimed for it failed: it may be the group's failure, or its own again.
        case .claimed(.failure), .work:
            if waiting.isGone.withLock({ $0 }) { throw CancellationError() }
            return try await attempt(waiter.again)
        case .gone: throw CancellationError()
        }
    }

    private static func encode(_ answer: ClaimJobs.Answer) throws -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.beginArray("jobs")
        for job in answer.jobs {
            writer.beginObject()
            AttemptRef(job: job.job, attempt: job.attempt).writeFields(to: &writer)
            writer.field("study", job.study)
            writer.field("studyName", job.studyName)
            writer.field("index", job.index)
            writer.field("label", job.label)
            writer.field("queue", job.queue)
            // As text, untouched: key order and spelling of numbers are the user's.
            writer.field("payload", raw: job.payload)
            writer.field("leaseMilliseconds", job.leaseMilliseconds)
            writer.endObject()
        }
        writer.endArray()
        writer.field("finished", answer.isFinished)
        if let reports = answer.reports {
            writer.field("acknowledged", reports.acknowledged)
            if !reports.lost.isEmpty { writer.field("lost", reports.lost.map(AttemptRef.init)) }
        }
        writer.endObject()
        return writer.bytes
    }
}
