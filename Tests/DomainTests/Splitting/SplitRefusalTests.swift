import Domain
import Testing

@Suite("Splits that are refused")
struct SplitRefusalTests {
    private static let configuration = """
        {"p":["a","b","c"],"f":[450,700],"o":{"x":{"l":[1]},"y":{}},"none":[],"void":{},"n":5,"s":"text","twice":[1,1],
        "esc\\u001b[31m":[1]}
        """

    @Test(
        "with code, field, key path and a sentence with the way out",
        arguments: [
            ("", .empty, "by", nil, "at least one key path"),
            (" ", .empty, "by", nil, "at least one key path"),
            ("p,", .syntax, "by[1].path", nil, "not a key path"), (",p", .syntax, "by[0].path", nil, "not a key path"),
            ("p..x", .syntax, "by[0].path", nil, "names joined by dots"),
            ("p\\", .syntax, "by[0].path", nil, "not a key"),
            ("phantom", .pathMissing, "by[0].path", "phantom", "it has \"p\", \"f\", \"o\""),
            ("p,o.z", .pathMissing, "by[1].path", "o.z", "o has no \"z\"; it has \"x\", \"y\""),
            ("p.3", .pathMissing, "by[0].path", "p.3", "from 0 to 2"),
            ("p.01", .pathMissing, "by[0].path", "p.01", "from 0 to 2"),
            ("p.-1", .pathMissing, "by[0].path", "p.-1", "from 0 to 2"),
            ("n.x", .pathMissing, "by[0].path", "n.x", "n is a number"),
            ("none.0", .pathMissing, "by[0].path", "none.0", "none is an empty array"),
            ("void.x", .pathMissing, "by[0].path", "void.x", "void is an empty object"),
            ("n", .notDivisible, "by[0].path", "n", "n is a number"),
            ("f,s", .notDivisible, "by[1].path", "s", "s is a string"),
            ("none", .noItems, "by[0].path", "none", "empty array"),
            ("void", .noItems, "by[0].path", "void", "empty object"),
            ("p,f,p", .repeated, "by[2].path", "p", "named twice"),
            ("o,p,o.x.l", .cyclic, "by[2].path", "o.x.l", "o.x.l lies inside o"),
            ("o.x,o", .cyclic, "by[1].path", "o", "o.x lies inside o"), (".,p", .cyclic, "by[1].path", "p", "inside ."),
            ("p:4", .count, "by[0].groups", "p", "3 items, so it can be put into 1 to 3 groups, not 4"),
            ("f,p:0", .count, "by[1].groups", "p", "not 0"), ("p:-1", .count, "by[0].groups", "p", "not -1"),
            ("p:x", .syntax, "by[0].groups", "p", "number of groups"),
            ("p:", .syntax, "by[0].groups", "p", "number of"),
            ("p:99999999999999999999", .syntax, "by[0].groups", "p", "number of groups"),
            ("p=a;b,z", .itemMissing, "by[0].explicit", "p", "no item \"z\"; it has \"a\", \"b\", \"c\""),
            ("p=a;b,c,f", .itemMissing, "by[0].explicit", "p", "another key path"),
            ("f=450;700.0", .itemMissing, "by[0].explicit", "f", "\"700.0\""),
            ("o=x;#1", .itemMissing, "by[0].explicit", "o", "\"#1\""),
            ("p=a;b;#7", .itemMissing, "by[0].explicit", "p", "\"#7\""),
            ("p=a;b,c,a", .itemRepeated, "by[0].explicit", "p", "\"a\" more often"),
            ("p=a;b,c;#0", .itemRepeated, "by[0].explicit", "p", "\"#0\" more often"),
            ("p=#0;b,c;a", .itemRepeated, "by[0].explicit", "p", "\"a\" more often"),
            ("twice=1;1;1", .itemRepeated, "by[0].explicit", "twice", "\"1\" more often"),
            ("p=a;b", .itemsLeftOut, "by[0].explicit", "p", "leave out \"c\""),
            ("p=", .empty, "by[0].explicit", "p", "group without items"),
            ("p=a;;b,c", .empty, "by[0].explicit", "p", "group without items"),
            ("p=[]", .empty, "by[0].explicit", "p", "group without items"),
            ("p=[a;b,c", .syntax, "by[0].explicit", "p", "must end with ]"),
            ("p=[a;b,c]f", .syntax, "by[0].explicit", "p", "must end with ]"),
            ("auto", .syntax, "auto.splits", nil, "--splits"),
        ] as [(String, SplitError.Code, String, String?, String)])
    func refuses(by: String, code: SplitError.Code, field: String, keyPath: String?, message: String) throws {
        let base = try JSON(parsing: Self.configuration)
        let error = try #require(throws: SplitError.self) {
            try Split(of: base, by: SplitSpecification(commandLine: by))
        }
        #expect(error.code == code)
        #expect(error.field == field)
        #expect(error.keyPath == keyPath)
        #expect(error.message.contains(message), "\(error)")
        #expect(error.message.hasSuffix("."))
    }

    @Test("two items of one name are two items")
    func doubledItems() throws {
        let base = try JSON(parsing: Self.configuration)
        let split = try Split(of: base, by: SplitSpecification(commandLine: "twice=1;1"))
        #expect(split.count == 2)
    }

    @Test("--splits with groups of their own is a contradiction")
    func contradiction() throws {
        let error = try #require(throws: SplitError.self) { try SplitSpecification(commandLine: "p:2,f", splits: 4) }
        #expect(error.code == .syntax)
        #expect(error.keyPath == "p")
    }

    @Test("a message never carries what a terminal would obey")
    func terminalEscapes() throws {
        let base = try JSON(parsing: Self.configuration)
        for by in ["nothing", "esc\u{1B}[31m:7", "esc\u{1B}[31m=\u{9B}2J", "\u{1B}[2J"] {
            let error = try #require(throws: SplitError.self) {
                try Split(of: base, by: SplitSpecification(commandLine: by))
            }
            #expect(!error.message.unicodeScalars.contains { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) })
        }
    }

    @Test("more assignments than a study may have, and more dimensions than a split")
    func limits() throws {
        let list = JSON.array((0..<300).map { JSON($0) })
        let members = (0..<17).map { JSONMember(key: "k\($0)", value: list) }
        let base = JSON.object(JSONObject(members))
        for count in [3, 16] {
            let by = (0..<count).map { "k\($0)" }.joined(separator: ",")
            let error = try #require(throws: SplitError.self) {
                try Split(of: base, by: SplitSpecification(commandLine: by))
            }
            #expect(error.code == .tooMany)
        }
        let all = members.map(\.key).joined(separator: ",")
        let error = try #require(throws: SplitError.self) {
            try Split(of: base, by: SplitSpecification(commandLine: all))
        }
        #expect(error.message.contains("at most 16 dimensions"))
        #expect(throws: SplitError.self) {
            try Split(of: base, by: SplitSpecification(commandLine: "k0,k1,k2,k3", splits: 20_000_000))
        }
    }
}
