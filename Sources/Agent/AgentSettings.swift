import Connectors
package import Domain
import Wire

/// What a worker is told by its operator. The command line makes it; nothing here reads the environment or a file.
package struct AgentSettings: Sendable {
    /// The server's address: `http://127.0.0.1:7117`.
    package var server: String
    /// A worker's token, where the server asks for one.
    package var token: String?
    /// The state folder: `--state`, `MUSTER_STATE`, else the user's.
    package var stateFolder: String
    /// Where attempts get their folders, below one of the worker's name; `nil` is `work` in the state folder.
    package var workFolder: String?
    /// The worker's name on this machine; `nil` is the host's name, or the next free one.
    package var name: String?
    package var hostname: String
    package var queues: [String] = []
    /// Names or ids.
    package var studies: [String] = []
    /// Exactly these assignments of the one study, in this order, then the end.
    package var indices: [Int]?
    /// How many jobs run side by side.
    package var slots = 1
    /// Says what jobs may require: an object of names and values.
    package var capabilities: JSON = [:]

    /// The command, an argument each, with ``CommandTemplate``'s placeholders; empty where only jobs bring one.
    package var command: [String] = []
    package var allowsJobCommands = false
    package var retryableExitCodes: Set<Int> = [42]
    /// What children find in their environment besides ours.
    package var environment: [String: String] = [:]
    /// Where programs start, and whose version is told: the folder that the operator works in.
    package var programFolder: String
    /// Start each program in its attempt's own folder instead.
    package var startsInWorkFolder = false
    package var keepsWorkFolders = false

    /// How long running jobs may go on after a drain began.
    package var drainGraceMilliseconds: Int64 = 60_000
    /// Between SIGTERM and SIGKILL, when a job is cancelled or given back.
    package var killGraceMilliseconds: Int64 = 10_000
    /// Stop when every study that is served is finished.
    package var stopsWhenFinished = false
    /// In the place of what git says of ``programFolder``.
    package var version: String?
    /// A version for where neither is there (`BUILD_ID`).
    package var buildID: String?
    package var spool = SpoolPolicy()

    package init(server: String, stateFolder: String, hostname: String, programFolder: String) {
        self.server = server
        self.stateFolder = stateFolder
        self.hostname = hostname
        self.programFolder = programFolder
    }

    /// What stands in the way of serving with these; `nil` where nothing does.
    package var problem: String? {
        if !server.hasPrefix("http://") && !server.hasPrefix("https://") {
            return "The server's address is \(server); it must begin with http:// or https://."
        }
        if slots < 1 || slots > 10_000 { return "\(slots) slots; there must be 1 to 10000." }
        if queues.isEmpty && studies.isEmpty { return "There is neither a queue nor a study to serve." }
        if let indices {
            if studies.count != 1 || !queues.isEmpty {
                return "Indices need exactly one study, and no queue beside it."
            }
            if indices.isEmpty { return "There is no index to work on." }
            if let bad = indices.first(where: { $0 < 0 }) { return "\(bad) is no index; they begin at 0." }
        }
        if let name, name.isEmpty || name.utf8.count > Self.nameLimitBytes {
            return "A worker's name has 1 to \(Self.nameLimitBytes) bytes."
        }
        guard case .object = capabilities else { return "Capabilities must be an object of names and values." }
        return commandSettings.problem.map { "This worker can't run anything: \($0)." }
    }

    private static let nameLimitBytes = 200

    var commandSettings: CommandSettings {
        CommandSettings(
            template: CommandTemplate(command), allowsJobCommands: allowsJobCommands,
            retryableExitCodes: retryableExitCodes, environment: environment, folder: programFolder,
            startsInWorkFolder: startsInWorkFolder
        )
    }

    /// The folder that a worker's attempts have theirs in: its own, so that its next life may empty it. Absolute, since
    /// programs may start elsewhere.
    func workRoot(name: String) -> String {
        let root = Files.absolute(workFolder ?? "\(stateFolder)/work", in: Files.currentFolder)
        return "\(root)/\(APIPath.escape(name)).work"
    }
}
