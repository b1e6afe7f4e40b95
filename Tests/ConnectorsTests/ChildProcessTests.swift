import Glibc
import Synchronization
import Testing

@testable import Connectors

/// A child under test: what it wrote, and its end to wait for.
final class ChildUnderTest: Sendable {
    struct Heard {
        var bytes: [ChildStream: [UInt8]] = [:]
        var waiting: (text: String, continuation: CheckedContinuation<Void, Never>)?
        var end: ChildEnd?
        var ending: CheckedContinuation<ChildEnd, Never>?
    }

    private final class Ear: Sendable {
        let heard = Mutex(Heard())
    }

    private let ear = Ear()
    private let child = Mutex<ChildProcess?>(nil)

    init(
        _ script: String, program: [String] = ["/bin/sh", "-c"], environment: [String: String] = [:],
        plan: ChildPlan = ChildPlan()
    ) throws {
        var environment = environment
        environment["PATH"] = "/usr/local/bin:/usr/bin:/bin"
        let command = ChildCommand(
            executable: program[0], arguments: program + [script], environment: environment
        )
        let listener = ChildProcess.Listener(
            heard: { [ear] stream, bytes in
                let waiter = ear.heard.withLock { heard -> CheckedContinuation<Void, Never>? in
                    heard.bytes[stream, default: []] += bytes
                    guard let waiting = heard.waiting, Self.text(heard, .output).contains(waiting.text) else {
                        return nil
                    }
                    heard.waiting = nil
                    return waiting.continuation
                }
                waiter?.resume()
            },
            ended: { [ear] end in
                let waiter = ear.heard.withLock { heard -> CheckedContinuation<ChildEnd, Never>? in
                    heard.end = end
                    return heard.ending
                }
                waiter?.resume(returning: end)
            }
        )
        let started = try ChildProcess.start(command, plan: plan, listener: listener)
        child.withLock { $0 = started }
    }

    private static func text(_ heard: Heard, _ stream: ChildStream) -> String {
        String(decoding: heard.bytes[stream] ?? [], as: UTF8.self)
    }

    var process: ChildProcess { get throws { try #require(child.withLock { $0 }) } }
    func text(_ stream: ChildStream = .output) -> String { ear.heard.withLock { Self.text($0, stream) } }
    var byteCount: Int { ear.heard.withLock { $0.bytes.values.reduce(0) { $0 + $1.count } } }

    func waitFor(_ text: String) async {
        await withCheckedContinuation { continuation in
            let isThere = ear.heard.withLock { heard in
                if Self.text(heard, .output).contains(text) { return true }
                heard.waiting = (text, continuation)
                return false
            }
            if isThere { continuation.resume() }
        }
    }

    func end() async -> ChildEnd {
        await withCheckedContinuation { continuation in
            let end = ear.heard.withLock { heard in
                heard.ending = continuation
                return heard.end
            }
            if let end { continuation.resume(returning: end) }
        }
    }
}

/// Of this run alone: another run of these tests, or one that was killed, may be on the machine.
func mark(_ name: String) -> String { "\(name)-\(getpid())" }

/// Whether nothing alive is left with that variable in its environment. A killed process needs a moment of its own to
/// go; the test is that it goes, not when.
func allGone(marker: String) async -> Bool {
    for _ in 0..<5_000 {
        let left = ProcessTable.processes(withVariable: "MARK", value: marker).filter(\.isAlive)
        if left.isEmpty { return true }
        try? await Task.sleep(for: .milliseconds(5))
    }
    return false
}

@Suite struct ChildProcessTests {
    @Test func givesBothOutputsAndTheExitCode() async throws {
        let child = try ChildUnderTest("echo out; echo err >&2; exit 7")
        #expect(await child.end() == ChildEnd(status: .exited(7), stop: .none))
        #expect(child.text() == "out\n")
        #expect(child.text(.error) == "err\n")
    }

    @Test func losesNothingOfALargeOutput() async throws {
        let child = try ChildUnderTest("head -c 8000000 /dev/zero | tr '\\0' x; head -c 3000000 /dev/zero >&2")
        #expect(await child.end().status == .exited(0))
        #expect(child.byteCount == 11_000_000)
    }

    @Test func tellsTheSignalThatEndedIt() async throws {
        #expect(await (try ChildUnderTest("kill -SEGV $$")).end().status == .signalled(SIGSEGV))
    }

    @Test func leadsASessionAndAGroupOfItsOwnAndReadsNothing() async throws {
        let child = try ChildUnderTest("cat /proc/$$/stat; readlink /proc/$$/fd/0; ls /proc/$$/fd; trap")
        #expect(await child.end().status == .exited(0))
        let lines = child.text().split(separator: "\n")
        let entry = try #require(ProcessEntry(statLine: String(lines[0])))
        let pid = try child.process.mark.pid
        #expect(entry.mark == (try child.process.mark))
        #expect(entry.group == pid)
        #expect(entry.session == pid)
        #expect(lines.dropFirst() == ["/dev/null", "0", "1", "2"])
    }

    @Test func startsWithEverySignalAsAFreshProgramExpects() async throws {
        signal(SIGPIPE, SIG_IGN)
        let child = try ChildUnderTest("grep -E 'SigBlk|SigIgn' /proc/self/status")
        _ = await child.end()
        let masks = child.text().split(whereSeparator: \.isWhitespace).compactMap { UInt64($0, radix: 16) }
        // 32 and 33 belong to the threads of the C library, which passes them on as they are.
        #expect(masks.map { $0 & ~0x1_8000_0000 } == [0, 0])
    }

    @Test func isNotHeldUpByAGrandchildThatKeepsThePipe() async throws {
        let child = try ChildUnderTest("sleep 1000 & echo done; exit 0", environment: ["MARK": mark("keeps-pipe")])
        #expect(await child.end() == ChildEnd(status: .exited(0), stop: .none))
        #expect(child.text() == "done\n")
        #expect(await allGone(marker: mark("keeps-pipe")))
    }

    @Test func isNotHeldUpByAGrandchildThatLeftTheGroupAndKeepsThePipe() async throws {
        // The one who left stops itself after its word: from then on it is the same program for good, and can be found.
        let child = try ChildUnderTest(
            "setsid sh -c 'echo $$; kill -STOP $$' & wait $!; exit 0", environment: ["MARK": mark("left-group")]
        )
        await child.waitFor("\n")
        try child.process.kill()
        #expect(await child.end().stop == .killed)
        let left = ProcessTable.processes(withVariable: "MARK", value: mark("left-group"))
        #expect(left.count == 1)
        for entry in left { ProcessTable.kill(entry.mark) }
        #expect(await allGone(marker: mark("left-group")))
    }

    @Test func leavesTheLastWordsToWhoeverReadsThemToTheEnd() async throws {
        // The other one speaks once the leader has ended and waits to be reaped. How long it may take is a rule of the
        // plan and tested there; here it may take as long as it likes.
        let child = try ChildUnderTest(
            "(while ! grep -q ') Z' /proc/$$/stat; do :; done; echo late word) & exit 0",
            plan: ChildPlan(settleMilliseconds: 600_000)
        )
        #expect(await child.end().status == .exited(0))
        #expect(child.text() == "late word\n")
    }

    @Test func endsTheWholeGroupWhenAsked() async throws {
        let child = try ChildUnderTest("sleep 1000 & sleep 1000 & echo up; wait", environment: ["MARK": mark("asked")])
        await child.waitFor("up")
        try child.process.stop(graceMilliseconds: 60_000)
        #expect(await child.end() == ChildEnd(status: .signalled(SIGTERM), stop: .asked))
        #expect(await allGone(marker: mark("asked")))
    }

    @Test func killsWhoeverDoesNotListenAfterTheGrace() async throws {
        let child = try ChildUnderTest(
            "trap '' TERM; (trap '' TERM; sleep 1000) & echo up; wait; wait; sleep 1000",
            environment: ["MARK": mark("deaf")]
        )
        await child.waitFor("up")
        try child.process.stop(graceMilliseconds: 20)
        #expect(await child.end() == ChildEnd(status: .signalled(SIGKILL), stop: .killed))
        #expect(await allGone(marker: mark("deaf")))
    }

    @Test func letsAProgramEndByItselfWithinTheGrace() async throws {
        let child = try ChildUnderTest("trap 'echo bye; exit 5' TERM; echo up; while :; do sleep 0.01; done")
        await child.waitFor("up")
        try child.process.stop(graceMilliseconds: 60_000)
        #expect(await child.end() == ChildEnd(status: .exited(5), stop: .asked))
        #expect(child.text() == "up\nbye\n")
    }

    @Test(arguments: [true, false])
    func endsAStoppedChild(bySignalAsked: Bool) async throws {
        let child = try ChildUnderTest("echo up; kill -STOP $$; sleep 1000")
        await child.waitFor("up")
        let process = try child.process
        while ProcessTable.entry(process.mark.pid)?.state != "T" { await Task.yield() }
        if bySignalAsked { process.stop(graceMilliseconds: 60_000) } else { process.kill() }
        #expect(await child.end().status == .signalled(bySignalAsked ? SIGTERM : SIGKILL))
    }

    @Test func takesAKillAfterTheEndAsNothing() async throws {
        let child = try ChildUnderTest("exit 0")
        #expect(await child.end().stop == .none)
        try child.process.kill()
        try child.process.stop(graceMilliseconds: 1)
        #expect(await child.end() == ChildEnd(status: .exited(0), stop: .none))
    }

    @Test func saysWhyAProgramCouldNotBeStarted() throws {
        let error = #expect(throws: SystemError.self) { try ChildUnderTest("x", program: ["/nowhere/program"]) }
        #expect(error?.code == ENOENT)
        #expect(error?.description == "starting /nowhere/program failed: No such file or directory")
    }

    @Test func runsManyAtOnceAndLeavesNothing() async throws {
        try await withThrowingTaskGroup(of: String.self) { group in
            for number in 0..<60 {
                group.addTask {
                    let child = try ChildUnderTest("echo \(number); exit \(number)")
                    guard await child.end().status == .exited(Int32(number)) else { return "wrong" }
                    return child.text()
                }
            }
            let texts = try await group.reduce(into: Set()) { $0.insert($1) }
            #expect(texts == Set((0..<60).map { "\($0)\n" }))
        }
    }
}
