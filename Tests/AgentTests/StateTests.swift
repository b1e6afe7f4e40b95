import Connectors
import Domain
import Glibc
import Synchronization
import Testing
import Wire

@testable import Agent

/// A real process of the system's own, run by a line of shell, with its first words to wait for.
final class RealProcess: Sendable {
    private let ear = Ear()
    private final class Ear: Sendable {
        let heard = Bell()
        let ended = Bell()
    }
    let child: ChildProcess

    init(_ shell: String, environment: [String: String] = [:]) throws {
        let command = ChildCommand(
            executable: "/bin/sh", arguments: ["/bin/sh", "-c", shell],
            environment: environment.merging(["PATH": "/usr/bin:/bin"]) { own, _ in own }
        )
        let ear = ear
        child = try ChildProcess.start(
            command, listener: .init(heard: { _, _ in ear.heard.ring() }, ended: { _ in ear.ended.ring() })
        )
    }

    func firstWords() async { await ear.heard.wait() }
    func end() async { await ear.ended.wait() }
}

@Suite struct StateTests {
    @Test func makesOneMachineIDForAllThatStartSideBySide() async throws {
        try await withFolder { folder in
            let state = try StateFolder("\(folder.path)/deep/state")
            let ids = try await withThrowingTaskGroup(of: MachineID.self) { group in
                for _ in 0..<20 { group.addTask { try state.machineID() } }
                return try await group.reduce(into: Set<MachineID>()) { $0.insert($1) }
            }
            #expect(ids.count == 1)
            #expect(try StateFolder("\(folder.path)/deep/state").machineID() == ids.first)
            #expect(Files.list(state.path) == ["machine-id", "names"])
        }
    }

    @Test(arguments: ["", "x", "00000000-0000-4000-8000-00000000000g"])
    func refusesADamagedMachineID(text: String) async throws {
        try await withFolder { folder in
            let state = try StateFolder(folder.path)
            try folder.write("machine-id", text)
            #expect(throws: AgentError.self) { try state.machineID() }
        }
    }

    @Test func givesNamesInTurnWhileTheirHoldersLive() async throws {
        try await withFolder { folder in
            let state = try StateFolder(folder.path)
            var first: HeldName? = try state.takeName(wanted: nil, hostname: "lab")
            let second = try state.takeName(wanted: nil, hostname: "lab")
            #expect(first?.name == "lab")
            #expect(second.name == "lab-2")
            #expect(throws: AgentError.self) { try state.takeName(wanted: "lab", hostname: "x") }
            first = nil
            let again = try await free(state)
            #expect(again.name == "lab")
            #expect(try state.takeName(wanted: nil, hostname: "lab", passingOver: ["lab"]).name == "lab-3")
        }
    }

    @Test(arguments: ["GPU box #1", "../../etc", "..", "ä/ö", "a\nb"])
    func takesAnyTextAsANameAndKeepsItInItsFolder(name: String) async throws {
        try await withFolder { folder in
            let held = try StateFolder(folder.path).takeName(wanted: name, hostname: "lab")
            #expect(held.name == name)
            #expect(Files.list("\(folder.path)/names").count == 2)
            #expect(Files.list(folder.path) == ["names"])
        }
    }

    @Test func losesANameToNobodyWhileAnotherProcessLivesAndGetsItWhenThatIsKilled() async throws {
        try await withFolder { folder in
            let state = try StateFolder(folder.path)
            let other = try RealProcess("exec flock '\(folder.path)/names/lab.lock' sh -c 'echo held; exec sleep 1000'")
            await other.firstWords()
            #expect(try state.takeName(wanted: nil, hostname: "lab").name == "lab-2")
            #expect(throws: AgentError.self) { try state.takeName(wanted: "lab", hostname: "lab") }
            other.child.kill()
            await other.end()
            #expect(try await free(state).name == "lab")
        }
    }

    @Test func knowsThatItsPredecessorDiedWithoutGoodbye() async throws {
        try await withFolder { folder in
            let state = try StateFolder(folder.path)
            var held: HeldName? = try state.takeName(wanted: "lab", hostname: "lab")
            #expect(held?.hasDeadHolder == false)
            try held?.noteHolder(processKey: "k")
            held = nil
            held = try await free(state)
            #expect(held?.hasDeadHolder == true)
            try held?.noteCleanEnd()
            held = nil
            #expect(try await free(state).hasDeadHolder == false)
        }
    }

    /// A name whose holder is gone. A child that another test is starting has the lock's file open until it becomes
    /// its program, so it may take a moment.
    private func free(_ state: StateFolder) async throws -> HeldName {
        while true {
            if let name = try? state.takeName(wanted: "lab", hostname: "lab") { return name }
            await Task.yield()
        }
    }

    @Test func keepsASessionsTokenForItsUserAlone() async throws {
        try await withFolder { folder in
            let file = SessionFile(server: "http://x", session: SessionID(number: 7), token: "t\"oken")
            try file.write(to: "\(folder.path)/s")
            #expect(SessionFile.read(from: "\(folder.path)/s") == file)
            var status = stat()
            #expect(unsafe stat("\(folder.path)/s/session", &status) == 0)
            #expect(status.st_mode & 0o777 == 0o600)
            #expect(unsafe stat("\(folder.path)/s", &status) == 0)
            #expect(status.st_mode & 0o777 == 0o700)
        }
    }
}

@Suite struct LeftoversTests {
    @Test func readsWhatItsFileSaysHoweverItEnds() async throws {
        try await withFolder { folder in
            let path = "\(folder.path)/children"
            let file = try ChildrenFile(path: path, bootID: "b")
            let mark = ProcessMark(pid: 4_711, startTicks: 99)
            try file.will("one")
            try file.will("two")
            file.started("two", mark)
            try file.will("three")
            file.started("three", mark)
            file.gone("three")
            let record = ChildrenFile.read(path: path)
            #expect(record == ChildrenRecord(bootID: "b", children: ["one": .announced, "two": .running(mark)]))
            #expect(ChildrenRecord(text: record.text) == record)
            // Torn anywhere, it never names a process that was not noted.
            let text = try #require(Files.text(path))
            for length in text.indices {
                for case .running(let mark) in ChildrenRecord(text: String(text[..<length])).children.values {
                    #expect([4, 47, 471, 4_711].contains(mark.pid))
                }
            }
            for number in 0..<5_000 {
                try file.will("m\(number)")
                file.gone("m\(number)")
            }
            #expect(ChildrenFile.read(path: path) == record)
            #expect(try #require(Files.status(path)).sizeBytes < 100_000)
        }
    }

    private func entry(_ pid: Int32, _ ticks: UInt64, group: Int32, session: Int32) throws -> ProcessEntry {
        let rest = (9...21).map { _ in "0" }.joined(separator: " ")
        return try #require(ProcessEntry(statLine: "\(pid) (x) S 1 \(group) \(session) 0 0 \(rest) \(ticks) 0"))
    }

    @Test func tellsItsOwnFromStrangersWithTheSameNumber() throws {
        let record = ChildrenRecord(bootID: "b", children: ["m": .running(ProcessMark(pid: 100, startTicks: 50))])
        let leader = try entry(100, 50, group: 100, session: 100)
        let member = try entry(101, 60, group: 100, session: 100)
        let moved = try entry(102, 60, group: 102, session: 100)
        let other = try entry(200, 70, group: 200, session: 200)
        let impostor = try entry(100, 80, group: 100, session: 100)
        #expect(Leftovers.belonging(to: record, in: [leader, member, moved, other]) == [leader, member, moved])
        #expect(Leftovers.belonging(to: record, in: [member, other]) == [member])
        #expect(Leftovers.belonging(to: record, in: [impostor, other]) == [])
        #expect(Leftovers.belonging(to: record, in: [other]) == [])
    }

    @Test func endsWhatIsLeftByNumberAndByMark() async throws {
        let marker = RandomID.make()
        let name = CommandConnector.markerVariable
        // One that is known by its number, with a child in another session; one of which only the mark is known.
        let known = try RealProcess("setsid sleep 1000 & echo up; sleep 1000", environment: [name: "\(marker)-a"])
        let unknown = try RealProcess("echo up; sleep 1000", environment: [name: "\(marker)-b"])
        await known.firstWords()
        await unknown.firstWords()
        let record = ChildrenRecord(
            bootID: ProcessTable.bootID(),
            children: ["\(marker)-a": .running(known.child.mark), "\(marker)-b": .announced]
        )
        let isEnded = await Leftovers.end(
            record, bootID: ProcessTable.bootID(), clock: .system, logger: quietLogger()
        )
        #expect(isEnded)
        await known.end()
        await unknown.end()
        let left = ProcessTable.processes(withVariable: name, value: "\(marker)-a").filter(\.isAlive)
        #expect(left == [])
    }

    @Test func leavesAloneWhatBelongsToAnotherStartOfTheMachine() async throws {
        let living = try RealProcess("echo up; sleep 1000")
        await living.firstWords()
        let record = ChildrenRecord(bootID: "another", children: ["none": .running(living.child.mark)])
        #expect(await Leftovers.end(record, bootID: ProcessTable.bootID(), clock: .system, logger: quietLogger()))
        #expect(ProcessTable.entry(living.child.mark.pid)?.isAlive == true)
        living.child.kill()
        await living.end()
    }
}

@Suite struct PredecessorTests {
    @Test func endsDeliversAndOnlyThenRegisters() async throws {
        try await withServer { server, folder in
            let settings = someSettings(server, folder)
            // A worker that was killed while one job ran and the end of another was not yet told.
            server.change { state in
                state.sessions[SessionID(number: 1)] = FakeServer.SessionState(processKey: "dead")
                state.tokens["dead-token"] = SessionID(number: 1)
                state.nextSession = 2
                state.held[someRef(7)] = SessionID(number: 1)
            }
            let marker = "dead:j8:1-\(RandomID.make())"
            let child = try RealProcess("echo up; sleep 1000", environment: [CommandConnector.markerVariable: marker])
            await child.firstWords()
            do {
                let state = try StateFolder(settings.stateFolder)
                let name = try state.takeName(wanted: nil, hostname: "lab")
                try name.noteHolder(processKey: "dead")
                let session = name.sessionFolder(processKey: "dead")
                try SessionFile(server: server.url, session: SessionID(number: 1), token: "dead-token").write(
                    to: session)
                let spool = try Spool(folder: session, policy: settings.spool)
                spool.append(.essential) { Report(number: $0, kind: .started, ref: someRef(7)) }
                spool.append(.result) { Report(number: $0, kind: .completed, ref: someRef(7), exitCode: 0) }
                spool.append(.result) { Report(number: $0, kind: .completed, ref: someRef(9), exitCode: 0) }
                let children = try ChildrenFile(path: name.childrenPath, bootID: ProcessTable.bootID())
                try children.will(marker)
                children.started(marker, child.child.mark)
            }
            try await withWorker(settings) { agent in
                await server.wait { !$0.registrations.isEmpty }
                await child.end()
                agent.drain()
            }
            #expect(server.read { $0.kinds(7) } == [.started, .completed])
            // Its lease had gone to another: told, refused, and let go of.
            #expect(server.read { $0.kinds(9) } == [])
            #expect(server.read { $0.registrations.map(\.predecessorEnded) } == [true])
            #expect(
                server.read { $0.log.firstIndex(of: "POST reports") ?? .max }
                    < server.read { $0.log.firstIndex(of: "POST sessions") ?? -1 })
            #expect(Files.list("\(settings.stateFolder)/names/lab.d/sessions") == [])
        }
    }

    @Test func setsAsideWhatNobodyCanBeAskedAbout() async throws {
        try await withServer { server, folder in
            let settings = someSettings(server, folder)
            do {
                let name = try StateFolder(settings.stateFolder).takeName(wanted: nil, hostname: "lab")
                let session = name.sessionFolder(processKey: "old")
                try SessionFile(server: server.url, session: SessionID(number: 1), token: "unknown").write(to: session)
                try Spool(folder: session, policy: settings.spool).append(.result) {
                    Report(number: $0, kind: .completed, ref: someRef(7), exitCode: 0)
                }
                // And one that never came to be a session.
                try Files.makeFolder(name.sessionFolder(processKey: "never"))
            }
            try await withWorker(settings) { agent in
                await server.wait { !$0.registrations.isEmpty }
                agent.drain()
            }
            let left = Files.list("\(settings.stateFolder)/names/lab.d")
            #expect(left.contains("undelivered-old"))
            #expect(Files.list("\(settings.stateFolder)/names/lab.d/sessions") == [])
        }
    }
}
