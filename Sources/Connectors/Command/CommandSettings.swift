/// What the operator says of the command connector.
package struct CommandSettings: Sendable {
    /// The command; `nil` where only jobs bring one.
    package var template: CommandTemplate?
    /// Jobs may bring their own command, as an array of strings named `command` in their configuration (law 12).
    package var allowsJobCommands: Bool
    package var retryableExitCodes: Set<Int>
    /// What children find in their environment besides ours. Variables of our own names are replaced.
    package var environment: [String: String]
    /// Where programs are started, and from where relative paths of the operator's command are seen.
    package var folder: String
    /// Start each program in its attempt's own folder instead.
    package var startsInWorkFolder: Bool

    package init(
        template: CommandTemplate?, allowsJobCommands: Bool = false, retryableExitCodes: Set<Int> = [42],
        environment: [String: String] = [:], folder: String, startsInWorkFolder: Bool = false
    ) {
        self.template = template
        self.allowsJobCommands = allowsJobCommands
        self.retryableExitCodes = retryableExitCodes
        self.environment = environment
        self.folder = folder
        self.startsInWorkFolder = startsInWorkFolder
    }

    /// What keeps every job from being run here; `nil` where nothing is known to.
    package var problem: String? {
        guard let program = template?.arguments.first else {
            return allowsJobCommands ? nil : "there is no command to run, and jobs may not bring one"
        }
        guard resolve(program) == nil else { return nil }
        return "the program \(program) is not there or may not be run"
    }

    func resolve(_ program: String) -> String? {
        ChildCommand.resolve(program, searchPath: environment["PATH"], folder: folder)
    }
}
