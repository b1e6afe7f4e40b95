import Logging

/// All that an agent is started with. `WorkCommand` fills it from arguments and settings and hands it over; what
/// follows is the agent's own.
struct AgentStart: Sendable {
    /// What it takes work from.
    enum Selection: Sendable, Hashable {
        /// Exactly these assignments of one study, then it ends.
        case assignments(study: String, indices: [Int])
        /// The next of these studies until they are finished, and jobs of these queues for ever.
        case open(studies: [String], queues: [String])
    }

    let selection: Selection
    let server: String
    let token: String?
    /// Absolute path of the folder for machine id, name locks and spool; made where it is missing.
    let stateFolder: String
    /// Absent: the hostname, with `-2` … while that is taken.
    let name: String?
    let slots: Int
    /// The command template, a word an element; empty where only jobs bring one.
    let command: [String]
    let allowsJobCommands: Bool
    let retryableExitCodes: [Int]
    let graceSeconds: Int
    /// Where programs are started, and what they find in their environment.
    let workingFolder: String
    let environment: [String: String]
    let version: String
    let logger: Logger
    /// SIGINT or SIGTERM, each as it comes: the first drains, the second stops now.
    let signals: AsyncStream<Int32>

    /// How it ended.
    enum End: Sendable, Hashable {
        /// All it took up completed, or it was told to stop and gave back what it held.
        case done
        /// At least one of what it was started for failed.
        case failed
    }

    /// Works until there is nothing more to come or it is told to stop.
    ///
    /// - Throws: `CommandError`: `refused` where an index is taken, `unreachable` where no server ever answered.
    func run() async throws -> End {
        throw CommandError(.failed, "This build has no agent in it")
    }
}
