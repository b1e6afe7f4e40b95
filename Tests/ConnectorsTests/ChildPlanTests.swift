import Testing

@testable import Connectors

@Suite struct ChildPlanTests {
    @Test func endsWhenTheLeaderEndsAndThePipesAreShut() {
        var plan = ChildPlan()
        #expect(plan.leaderEnded(now: 10) == [])
        #expect(plan.deadline == 10 + ChildPlan.settleMilliseconds)
        #expect(plan.pipesClosed() == [.kill, .finish])
        #expect(plan.isFinished)
        #expect(plan.stop == .none)
    }

    @Test func waitsForTheLeaderAfterThePipesAreShut() {
        var plan = ChildPlan()
        #expect(plan.pipesClosed() == [])
        #expect(plan.deadline == nil)
        #expect(plan.leaderEnded(now: 10) == [.kill, .finish])
    }

    @Test func killsTheGroupOfALeaderThatLeftSomebodyWriting() {
        var plan = ChildPlan()
        #expect(plan.leaderEnded(now: 0) == [])
        #expect(plan.due(now: ChildPlan.settleMilliseconds - 1) == [])
        #expect(plan.due(now: ChildPlan.settleMilliseconds) == [.kill])
        #expect(plan.due(now: ChildPlan.settleMilliseconds + ChildPlan.drainMilliseconds) == [.finish])
        #expect(plan.stop == .none)
    }

    @Test func asksThenKills() {
        var plan = ChildPlan()
        #expect(plan.ask(graceMilliseconds: 500, now: 100) == [.askToEnd])
        #expect(plan.ask(graceMilliseconds: 900, now: 200) == [])
        #expect(plan.deadline == 600)
        #expect(plan.ask(graceMilliseconds: 100, now: 200) == [])
        #expect(plan.deadline == 300)
        #expect(plan.due(now: 300) == [.kill])
        #expect(plan.deadline == nil)
        #expect(plan.leaderEnded(now: 310) == [.kill])
        #expect(plan.pipesClosed() == [.finish])
        #expect(plan.stop == .killed)
    }

    @Test func killsAtOnceAndOnce() {
        var plan = ChildPlan()
        #expect(plan.kill(now: 0) == [.kill])
        #expect(plan.kill(now: 1) == [])
        #expect(plan.ask(graceMilliseconds: 5, now: 1) == [])
        #expect(plan.leaderEnded(now: 2) == [.kill])
        #expect(plan.kill(now: 3) == [])
        #expect(plan.due(now: 2 + ChildPlan.drainMilliseconds) == [.finish])
        #expect(plan.kill(now: 1_000) == [])
    }

    @Test func doesNotCallAnEndOfItsOwnAStop() {
        var plan = ChildPlan()
        #expect(plan.leaderEnded(now: 0) == [])
        #expect(plan.kill(now: 1) == [.kill])
        #expect(plan.stop == .none)
    }
}

@Suite struct ProcessEntryTests {
    @Test(arguments: ["sh", "a b", "x) S 1 2 (", "", "((", "))"])
    func isNotMisledByTheNameOfAProgram(name: String) throws {
        let fields = (5...21).map(String.init).joined(separator: " ")
        let line = "77 (\(name)) T 1 70 60 \(fields.dropFirst("5 6 ".count)) 4242 23 24\n"
        let entry = try #require(ProcessEntry(statLine: line))
        #expect(entry.mark.pid == 77)
        #expect(entry.state == "T")
        #expect(entry.parent == 1)
        #expect(entry.group == 70)
        #expect(entry.session == 60)
    }

    @Test(arguments: ["", "77", "77 (x", "77 (x) S", "x (x) S 1 2 3"])
    func refusesWhatIsNoEntry(line: String) {
        #expect(ProcessEntry(statLine: line) == nil)
    }

    @Test func findsItself() throws {
        let own = try #require(Files.text("/proc/self/stat").flatMap(ProcessEntry.init(statLine:)))
        #expect(own.isAlive)
        #expect(own.mark.startTicks > 0)
        #expect(ProcessTable.entry(own.mark.pid)?.mark == own.mark)
    }
}
