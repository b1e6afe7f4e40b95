import ArgumentParser
import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The one entry point: parses, runs, and turns every end into an exit code and at most one line.
@main
enum Entry {
    static func main() async {
        // A reader that leaves early is told by the write that fails (`Terminal.process`), not by a signal.
        signal(SIGPIPE, SIG_IGN)
        exit(await run(Array(CommandLine.arguments.dropFirst())))
    }

    /// - Parameter arguments: without the program's name.
    /// - Returns: the exit code.
    static func run(_ arguments: [String]) async -> Int32 {
        let terminal = CommandContext.current.terminal
        do {
            var command = try Muster.parseAsRoot(arguments)
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            return Outcome.done.rawValue
        } catch {
            return report(error, arguments: arguments, to: terminal)
        }
    }

    private static func report(_ error: any Error, arguments: [String], to terminal: Terminal) -> Int32 {
        switch error {
        case let error as CommandError: return say(error, to: terminal)
        case let error as ClientError: return say(CommandError(error), to: terminal)
        case let interrupted as Interrupted: return interrupted.exitCode
        case is CancellationError: return Interrupted(signal: SIGINT).exitCode
        default: return reportParsing(error, arguments: arguments, to: terminal)
        }
    }

    private static func say(_ error: CommandError, to terminal: Terminal) -> Int32 {
        terminal.note("\(terminal.errorStyle.red("muster:")) \(error.line)")
        return error.outcome.rawValue
    }

    /// What the argument parser threw: a page of help, a version or a script to print, a code to leave with, or a
    /// mistake in the arguments, which it would tell in three lines and end with 64.
    private static func reportParsing(_ error: any Error, arguments: [String], to terminal: Terminal) -> Int32 {
        if let code = error as? ExitCode { return code.rawValue }
        guard Muster.exitCode(for: error) != .success else {
            terminal.print(Muster.fullMessage(for: error))
            return Outcome.done.rawValue
        }
        let isMistake = Muster.exitCode(for: error) == .validationFailure
        let help = "\(CommandPath.of(arguments, root: Muster.self)) --help"
        return say(
            CommandError(
                isMistake ? .wrongUse : .failed, Muster.message(for: error), next: isMistake ? help : "muster doctor"),
            to: terminal)
    }
}

/// Which command somebody meant, as far as the arguments tell: for the page of help that a mistake points to.
enum CommandPath {
    static func of(_ arguments: [String], root: any ParsableCommand.Type) -> String {
        var path = ["muster"]
        var command = root
        for argument in arguments {
            let next = command.configuration.subcommands.first {
                $0._commandName == argument || $0.configuration.aliases.contains(argument)
            }
            guard let next else { break }
            path.append(next._commandName)
            command = next
        }
        return path.joined(separator: " ")
    }
}
