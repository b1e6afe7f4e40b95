import Domain
import Foundation
import Testing
import Wire

@testable import muster

/// Records as a server would send them.
enum Sample {
    static let moment = Instant(milliseconds: Stage.now.milliseconds - 125_000)

    static func study(
        completed: Int = 1, failed: Int = 0, running: Int = 1, pending: Int = 2, sequence: Int64 = 4,
        name: String = "phantoms", status: StudyStatus = .active
    ) -> StudyRecord {
        var counts = JobCounts()
        counts.completed = completed
        counts.failed = failed
        counts.running = running
        counts.pending = pending
        let fraction = Double(completed + failed) / Double(max(1, counts.total))
        return StudyRecord(
            id: StudyID(number: 9), name: name, status: status, counts: counts, dimensions: ["phantoms"],
            forecast: StudyForecast(
                fraction: fraction, remainingMilliseconds: nil,
                etaAt: running > 0 ? Stage.now.adding(milliseconds: 60_000) : nil),
            createdAt: moment, startedAt: moment, finishedAt: nil, sequence: SequenceNumber(sequence))
    }

    static func job(
        _ number: Int64 = 12, status: JobStatus = .running, index: Int? = 3, fraction: Double? = 0.42,
        sequence: Int64 = 5, reason: String? = nil
    ) -> JobRecord {
        JobRecord(
            id: JobID(number: number), study: index == nil ? nil : StudyID(number: 9),
            studyName: index == nil ? nil : "phantoms", index: index, label: "child · 900",
            queue: index == nil ? "default" : nil, status: status, isScheduled: false, attempt: AttemptNumber(1),
            holder: SessionID(number: 7), holderName: "lab-7", priority: 0, runAt: nil,
            progress: JobProgress(fraction: fraction, stage: "solve"), isCancelRequested: false, countedFailures: 0,
            maximumAttempts: 3, exitCode: nil, reason: reason, warningCount: 0, errorCount: 0, artifactCount: 0,
            createdAt: moment, claimedAt: moment, startedAt: moment, finishedAt: nil,
            sequence: SequenceNumber(sequence))
    }

    static func session(
        _ number: Int64 = 7, name: String = "lab-7", status: SessionStatus = .running, isHolding: Bool = true
    ) -> SessionRecord {
        let held = HeldJob(
            job: JobID(number: 12), attempt: AttemptNumber(1), study: StudyID(number: 9), studyName: "phantoms",
            index: 3, label: "child · 900", status: .running, progress: JobProgress(fraction: 0.42, stage: "solve"),
            claimedAt: moment, startedAt: moment, isCancelRequested: false)
        return SessionRecord(
            id: SessionID(number: number), machine: MachineID("m1"), hostname: "lab", workerName: name, pid: 4_711,
            version: "abc1234", status: status, statusSince: moment, queues: [], studies: ["phantoms"], slots: 1,
            isDraining: false, startedAt: moment, endedAt: nil, endReason: nil, utilisation: Utilisation(),
            connectors: [], held: isHolding ? [held] : [], lastAttemptFailed: false, completedCount: 3,
            failedCount: 0, previous: nil, sequence: SequenceNumber(6))
    }

    static let machine = MachineRecord(
        id: MachineID("m1"), hostname: "lab", addresses: [], os: "linux", arch: "x86_64", cores: 2, memoryBytes: nil,
        gpus: [], bootID: nil, firstSeenAt: moment, sequence: SequenceNumber(2))
}

@Suite("Commands against a server")
struct CommandTests {
    /// Runs one command line against answers by path.
    private func run(
        _ arguments: [String], _ answers: [String: StubAnswer], isWatched: Bool = false, typed: [String] = [],
        folder: String = "/nowhere", input: String = ""
    ) async throws -> (code: Int32, stage: Stage, requests: [StubRequest]) {
        let ((code, stage), requests) = try await StubServer.with { request in
            answers["\(request.method) \(request.path)"] ?? answers[request.path]
                ?? .problem(404, "not-found", "There is no \(request.method) \(request.path).")
        } _: { url in
            let stage = Stage(url: url, folder: folder, isWatched: isWatched, answers: typed, input: input)
            let code = await CommandContext.$current.withValue(stage.context) { await Entry.run(arguments) }
            return (code, stage)
        }
        return (code, stage, requests)
    }

    @Test("workers are a table, with ages by the server's clock")
    func workers() async throws {
        let page = SessionList(
            items: [Sample.session(), Sample.session(8, name: "lab-8", status: .stale, isHolding: false)],
            beats: Beats([SessionID(number: 7): Stage.now.adding(milliseconds: -4_000)]))
        let answers = ["/api/v1/sessions": StubAnswer.json(page)]
        let live = try await run(["workers"], answers)
        #expect(
            live.stage.output == """
                WORKER  ID  STATUS  DOING                  DONE  FAILED  HEARD    VERSION  HOST
                lab-7   s7  active  phantoms/3 solve 42 %     3       0  4 s ago  abc1234  lab

                """)
        let all = try await run(["workers", "--all"], answers)
        #expect(all.stage.output.contains("lab-8   s8  stale"))
        #expect(all.requests.first?.target == "/api/v1/sessions?ended=1&limit=200")
        let json = try await run(["workers", "--json"], answers)
        #expect(try SessionList(body: Array(json.stage.output.utf8), isStrict: true) == page)
    }

    @Test("an empty list says what to do next, on standard error")
    func empty() async throws {
        let workers = try await run(["workers"], ["/api/v1/sessions": .json(SessionList(items: [], beats: Beats()))])
        #expect(workers.stage.output.isEmpty)
        #expect(workers.stage.errors.contains("Next: muster work"))
        let studies = try await run(["study", "ls"], ["/api/v1/studies": .json(ListReply<StudyRecord>(items: []))])
        #expect(studies.stage.errors.contains("Next: muster study create"))
    }

    @Test("a study is made from a file and named after it")
    func create() async throws {
        try await withTemporaryFolder { folder in
            try write(#"{"phantoms":["a","b"],"x":1.0}"#, to: "\(folder)/lab.json")
            let made = try await run(
                ["study", "create", "lab.json", "--split-by", "phantoms", "--priority", "3"],
                ["/api/v1/studies": .json(Sample.study(), status: 201)], folder: folder)
            #expect(made.code == 0)
            #expect(made.stage.output == "Study phantoms (st9): 4 assignments by phantoms.\n")
            let body = try #require(made.requests.first?.body)
            #expect(
                body == #"{"name":"lab","configuration":{"phantoms":["a","b"],"x":1.0},"#
                    + #""split":{"by":[{"path":"phantoms"}]},"priority":3}"#)
        }
    }

    @Test("a configuration from standard input, and ready-made ones")
    func otherInput() async throws {
        let answers = ["/api/v1/studies": StubAnswer.json(Sample.study(), status: 201)]
        let unnamed = try await run(["study", "create", "-", "--splits", "2"], answers, input: #"{"a":[1,2]}"#)
        #expect(unnamed.code == 2)
        let arguments = ["study", "create", "-", "--name", "s"]
        let piped = try await run(arguments + ["--splits", "2"], answers, input: #"{"a":[1,2]}"#)
        #expect(piped.requests.first?.body.contains(#""split":{"auto":{"splits":2}}"#) == true)
        let ready = try await run(arguments + ["--ready-made"], answers, input: "[{\"a\":1},{\"a\":2}]")
        #expect(ready.requests.first?.body == #"{"name":"s","assignments":[{"a":1},{"a":2}],"priority":0}"#)
    }

    @Test(
        "a split that can't be made is told before anything is sent",
        arguments: [
            (["--split-by", "nothing"], "There is no nothing in the configuration"),
            (["--split-by", "x"], "neither an array nor an object"), ([], "Say by what to split"),
            (["--split-by", "phantoms", "--splits", "7"], "7"),
        ])
    func wrongSplit(options: [String], words: String) async throws {
        let configuration = #"{"phantoms":["a","b"],"x":1.0}"#
        let made = try await run(["study", "create", "-", "--name", "s"] + options, [:], input: configuration)
        #expect(made.code == 2)
        #expect(made.requests.isEmpty)
        #expect(made.stage.errors.filter { $0 == "\n" }.count == 1)
    }

    @Test("deleting asks a person, who may say no")
    func deleteAsked() async throws {
        let answers = ["GET /api/v1/studies/phantoms": StubAnswer.json(Sample.study())]
        let declined = try await run(["study", "delete", "phantoms"], answers, isWatched: true, typed: ["n"])
        #expect(declined.code == 3)
        #expect(declined.requests.map(\.method) == ["GET"])
        #expect(declined.stage.errors.contains("4 assignments (1 running, which are stopped), with their history"))
        var gone = StubAnswer.text("", status: 204)
        gone.chunks = []
        let more = answers.merging(["DELETE /api/v1/studies/st9": gone]) { $1 }
        let agreed = try await run(["study", "delete", "phantoms"], more, isWatched: true, typed: ["yes"])
        #expect(agreed.code == 0)
        #expect(agreed.requests.map(\.method) == ["GET", "DELETE"])
        #expect(agreed.stage.output == "The study phantoms is deleted.\n")
    }

    @Test("deleting needs --yes where nobody can be asked")
    func deleteUnasked() async throws {
        var gone = StubAnswer.text("", status: 204)
        gone.chunks = []
        let answers = [
            "GET /api/v1/studies/phantoms": StubAnswer.json(Sample.study()), "DELETE /api/v1/studies/st9": gone,
        ]
        let refused = try await run(["study", "delete", "phantoms"], answers)
        #expect(refused.code == 2)
        #expect(refused.requests.map(\.method) == ["GET"])
        let done = try await run(["study", "delete", "phantoms", "--yes", "--json"], answers)
        #expect(done.code == 0)
        #expect(done.stage.output == "{\"deleted\":\"st9\"}\n")
    }

    @Test("a job may be named by its study and index")
    func assignment() async throws {
        let answers = [
            "/api/v1/studies/phantoms/assignments": StubAnswer.json(
                ListReply(items: [Sample.job(11, index: 2), Sample.job(12, index: 3)])),
            "POST /api/v1/jobs/j12/cancel": .json(Sample.job(12, status: .cancelled)),
        ]
        let done = try await run(["job", "cancel", "phantoms/3"], answers)
        #expect(done.code == 0)
        #expect(done.stage.output == "j12 is cancelled.\n")
        let missing = try await run(["job", "cancel", "phantoms/7"], answers)
        #expect(missing.code == 2)
        #expect(missing.stage.errors.contains("Next: muster study show phantoms"))
    }

    @Test("jobs are submitted in one call")
    func submit() async throws {
        try await withTemporaryFolder { folder in
            try write("{\"n\":1.0}", to: "\(folder)/a.json")
            try write("[2]", to: "\(folder)/b.json")
            let reply = SubmitReply(jobs: [
                SubmittedJob(id: JobID(number: 1), isNew: true), SubmittedJob(id: JobID(number: 2), isNew: false),
            ])
            let done = try await run(
                ["job", "submit", "a.json", "b.json", "--queue", "render"],
                ["/api/v1/jobs": .json(reply, status: 201)], folder: folder)
            #expect(done.stage.output == "j1\nj2 (was there before)\n")
            #expect(
                done.requests.map(\.body) == [
                    #"{"jobs":[{"queue":"render","payload":{"n":1.0},"priority":0},"#
                        + #"{"queue":"render","payload":[2],"priority":0}]}"#
                ])
        }
    }

    @Test("a log is printed without what a terminal obeys, and from a level on")
    func logs() async throws {
        let lines = [
            LogLine(number: 1, at: Sample.moment, level: .debug, text: "d", job: nil, attempt: nil),
            LogLine(number: 2, at: Sample.moment, level: .warning, text: "\u{1B}[31mhot", job: nil, attempt: nil),
        ]
        @Sendable func answer(_ request: StubRequest) -> StubAnswer {
            guard request.target.contains("after=0") else { return .json(LogPage(lines: [], next: 2)) }
            return .json(LogPage(lines: lines, next: 2))
        }
        let (output, requests) = try await StubServer.with(answer) { url in
            let stage = Stage(url: url)
            #expect(await stage.run("logs", "j12", "--level", "info") == 0)
            return stage.output
        }
        #expect(output == "11:58:02 warning hot\n")
        #expect(requests.map(\.path) == Array(repeating: "/api/v1/jobs/j12/logs", count: 2))
    }

    @Test("following a job prints each line once and ends with the job")
    func followLogs() async throws {
        let lines = (1...3).map { number in
            LogLine(
                number: Int64(number), at: Sample.moment, level: .info, text: "line \(number)", job: nil, attempt: nil)
        }
        @Sendable func answer(_ request: StubRequest) -> StubAnswer {
            switch request.path {
            case "/api/v1/jobs/j12/logs":
                let after = request.target.contains("after=0") ? 0 : request.target.contains("after=1") ? 1 : 2
                return .json(LogPage(lines: after == 2 ? [] : [lines[after]], next: 0))
            case "/api/v1/jobs/j12/logs/stream": return .events([LogFrame.event(lines)])
            case "/api/v1/version": return .json(VersionReply(version: "0.1.0", epoch: "e"))
            case "/api/v1/watch":
                return .events([
                    WatchFrame.put(WatchItem(.job(Sample.job(fraction: 0.9, sequence: 8)))).event(epoch: "e"),
                    WatchFrame.put(WatchItem(.job(Sample.job(status: .completed, sequence: 9)))).event(epoch: "e"),
                ])
            default:
                return .json(
                    JobDetail(
                        job: Sample.job(), payload: .null, result: nil, attempts: [], transitions: [], artifacts: []))
            }
        }
        let (output, _) = try await StubServer.with(answer) { url in
            let stage = Stage(url: url)
            #expect(await stage.run("logs", "-f", "j12") == 0)
            return stage.output
        }
        let printed = output.split(separator: "\n").map { String($0.suffix(6)) }
        #expect(printed.starts(with: ["line 1", "line 2"]))
        #expect(Set(printed).count == printed.count)
    }

    @Test("a worker of a study that is not there is told so, instead of ending as if all was done")
    func workOfNothing() async throws {
        let problem = StubAnswer.problem(404, "unknown-study", "There is no study phantom.")
        let done = try await run(["work", "--study", "phantom", "--", "true"], ["/api/v1/studies/phantom": problem])
        #expect(done.code == 2)
        #expect(done.stage.errors == "muster: There is no study phantom. Next: muster study list\n")
        #expect(done.requests.map(\.method) == ["GET"])
    }

    @Test("a worker's name is looked for among the live, then among the ended")
    func workerName() async throws {
        let (stage, requests) = try await StubServer.with { request in
            if request.path.hasSuffix("/drain") { return .text("{}") }
            let isEnded = request.target.contains("ended=1")
            return .json(
                SessionList(
                    items: isEnded ? [Sample.session(5, status: .stopped), Sample.session(6, status: .stopped)] : [],
                    beats: Beats()))
        } _: { url in
            let stage = Stage(url: url)
            #expect(await stage.run("worker", "drain", "lab-7", "--json") == 0)
            #expect(await stage.run("worker", "drain", "nobody") == 2)
            return stage
        }
        #expect(stage.output == "{\"draining\":\"s6\"}\n")
        #expect(stage.errors == "muster: There is no worker nobody. Next: muster workers --all\n")
        #expect(requests.filter { $0.method == "POST" }.map(\.target) == ["/api/v1/sessions/s6/drain"])
    }

    @Test("a token alone goes to standard output")
    func token() async throws {
        let reply = TokenReply(id: 4, name: "lab", role: .worker, token: "sesame")
        let done = try await run(
            ["token", "create", "lab", "--role", "worker"], ["POST /api/v1/tokens": .json(reply, status: 201)])
        #expect(done.stage.output == "sesame\n")
        #expect(done.stage.errors.contains("It is shown this once"))
        #expect(done.requests.first?.body == #"{"name":"lab","role":"worker"}"#)
    }

    @Test("a job is shown with its attempts, its files and its configuration as it was given")
    func show() async throws {
        let detail = JobDetail(
            job: Sample.job(), payload: try JSON(parsing: #"{"b":1.0,"a":[1e3]}"#), result: nil,
            attempts: [
                AttemptRecord(
                    job: JobID(number: 12), number: AttemptNumber(1), session: SessionID(number: 7),
                    workerName: "lab-7", claimedAt: Sample.moment, startedAt: Sample.moment, endedAt: nil,
                    outcome: nil, exitCode: nil, reason: nil)
            ], transitions: [],
            artifacts: [
                ArtifactRecord(
                    id: ArtifactID(number: 3), job: JobID(number: 12), attempt: AttemptNumber(1),
                    session: SessionID(number: 7), name: "out/field.png", mediaType: "image/png", byteCount: 2_048,
                    sha256: "ab", createdAt: Sample.moment)
            ])
        let done = try await run(["job", "show", "j12"], ["/api/v1/jobs/j12": .json(detail)])
        #expect(
            done.stage.output == """
                j12  phantoms/3  child · 900  running
                42 % solve

                TRY  WORKER  SINCE                     TIME  END
                  1  lab-7   2026-03-01 11:58:02  2 min 5 s  running

                FILE              SIZE  SHA-256
                out/field.png  2.0 KiB  ab

                configuration
                {
                  "b": 1.0,
                  "a": [
                    1e3
                  ]
                }

                """)
    }
}
