import Domain
import Synchronization
import Testing
import Wire

@testable import muster

@Suite("Watching")
struct WatchCommandTests {
    private static let first = Sample.study(sequence: 4)
    private static let second = Sample.study(completed: 2, pending: 1, sequence: 6)

    /// A server whose second watch is refused, so that the command ends.
    private func watch(_ arguments: [String], frames: [WatchFrame]) async throws -> (Int32, Stage, [StubRequest]) {
        let watches = Mutex(0)
        let ((code, stage), requests) = try await StubServer.with { request in
            switch request.path {
            case "/api/v1/snapshot":
                let items = [WatchItem(.study(Self.first))]
                return .json(
                    Snapshot(epoch: "e", sequence: SequenceNumber(5), scope: .fleet, items: items, beats: Beats()))
            case "/api/v1/watch":
                let number = watches.withLock { count in
                    count += 1
                    return count
                }
                guard number == 1 else { return .problem(410, "over", "It is over.") }
                return .events(frames.map { $0.event(epoch: "e") })
            default: return .json(Self.first)
            }
        } _: { url in
            let stage = Stage(url: url)
            let code = await CommandContext.$current.withValue(stage.context) { await Entry.run(arguments) }
            return (code, stage)
        }
        return (code, stage, requests)
    }

    private static let frames: [WatchFrame] = [
        .put(WatchItem(.study(second))), .put(WatchItem(.study(first))), .put(WatchItem(.session(Sample.session()))),
        .beats(Beats([SessionID(number: 7): Stage.now])),
        .delete(WatchDeletion(key: .session(SessionID(number: 7)), sequence: SequenceNumber(8))),
    ]

    @Test("changes are lines, the late and the old are none, and it goes on from where it was")
    func lines() async throws {
        let (code, stage, requests) = try await watch(["watch"], frames: Self.frames)
        #expect(code == 3)
        #expect(
            stage.output == """
                12:00:07 study phantoms: 50 %, 2/4 done, 1 running, 1 waiting
                12:00:07 worker lab-7 (s7) is running, version abc1234
                12:00:07 worker s7 is gone

                """)
        #expect(stage.errors == "Watching fleet: 1 study.\nmuster: It is over.\n")
        #expect(
            requests.map(\.target) == [
                "/api/v1/snapshot?scope=fleet", "/api/v1/watch?scope=fleet&since=5&epoch=e",
                "/api/v1/watch?scope=fleet&since=8&epoch=e",
            ])
    }

    @Test("after a reset comes a new snapshot, and only differences are told")
    func reset() async throws {
        let (_, stage, requests) = try await watch(["watch"], frames: [.put(WatchItem(.study(Self.second))), .reset])
        #expect(requests.map(\.path).filter { $0.hasSuffix("snapshot") }.count == 2)
        // The snapshot has the first version again: as told by a restored server.
        #expect(stage.output.hasSuffix("study phantoms: 25 %, 1/4 done, 1 running, 2 waiting\n"))
    }

    @Test("with --json every frame is a line, but beats")
    func json() async throws {
        let (_, stage, _) = try await watch(["watch", "--json"], frames: Self.frames)
        let frames = try stage.output.split(separator: "\n").map { try JSON(parsing: String($0)) }
        #expect(frames.map { $0["event"]?.stringValue } == ["snapshot", "put", "put", "put", "delete"])
        #expect(frames[4]["data"]?.text == #"{"kind":"session","id":"s7","seq":8}"#)
        #expect(!stage.errors.contains("Watching"))
    }

    @Test(
        "scopes are named as people name things",
        arguments: [
            ("st4", "study:st4"), ("s7", "session:s7"), ("j12", "job:j12"), ("queue:render", "queue:render"),
            ("study:phantoms", "study:st9"), ("study:st9", "study:st9"), ("job:j3", "job:j3"),
        ])
    func scopes(text: String, scope: String) async throws {
        let (_, _, requests) = try await watch(["watch", text], frames: [])
        let expected = scope.replacing(":", with: "%3A")
        #expect(requests.contains { $0.target == "/api/v1/snapshot?scope=\(expected)" })
    }

    @Test("what can't be watched is told")
    func noScope() async throws {
        let (code, stage, _) = try await watch(["watch", "everything"], frames: [])
        #expect(code == 2)
        #expect(stage.errors.hasPrefix("muster: everything can't be watched: write fleet, study:NAME"))
    }
}
