import Domain
import Foundation
import Testing

@testable import Dashboard

/// Lists filter, sort and page by their address; pictures show what the records say.
@Suite struct ListTests {
    private func ids(_ page: WorkersPage) -> [String] {
        page.regions().filter { $0.list == "worker-rows" }.map { String($0.id.dropFirst("session:".count)) }
    }

    @Test(arguments: [
        "/workers", "/workers?q=lab%20pc", "/workers?state=idle&sort=-started&ended=1&after=s12", "/workers?sort=-name",
    ])
    func theAddressOfWorkersSaysAll(path: String) {
        let parameters = path.split(separator: "?").dropFirst().first.map(Self.parameters) ?? [:]
        #expect(WorkersQuery(parameters).path == path)
    }

    @Test func nonsenseInAnAddressIsLeftOut() {
        #expect(
            WorkersQuery(["state": "<x>", "sort": "--", "after": "j1", "ended": "yes"])
                == WorkersQuery(isDescending: true))
        #expect(AssignmentsQuery(["from": "-4", "state": "no"]) == AssignmentsQuery())
        #expect(JobsQuery(["status": "done", "queue": "a b&c"]).path == "/jobs?queue=a%20b%26c")
        #expect(StudiesQuery(["state": "paused", "q": "ä"]).path == "/studies?q=%C3%A4&state=paused")
    }

    @Test func workersAreFiltered() {
        let fleet = SampleFleet.large(120)
        #expect(ids(SamplePages.workers(fleet, query: WorkersQuery(text: "PC-03"))).count == 10)
        #expect(ids(SamplePages.workers(fleet, query: WorkersQuery(state: .suspect))) == ["s31", "s32"])
        #expect(ids(SamplePages.workers(fleet, query: WorkersQuery(state: .error))) == ["s60", "s65"])
        #expect(ids(SamplePages.workers(fleet, query: WorkersQuery(text: "zebra"))).isEmpty)
    }

    @Test func workersAreSortedAndPaged() {
        let fleet = SampleFleet.large(120)
        let first = ids(SamplePages.workers(fleet))
        #expect(first.count == 100 && first.first == "s1")
        let second = ids(SamplePages.workers(fleet, query: WorkersQuery(after: SessionID(number: 100))))
        #expect(second == (101...120).map { "s\($0)" })
        let oldest = ids(SamplePages.workers(fleet, query: WorkersQuery(order: .started, isDescending: true)))
        #expect(oldest.first == "s1")
    }

    @Test func replacedSessionsAreHistoryUnlessAskedFor() {
        var fleet = SampleFleet.small
        var dead = Sample.session(90, status: .stale, name: "lab-pc-001", machine: 1)
        fleet.sessions[0].previous = dead.id
        fleet.sessions.append(dead)
        #expect(!ids(SamplePages.workers(fleet)).contains("s90"))
        #expect(!ids(SamplePages.workers(fleet, query: WorkersQuery(state: .stale))).contains("s90"))
        #expect(ids(SamplePages.workers(fleet, query: WorkersQuery(showsEnded: true))).contains("s90"))
        #expect(SessionSummary(fleet.sessions, frame: Sample.frame(lastHeard: fleet.lastHeard)).stale == 0)
        fleet.sessions[0].previous = nil
        #expect(SessionSummary(fleet.sessions, frame: Sample.frame(lastHeard: fleet.lastHeard)).stale == 1)
        #expect(!ids(SamplePages.workers(fleet)).contains("s90"), "stale ones are hidden by default")
        dead.held = [Sample.held(1, index: 1, label: "x", fraction: nil)]
        fleet.sessions[3] = dead
        #expect(ids(SamplePages.workers(fleet)).contains("s90"), "but not while they hold work")
    }

    @Test(arguments: [
        ("head-absorption", "/studies/head-absorption"), ("v1.2_b~", "/studies/v1.2_b~"), ("st7", "/studies/st3"),
        ("a/b", "/studies/st3"), ("..", "/studies/st3"), ("Köpfe", "/studies/st3"), ("", "/studies/st3"),
        ("a b", "/studies/st3"), ("<script>", "/studies/st3"),
    ])
    func aStudyIsLinkedByNameWhereTheNameCanStandInAPath(name: String, path: String) {
        #expect(Links.study(StudyID(number: 3), name: name) == path)
    }

    @Test(arguments: [
        ("/workers?q=1", "/workers?q=1"), ("/", "/"), ("//evil.example", "/"), ("/\\evil.example", "/"),
        ("https://evil.example", "/"), ("", "/"), ("/a\r\nSet-Cookie: x", "/"), ("javascript:alert(1)", "/"),
    ])
    func signingInLeadsNowhereElse(next: String, path: String) {
        #expect(SignInPage.safeNext(next) == path)
    }

    private func map(_ jobs: [JobRecord], dimensions: [String]) -> AssignmentMap {
        AssignmentMap(jobs: jobs, dimensions: dimensions, holders: holders)
    }

    private var holders: Holders { Holders([], frame: Sample.frame()) }

    @Test func theMapHasAxesWhereTheLabelsSaySo() {
        let two = map(Sample.jobs(12, done: 4, running: 3), dimensions: ["phantoms", "frequencies"])
        #expect(two.axes?.rows == Sample.phantoms && two.axes?.columns == Sample.frequencies)
        #expect(two.regions(list: "map").count == 4)
        let three = map(
            Sample.jobs(24, done: 0, running: 0), dimensions: ["phantoms", "frequencies", "directions"])
        #expect(three.axes?.columns == ["900 · x+", "900 · y+", "1800 · x+", "1800 · y+", "2450 · x+", "2450 · y+"])
        #expect(map(Sample.jobs(12, done: 0, running: 0), dimensions: ["a"]).axes == nil)
        var alike = Sample.jobs(12, done: 0, running: 0)
        alike[1].label = alike[0].label
        #expect(map(alike, dimensions: ["phantoms", "frequencies"]).axes == nil)
    }

    @Test func aDeletedAssignmentLeavesItsPlaceEmpty() throws {
        var jobs = Sample.jobs(30, done: 4, running: 3)
        jobs.remove(at: 9)
        let region = try #require(self.map(jobs, dimensions: []).regions(list: "map").first)
        let html = try #require(PageTests.renderer).html(region)
        let cells = HTMLReader(html).elements.filter { $0.attributes["class"]?.hasPrefix("cell") == true }
        #expect(cells.count == 30)
        #expect(cells[9].attributes["class"] == "cell is-gone")
        #expect(cells[10].attributes["href"] == "/jobs/j510")
    }

    @Test func theTimelineHasARowForEachJobAtATime() {
        let jobs = Sample.jobs(6, done: 0, running: 6)
        var attempts = Sample.attempts(of: jobs)
        for index in attempts.indices { attempts[index].workerName = "one" }
        let lane = TimelineLane(name: "one", attempts: attempts, holders: holders)
        #expect(lane.rowCount == 6)
        let done = Sample.attempts(of: Sample.jobs(3, done: 3, running: 0)).prefix(1)
        #expect(TimelineLane(name: "one", attempts: Array(done), holders: holders).rowCount == 1)
        let bars = lane.bars(TimelineScale(start: Sample.ago(100), now: Sample.now), labels: [:]).html
        #expect(bars.components(around: "<rect").count == 7)
        #expect(Timeline(attempts: [], jobs: [], holders: holders, end: nil, now: Sample.now) == nil)
    }

    @Test func theAxisIsAWholeNumberOfStepsAndNoneIsTooMany() {
        for seconds in [0, 1, 7, 59, 61, 599, 3_601, 86_399, 86_401, 5_000_000] as [Int64] {
            let scale = TimelineScale(start: Sample.ago(seconds), now: Sample.now)
            #expect(scale.span % scale.step == 0 && scale.span / scale.step <= 8 && scale.span >= seconds * 1_000)
        }
    }

    @Test func throughputIsCountedOverWhatHasPassed() {
        let jobs = Sample.jobs(24, done: 24, running: 0)
        let start = Sample.ago(600)
        let throughput = Throughput(jobs: jobs, started: start, ended: nil, now: Sample.now)
        #expect(throughput.bins.reduce(0, +) == 24)
        #expect(throughput.rate == "2.4 per minute")
        #expect(Throughput(jobs: [], started: nil, ended: nil, now: Sample.now).rate == nil)
    }

    @Test func attentionNamesWhatIsWrongAndNothingElse() {
        let frame = { (fleet: SampleFleet) in Sample.frame(lastHeard: fleet.lastHeard) }
        let small = SampleFleet.small
        #expect(
            Attention.items(sessions: small.sessions, studies: small.studies, queues: [], frame: frame(small)).isEmpty)
        let large = SampleFleet.large(500)
        let keys = Attention.items(
            sessions: large.sessions, studies: large.studies, queues: large.queues, frame: frame(large)
        ).map(\.key)
        #expect(keys.contains { $0.hasPrefix("stale /workers/s12 ") })
        #expect(keys.contains { $0.hasPrefix("suspect /workers/s31 ") })
        #expect(keys.contains { $0.hasPrefix("error /workers/s55 ") })
        #expect(keys.contains { $0.hasPrefix("failed /studies/antenna-sweep?state=failed ") })
        let alone = Attention.items(
            sessions: [], studies: [Sample.study(jobs: Sample.jobs(4, done: 0, running: 0))], queues: [],
            frame: Sample.frame())
        #expect(alone.count == 1)
    }

    @Test func whatAnUnheardWorkerDoesIsUnknown() throws {
        let renderer = try #require(PageTests.renderer)
        let fleet = SampleFleet.large(60)
        let lost = SamplePages.worker(fleet, index: 11)
        let held = try #require(lost.regions().first { $0.list == "worker-held" })
        let html = renderer.html(held)
        #expect(html.contains("is-unknown") && !html.contains("ends ") && html.contains("as last said"))
        let connectors = try #require(lost.regions().first { $0.id == "worker-connectors" })
        #expect(renderer.html(connectors).contains("is-unknown"))
    }

    private static func parameters(_ query: Substring) -> [String: String] {
        query.split(separator: "&").reduce(into: [:]) { result, pair in
            let parts = pair.split(separator: "=", maxSplits: 1).map(String.init)
            result[parts[0]] = parts[1].removingPercentEncoding ?? parts[1]
        }
    }
}
