import Synchronization

/// Says that something has happened, to whoever waits and whoever comes later: a count that only grows.
///
/// Read ``count``, look at the state, then wait past that count: what rings in between is not missed.
final class Bell: Sendable {
    private struct State {
        var count: UInt64 = 0
        var nextWaiter: UInt64 = 0
        var waiters: [UInt64: (past: UInt64, continuation: CheckedContinuation<Void, Never>)] = [:]
    }

    private let state = Mutex(State())

    var count: UInt64 { state.withLock { $0.count } }
    var hasRung: Bool { count > 0 }

    func ring() {
        let woken = state.withLock { state in
            state.count += 1
            let woken = state.waiters.values.map(\.continuation)
            state.waiters.removeAll()
            return woken
        }
        for continuation in woken { continuation.resume() }
    }

    /// Returns when the bell has rung more than `past` times, or the task is cancelled.
    func wait(past: UInt64 = 0) async {
        let waiter = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isDone = state.withLock { state in
                    // Asked within the lock, so that a cancellation comes either before this or finds the waiter.
                    if state.count > past || Task.isCancelled { return true }
                    state.waiters[waiter] = (past, continuation)
                    return false
                }
                if isDone { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: waiter) }?.continuation.resume()
        }
    }

    /// The same, but no longer than `milliseconds`.
    func wait(past: UInt64, milliseconds: Int64?, clock: AgentClock) async {
        guard let milliseconds else { return await wait(past: past) }
        guard milliseconds > 0 else { return }
        await withTaskGroup { group in
            group.addTask { await self.wait(past: past) }
            group.addTask { try? await clock.sleep(milliseconds) }
            await group.next()
            group.cancelAll()
        }
    }

    /// Runs `work`, but gives up on it when the bell rings. `nil` where it was given up.
    func interrupting<Value: Sendable>(_ work: @escaping @Sendable () async -> Value) async -> Value? {
        guard !hasRung else { return nil }
        return await withTaskGroup(of: Value?.self) { group in
            group.addTask { await work() }
            group.addTask {
                await self.wait()
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            // Work that was done in the same moment is not thrown away.
            if first == nil, let second = await group.next() { return second }
            return first
        }
    }
}
