import Domain
import Synchronization
package import Wire

/// The events of a stream as they come, kept for a test that waits for some of them.
package final class EventLog: Sendable {
    private struct State {
        var events: [ServerSentEvent] = []
        var isEnded = false
        var nextID = 0
        var waiters: [Int: AsyncStream<Void>.Continuation] = [:]
    }

    private let state = Mutex(State())

    package init() {}

    package var events: [ServerSentEvent] { state.withLock { $0.events } }
    /// The server ended the stream, or the connection broke.
    package var isEnded: Bool { state.withLock { $0.isEnded } }

    package func append(_ more: [ServerSentEvent]) {
        change { $0.events += more }
    }

    package func end() {
        change { $0.isEnded = true }
    }

    private func change(_ body: (inout State) -> Void) {
        let waiters = state.withLock { state in
            body(&state)
            return Array(state.waiters.values)
        }
        for waiter in waiters { waiter.yield() }
    }

    /// Returns once `isMet` holds for what came so far, or the stream is at its end; false in the latter case.
    @discardableResult
    package func wait(_ isMet: ([ServerSentEvent]) -> Bool) async throws -> Bool {
        let (stream, continuation) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let id = state.withLock { state in
            state.nextID += 1
            state.waiters[state.nextID] = continuation
            return state.nextID
        }
        defer { state.withLock { $0.waiters[id] = nil } }
        continuation.yield()
        for await _ in stream {
            let (events, isEnded) = state.withLock { ($0.events, $0.isEnded) }
            if isMet(events) { return true }
            if isEnded { return false }
        }
        throw CancellationError()
    }
}

extension TestClient {
    /// Reads an event stream into a log while `body` runs, and hangs up with its end.
    package func watching<Value: Sendable>(
        _ request: TestRequest, _ body: (EventLog) async throws -> Value
    ) async throws -> Value {
        let log = EventLog()
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { log.end() }
                try await open(request) { _, incoming in
                    var decoder = EventStreamDecoder()
                    while let bytes = try await incoming.next() { log.append(try decoder.append(bytes)) }
                }
            }
            let value = try await body(log)
            group.cancelAll()
            while let result = await group.nextResult() { _ = result }
            return value
        }
    }
}
