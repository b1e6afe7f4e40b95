import Domain
import Foundation

/// Everything of the outside world that a command may touch, made once at the entry point. A test gives its own.
struct CommandContext: Sendable {
    var terminal: Terminal
    var environment: [String: String]
    var folders: Folders
    /// This machine's clock, for showing only: no rule asks it.
    var now: @Sendable () -> Instant
    /// East of UTC, at a moment.
    var zoneOffsetSeconds: @Sendable (Instant) -> Int
    var processID: Int32
    /// What this machine calls itself.
    var hostname: String
    /// The file of this program, for those commands that start others of its kind.
    var program: String

    @TaskLocal static var current = CommandContext.process()

    static func process() -> CommandContext {
        let environment = ProcessInfo.processInfo.environment
        let home = environment["HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil } ?? NSHomeDirectory()
        return CommandContext(
            terminal: .process(environment: environment),
            environment: environment,
            folders: Folders(
                working: FileManager.default.currentDirectoryPath, home: home, environment: environment),
            now: { Instant(milliseconds: Int64(Date().timeIntervalSince1970 * 1_000)) },
            zoneOffsetSeconds: { moment in
                TimeZone.current.secondsFromGMT(for: Date(timeIntervalSince1970: Double(moment.milliseconds) / 1_000))
            },
            processID: ProcessInfo.processInfo.processIdentifier,
            hostname: ProcessInfo.processInfo.hostName,
            program: Bundle.main.executablePath ?? CommandLine.arguments.first ?? "muster"
        )
    }

    func clock(_ moment: Instant) -> String {
        Spoken.clock(moment, offsetSeconds: zoneOffsetSeconds(moment))
    }

    func date(_ moment: Instant) -> String {
        Spoken.date(moment, offsetSeconds: zoneOffsetSeconds(moment))
    }
}
