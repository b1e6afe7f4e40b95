@unsafe @preconcurrency import Dispatch
import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Ctrl-C or SIGTERM ended a command that would else go on. Left with as a shell says it: 128 and the signal's number.
struct Interrupted: Error, Hashable {
    let signal: Int32

    var exitCode: Int32 { 128 + signal }
}

/// Signals as streams of their numbers. While somebody listens they don't end the process.
///
/// A signal that was listened to once is watched for to the end of the process, since Dispatch puts up its own handler
/// some time after it is asked and takes it down some time after that, and what comes in between would be lost. Where
/// nobody listens any more, it ends the process as it would have.
enum Interrupts {
    /// What ends a command that would else go on.
    static let usual = [SIGINT, SIGTERM]

    private struct State {
        var sources: [Int32: any DispatchSourceSignal] = [:]
        var listeners: [Int: (numbers: Set<Int32>, continuation: AsyncStream<Int32>.Continuation)] = [:]
        var nextListener = 0
    }

    /// At most this many wait to be heard; the second already means "now".
    private static let waitingLimit = 4

    private static let state = Mutex(State())

    static func stream(_ numbers: [Int32] = usual) -> AsyncStream<Int32> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: Int32.self, bufferingPolicy: .bufferingOldest(waitingLimit))
        let listener = state.withLock { state in
            for number in numbers where state.sources[number] == nil && !isIgnored(number) {
                state.sources[number] = source(number)
            }
            state.nextListener += 1
            state.listeners[state.nextListener] = (Set(numbers), continuation)
            return state.nextListener
        }
        continuation.onTermination = { _ in
            state.withLock { _ = $0.listeners.removeValue(forKey: listener) }
        }
        return stream
    }

    /// Runs `body` until it ends or a signal comes, which cancels it.
    ///
    /// - Throws: `Interrupted` where the signal was first.
    static func ending<Result: Sendable>(
        _ numbers: [Int32] = usual, _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        let signals = stream(numbers)
        return try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                for await number in signals { throw Interrupted(signal: number) }
                return nil
            }
            defer { group.cancelAll() }
            while let result = try await group.next() {
                if let result { return result }
            }
            throw CancellationError()
        }
    }

    private static func source(_ number: Int32) -> any DispatchSourceSignal {
        #if canImport(Darwin)
            // There the source stands beside the signal's own action, which must then be none.
            signal(number, SIG_IGN)
        #endif
        let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
        source.setEventHandler { deliver(number) }
        source.resume()
        return source
    }

    private static func deliver(_ number: Int32) {
        let listeners = state.withLock { $0.listeners.values.filter { $0.numbers.contains(number) } }
        guard !listeners.isEmpty else { exit(Interrupted(signal: number).exitCode) }
        for listener in listeners { listener.continuation.yield(number) }
    }

    /// Whoever started us wanted it ignored (`nohup`), and it stays so.
    private static func isIgnored(_ number: Int32) -> Bool {
        var action = sigaction()
        guard unsafe sigaction(number, nil, &action) == 0 else { return false }
        #if canImport(Darwin)
            let handler = unsafe action.__sigaction_u.__sa_handler
        #else
            let handler = unsafe action.__sigaction_handler.sa_handler
        #endif
        return unsafe unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
    }
}
