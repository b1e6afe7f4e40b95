import Connectors
import Domain
import Testing
import Wire

@testable import Agent

@Suite struct EndingTests {
    private static let sleeper = "trap 'echo asked; exit 5' TERM; echo up; while :; do sleep 0.02; done"

    @Test func killsWhatIsLostAndTellsNothingMoreOfIt() async throws {
        try await withServer { server, folder in
            server.change { $0.waiting = [someJob(7)] }
            var settings = someSettings(server, folder, shell: "\(Self.sleeper)")
            settings.environment["LOST"] = folder.path
            let summary = try await withWorker(settings) { agent in
                await server.wait { $0.lines(7) == ["up"] }
                server.change { $0.held[someRef(7)] = nil }
                #expect(await areGone("LOST", folder.path))
                // The slot is free again, and the next job is taken with it.
                server.change { $0.waiting = [someJob(8)] }
                await server.wait { $0.lines(8) == ["up"] }
                agent.stopNow()
            }
            #expect(server.read { $0.kinds(7) } == [.started])
            #expect(server.read { $0.lines(7) } == ["up"])
            #expect(summary.lost == 1)
        }
    }

    @Test func killsWhatAReportIsRefusedFor() async throws {
        try await withServer { server, folder in
            server.change { state in
                state.heartbeatMilliseconds = 60_000
                state.waiting = [someJob(7)]
            }
            var settings = someSettings(
                server, folder, shell: "echo up; while [ ! -e go ]; do sleep 0.02; done; echo more; sleep 1000")
            settings.environment["REFUSED"] = folder.path
            let summary = try await withWorker(settings) { agent in
                await server.wait { $0.lines(7) == ["up"] }
                server.change { $0.held[someRef(7)] = nil }
                try folder.write("go", "")
                #expect(await areGone("REFUSED", folder.path))
                agent.drain()
            }
            #expect(server.read { $0.lines(7) } == ["up"])
            #expect(summary.lost == 1)
        }
    }

    @Test func endsACancelledJobPolitelyAndSaysSo() async throws {
        try await withServer { server, folder in
            server.change { $0.waiting = [someJob(7)] }
            try await withWorker(someSettings(server, folder, shell: Self.sleeper)) { agent in
                await server.wait { $0.lines(7) == ["up"] }
                server.change { $0.cancelled = [someRef(7)] }
                await server.wait { $0.isOver(7) }
                agent.drain()
            }
            #expect(server.read { $0.kinds(7) } == [.started, .cancelled])
            #expect(server.read { $0.lines(7).contains("asked") })
            #expect(server.read { $0.last(7)?.exitCode } == 5)
        }
    }

    @Test func killsACancelledJobThatDoesNotListenAfterTheGrace() async throws {
        try await withServer { server, folder in
            server.change { $0.waiting = [someJob(7)] }
            var settings = someSettings(server, folder, shell: "trap '' TERM; echo up; while :; do sleep 0.02; done")
            settings.killGraceMilliseconds = 50
            try await withWorker(settings) { agent in
                await server.wait { $0.lines(7) == ["up"] }
                server.change { $0.cancelled = [someRef(7)] }
                await server.wait { $0.isOver(7) }
                agent.drain()
            }
            #expect(server.read { $0.last(7)?.kind } == .cancelled)
            #expect(server.read { $0.last(7)?.exitCode } == 137)
        }
    }

    @Test func hearsOfACancelOnTheWatch() async throws {
        try await withServer { server, folder in
            server.change { state in
                // No beat would come in the life of this test.
                state.heartbeatMilliseconds = 3_600_000
                state.waiting = [someJob(7)]
            }
            try await withWorker(someSettings(server, folder, shell: Self.sleeper)) { agent in
                await server.wait { $0.lines(7) == ["up"] && !$0.streams.isEmpty }
                server.change { state in
                    state.cancelled = [someRef(7)]
                    let item = WatchItem(.session(someSession(held: [someHeld(7, isCancelRequested: true)])))
                    state.streams.last?.send(WatchFrame.put(item).event(epoch: "e"))
                }
                await server.wait { $0.isOver(7) }
                agent.drain()
            }
            #expect(server.read { $0.last(7)?.kind } == .cancelled)
        }
    }

    @Test func letsWorkEndWhenItDrainsAndTakesNoMore() async throws {
        try await withServer { server, folder in
            server.change { $0.waiting = [someJob(7)] }
            let shell = "echo up; while [ ! -e go ]; do sleep 0.02; done; echo done"
            let summary = try await withWorker(someSettings(server, folder, shell: shell)) { agent in
                await server.wait { $0.lines(7) == ["up"] }
                agent.drain()
                await server.wait { $0.beats.last?.status == .stopping }
                let claims = server.read { $0.claims.count }
                server.change { $0.waiting = [someJob(8)] }
                try folder.write("go", "")
                await server.wait { $0.isOver(7) }
                #expect(server.read { $0.claims.count } == claims)
            }
            #expect(server.read { $0.kinds(7) } == [.started, .completed])
            #expect(server.read { $0.lines(7) } == ["up", "done"])
            #expect(server.read { $0.saidGoodbye })
            #expect(summary.completed == 1)
        }
    }

    @Test func drainsWhenTheServerAsksIt() async throws {
        try await withServer { server, folder in
            try await withWorker(someSettings(server, folder)) { _ in
                await server.wait { !$0.beats.isEmpty }
                server.change { $0.isDraining = true }
                await server.wait { $0.saidGoodbye }
            }
        }
    }

    @Test func givesBackWhatIsNotDoneWithinTheGrace() async throws {
        try await withServer { server, folder in
            server.change { $0.waiting = [someJob(7)] }
            var settings = someSettings(server, folder, shell: Self.sleeper)
            settings.drainGraceMilliseconds = 100
            let summary = try await withWorker(settings) { agent in
                await server.wait { $0.lines(7) == ["up"] }
                agent.drain()
            }
            #expect(server.read { $0.kinds(7) } == [.started, .released])
            #expect(server.read { $0.lines(7).contains("asked") })
            #expect(summary.released == 1)
            #expect(server.read { $0.saidGoodbye })
        }
    }

    @Test func givesBackAtOnceWhenToldTwice() async throws {
        try await withServer { server, folder in
            server.change { $0.waiting = [someJob(7), someJob(8)] }
            var settings = someSettings(server, folder, shell: "trap '' TERM; echo up; while :; do sleep 0.02; done")
            settings.slots = 2
            settings.environment["TWICE"] = folder.path
            let summary = try await withWorker(settings) { agent in
                await server.wait { $0.lines(7) == ["up"] && $0.lines(8) == ["up"] }
                agent.drain()
                await server.wait { $0.beats.last?.status == .stopping }
                agent.stopNow()
            }
            #expect(await areGone("TWICE", folder.path))
            #expect(summary.released == 2)
            #expect(server.read { $0.kinds(7) } == [.started, .released])
            #expect(server.read { $0.saidGoodbye })
        }
    }

    @Test func endsEverythingWhenItsTaskIsCancelled() async throws {
        try await withServer { server, folder in
            server.change { $0.waiting = [someJob(7)] }
            var settings = someSettings(server, folder, shell: "echo up; sleep 1000")
            settings.environment["CANCELLED"] = folder.path
            let agent = Agent(settings: settings, logger: quietLogger())
            let summary = try await withThrowingTaskGroup(of: AgentSummary.self) { group in
                group.addTask { try await agent.run() }
                await server.wait { $0.lines(7) == ["up"] }
                group.cancelAll()
                return try await group.next()
            }
            #expect(summary?.hasUndelivered == true)
            #expect(await areGone("CANCELLED", folder.path))
            // The next worker of this name knows, and tells what was left.
            try await withWorker(settings) { agent in
                await server.wait { $0.registrations.count == 2 }
                agent.drain()
            }
            #expect(server.read { $0.kinds(7) } == [.started, .released])
            #expect(server.read { $0.registrations.last?.predecessorEnded } == true)
        }
    }

    @Test func stopsAtOnceWhileTheServerIsAwayAndKeepsWhatWasNotTold() async throws {
        try await withServer { server, folder in
            server.change { $0.waiting = [someJob(7)] }
            let settings = someSettings(server, folder, shell: "echo up; sleep 1000")
            let jump = JumpingClock()
            let summary = try await withWorker(settings, clock: jump.clock) { agent in
                await server.wait { $0.lines(7) == ["up"] }
                await server.http.stop()
                agent.stopNow()
                let sessions = "\(folder.path)/state/names/lab.d/sessions"
                let spool = try #require(Files.list(sessions).first)
                while !(Files.text("\(sessions)/\(spool)/spool-00000001") ?? "").contains("released") {
                    await Task.yield()
                }
                jump.jump(3_600_000)
            }
            #expect(summary.hasUndelivered)
            #expect(summary.exitCode == 4)
            try await server.http.start()
            try await withWorker(settings) { agent in
                await server.wait { $0.isOver(7) && $0.registrations.count == 2 }
                agent.drain()
            }
            #expect(server.read { $0.kinds(7) } == [.started, .released])
        }
    }

    @Test func registersAnewWhenTheServerEndedTheSession() async throws {
        try await withServer { server, folder in
            server.change { $0.waiting = [someJob(7)] }
            var settings = someSettings(server, folder, shell: "echo up; sleep 1000")
            settings.environment["GONE"] = folder.path
            let summary = try await withWorker(settings) { agent in
                await server.wait { $0.lines(7) == ["up"] }
                server.change { $0.sessions[SessionID(number: 1)]?.isGone = true }
                await server.wait { $0.sessions[SessionID(number: 2)]?.beats.isEmpty == false }
                #expect(await areGone("GONE", folder.path))
                agent.drain()
            }
            let keys = server.read { $0.registrations.map(\.processKey) }
            #expect(Set(keys).count == 2)
            #expect(summary.lost == 1)
            #expect(server.read { $0.kinds(7) } == [.started])
        }
    }

    @Test func keepsItsSessionAndWorkWhenOnlyItsTokenIsRefused() async throws {
        try await withServer { server, folder in
            server.change { $0.waiting = [someJob(7)] }
            let shell = "echo up; while [ ! -e go ]; do sleep 0.02; done"
            try await withWorker(someSettings(server, folder, shell: shell)) { agent in
                await server.wait { $0.lines(7) == ["up"] }
                server.change { $0.tokens = [:] }
                await server.wait { $0.registrations.count == 2 }
                try folder.write("go", "")
                await server.wait { $0.isOver(7) }
                agent.drain()
            }
            #expect(server.read { $0.kinds(7) } == [.started, .completed])
            #expect(server.read { $0.sessions.count } == 1)
        }
    }

    @Test func isNotMisledByAStrangersNotFound() async throws {
        try await withServer { server, folder in
            server.change { $0.waiting = [someJob(7)] }
            let shell = "echo up; while [ ! -e go ]; do sleep 0.02; done"
            try await withWorker(someSettings(server, folder, shell: shell)) { agent in
                await server.wait { $0.lines(7) == ["up"] }
                server.change { state in
                    let page = TestAnswer.status(404, body: Array("<html>not here</html>".utf8))
                    state.instead = [("heartbeat", page), ("heartbeat", page), ("claims", page), ("reports", page)]
                    // Together with a claim first, and then by themselves.
                    state.refusesReportsInClaims = true
                }
                try folder.write("go", "")
                await server.wait { $0.isOver(7) && $0.instead.isEmpty }
                agent.drain()
            }
            #expect(server.read { $0.kinds(7) } == [.started, .completed])
            #expect(server.read { $0.sessions.count } == 1)
        }
    }
}
