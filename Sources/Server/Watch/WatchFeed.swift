import Domain
import Storage

/// The changes of a scope from a sequence on, without a gap and without an overlap: what `GET /watch` and every page
/// are fed by.
struct WatchFeed: Sendable {
    enum Batch: Sendable {
        case frames([PendingFrame])
        case reset
        case beats([SessionID: Instant])
    }

    let server: ServerContext
    let scope: Scope

    /// Calls `emit` with what happens until it answers false, or the task is cancelled.
    func run(
        since: SequenceNumber, beatsPeriod: Duration = WatchRoutes.beatsPeriod,
        _ emit: @escaping @Sendable (Batch) async throws -> Bool
    ) async throws {
        let hub = server.hub
        let scope = scope
        let subscriber = hub.makeSubscriber(scope, study: try await study(of: scope))
        defer { hub.leave(subscriber) }
        let epoch = server.store.epoch
        let caughtUp = try await server.store.readPinned {
            hub.enter(subscriber)
        } _: { connection in
            try WatchReads.changes(scope, since: since, connection)
        }
        let upTo: SequenceNumber
        switch caughtUp {
        case .reset:
            _ = try await emit(.reset)
            return
        case .changes(let changes, let sequence):
            upTo = sequence
            let frames = changes.map { PendingFrame($0, epoch: epoch) }
            if !frames.isEmpty, try await !emit(.frames(frames)) { return }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await follow(subscriber, after: upTo, emit) }
            group.addTask { try await tellBeats(every: beatsPeriod, emit) }
            try await group.next()
            group.cancelAll()
        }
    }

    private func study(of scope: Scope) async throws -> StudyID? {
        guard case .job(let id) = scope else { return nil }
        return try await server.store.read { try RecordReads.job(id, $0)?.study }
    }

    private func follow(
        _ subscriber: Subscriber, after sequence: SequenceNumber, _ emit: @Sendable (Batch) async throws -> Bool
    ) async throws {
        for await _ in subscriber.signal.stream {
            switch subscriber.take() {
            case .reset:
                _ = try await emit(.reset)
                return
            case .frames(let all):
                // What another node committed before this watcher entered may reach the hub after it.
                let frames = all.filter { $0.sequence > sequence }
                if !frames.isEmpty, try await !emit(.frames(frames)) { return }
            }
        }
    }

    /// Those heard since the last time; outside the fold, so that a beat moves no sequence.
    private func tellBeats(
        every period: Duration, _ emit: @Sendable (Batch) async throws -> Bool
    ) async throws {
        var told: [SessionID: Instant] = [:]
        while true {
            let heard = BeatsFrame.of(scope, server.store.lastHeard)
            let news = heard.filter { told[$0.key] != $0.value }
            told = heard
            if try await !emit(.beats(news)) { return }
            try await Task.sleep(for: period)
        }
    }
}
