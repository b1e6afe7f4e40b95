import Foundation
import Testing

@testable import muster

@Suite("Children of a demo")
struct ProcessTests {
    private func child(_ script: String, in folder: String) throws -> ChildProgram {
        try ChildProgram(
            name: "child", program: "/bin/sh", arguments: ["-c", script], environment: ["WORD": "hello"],
            logPath: "\(folder)/child.log")
    }

    /// Waits until the child has said that word: no signal is sent before it can be heard.
    private func wait(for word: String, from child: ChildProgram) async throws {
        while child.lastWords != word {
            try #require(!child.hasEnded)
            await Task.yield()
        }
    }

    @Test("an exit code is told, also to those who ask later", arguments: [0, 3, 42])
    func exitCodes(code: Int32) async throws {
        try await withTemporaryFolder { folder in
            let child = try child("exit \(code)", in: folder)
            #expect(await child.exitCode() == code)
            #expect(await child.exitCode() == code)
            #expect(child.hasEnded)
        }
    }

    @Test("what it writes is in its log, and its last line is tamed")
    func log() async throws {
        try await withTemporaryFolder { folder in
            let child = try child(#"echo out; printf '\033[31m%s\033[0m\n' "$WORD" >&2"#, in: folder)
            _ = await child.exitCode()
            #expect(child.lastWords == "hello")
            #expect(child.hasSaid("ou") && !child.hasSaid("hello there"))
            #expect(try String(contentsOfFile: child.logPath, encoding: .utf8).hasPrefix("out\n"))
        }
    }

    @Test("a polite child ends at the first step")
    func polite() async throws {
        try await withTemporaryFolder { folder in
            let child = try child("trap 'exit 7' TERM; echo ready; while :; do sleep 0.01; done", in: folder)
            try await wait(for: "ready", from: child)
            await Teardown.end([child], steps: [.init(signal: SIGTERM, patience: .seconds(60))])
            #expect(await child.exitCode() == 7)
        }
    }

    @Test("a deaf child ends at the last step")
    func deaf() async throws {
        try await withTemporaryFolder { folder in
            let child = try child("trap '' TERM; echo ready; while :; do sleep 0.01; done", in: folder)
            try await wait(for: "ready", from: child)
            await Teardown.end(
                [child],
                steps: [
                    .init(signal: SIGTERM, patience: .milliseconds(1)),
                    .init(signal: SIGKILL, patience: .seconds(60)),
                ])
            #expect(await child.exitCode() == 128 + SIGKILL)
        }
    }

    @Test("what it is given as input ends when the other end is closed")
    func lifeline() async throws {
        try await withTemporaryFolder { folder in
            let lifeline = Pipe()
            let child = try ChildProgram(
                name: "child", program: "/bin/sh", arguments: ["-c", "cat; exit 9"], environment: [:],
                logPath: "\(folder)/child.log", input: lifeline.fileHandleForReading)
            try lifeline.fileHandleForWriting.close()
            #expect(await child.exitCode() == 9)
        }
    }

    @Test("waiting for an end can be given up")
    func cancelled() async throws {
        try await withTemporaryFolder { folder in
            let child = try child("while :; do sleep 0.01; done", in: folder)
            let wait = Task { await child.exitCode() }
            wait.cancel()
            #expect(await wait.value == nil)
            child.signal(SIGKILL)
            #expect(await child.exitCode() == 128 + SIGKILL)
            // Its number may be another process's by now.
            child.signal(SIGKILL)
        }
    }

    @Test("a program that is not there is told")
    func missing() throws {
        #expect(throws: (any Error).self) {
            _ = try ChildProgram(
                name: "x", program: "/nowhere/muster", arguments: [], environment: [:], logPath: "/dev/null")
        }
        // Whatever it writes into is opened, never replaced.
        let kind = try FileManager.default.attributesOfItem(atPath: "/dev/null")[.type] as? FileAttributeType
        #expect(kind == .typeCharacterSpecial)
    }
}

@Suite("The doctor")
struct DoctorTests {
    private func findings(
        _ answering: @escaping StubServer.Answering, folder: String
    ) async throws -> (code: Int32, stage: Stage) {
        try await StubServer.with(answering) { url in
            let stage = Stage(url: url, environment: ["HOME": folder], folder: folder)
            return (await stage.run("doctor"), stage)
        }.result
    }

    @Test("all is well")
    func well() async throws {
        try await withTemporaryFolder { folder in
            let (code, stage) = try await findings(
                { request in
                    request.path == "/api/v1/version"
                        ? .text("{\"version\":\"\(ProgramVersion.text)\"}") : .text("{\"items\":[]}")
                }, folder: folder)
            #expect(code == 0)
            #expect(stage.output.contains("ok    version       \(ProgramVersion.text), here and there."))
            #expect(stage.output.contains("ok    clock         Agrees with the server's."))
            #expect(!stage.output.contains("fail"))
        }
    }

    @Test("another version, another time, no access: each with the way out")
    func unwell() async throws {
        try await withTemporaryFolder { folder in
            let (code, stage) = try await findings(
                { request in
                    switch request.path {
                    case "/api/v1/version": return .text("{\"version\":\"9.9\"}")
                    case "/api/v1/studies": return .problem(401, "token-unknown", "This token is not known here.")
                    case "/readyz": return .problem(503, "disk-full", "The disk is full.")
                    default:
                        var answer = StubAnswer.text("ok", type: "text/plain")
                        answer.headers["Date"] = "Sun, 01 Mar 2026 11:00:07 GMT"
                        return answer
                    }
                }, folder: folder)
            #expect(code == 1)
            #expect(stage.output.contains("warn  version       \(ProgramVersion.text) here, 9.9 there."))
            #expect(stage.output.contains("warn  clock         1 h ahead of the server's"))
            #expect(stage.output.contains("fail  ready         It does not take work now: The disk is full."))
            #expect(stage.output.contains("fail  access        This token is not known here."))
            #expect(stage.output.contains("→ muster token create on the server's machine"))
        }
    }

    @Test("nobody there: how to start one; as JSON, too")
    func nobody() async throws {
        try await withTemporaryFolder { folder in
            let stage = Stage(environment: ["HOME": folder], folder: folder)
            #expect(await stage.run("doctor") == 1)
            #expect(stage.output.contains("→ muster serve\n"))
            let json = Stage(environment: ["HOME": folder], folder: folder)
            #expect(await json.run("doctor", "--json") == 1)
            #expect(json.output.contains(#"{"name":"server","level":"fail","detail":"Nobody answers at"#))
        }
    }

    @Test("locks and machine id are looked up where server and agent keep them")
    func folders() async throws {
        try await withTemporaryFolder { folder in
            for name in ["data", "state/names/lab-2.d"] {
                try FileManager.default.createDirectory(atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
            }
            try write("4711\n", to: "\(folder)/data/server.lock")
            try write("f3e1\n", to: "\(folder)/state/machine-id")
            try write("", to: "\(folder)/state/names/lab.lock")
            try write("", to: "\(folder)/state/names/lab-2.lock")
            try write("12 key\n", to: "\(folder)/state/names/lab-2.d/holder")
            let lock = try #require(FileHandle(forReadingAtPath: "\(folder)/data/server.lock"))
            #expect(flock(lock.fileDescriptor, LOCK_EX | LOCK_NB) == 0)
            let stage = Stage(folder: folder)
            _ = await stage.run("doctor", "--data", "data", "--state", "state")
            #expect(stage.output.contains("A server has the data folder open (pid 4711), but not at this address."))
            #expect(stage.output.contains("ok    machine id    f3e1."))
            #expect(stage.output.contains("ok    workers here  None runs on this machine."))
            #expect(stage.output.contains("warn  names         lab-2 ended without a goodbye."))
            try lock.close()
        }
    }
}
