@unsafe @preconcurrency import Dispatch
import Foundation

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

/// SIGINT and SIGTERM as a stream of their numbers. While somebody listens they don't end the process.
enum Interrupts {
    /// At most this many wait to be heard; the second already means "now".
    private static let waitingLimit = 4

    static func stream() -> AsyncStream<Int32> {
        AsyncStream(bufferingPolicy: .bufferingOldest(waitingLimit)) { continuation in
            let sources = [SIGINT, SIGTERM].map { number in
                signal(number, SIG_IGN)
                let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
                source.setEventHandler { continuation.yield(number) }
                source.resume()
                return source
            }
            continuation.onTermination = { _ in
                for source in sources { source.cancel() }
                for number in [SIGINT, SIGTERM] { signal(number, SIG_DFL) }
            }
        }
    }

    /// Runs `body` until it ends or a signal comes, which cancels it.
    ///
    /// - Throws: `Interrupted` where the signal was first.
    static func ending<Result: Sendable>(
        _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                for await number in stream() { throw Interrupted(signal: number) }
                return nil
            }
            defer { group.cancelAll() }
            while let result = try await group.next() {
                if let result { return result }
            }
            throw CancellationError()
        }
    }
}
