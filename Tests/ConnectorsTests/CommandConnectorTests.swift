import Domain
import Glibc
import Logging
import Synchronization
import Testing

@testable import Connectors

/// Notes what an attempt says; its first words can be waited for.
final class RecordingSink: AttemptSink {
    struct Record {
        var words: [ProgramWord] = []
        var calls: [String] = []
        var waiting: CheckedContinuation<Void, Never>?
    }

    let record = Mutex(Record())
    let refusesStart: Bool

    init(refusesStart: Bool = false) { self.refusesStart = refusesStart }

    private func note(_ call: String) { record.withLock { $0.calls.append(call) } }

    func willStartChild() throws {
        note("will")
        if refusesStart { throw SystemError("writing", "children", code: ENOSPC) }
    }
    func startedChild(_ child: ProcessMark) { note("started") }
    func endedChild() { note("ended") }
    func began() { note("began") }

    func heard(_ word: ProgramWord) {
        let waiter = record.withLock { record -> CheckedContinuation<Void, Never>? in
            record.words.append(word)
            defer { record.waiting = nil }
            return record.waiting
        }
        waiter?.resume()
    }

    var words: [ProgramWord] { record.withLock { $0.words } }
    var calls: [String] { record.withLock { $0.calls } }

    func firstWord() async {
        await withCheckedContinuation { continuation in
            let isThere = record.withLock { record in
                if record.words.isEmpty { record.waiting = continuation }
                return !record.words.isEmpty
            }
            if isThere { continuation.resume() }
        }
    }
}

@Suite struct CommandConnectorTests {
    private func settings(_ arguments: [String]?, allowsJobCommands: Bool = false) -> CommandSettings {
        CommandSettings(
            template: arguments.flatMap(CommandTemplate.init), allowsJobCommands: allowsJobCommands,
            environment: ["PATH": "/usr/bin:/bin", "MUSTER_TOKEN": "the worker's own", "KEPT": "yes"], folder: "/"
        )
    }

    private func run(
        _ settings: CommandSettings, work: AttemptWork = someWork(), stop: StopControl = StopControl(),
        sink: RecordingSink = RecordingSink()
    ) async -> (AttemptEnd, RecordingSink) {
        let connector = CommandConnector(settings, logger: Logger(label: "test"))
        return (await connector.run(work, stop: stop, sink: sink), sink)
    }

    @Test func runsTheOperatorsCommandWithItsVariables() async {
        let (end, sink) = await run(settings(["sh", "-c", "echo $1; env | sort", "sh", "{study}/{index}"]))
        #expect(end == .completed)
        #expect(sink.calls == ["will", "started", "began", "ended"])
        let lines = sink.words.compactMap { if case .line(_, let text) = $0 { text } else { nil } }
        #expect(lines.first == "heads/4")
        for wanted in [
            "MUSTER_URL=http://127.0.0.1:7117/s/secret", "MUSTER_JOB=j7", "MUSTER_ATTEMPT=2", "MUSTER_INDEX=4",
            "MUSTER_STUDY=heads", "MUSTER_WORKDIR=/w/j7-2", "MUSTER_ARTIFACTS=/w/j7-2/artifacts", "KEPT=yes",
            "MUSTER_CONFIG=/w/j7-2/config.json", "GOLIAT_MONITORING_URL=http://127.0.0.1:7117/s/secret",
        ] {
            #expect(lines.contains(wanted))
        }
        #expect(!lines.contains { $0.hasPrefix("MUSTER_TOKEN") })
    }

    @Test func understandsWhatTheProgramSays() async {
        let script = "echo ::progress 0.5 stage=a::; echo oops >&2; echo ::artifact x.png::; printf 'tail'; exit 42"
        let (end, sink) = await run(settings(["sh", "-c", script]))
        #expect(end == .retryable(reason: "exit code 42, to be tried again", exitCode: 42))
        #expect(
            Set(sink.words) == [
                .progress(ProgramProgress(fraction: 0.5, stage: "a")), .line(.info, "oops"), .artifact("x.png"),
                .line(.info, "tail"),
            ])
    }

    @Test func runsAJobsOwnCommandOnlyWhereAllowed() async {
        let work = someWork(payload: ["command": ["sh", "-c", "exit 9"]])
        #expect(await run(settings(["true"]), work: work).0 == .completed)
        #expect(await run(settings(["true"], allowsJobCommands: true), work: work).0.exitCode == 9)
        let none = await run(settings(nil, allowsJobCommands: true)).0
        #expect(
            none
                == .failed(
                    reason: "the job brings no command; its configuration needs an array of strings named command",
                    exitCode: nil
                ))
    }

    @Test(arguments: ["sh", ["a", 1], [], [""], ["a\0b"], ["no-such-program-anywhere"]] as [JSON])
    func failsAJobWhoseCommandIsNone(command: JSON) async {
        let (end, sink) = await run(
            settings(nil, allowsJobCommands: true), work: someWork(payload: ["command": command]))
        guard case .failed = end else {
            Issue.record("\(end)")
            return
        }
        #expect(sink.calls == [])
    }

    @Test func givesAJobBackWhereTheOperatorsProgramIsGone() async {
        let connector = CommandConnector(settings(["no-such-program-anywhere"]), logger: Logger(label: "test"))
        #expect(connector.state.status == .error)
        let end = await connector.run(someWork(), stop: StopControl(), sink: RecordingSink())
        let reason = "the program no-such-program-anywhere is not there or may not be run"
        #expect(end == .notStarted(reason: reason))
        #expect(connector.state == ConnectorState(name: "command", kind: "command", status: .error, detail: reason))
    }

    @Test func startsNothingThatCannotBeNoted() async {
        let (end, sink) = await run(
            settings(["touch", "/should-not-be-here"]), sink: RecordingSink(refusesStart: true))
        guard case .notStarted = end else {
            Issue.record("\(end)")
            return
        }
        #expect(sink.calls == ["will", "ended"])
    }

    @Test func startsNothingThatWasStoppedBefore() async {
        let stop = StopControl()
        stop.kill()
        let (end, sink) = await run(settings(["sh", "-c", "echo up"]), stop: stop)
        #expect(end == .stopped(exitCode: nil))
        #expect(sink.calls == [])
    }

    @Test(arguments: [true, false])
    func endsWhenItIsTold(atOnce: Bool) async {
        let stop = StopControl()
        let sink = RecordingSink()
        let connector = CommandConnector(settings(["sh", "-c", "echo up; sleep 1000"]), logger: Logger(label: "test"))
        async let end = connector.run(someWork(), stop: stop, sink: sink)
        await sink.firstWord()
        #expect(connector.state.status == .active)
        if atOnce { stop.kill() } else { stop.end(graceMilliseconds: 60_000) }
        #expect(await end == .stopped(exitCode: atOnce ? 137 : 143))
        #expect(connector.state.status == .idle)
    }

    @Test func endsAlsoWhoLeftTheGroupWhenTold() async {
        let stop = StopControl()
        let sink = RecordingSink()
        let connector = CommandConnector(
            settings(["sh", "-c", "setsid sh -c 'echo up; exec sleep 1000' & wait"]), logger: Logger(label: "test")
        )
        async let end = connector.run(someWork(marker: mark("left-behind")), stop: stop, sink: sink)
        await sink.firstWord()
        stop.kill()
        #expect(await end == .stopped(exitCode: 137))
        let name = CommandConnector.markerVariable
        while ProcessTable.processes(withVariable: name, value: mark("left-behind")).contains(where: \.isAlive) {
            await Task.yield()
        }
    }

    @Test func saysEachChangeOfItsState() async {
        let states = Mutex<[ConnectorStatus]>([])
        let connector = CommandConnector(settings(["true"]), logger: Logger(label: "test"))
        connector.observe { states.withLock { $0.append(connector.state.status) } }
        _ = await connector.run(someWork(), stop: StopControl(), sink: RecordingSink())
        #expect(states.withLock { $0 } == [.active, .idle])
    }
}
