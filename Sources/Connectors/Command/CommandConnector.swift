package import Domain
package import Logging
import Synchronization

/// Runs a program for each attempt, as a process group of its own.
package final class CommandConnector: Connector {
    /// The variable that carries ``AttemptWork/marker``.
    package static let markerVariable = "MUSTER_MARK"

    private struct State {
        var runningCount = 0
        var problem: String?
        var changed: (@Sendable () -> Void)?

        var described: ConnectorState {
            let status: ConnectorStatus = runningCount > 0 ? .active : problem == nil ? .idle : .error
            return ConnectorState(name: "command", kind: "command", status: status, detail: problem)
        }
    }

    private let settings: CommandSettings
    private let logger: Logger
    private let shared: Mutex<State>

    package init(_ settings: CommandSettings, logger: Logger) {
        self.settings = settings
        self.logger = logger
        shared = Mutex(State(problem: settings.problem))
    }

    package var state: ConnectorState { shared.withLock { $0.described } }

    package func observe(_ changed: @escaping @Sendable () -> Void) {
        shared.withLock { $0.changed = changed }
    }

    package func check() async {
        update { $0.problem = settings.problem }
    }

    package func run(_ work: AttemptWork, stop: StopControl, sink: any AttemptSink) async -> AttemptEnd {
        let preparation: CommandPreparation
        do {
            preparation = try CommandPreparation(work, settings: settings)
        } catch {
            return settle(error.end)
        }
        update { $0.runningCount += 1 }
        let end = await withCheckedContinuation { continuation in
            Attempt(settings: settings, work: work, stop: stop, sink: sink).start(preparation) {
                continuation.resume(returning: $0)
            }
        }
        update { $0.runningCount -= 1 }
        return settle(end)
    }

    /// Whether programs can be started here is known by the last that was tried.
    private func settle(_ end: AttemptEnd) -> AttemptEnd {
        var problem: String?
        if case .notStarted(let reason) = end { problem = reason }
        update { $0.problem = problem }
        if let problem { logger.error("a program could not be started", metadata: ["reason": "\(problem)"]) }
        return end
    }

    private func update(_ change: (inout State) -> Void) {
        let changed = shared.withLock { state -> (@Sendable () -> Void)? in
            let before = state.described
            change(&state)
            return state.described == before ? nil : state.changed
        }
        changed?()
    }
}

/// One program, from its start to the meaning of its end.
private struct Attempt: Sendable {
    let settings: CommandSettings
    let work: AttemptWork
    let stop: StopControl
    let sink: any AttemptSink

    /// `ended` is called once, perhaps before this returns.
    func start(_ preparation: CommandPreparation, ended: @escaping @Sendable (AttemptEnd) -> Void) {
        guard stop.wish == .goOn else { return ended(.stopped(exitCode: nil)) }
        let before = MemoryKills.now()
        let words = Mutex<[ChildStream: LineSplitter]>([:])
        let listener = ChildProcess.Listener(
            started: { mark in
                sink.startedChild(mark)
                sink.began()
            },
            heard: { stream, bytes in
                words.withLock { words in
                    words[stream, default: LineSplitter()].take(bytes) { sink.heard(Self.word($0, on: stream)) }
                }
            },
            ended: { end in
                stop.release()
                words.withLock { words in
                    for stream in ChildStream.allCases {
                        words[stream, default: LineSplitter()].finish { sink.heard(Self.word($0, on: stream)) }
                    }
                }
                if end.stop != .none { endStragglers() }
                sink.endedChild()
                let reading = ExitReading(retryableExitCodes: settings.retryableExitCodes)
                ended(reading.meaning(of: end, before: before, after: MemoryKills.now()))
            }
        )
        do {
            try sink.willStartChild()
            let child = try ChildProcess.start(
                preparation.command, channel: preparation.channel, listener: listener)
            stop.obey { wish in
                switch wish {
                case .goOn: break
                case .end(let grace): child.stop(graceMilliseconds: grace)
                case .kill: child.kill()
                }
            }
        } catch let error as SystemError {
            sink.endedChild()
            ended(preparation.failure(error))
        } catch {
            ended(.notStarted(reason: "the start could not be noted: \(error)"))
        }
    }

    private static func word(_ line: String, on stream: ChildStream) -> ProgramWord {
        stream == .channel ? ProgramWord(channelLine: line) : ProgramWord(line: line)
    }

    /// Whoever left the group of a program that was told to end is found by its environment.
    private func endStragglers() {
        for entry in ProcessTable.processes(withVariable: CommandConnector.markerVariable, value: work.marker) {
            ProcessTable.kill(entry.mark)
        }
    }
}
