import Connectors
import Domain
import Testing
import Wire

@testable import Agent

@Suite struct WorkTests {
    @Test func runsJobsAndTellsOfThemInOrder() async throws {
        try await withServer { server, folder in
            let shell = """
                echo ::progress 0.5 stage=solve::; echo said >&2; cat {config} > {output}/copy.json
                echo '{"power": 1.50}' > {output}/result.json; echo ::progress 1::
                """
            var settings = someSettings(server, folder, shell: shell)
            settings.studies = ["heads"]
            settings.queues = []
            settings.slots = 2
            settings.stopsWhenFinished = true
            let payload: JSON = ["b": .number(try #require(JSONNumber(text: "1.0"))), "a": [1, 2]]
            server.change { state in
                state.waiting = (0..<5).map { someJob(Int64($0) + 10, payload: payload, index: $0) }
                state.isFinished = true
            }
            let summary = try await withWorker(settings) { _ in }
            #expect(summary.completed == 5)
            #expect(summary.isFinished)
            #expect(summary.exitCode == 0)
            let state = server.read { $0 }
            for job in Int64(10)..<15 {
                #expect(state.kinds(job) == [.started, .completed])
                #expect(state.last(job)?.result?.text == #"{"power":1.50}"#)
                #expect(state.lines(job) == ["said"])
                #expect(state.artifacts["j\(job)-1/copy.json"] == Array(#"{"b":1.0,"a":[1,2]}"#.utf8))
                let told = state.reports.filter { $0.ref == someRef(job) }
                #expect(told.last?.kind == .completed)
                #expect(told.last { $0.kind == .progress }?.fraction == 1)
            }
            #expect(state.reports.map(\.number) == state.reports.map(\.number).sorted())
            #expect(state.saidGoodbye)
            #expect(state.registrations.first?.studies == ["heads"])
            #expect(state.registrations.first?.predecessorEnded == false)
            #expect(Files.list("\(folder.path)/state/work/lab.work") == [])
            #expect(Files.list("\(folder.path)/state/names/lab.d/sessions") == [])
        }
    }

    @Test func asksForTheNextOnlyWhenTheServerHasTheEndOfTheLast() async throws {
        try await withServer { server, folder in
            var settings = someSettings(server, folder)
            settings.slots = 2
            server.change { state in
                // Ends that have to be told twice: the slot is not free in between.
                state.losesAnswerOf = ["reports", "reports", "reports"]
                state.waiting = (10..<30).map { someJob($0) }
            }
            let summary = try await withWorker(settings) { agent in
                await server.wait { state in (10..<30).allSatisfy { state.isOver($0) } }
                agent.drain()
            }
            #expect(summary.completed == 20)
            // What is held is named until its end is acknowledged.
            #expect(server.read { $0.claims.filter { $0.held.count + $0.count > 2 } }.isEmpty)
        }
    }

    @Test(arguments: [[], ["claims"], ["claims", "claims", "reports", "claims"]])
    func endsOneJobAndAsksForTheNextInOneCall(lost: [String]) async throws {
        try await withServer { server, folder in
            let settings = someSettings(server, folder, shell: "echo up")
            server.change { state in
                state.losesAnswerOf = lost
                state.waiting = (10..<20).map { someJob($0) }
            }
            let summary = try await withWorker(settings) { agent in
                await server.wait { state in (10..<20).allSatisfy { state.isOver($0) } }
                agent.drain()
            }
            #expect(summary.completed == 10)
            let state = server.read { $0 }
            for job in Int64(10)..<20 {
                #expect(state.kinds(job) == [.started, .completed])
                #expect(state.lines(job) == ["up"])
            }
            // With one slot nobody else claims while a job runs: every end comes with the claim of the next.
            let ends = Set(state.claims.flatMap(\.reports).filter { $0.kind == .completed }.map(\.number))
            #expect(ends.count == 10)
            #expect(state.claims.allSatisfy { $0.reports.isEmpty || $0.held.isEmpty })
        }
    }

    @Test func tellsOfItsJobsByThemselvesWhereAClaimMayNotBringReports() async throws {
        try await withServer { server, folder in
            server.change { state in
                state.refusesReportsInClaims = true
                state.waiting = (10..<25).map { someJob($0) }
            }
            let summary = try await withWorker(someSettings(server, folder)) { agent in
                await server.wait { state in (10..<25).allSatisfy { state.isOver($0) } }
                agent.drain()
            }
            #expect(summary.completed == 15)
            // Asked three times, or more where an answer came too late, and then no more.
            #expect((3...8).contains(server.read { $0.claims.count { !$0.reports.isEmpty } }))
        }
    }

    @Test func waitsForAServerThatIsAwayAtTheStart() async throws {
        try await withServer { server, folder in
            await server.http.stop()
            try await withWorker(someSettings(server, folder)) { agent in
                try await server.http.start()
                await server.wait { !$0.registrations.isEmpty && !$0.beats.isEmpty }
                agent.drain()
            }
            #expect(server.read { $0.saidGoodbye })
        }
    }

    @Test func findsTheSessionItMadeWhenTheAnswerIsLost() async throws {
        try await withServer { server, folder in
            server.change { $0.losesAnswerOf = ["sessions"] }
            try await withWorker(someSettings(server, folder)) { agent in
                await server.wait { !$0.beats.isEmpty }
                agent.drain()
            }
            let registrations = server.read { $0.registrations }
            #expect(registrations.count == 2)
            #expect(registrations[0].processKey == registrations[1].processKey)
            #expect(server.read { $0.sessions.count } == 1)
        }
    }

    @Test func runsAJobOnceWhoseClaimWasLostOnTheWay() async throws {
        try await withServer { server, folder in
            let settings = someSettings(server, folder, shell: "echo ran >> ../ran-{job}-{attempt}; echo up")
            server.change { $0.losesAnswerOf = ["claims"] }
            try await withWorker(settings) { agent in
                await server.wait { !$0.claims.isEmpty }
                server.change { $0.waiting = [someJob(7)] }
                await server.wait { $0.isOver(7) }
                agent.drain()
            }
            let claims = server.read { $0.claims }
            #expect(claims.count >= 2)
            #expect(claims.allSatisfy { $0.held.isEmpty || $0.held == [someRef(7)] })
            #expect(server.read { $0.kinds(7) } == [.started, .completed])
            #expect(server.read { $0.lines(7) } == ["up"])
        }
    }

    @Test func appliesReportsOnceWhoseAnswerWasLost() async throws {
        try await withServer { server, folder in
            server.change { state in
                state.losesAnswerOf = ["reports", "reports", "heartbeat"]
                state.refusesReportsInClaims = true
                state.waiting = [someJob(7)]
            }
            try await withWorker(someSettings(server, folder, shell: "echo one; echo two")) { agent in
                await server.wait { $0.isOver(7) && $0.losesAnswerOf.isEmpty }
                agent.drain()
            }
            #expect(server.read { $0.kinds(7) } == [.started, .completed])
            #expect(server.read { $0.lines(7) } == ["one", "two"])
        }
    }

    @Test func worksOnWhileTheServerIsAwayAndTellsAllInOrder() async throws {
        try await withServer { server, folder in
            let shell =
                "echo first; while [ ! -e go ]; do sleep 0.02; done; for i in 1 2 3; do echo line $i; done; exit 3"
            try await withWorker(someSettings(server, folder, shell: shell)) { agent in
                server.change { $0.waiting = [someJob(7)] }
                await server.wait { $0.lines(7) == ["first"] }
                await server.http.stop()
                try folder.write("go", "")
                // The job ends while nobody can be told: its end is in the spool.
                let spool = try await spoolFolder(folder)
                while !(Files.text("\(spool)/spool-00000001") ?? "").contains(#""exitCode":3"#) { await Task.yield() }
                try await server.http.start()
                await server.wait { $0.isOver(7) }
                agent.drain()
            }
            let state = server.read { $0 }
            #expect(state.lines(7) == ["first", "line 1", "line 2", "line 3"])
            #expect(state.kinds(7) == [.started, .failed])
            #expect(state.last(7)?.reason == "exit code 3")
            #expect(state.reports.map(\.number) == Array(1...Int64(state.reports.count)))
        }
    }

    private func spoolFolder(_ folder: TestFolder) async throws -> String {
        let sessions = "\(folder.path)/state/names/lab.d/sessions"
        return "\(sessions)/\(try #require(Files.list(sessions).first))"
    }

    @Test(arguments: [("exit 42", ReportKind.retryable), ("exit 1", .failed), ("kill -SEGV $$", .failed)])
    func tellsHowAProgramEnded(shell: String, kind: ReportKind) async throws {
        try await withServer { server, folder in
            server.change { $0.waiting = [someJob(7)] }
            let summary = try await withWorker(someSettings(server, folder, shell: shell)) { agent in
                await server.wait { $0.isOver(7) }
                agent.drain()
            }
            #expect(server.read { $0.kinds(7) } == [.started, kind])
            #expect(summary.exitCode == (kind == .failed ? 1 : 0))
            #expect(server.read { $0.last(7)?.reason } != nil)
        }
    }

    @Test func givesAJobBackThatItCannotStartAndSaysSo() async throws {
        try await withServer { server, folder in
            var settings = someSettings(server, folder)
            settings.command = ["./program"]
            try Files.replace("\(folder.path)/program", with: Array("#!/bin/sh\n".utf8), mode: 0o755)
            try await withWorker(settings) { agent in
                await server.wait { !$0.claims.isEmpty }
                try Files.remove("\(folder.path)/program")
                server.change { $0.waiting = [someJob(7)] }
                await server.wait { $0.isOver(7) }
                await server.wait { $0.beats.last?.connectors.first?.status == .error }
                agent.drain()
            }
            #expect(server.read { $0.last(7)?.kind } == .released)
            #expect(server.read { $0.last(7)?.reason } == "the program ./program is not there or may not be run")
        }
    }

    @Test func asksForGivenIndicesAndTellsWhichWereNotToBeHad() async throws {
        try await withServer { server, folder in
            var settings = someSettings(server, folder, shell: "exit 0")
            settings.queues = []
            settings.studies = ["heads"]
            settings.indices = [4, 2, 9, 4]
            server.change { $0.waiting = [someJob(12, index: 2), someJob(14, index: 4), someJob(15, index: 5)] }
            let summary = try await withWorker(settings) { _ in }
            #expect(summary.completed == 2)
            #expect(summary.refused.map(\.index) == [9])
            #expect(summary.refused.first?.problem.code == "not-pending")
            #expect(summary.exitCode == 3)
            #expect(server.read { $0.claims.map(\.index) } == [4, 2, 9])
            #expect(server.read { $0.waiting.map(\.index) } == [5])
        }
    }

    @Test func asksAgainForAnIndexThatIsToBeTriedAgainBeforeTheOthers() async throws {
        try await withServer { server, folder in
            let shell = "echo ${MUSTER_URL##*/}; [ {index} = 5 ] || [ {attempt} = 2 ] || exit 42"
            var settings = someSettings(server, folder, shell: shell)
            settings.queues = []
            settings.studies = ["heads"]
            settings.indices = [4, 5]
            server.change {
                $0.waiting = [
                    someJob(14, index: 4), someJob(14, attempt: 2, index: 4), someJob(15, index: 5),
                ]
            }
            let summary = try await withWorker(settings) { _ in }
            #expect(summary.completed == 2)
            #expect(summary.retried == 1)
            #expect(summary.exitCode == 0)
            let state = server.read { $0 }
            #expect(state.claims.map(\.index) == [4, 4, 5])
            // The address that a program is given names its attempt.
            #expect(state.lines(14) == ["j14.1", "j14.2"])
            #expect(state.lines(15) == ["j15.1"])
        }
    }

    @Test func keepsBeatingWhileAJobBurnsEveryCore() async throws {
        try await withServer { server, folder in
            server.change { state in
                state.heartbeatMilliseconds = 20
                state.waiting = [someJob(7)]
            }
            let shell = "for i in 1 2 3 4 5 6; do (while :; do :; done) & done; echo up; kill -STOP $$"
            try await withWorker(someSettings(server, folder, shell: shell)) { agent in
                await server.wait { $0.lines(7) == ["up"] }
                let before = server.read { $0.beats.count }
                await server.wait { $0.beats.count >= before + 30 }
                #expect(server.read { $0.beats.last?.held.map(\.ref) } == [someRef(7)])
                agent.stopNow()
            }
            #expect(server.read { $0.last(7)?.kind } == .released)
        }
    }

    @Test func doesNotLetOneBadReportHoldUpTheOthers() async throws {
        try await withServer { server, folder in
            server.change { state in
                state.refusesReport = { $0.lines.contains { $0.text == "poison" } || $0.result != nil }
                state.waiting = [someJob(7), someJob(8)]
            }
            let wait = "while [ ! -e go$i ]; do sleep 0.02; done"
            let shell = """
                echo before; i=1; \(wait); echo poison; i=2; \(wait); echo after; echo '[]' > {output}/result.json
                """
            try await withWorker(someSettings(server, folder, shell: shell)) { agent in
                await server.wait { $0.lines(7) == ["before"] }
                try folder.write("go1", "")
                await server.wait { $0.refusals > 0 }
                try folder.write("go2", "")
                await server.wait { $0.isOver(7) && $0.isOver(8) }
                agent.drain()
            }
            #expect(server.read { $0.lines(7).contains("before") })
            #expect(server.read { $0.lines(7).contains("after") })
            // Its result could not be told: that is no success.
            #expect(server.read { $0.last(8)?.kind } == .failed)
        }
    }
}
