import FDTDSolver
import Foundation

/// `fdtd CONFIG [--output DIR]`: computes every combination that a configuration holds.
@main
struct FDTDCommand {
    /// 0 done, 1 failed, 2 wrong use or a bad configuration.
    private enum ExitCode {
        static let done: Int32 = 0
        static let failed: Int32 = 1
        static let wrongUse: Int32 = 2
    }

    static func main() {
        Signals.restoreDefaults()
        exit(run(Array(CommandLine.arguments.dropFirst())))
    }

    private static func run(_ words: [String]) -> Int32 {
        do {
            let environment = ProcessInfo.processInfo.environment
            guard let arguments = try Arguments(words, environment: environment) else {
                Terminal.say(Arguments.help)
                return ExitCode.done
            }
            let configuration = try load(arguments.configuration)
            try StudyRun(configuration: configuration, output: arguments.output).run()
            return ExitCode.done
        } catch let error as UsageError {
            Terminal.complain("fdtd: \(error.message)")
            return ExitCode.wrongUse
        } catch let error as ConfigurationError {
            Terminal.complain("fdtd: \(error)")
            return ExitCode.wrongUse
        } catch let error as OutputError {
            Terminal.complain("fdtd: \(error.message)")
            return ExitCode.failed
        } catch {
            Terminal.complain("fdtd: \(error.localizedDescription)")
            return ExitCode.failed
        }
    }

    private static func load(_ path: String) throws -> StudyConfiguration {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw UsageError(message: "the configuration '\(path)' can't be read; check its path and its rights")
        }
        guard let text = String(data: data, encoding: .utf8) else {
            throw UsageError(message: "the configuration '\(path)' is not UTF-8 text; save it as such")
        }
        return try StudyConfiguration(text: text)
    }
}
