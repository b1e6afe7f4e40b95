import Connectors
import Domain

/// The version of what this worker runs: what the operator says, else the commit of the folder it works in, else the
/// build's own name, else a name made of the time.
enum BuildVersion {
    static func find(_ settings: AgentSettings, clock: AgentClock) async -> String {
        if let version = settings.version?.trimmingSpaces, !version.isEmpty { return version.cut(toBytes: limitBytes) }
        let commit = await ProgramOutput.of(
            ["git", "rev-parse", "--short", "HEAD"], in: settings.programFolder, environment: settings.environment
        )
        if let commit = commit?.trimmingSpaces, !commit.isEmpty { return commit.cut(toBytes: limitBytes) }
        if let build = settings.buildID?.trimmingSpaces, !build.isEmpty { return build.cut(toBytes: limitBytes) }
        return "build-\(clock.wall())"
    }

    /// What the server takes.
    private static let limitBytes = 128
}
