import Domain
import Testing

@Suite struct StudyNameTests {
    @Test(arguments: ["phantoms", "st", "st01", "st1a", "St1", "j1", "head 3", "…", "a.b", "学"])
    func aNameIsTaken(_ name: String) {
        #expect(StudyName.fault(name) == nil)
    }

    @Test(arguments: ["st1", "st9223372036854775807", ".", "..", "a\tb", "a\u{0}", " a", "a\u{A0}"])
    func whatIsTakenForSomethingElseIsNot(_ name: String) {
        #expect(StudyName.fault(name) != nil)
    }
}
