import Domain
import Testing

@Suite struct IdentifierTests {
    @Test func everyKindReadsWhatItWrote() {
        #expect(JobID(number: 1_042).description == "j1042")
        #expect(JobID(text: "j1042") == JobID(number: 1_042))
        #expect(SessionID(text: "s77") == SessionID(number: 77))
        #expect(StudyID(text: "st3") == StudyID(number: 3))
        #expect(ArtifactID(text: "a9") == ArtifactID(number: 9))
        #expect(QueueID(text: "q9223372036854775807") == QueueID(number: .max))
    }

    @Test(arguments: [
        "", "j", "J1", "1", "s1", "j0", "j01", "j-1", "j+1", "j1 ", " j1", "j1.0", "j1e3", "j١", "jj1",
        "j9223372036854775808",
    ])
    func anythingElseIsNoJob(text: String) {
        #expect(JobID(text: text) == nil)
    }

    @Test func aStudyIsNoSessionAndTheOtherWayRound() {
        #expect(SessionID(text: "st3") == nil)
        #expect(StudyID(text: "s3") == nil)
    }

    @Test func idsAndAttemptsAreInTheOrderOfTheirNumbers() {
        #expect(JobID(number: 9) < JobID(number: 10))
        #expect(AttemptNumber.none.next == AttemptNumber(1))
        #expect(AttemptNumber(9) < AttemptNumber(10))
        #expect(SequenceNumber.zero < SequenceNumber(1))
    }

    @Test(arguments: [
        Scope.fleet, .session(SessionID(number: 7)), .study(StudyID(number: 3)), .queue("a:b"), .job(JobID(number: 1)),
    ])
    func aScopeReadsWhatItWrote(scope: Scope) {
        #expect(Scope(text: scope.description) == scope)
    }

    @Test(arguments: ["", "fleet:", "Fleet", "study", "study:3", "study:s3", "queue:", "job:1", "worker:w"])
    func anythingElseIsNoScope(text: String) {
        #expect(Scope(text: text) == nil)
    }
}
