import Domain
import Testing

@testable import muster

@Suite("What people write")
struct InputTests {
    @Test(
        "lists of indices",
        arguments: [
            ("0", [0]), ("0,2,4-7", [0, 2, 4, 5, 6, 7]), ("4-4", [4]), (" 1 , 3 ", [1, 3]), ("7-8,0", [7, 8, 0]),
            ("007", [7]),
        ])
    func indices(text: String, expected: [Int]) throws {
        let list = try IndexList(text)
        #expect(list.indices == expected)
        #expect(list.count == expected.count)
    }

    @Test(
        "lists that are none say why",
        arguments: [
            ("", "There is an empty place in the list of indices: write indices such as 0,2,4-7."),
            ("1,,2", "There is an empty place in 1,,2: write indices such as 0,2,4-7."),
            ("1,", "There is an empty place in 1,: write indices such as 0,2,4-7."),
            ("x", "x is no index: write indices such as 0,2,4-7."),
            ("1-", "1- is no index: write indices such as 0,2,4-7."),
            ("-1", "-1 is no index: write indices such as 0,2,4-7."),
            ("1-2-3", "1-2-3 is no index: write indices such as 0,2,4-7."),
            ("+1", "+1 is no index: write indices such as 0,2,4-7."),
            ("99999999999999999999", "99999999999999999999 is no index: write indices such as 0,2,4-7."),
            ("7-4", "7-4 goes backwards: write 4-7."),
            ("1,2,1", "The index 1 stands twice in 1,2,1."),
            ("0-5,3-9", "The index 3 stands twice in 0-5,3-9."),
            ("0-2000000", "0-2000000 names more than 1000000 indices."),
        ])
    func wrongIndices(text: String, message: String) {
        let failure = #expect(throws: IndexList.Failure.self) { try IndexList(text) }
        #expect(failure?.message == message)
    }

    @Test(
        "GOLIAT's lists are sorted sets with room for empty places",
        arguments: [
            ("5", [5]), ("1,2,3", [1, 2, 3]), ("0-4", [0, 1, 2, 3, 4]), ("0,2,4-7", [0, 2, 4, 5, 6, 7]),
            ("3,0-1", [0, 1, 3]), ("2,2", [2]), ("5-5", [5]), (" 1 , 3 - 4 ,,1-2,", [1, 2, 3, 4]),
            ("4-6,5,0-9", Array(0...9)),
        ])
    func goliatIndices(text: String, expected: [Int]) throws {
        #expect(try IndexList(inGOLIATsManner: text).indices == expected)
    }

    @Test("what GOLIAT can't read is refused", arguments: ["-1", "3-1", "1-2-3", "1-", "a", "", " , ", "1.5"])
    func badGOLIATIndices(text: String) {
        #expect(throws: IndexList.Failure.self) { try IndexList(inGOLIATsManner: text) }
    }

    @Test(
        "assignments by study and index",
        arguments: [
            ("phantoms/3", "phantoms", 3), ("a/b/0", "a/b", 0),
        ])
    func assignments(text: String, study: String, index: Int) {
        let parts = APIClient.assignment(text)
        #expect(parts?.study == study)
        #expect(parts?.index == index)
    }

    @Test("what names no assignment", arguments: ["phantoms", "/3", "phantoms/", "phantoms/x", "phantoms/-1"])
    func noAssignments(text: String) {
        #expect(APIClient.assignment(text) == nil)
    }

    @Test(
        "the nearest name, unless it would be a guess",
        arguments: [
            ("prot", ["port", "host"], "port"), ("studdy", ["study", "job"], "study"),
            ("zebra", ["port", "host"], nil),
        ] as [(String, [String], String?)])
    func nearest(name: String, candidates: [String], expected: String?) {
        #expect(NearestName.of(name, among: candidates) == expected)
    }

    @Test("edit distances", arguments: [("", "", 0), ("abc", "", 3), ("kitten", "sitting", 3), ("port", "prot", 2)])
    func distances(left: String, right: String, expected: Int) {
        #expect(NearestName.distance(left, right) == expected)
        #expect(NearestName.distance(right, left) == expected)
    }

    @Test(
        "the date of an answer",
        arguments: [
            ("Sun, 01 Mar 2026 12:00:07 GMT", "2026-03-01T12:00:07.000Z"),
            ("Thu, 31 Dec 2026 23:59:59 GMT", "2026-12-31T23:59:59.000Z"),
        ])
    func dates(text: String, expected: String) {
        #expect(HTTPDate.instant(text)?.description == expected)
    }

    @Test(
        "dates in other forms are not taken",
        arguments: [
            "", "Sunday, 01-Mar-26 12:00:07 GMT", "Sun Mar  1 12:00:07 2026", "Sun, 01 Xyz 2026 12:00:07 GMT",
            "Sun, 01 Mar 2026 12:00:07 +0100",
        ])
    func noDates(text: String) {
        #expect(HTTPDate.instant(text) == nil)
    }
}
