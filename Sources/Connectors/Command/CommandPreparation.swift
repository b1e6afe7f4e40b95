import Domain
import Glibc

/// What is started for one attempt, worked out from the operator's settings and the job's configuration.
struct CommandPreparation {
    let command: ChildCommand
    /// The job brought the command: that it can't be started is the job's fault.
    let isOfJob: Bool
    /// Where a program tells of itself apart from what it prints; `nil` where the folder is on a disk that has no named
    /// pipes, and it prints that, too.
    let channel: OpenFile?

    /// - Throws: the end of the attempt, where there is nothing to start.
    init(_ work: AttemptWork, settings: CommandSettings) throws(PreparationFailure) {
        let arguments: [String]
        if settings.allowsJobCommands, let own = work.payload["command"] {
            arguments = try Self.jobCommand(own)
            isOfJob = true
        } else if let template = settings.template {
            arguments = template.filled(for: work)
            isOfJob = false
        } else {
            let wish = "its configuration needs an array of strings named command"
            throw PreparationFailure(end: .failed(reason: "the job brings no command; \(wish)", exitCode: nil))
        }
        guard let executable = settings.resolve(arguments[0]) else {
            let reason = "the program \(arguments[0]) is not there or may not be run"
            throw PreparationFailure(
                end: isOfJob ? .failed(reason: reason, exitCode: nil) : .notStarted(reason: reason))
        }
        channel = try? ChildChannel.make(work.folders.channel)
        var environment = Self.environment(work, settings: settings)
        environment["MUSTER_CHANNEL"] = channel?.path
        command = ChildCommand(
            executable: executable, arguments: arguments, environment: environment,
            folder: settings.startsInWorkFolder ? work.folders.work : settings.folder
        )
    }

    private static func jobCommand(_ json: JSON) throws(PreparationFailure) -> [String] {
        let arguments = json.arrayValue?.map(\.stringValue) ?? []
        let strings = arguments.compactMap { $0 }
        guard strings.count == arguments.count, let program = strings.first, !program.isEmpty,
            !strings.contains(where: { $0.utf8.contains(0) })
        else {
            let reason = "the job's command must be an array of strings, the program first"
            throw PreparationFailure(end: .failed(reason: reason, exitCode: nil))
        }
        return strings
    }

    /// Ours and GOLIAT's over the operator's. The operator's own `MUSTER_…` stay here: they may hold this worker's
    /// rights, and a child has its session's.
    private static func environment(_ work: AttemptWork, settings: CommandSettings) -> [String: String] {
        var environment = settings.environment.filter { !$0.key.hasPrefix("MUSTER_") }
        // A program in Python that writes to a pipe would keep its progress to itself until its buffer is full.
        if environment["PYTHONUNBUFFERED"] == nil { environment["PYTHONUNBUFFERED"] = "1" }
        environment["MUSTER_URL"] = work.boundURL
        environment["MUSTER_JOB"] = work.job.description
        environment["MUSTER_ATTEMPT"] = work.attempt.description
        environment["MUSTER_WORKDIR"] = work.folders.work
        environment["MUSTER_CONFIG"] = work.folders.configuration
        environment["MUSTER_ARTIFACTS"] = work.folders.artifacts
        environment["MUSTER_INDEX"] = work.index.map(String.init)
        environment["MUSTER_STUDY"] = work.study
        environment["GOLIAT_MONITORING_URL"] = work.boundURL
        environment["GOLIAT_ASSIGNMENT_ID"] = work.index == nil ? nil : work.job.description
        environment[CommandConnector.markerVariable] = work.marker
        return environment
    }

    /// The end of an attempt whose program the system would not start.
    func failure(_ error: SystemError) -> AttemptEnd {
        let isCommandAtFault = [ENOENT, EACCES, ENOEXEC, E2BIG, ENOTDIR, ELOOP].contains(error.code)
        let reason = error.description
        return isOfJob && isCommandAtFault ? .failed(reason: reason, exitCode: nil) : .notStarted(reason: reason)
    }
}

struct PreparationFailure: Error {
    let end: AttemptEnd
}
