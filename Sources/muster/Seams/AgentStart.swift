import Domain
import Logging

/// All that an agent is started with. `WorkCommand` fills it from arguments and settings and hands it over; what
/// follows is the agent's own.
struct AgentStart: Sendable {
    /// What it takes work from.
    enum Selection: Sendable, Hashable {
        /// Exactly these assignments of one study, then it ends.
        case assignments(study: String, indices: [Int])
        /// The next of these studies, and jobs of these queues.
        case open(studies: [String], queues: [String])
    }

    let selection: Selection
    let server: String
    var token: String?
    /// Absolute path of the folder for machine id, name locks and spool; made where it is missing.
    let stateFolder: String
    /// Absent: the hostname, with `-2` … while that is taken.
    var name: String?
    var slots = 1
    /// The command template, a word an element; empty where only jobs bring one.
    var command: [String] = []
    var allowsJobCommands = false
    var retryableExitCodes = Settings.standardRetryableExitCodes
    var capabilities = JSONObject()
    /// For running work, once the worker was told to drain.
    var graceSeconds = Settings.standardGraceSeconds
    /// Between SIGTERM and SIGKILL.
    var killGraceSeconds = Settings.standardKillGraceSeconds
    /// Absent: in the state folder.
    var workFolder: String?
    var startsInWorkFolder = false
    var keepsWorkFolders = false
    /// Where programs are started, and what they find in their environment.
    let workingFolder: String
    var environment: [String: String] = [:]
    /// A version for a working folder that git knows nothing of.
    var buildID: String?
    /// Go on when every study is finished. Without, a worker of studies alone ends then.
    var staysWhenFinished = false
    let logger: Logger
    /// SIGINT or SIGTERM, each as it comes: the first drains, the second stops now.
    let signals: AsyncStream<Int32>

    /// Works until there is nothing more to come or it is told to stop.
    ///
    /// - Returns: the exit code.
    /// - Throws: `CommandError`: `wrongUse` for settings that contradict themselves, `refused` where the name is taken
    ///   or the server says no.
    func run() async throws -> Int32 {
        throw CommandError(.failed, "This build has no agent in it")
    }
}
