import Dispatch
import Domain
import Storage
import Synchronization

/// A store on a real engine, as the server uses it: opened, closed and opened again; calls one by one or several in
/// one group of the writer. Every other claim that finds nothing waits, and is done in the group that brings a job.
final class SimulatedServer {
    private(set) var store: Store?
    let observer = ChangeCollector()
    private let place: TestPlace
    private let clock: ManualClock
    private let timing: Timing

    init(place: TestPlace, clock: ManualClock, timing: Timing) {
        self.place = place
        self.clock = clock
        self.timing = timing
    }

    func open() async throws {
        let clock = clock
        store = try await Store.open(
            driver: try place.makeDriver(), clock: { clock.now }, timing: timing, observer: observer,
            randomBytes: { count in Array(repeating: 7, count: count) }
        )
    }

    /// Who waits hears nothing any more.
    func close() async {
        await store?.close()
        store = nil
        observer.claims.endAll()
    }

    /// All calls in one group of the writer, in their order: the writer is held until all of them wait.
    ///
    /// - Parameter tickets: of each call, by which the late answer of one that waits is known.
    func perform(_ calls: [SimulatedCall], tickets: [Int]) async -> [SimulatedAnswer] {
        guard let store else { return calls.map { _ in .away } }
        guard calls.count > 1 else {
            var answers: [SimulatedAnswer] = []
            for (call, ticket) in zip(calls, tickets) { answers.append(await answer(call, ticket, store)) }
            return answers
        }
        let gate = WriterGate()
        let claims = observer.claims
        return await withTaskGroup(of: (Int, SimulatedAnswer).self) { group in
            group.addTask {
                _ = try? await store.write { _ in gate.hold() }
                gate.giveUp()
                return (-1, .done)
            }
            while !gate.isHeld { await Task.yield() }
            for (position, (call, ticket)) in zip(calls, tickets).enumerated() {
                group.addTask {
                    let answer = await Self.answer(call, ticket, store, claims)
                    gate.answered()
                    return (position, answer)
                }
                // A beat that repeats itself is answered from memory and never waits.
                while store.waitingWrites + gate.answeredCount <= position { await Task.yield() }
            }
            gate.open()
            var answers = calls.map { _ in SimulatedAnswer.away }
            for await (position, answer) in group where position >= 0 { answers[position] = answer }
            return answers
        }
    }

    private func answer(_ call: SimulatedCall, _ ticket: Int, _ store: Store) async -> SimulatedAnswer {
        await Self.answer(call, ticket, store, observer.claims)
    }

    private static func answer(
        _ call: SimulatedCall, _ ticket: Int, _ store: Store, _ claims: WaitingClaims
    ) async -> SimulatedAnswer {
        do {
            return try await answer(of: call, ticket, store, claims)
        } catch {
            return refusal(error)
        }
    }

    static func refusal(_ error: any Error) -> SimulatedAnswer {
        do {
            throw error
        } catch let refusal as SessionRefusal {
            if case .ended = refusal { return .gone }
            return .refused("\(refusal)")
        } catch let error as StoreError where error.reason == "unknown-session" {
            return .gone
        } catch {
            return .refused("\(error)")
        }
    }

    private static func answer(
        of call: SimulatedCall, _ ticket: Int, _ store: Store, _ claims: WaitingClaims
    ) async throws -> SimulatedAnswer {
        switch call {
        case .register(let operation):
            let id = try await store.write { try operation.run($0) }
            store.heard(id)
            return .registered(id)
        case .beat(let operation, let body):
            let reply = try await store.heartbeat(
                operation.session, body: body, operation: { operation }, encode: WishText.bytes
            )
            return .beat(WishText.wish(reply))
        case .claim(let operation):
            store.heard(operation.session)
            let waits = ticket.isMultiple(of: 2) && operation.index == nil && operation.reports.isEmpty
            return try await store.write { transaction in
                guard waits else { return .claimed(try operation.run(transaction)) }
                return try claims.claim(operation, ticket, transaction)
            }
        case .reports(let operation):
            store.heard(operation.session)
            return .reported(try await store.write { try operation.run($0) })
        case .submit(let operation):
            return .submitted(try await store.write { try operation.run($0) }.map(\.id))
        case .create(let operation):
            return .created(try await store.write { try operation.run($0) })
        case .changeJob(let operation):
            _ = try await store.write { try operation.run($0) }
            return .done
        case .changeStudy(let operation):
            _ = try await store.write { try operation.run($0) }
            return .done
        case .changeSession(let operation):
            try await store.write { try operation.run($0) }
            return .done
        case .removeStudies:
            // Small bites, so that much happens between them.
            if let bite = try await store.read({ try RemoveStudies($0, count: 3) }) {
                try await store.write { try bite.run($0) }
            }
            return .done
        case .prune(let operation):
            return .pruned(try await store.write { try operation.run($0) })
        }
    }
}

/// Gathers every commit until it is taken, and serves who waits in the groups that bring jobs.
final class ChangeCollector: CommitObserver {
    let claims = WaitingClaims()
    private let commits = Mutex<[CommittedChanges]>([])

    var hasWatchers: Bool { true }
    func isWatching(_ scopes: [Scope]) -> Bool { true }
    func didCommit(_ changes: CommittedChanges) { commits.withLock { $0.append(changes) } }

    func followUps(_ ready: [ReadyJobs: Int], limit: Int) -> [FollowUp] {
        claims.followUps(ready, limit: limit)
    }

    func take() -> [CommittedChanges] {
        commits.withLock { commits in
            defer { commits.removeAll() }
            return commits
        }
    }
}
