import Connectors
import Domain
import Glibc
import Testing
import Wire

@testable import Agent

@Suite struct ArtifactTests {
    @Test func findsFilesInOrderAndPassesOverWhatIsNone() async throws {
        try await withFolder { folder in
            try Files.makeFolder("\(folder.path)/b/deep")
            for name in ["z.png", "a.json", "b/two words.txt", "b/deep/x"] { try folder.write(name, "x") }
            #expect(unsafe mkfifo("\(folder.path)/pipe", 0o600) == 0)
            #expect(unsafe symlink("a.json", "\(folder.path)/link.json") == 0)
            #expect(unsafe symlink("/etc", "\(folder.path)/etc") == 0)
            #expect(unsafe symlink("nowhere", "\(folder.path)/broken") == 0)
            let found = ArtifactFiles(in: folder.path)
            #expect(found.files.map(\.name) == ["a.json", "b/deep/x", "b/two words.txt", "link.json", "z.png"])
            #expect(found.passedOver == ["broken is no file", "etc is no file", "pipe is no file"])
            #expect(found.files.map(\.mediaType).last == "image/png")
            #expect(ArtifactFiles(in: "\(folder.path)/none").files == [])
        }
    }

    @Test func takesNamedFilesFromTheAttemptsOwnFolderOnly() async throws {
        try await withFolder { folder in
            let folders = AttemptFolders(work: "\(folder.path)/j7-1")
            try Files.makeFolder(folders.artifacts)
            for name in ["j7-1/artifacts/in.png", "j7-1/note.txt", "secret.txt"] { try folder.write(name, "x") }
            #expect(unsafe symlink("\(folder.path)/secret.txt", "\(folders.artifacts)/trick") == 0)
            func name(_ path: String) -> String? {
                ArtifactFiles.named(path, folders: folders, programFolder: folder.path)?.name
            }
            #expect(name("in.png") == "in.png")
            #expect(name("artifacts/in.png") == "in.png")
            #expect(name("note.txt") == "note.txt")
            #expect(name("\(folders.work)/note.txt") == "note.txt")
            #expect(name("j7-1/note.txt") == "note.txt")
            for path in [
                "secret.txt", "../secret.txt", "\(folder.path)/secret.txt", "trick", "artifacts", "none", "/etc/passwd",
            ] {
                #expect(name(path) == nil, "\(path)")
            }
        }
    }

    @Test func storesWhatAProgramNamesWhileItRunsAndNotTwice() async throws {
        try await withServer { server, folder in
            server.change { $0.waiting = [someJob(7)] }
            let shell = """
                echo one > {output}/early.txt; echo ::artifact early.txt::; echo ::artifact /etc/passwd::
                while [ ! -e go ]; do sleep 0.02; done; echo two > {output}/late.txt
                """
            try await withWorker(someSettings(server, folder, shell: shell)) { agent in
                await server.wait { $0.artifacts["j7-1/early.txt"] == Array("one\n".utf8) }
                #expect(!server.read { $0.isOver(7) })
                try folder.write("go", "")
                await server.wait { $0.isOver(7) }
                agent.drain()
            }
            #expect(server.read { $0.artifacts.keys.sorted() } == ["j7-1/early.txt", "j7-1/late.txt"])
            #expect(server.read { $0.tickets.count } == 2)
            #expect(
                server.read { $0.lines(7) } == [
                    "/etc/passwd is not stored: there is no such file in the attempt's folder"
                ])
        }
    }

    @Test func completesOnlyWhenItsResultsAreStoredHoweverLongTheServerIsAway() async throws {
        try await withServer { server, folder in
            server.change { $0.waiting = [someJob(7)] }
            let shell =
                "head -c 3000000 /dev/zero > {output}/big; echo up; while [ ! -e go ]; do sleep 0.02; done; touch done"
            try await withWorker(someSettings(server, folder, shell: shell)) { agent in
                await server.wait { $0.lines(7) == ["up"] }
                await server.http.stop()
                try folder.write("go", "")
                while Files.status("\(folder.path)/done") == nil { await Task.yield() }
                server.change { $0.losesAnswerOf = ["artifacts"] }
                try await server.http.start()
                await server.wait { $0.isOver(7) }
                agent.drain()
            }
            #expect(server.read { $0.kinds(7) } == [.started, .completed])
            #expect(server.read { $0.artifacts["j7-1/big"]?.count } == 3_000_000)
        }
    }

    @Test func failsAJobWhoseResultIsRefused() async throws {
        try await withServer { server, folder in
            let refusal = TestAnswer.status(
                422, body: Problem(code: "invalid", title: "t", status: 422, detail: "too odd").body)
            server.change { state in
                state.waiting = [someJob(7)]
                state.instead = Array(repeating: ("artifacts", refusal), count: 3)
            }
            try await withWorker(someSettings(server, folder, shell: "touch {output}/odd")) { agent in
                await server.wait { $0.isOver(7) }
                agent.drain()
            }
            #expect(server.read { $0.last(7)?.kind } == .failed)
            #expect(server.read { $0.last(7)?.reason } == "its result odd could not be stored: too odd")
        }
    }

    @Test func givesUpAnUploadThatIsCancelled() async throws {
        try await withServer { server, folder in
            server.change { state in
                state.waiting = [someJob(7)]
                state.instead = Array(repeating: ("artifacts", .cut), count: 100_000)
            }
            try await withWorker(someSettings(server, folder, shell: "touch {output}/x")) { agent in
                await server.wait { $0.log.contains("POST artifacts") }
                server.change { $0.cancelled = [someRef(7)] }
                await server.wait { $0.isOver(7) }
                agent.drain()
            }
            #expect(server.read { $0.kinds(7) } == [.started, .cancelled])
        }
    }
}

@Suite struct FrozenTests {
    @Test func asksBeforeItDoesAnythingWhenItWakes() async throws {
        try await withServer { server, folder in
            let jump = JumpingClock()
            server.change { state in
                state.heartbeatMilliseconds = 3_600_000
                state.waiting = [someJob(7)]
            }
            var settings = someSettings(
                server, folder, shell: "echo up; while [ ! -e go ]; do sleep 0.02; done; echo late; sleep 1000"
            )
            settings.slots = 2
            settings.environment["FROZEN"] = folder.path
            try await withWorker(settings, clock: jump.clock) { agent in
                await server.wait { $0.lines(7) == ["up"] && !$0.pendingClaims.isEmpty }
                // An hour passes in which its leases end; an answer of before lies in its socket.
                let before = server.read { $0.log.count }
                jump.jump(3_600_000)
                server.change { state in
                    state.waiting = [someJob(8)]
                    state.takesBackWhatItGives = true
                    state.held[someRef(7)] = nil
                }
                try folder.write("go", "")
                #expect(await areGone("FROZEN", folder.path))
                await server.wait { state in state.beats.contains { $0.held.contains { $0.ref == someRef(8) } } }
                let after = server.read { $0.log.dropFirst(before) }
                #expect(after.first == "POST heartbeat", "\(after)")
                agent.drain()
            }
            #expect(server.read { $0.kinds(7) } == [.started])
            #expect(server.read { $0.kinds(8) } == [])
            #expect(server.read { $0.lines(7) } == ["up"])
        }
    }
}
