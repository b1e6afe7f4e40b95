import Domain
import Foundation
import Synchronization

@testable import muster

/// Runs commands as the entry point does, with a terminal of its own and no environment but the one given.
final class Stage: Sendable {
    private struct Written {
        var output = ""
        var errors = ""
        var answers: [String] = []
        var input: [UInt8] = []
    }

    private let written = Mutex(Written())
    let environment: [String: String]
    let folder: String
    let isWatched: Bool

    /// - Parameters:
    ///   - url: of the server; none is there unless it is given.
    ///   - isWatched: as if a person sat at a terminal, 80 columns wide, without colours.
    init(
        url: String = "http://127.0.0.1:1", environment: [String: String] = [:], folder: String = "/nowhere",
        isWatched: Bool = false, answers: [String] = [], input: String = ""
    ) {
        self.environment = environment.merging(["MUSTER_URL": url]) { given, _ in given }
        self.folder = folder
        self.isWatched = isWatched
        written.withLock {
            $0.answers = answers
            $0.input = Array(input.utf8)
        }
    }

    var output: String { written.withLock { $0.output } }
    var errors: String { written.withLock { $0.errors } }

    static let now = Instant(milliseconds: 1_772_366_407_000)

    var context: CommandContext {
        CommandContext(
            terminal: Terminal(
                isOutputWatched: isWatched, isErrorWatched: isWatched, isInputTyped: isWatched, allowsColour: false,
                columns: { 80 },
                writeOutput: { text in self.written.withLock { $0.output += text } },
                writeError: { text in self.written.withLock { $0.errors += text } },
                readLine: { self.written.withLock { $0.answers.isEmpty ? nil : $0.answers.removeFirst() } },
                readInput: { self.written.withLock { $0.input } }
            ),
            environment: environment,
            folders: Folders(working: folder, home: "\(folder)/home", environment: environment),
            now: { Stage.now },
            zoneOffsetSeconds: { _ in 0 },
            processID: 4_711,
            hostname: "lab",
            program: "/nowhere/muster"
        )
    }

    /// - Returns: the exit code.
    func run(_ arguments: [String]) async -> Int32 {
        await CommandContext.$current.withValue(context) { await Entry.run(arguments) }
    }

    func run(_ arguments: String...) async -> Int32 {
        await run(arguments)
    }
}

/// A folder that is there while `body` runs.
func withTemporaryFolder<Result>(_ body: (String) async throws -> Result) async throws -> Result {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("muster-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: url) }
    return try await body(url.path)
}

func write(_ text: String, to path: String) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
}
