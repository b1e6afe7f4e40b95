import Domain
import Synchronization
import Testing
import Wire

@testable import muster

@Suite("Following a study")
struct FollowTests {
    /// Answers the n-th watch with the n-th list of frames, and the study as it is in `records`, the last one for ever.
    private func follow(
        _ arguments: [String], records: [StudyRecord], watches: [[WatchFrame]], isWatched: Bool = false
    ) async throws -> (code: Int32, stage: Stage, requests: [StubRequest]) {
        let counts = Mutex((records: 0, watches: 0))
        let ((code, stage), requests) = try await StubServer.with { request in
            switch request.path {
            case "/api/v1/version": return .json(VersionReply(version: "0.1.0", epoch: "e"))
            case "/api/v1/watch":
                let number = counts.withLock { counts in
                    defer { counts.watches += 1 }
                    return counts.watches
                }
                let frames = number < watches.count ? watches[number] : []
                return .events(frames.map { $0.event(epoch: "e") })
            default:
                let number = counts.withLock { counts in
                    defer { counts.records += 1 }
                    return counts.records
                }
                return .json(records[min(number, records.count - 1)])
            }
        } _: { url in
            let stage = Stage(url: url, isWatched: isWatched)
            let code = await CommandContext.$current.withValue(stage.context) { await Entry.run(arguments) }
            return (code, stage)
        }
        return (code, stage, requests)
    }

    private func put(_ study: StudyRecord) -> WatchFrame { .put(WatchItem(.study(study))) }

    @Test("to the end, with 0 where every assignment completed")
    func completed() async throws {
        let end = Sample.study(completed: 4, running: 0, pending: 0, sequence: 9)
        let done = try await follow(
            ["study", "show", "-f", "phantoms"], records: [Sample.study()],
            watches: [[.put(WatchItem(.job(Sample.job()))), put(Sample.study(completed: 2, sequence: 8)), put(end)]])
        #expect(done.code == 0)
        #expect(done.stage.output.isEmpty)
        #expect(done.stage.errors.contains("phantoms: 25 %, 1/4 done, 1 running, 1 min left\n"))
        #expect(done.stage.errors.hasSuffix("phantoms: 100 %, 4/4 done\n"))
        #expect(done.requests.last?.target == "/api/v1/watch?scope=study%3Ast9&since=4&epoch=e")
    }

    @Test("to the end, with 1 where one failed")
    func failed() async throws {
        let end = Sample.study(completed: 3, failed: 1, running: 0, pending: 0, sequence: 9)
        let done = try await follow(
            ["study", "show", "-f", "phantoms"], records: [Sample.study()], watches: [[put(end)]])
        #expect(done.code == 1)
        #expect(done.stage.errors.hasSuffix("phantoms: 100 %, 3/4 done, 1 failed\n"))
    }

    @Test("over a reset and a stream that ends, by asking again")
    func resets() async throws {
        let end = Sample.study(completed: 4, running: 0, pending: 0, sequence: 9)
        let done = try await follow(
            ["study", "show", "-f", "phantoms"], records: [Sample.study(), Sample.study(sequence: 6), end],
            watches: [[.reset], []])
        #expect(done.code == 0)
        let watches = done.requests.filter { $0.path == "/api/v1/watch" }
        #expect(watches.map { $0.target.contains("since=6") } == [false, true])
    }

    @Test("an older version of the study that comes late changes nothing")
    func late() async throws {
        let end = Sample.study(completed: 4, running: 0, pending: 0, sequence: 9)
        let done = try await follow(
            ["study", "show", "-f", "phantoms"], records: [Sample.study(completed: 2, sequence: 8)],
            watches: [[put(Sample.study(completed: 1, sequence: 7)), put(end)]])
        #expect(!done.stage.errors.contains("1/4 done"))
    }

    @Test("a study that is deleted meanwhile is told")
    func deleted() async throws {
        let deletion = WatchDeletion(key: .study(StudyID(number: 9)), sequence: SequenceNumber(9))
        let done = try await follow(
            ["study", "show", "-f", "phantoms"], records: [Sample.study()], watches: [[.delete(deletion)]])
        #expect(done.code == 3)
        #expect(done.stage.errors.hasSuffix("muster: The study phantoms was deleted. Next: muster study list\n"))
    }

    @Test("with --json one record a line, and nothing else")
    func json() async throws {
        let end = Sample.study(completed: 4, running: 0, pending: 0, sequence: 9)
        let done = try await follow(
            ["study", "show", "-f", "phantoms", "--json"], records: [Sample.study()], watches: [[put(end)]])
        let records = try done.stage.output.split(separator: "\n").map {
            try StudyRecord(body: Array($0.utf8), isStrict: true)
        }
        #expect(records == [Sample.study(), end])
        #expect(done.stage.errors.isEmpty)
    }

    @Test("a cancelled study is over once nothing is held", arguments: [(0, true), (1, false)])
    func cancelled(running: Int, isOver: Bool) {
        var study = Sample.study(completed: 1, running: running, pending: 0, status: .cancelled)
        study.counts.cancelled = 2
        #expect(study.isOver == isOver)
        #expect(!study.isWhole)
    }
}

@Suite("Lines of changes")
struct ChangeLinesTests {
    @Test(
        "an entity that was not there before",
        arguments: [
            (EntityRecord.machine(Sample.machine), "machine lab: linux x86_64, 2 cores"),
            (.session(Sample.session()), "worker lab-7 (s7) is running, version abc1234"),
            (.study(Sample.study()), "study phantoms (st9): 1/4 done, 1 running, 2 waiting"),
            (.job(Sample.job()), "job phantoms/3 (j12) child · 900 is running"),
            (.job(Sample.job(index: nil)), "job j12 child · 900 is running"),
            (
                .queue(QueueRecord(name: "q", isPaused: true, counts: JobCounts(), sequence: .zero)),
                "queue q: 0/0 done, paused"
            ),
        ])
    func arrivals(record: EntityRecord, line: String) {
        #expect(ChangeLines.lines(from: nil, to: record) == [line])
    }

    @Test(
        "what changed, and nothing else",
        arguments: [
            (EntityRecord.job(Sample.job()), EntityRecord.job(Sample.job()), []),
            (.job(Sample.job()), .job(Sample.job(fraction: 0.49)), []),
            (.job(Sample.job()), .job(Sample.job(fraction: 0.5)), ["job phantoms/3 (j12) child · 900: solve 50 %"]),
            (
                .job(Sample.job(status: .pending)), .job(Sample.job(status: .claimed)),
                ["job phantoms/3 (j12) child · 900: pending → claimed by lab-7"]
            ),
            (
                .job(Sample.job()), .job(Sample.job(status: .failed, reason: "\u{1B}[2Jexit 1")),
                ["job phantoms/3 (j12) child · 900: running → failed: exit 1"]
            ),
            (
                .session(Sample.session(isHolding: false)), .session(Sample.session()),
                ["worker lab-7 (s7) took phantoms/3 child · 900"]
            ),
            (
                .session(Sample.session()), .session(Sample.session(status: .stale, isHolding: false)),
                ["worker lab-7 (s7): running → stale", "worker lab-7 (s7) ended phantoms/3"]
            ),
            (
                .study(Sample.study()), .study(Sample.study(completed: 2, pending: 1)),
                ["study phantoms: 50 %, 2/4 done, 1 running, 1 waiting"]
            ),
            (.study(Sample.study()), .study(Sample.study(running: 2, pending: 1)), []),
            (
                .study(Sample.study()), .study(Sample.study(completed: 4, running: 0, pending: 0)),
                ["study phantoms is finished: 4/4 done"]
            ),
            (
                .study(Sample.study()), .study(Sample.study(status: .paused)),
                ["study phantoms is paused: 1/4 done, 1 running, 2 waiting"]
            ),
        ] as [(EntityRecord, EntityRecord, [String])])
    func changes(old: EntityRecord, new: EntityRecord, lines: [String]) {
        #expect(ChangeLines.lines(from: old, to: new) == lines)
    }

    @Test("a snapshot in one line")
    func summary() {
        let records: [EntityRecord] = [.machine(Sample.machine), .session(Sample.session()), .study(Sample.study())]
        let snapshot = Snapshot(
            epoch: "e", sequence: SequenceNumber(9), scope: .fleet, items: records.map(WatchItem.init), beats: Beats())
        #expect(ChangeLines.summary(snapshot) == "Watching fleet: 1 machine, 1 worker, 1 study.")
        #expect(ChangeLines.deletion(.session(SessionID(number: 7))) == "worker s7 is gone")
    }
}
