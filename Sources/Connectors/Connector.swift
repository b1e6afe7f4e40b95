package import Domain

/// The agent's adapter to one service of its machine: a command, ComfyUI, a plain HTTP service. Each is one file or
/// folder of this target and knows nothing of the server, of sessions or of leases.
package protocol Connector: Sendable {
    /// Its own name and what it is doing now. Said in every heartbeat; see ``observe(_:)`` for what is said at once.
    var state: ConnectorState { get }

    /// Has `changed` called after each change of ``state``, on any thread, quickly.
    func observe(_ changed: @escaping @Sendable () -> Void)

    /// Watches over its service until its task is cancelled. A connector without a service of its own returns at once.
    func watch() async

    /// After an error: looks again whether work is possible. What it finds stands in ``state``.
    func check() async

    /// Makes one attempt, to its end, and leaves nothing of it running.
    ///
    /// - Parameters:
    ///   - stop: obeyed from any moment on, also before the work has begun.
    ///   - sink: what the attempt says on its way. Its calls may block; that holds the attempt's output up, no more.
    func run(_ work: AttemptWork, stop: StopControl, sink: any AttemptSink) async -> AttemptEnd
}

extension Connector {
    package func watch() async {}
    package func check() async {}
}

/// One attempt at a job, as a connector is given it. The folders are there, the configuration is written.
package struct AttemptWork: Sendable {
    package var job: JobID
    package var attempt: AttemptNumber
    /// Id or name of the study, for an assignment.
    package var study: String?
    package var index: Int?
    package var payload: JSON
    package var folders: AttemptFolders
    /// The server's address with the session's right in it: what the child speaks to.
    package var boundURL: String
    /// Stands in the environment of every process of the attempt, by which a later agent finds what is left of it.
    package var marker: String

    package init(
        job: JobID, attempt: AttemptNumber, study: String?, index: Int?, payload: JSON, folders: AttemptFolders,
        boundURL: String, marker: String
    ) {
        self.job = job
        self.attempt = attempt
        self.study = study
        self.index = index
        self.payload = payload
        self.folders = folders
        self.boundURL = boundURL
        self.marker = marker
    }
}

/// Where an attempt finds and leaves its files. Absolute paths.
package struct AttemptFolders: Sendable, Hashable {
    /// Its own folder, of no other attempt.
    package let work: String
    /// The file that holds the job's configuration, in the text that was submitted.
    package let configuration: String
    /// What is in here at the end is stored as results.
    package let artifacts: String
    /// The named pipe on which its programs tell of themselves.
    package let channel: String

    package init(work: String) {
        self.work = work
        channel = "\(work)/channel"
        configuration = "\(work)/config.json"
        artifacts = "\(work)/artifacts"
    }
}

/// How an attempt ended, as its connector saw it.
package enum AttemptEnd: Sendable, Hashable {
    case completed
    /// - Parameter reason: a sentence without its full stop.
    case failed(reason: String, exitCode: Int?)
    /// The program asks to be tried again.
    case retryable(reason: String, exitCode: Int?)
    /// It was told to end, and did.
    case stopped(exitCode: Int?)
    /// It never began, by no fault of the job: this machine could not start it. The job goes back.
    case notStarted(reason: String)

    package var exitCode: Int? {
        switch self {
        case .completed: 0
        case .failed(_, let code), .retryable(_, let code), .stopped(let code): code
        case .notStarted: nil
        }
    }
}

/// What an attempt says on its way. Called on the connector's own threads, one call of an attempt after another.
package protocol AttemptSink: Sendable {
    /// A process is about to be started. When this returns it is on disk that one may be there.
    func willStartChild() throws
    /// The process is there.
    func startedChild(_ child: ProcessMark)
    /// Nothing of it is left.
    func endedChild()
    /// The attempt has begun.
    func began()
    func heard(_ word: ProgramWord)
}
