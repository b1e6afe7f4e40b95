import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A child process of this program's own kind, known by its own process id and ended by nothing else.
final class ChildProgram: Sendable {
    let name: String
    let logPath: String
    let processID: Int32
    private let exit = Exit()

    /// Starts it with nothing on its input, and all that it writes in a log file.
    ///
    /// - Parameter input: in place of nothing.
    /// - Throws: where it can't be started.
    init(
        name: String, program: String, arguments: [String], environment: [String: String], logPath: String,
        input: FileHandle = .nullDevice
    ) throws {
        self.name = name
        self.logPath = logPath
        // Opened as it is: a library that puts a new file in its place would do so with a device too.
        let descriptor = unsafe open(logPath, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw CocoaError(.fileWriteUnknown, userInfo: [NSFilePathErrorKey: logPath])
        }
        let log = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.environment = environment
        process.standardInput = input
        process.standardOutput = log
        process.standardError = log
        process.terminationHandler = { [exit] process in
            let isSignal = process.terminationReason == .uncaughtSignal
            exit.tell(isSignal ? 128 + process.terminationStatus : process.terminationStatus)
        }
        try process.run()
        try? log.close()
        processID = process.processIdentifier
    }

    var hasEnded: Bool { exit.code != nil }

    /// Its exit code once it has ended, 128 and the signal's number where a signal ended it; `nil` where the wait was
    /// cancelled.
    func exitCode() async -> Int32? {
        for await code in exit.codes() { return code }
        return nil
    }

    /// Sends a signal, unless it has ended: then its number may be another's.
    func signal(_ number: Int32) {
        exit.whileRunning { _ = kill(processID, number) }
    }

    /// Whether one of its lines begins with these words.
    func hasSaid(_ words: String) -> Bool {
        guard let data = FileManager.default.contents(atPath: logPath) else { return false }
        return String(decoding: data, as: UTF8.self).split(separator: "\n").contains { $0.hasPrefix(words) }
    }

    /// The last line that it wrote, as the middle of another message: without its own name before it and without the
    /// next command behind it.
    var lastWords: String? {
        guard let data = FileManager.default.contents(atPath: logPath) else { return nil }
        let lines = String(decoding: data, as: UTF8.self).split(separator: "\n")
        guard var words = lines.last.map({ PlainText.line(String($0)) }) else { return nil }
        if words.hasPrefix("muster: ") { words = String(words.dropFirst("muster: ".count)) }
        if let next = words.firstRange(of: " Next: ") { words = String(words[..<next.lowerBound]) }
        return words
    }

    /// How it ended, told to all who wait.
    private final class Exit: Sendable {
        private struct State {
            var code: Int32?
            var listeners: [AsyncStream<Int32>.Continuation] = []
        }

        private let state = Mutex(State())

        var code: Int32? { state.withLock { $0.code } }

        func tell(_ code: Int32) {
            let listeners = state.withLock { state in
                state.code = code
                defer { state.listeners = [] }
                return state.listeners
            }
            for listener in listeners {
                listener.yield(code)
                listener.finish()
            }
        }

        func codes() -> AsyncStream<Int32> {
            let (stream, continuation) = AsyncStream.makeStream(of: Int32.self, bufferingPolicy: .bufferingOldest(1))
            let code = state.withLock { state in
                if state.code == nil { state.listeners.append(continuation) }
                return state.code
            }
            if let code {
                continuation.yield(code)
                continuation.finish()
            }
            return stream
        }

        func whileRunning(_ body: () -> Void) {
            state.withLock { state in
                if state.code == nil { body() }
            }
        }
    }
}

/// Ends children as one would by hand: politely, again, and then for good.
enum Teardown {
    /// The signal, and how long to wait for the end before the next step.
    struct Step: Sendable {
        let signal: Int32
        let patience: Duration
    }

    static func end(_ children: [ChildProgram], steps: [Step]) async {
        for step in steps {
            let left = children.filter { !$0.hasEnded }
            guard !left.isEmpty else { return }
            for child in left { child.signal(step.signal) }
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    for child in left { _ = await child.exitCode() }
                }
                group.addTask { try? await Task.sleep(for: step.patience) }
                await group.next()
                group.cancelAll()
            }
        }
    }
}
