import Domain
import Testing

/// A configuration in the manner of those that are split in earnest.
private let study = """
    {"name":"far","dx":1.0,"phantoms":["duke","ella","thelonious","eartha"],
    "frequencies":[450,700,835,1450,2140,2450,3500,5200,5800],
    "antenna":{"components":{"700":{"gap":2.50},"835":{"gap":1e3},"2450":{"gap":-0}},"kind":"dipole"},
    "setup":{"directions":["x+","x-"],"weights":[0.5,0.5]},"scenes":[{"name":"room","walls":[1,2]},{"walls":[3]}],"n":1}
    """

private func split(_ by: String, splits: Int? = nil, of text: String = study) throws -> Split {
    try Split(of: JSON(parsing: text), by: SplitSpecification(commandLine: by, splits: splits))
}

private func values(_ split: Split, _ path: (JSON) -> JSON?) -> [String] {
    split.indices.map { path(split.configuration(at: $0))?.text ?? "nothing" }
}

@Suite("Splitting")
struct SplitTests {
    @Test("one assignment for each item of an array, which stays an array")
    func eachOfArray() throws {
        let split = try split("phantoms")
        #expect(split.count == 4)
        #expect(values(split) { $0["phantoms"] } == [#"["duke"]"#, #"["ella"]"#, #"["thelonious"]"#, #"["eartha"]"#])
        #expect(split.indices.map(split.label) == ["duke", "ella", "thelonious", "eartha"])
    }

    @Test("one assignment for each member of an object, which stays an object with its key")
    func eachOfObject() throws {
        let split = try split("antenna.components")
        let expected = [#"{"700":{"gap":2.50}}"#, #"{"835":{"gap":1e3}}"#, #"{"2450":{"gap":-0}}"#]
        #expect(values(split) { $0["antenna"]?["components"] } == expected)
        #expect(split.summary == "3 assignments: antenna.components (3)")
    }

    @Test("what is outside of the dimensions is the same text")
    func outside() throws {
        let text = #"{"a":1.0,"b":[1,2],"c":{"d":[1e3,-0],"e":"\u0041\/é","f":[3,4]},"g":[]}"#
        let split = try split("c.f,b", of: text)
        #expect(split.text(at: 2) == #"{"a":1.0,"b":[1],"c":{"d":[1e3,-0],"e":"A/é","f":[4]},"g":[]}"#)
    }

    @Test("the first dimension named varies slowest, wherever the dimensions stand in the text")
    func order() throws {
        let frequenciesFirst = try split("frequencies:2,phantoms:2")
        let expected = ["450…2140 (5) · duke,ella", "450…2140 (5) · thelonious,eartha"]
        #expect(frequenciesFirst.indices.prefix(2).map(frequenciesFirst.label) == expected)
        let phantomsFirst = try split("phantoms:2,frequencies:2")
        #expect(phantomsFirst.label(at: 1) == "duke,ella · 2450…5800 (4)")
        #expect(frequenciesFirst.text(at: 1) == phantomsFirst.text(at: 2))
    }

    @Test(
        "groups differ by at most one, the longer ones first",
        arguments: [
            (1, [9]), (2, [5, 4]), (3, [3, 3, 3]), (4, [3, 2, 2, 2]), (5, [2, 2, 2, 2, 1]),
            (9, [1, 1, 1, 1, 1, 1, 1, 1, 1]),
        ])
    func groups(count: Int, sizes: [Int]) throws {
        let split = try split("frequencies:\(count)")
        #expect((0..<count).map { split.axes[0].items(of: $0).count } == sizes)
        #expect((0..<count).flatMap { split.axes[0].items(of: $0) } == Array(0..<9))
    }

    @Test("explicit groups come as written, their items in the configuration's order")
    func explicit() throws {
        let split = try split("frequencies=5800;5200;3500;2450,2140;1450,450,700,835")
        #expect(
            values(split) { $0["frequencies"] } == ["[5800]", "[5200]", "[3500]", "[2140,2450]", "[450,700,835,1450]"])
        let keys = try self.explicitKeys("antenna.components=[2450,700;835],phantoms:1")
        #expect(keys == [["700", "2450"], ["835"]])
    }

    private func explicitKeys(_ by: String) throws -> [[String]] {
        let split = try split(by)
        return split.indices.map { split.configuration(at: $0)["antenna"]?["components"]?.objectValue?.keys ?? [] }
    }

    @Test(
        "elements are named by what they are, and found by that name",
        arguments: [
            (#"["a","b"]"#, ["a", "b"]), ("[1,1.0,1e0]", ["1", "1.0", "1e0"]), ("[true,null]", ["true", "null"]),
            (#"[{"name":"n"},{"id":7},{"x":1},{"name":""}]"#, ["n", "7", "#2", "#3"]),
            ("[[700,835],[],[1,2,3,4,5]]", ["[700,835]", "[]", "#2"]), (#"["",[[]]]"#, ["#0", "[[]]"]),
            (#"["same","same"]"#, ["same", "same"]), (##"["#1","x"]"##, ["#1", "x"]),
        ])
    func names(list: String, labels: [String]) throws {
        let base = try JSON(parsing: #"{"items":\#(list)}"#)
        let path = try ConfigurationPath("items")
        let each = try Split(of: base, by: .dimensions([SplitDimension(path: path)]))
        #expect(each.axes[0].itemLabels == labels)
        let byName = SplitDimension(path: path, rule: .explicit(labels.map { [$0] }))
        let explicit = try Split(of: base, by: .dimensions([byName]))
        #expect(explicit.indices.map(explicit.text) == each.indices.map(each.text))
    }

    @Test("an element can be named by its position")
    func positions() throws {
        let split = try split("scenes=#1;#0")
        #expect(values(split) { $0["scenes"] } == [#"[{"walls":[3]}]"#, #"[{"name":"room","walls":[1,2]}]"#])
    }

    @Test("a path goes through arrays by position, and may be the whole configuration")
    func paths() throws {
        #expect(
            values(try split("scenes.0.walls")) { $0["scenes"]?[0] } == [
                #"{"name":"room","walls":[1]}"#, #"{"name":"room","walls":[2]}"#,
            ])
        #expect(try split(".", of: "[1,2,3]").indices.map(split(".", of: "[1,2,3]").text) == ["[1]", "[2]", "[3]"])
        #expect(try split(#"a\.b.c\,d"#, of: #"{"a.b":{"c,d":[1,2]}}"#).text(at: 1) == #"{"a.b":{"c,d":[2]}}"#)
    }

    @Test("text, tree and index agree, and every index has its own coordinates")
    func agreement() throws {
        let split = try split("setup.directions,antenna.components,phantoms:3,scenes.0.walls")
        #expect(split.count == 2 * 3 * 3 * 2)
        var seen: Set<[Int]> = []
        for index in split.indices {
            #expect(split.configuration(at: index).text == split.text(at: index))
            #expect(split.index(of: split.coordinates(at: index)) == index)
            #expect(seen.insert(split.coordinates(at: index)).inserted)
        }
        #expect(split.textByteCount == split.indices.reduce(0) { $0 + split.text(at: $1).utf8.count })
        #expect(split.index(of: [0, 0, 0, 2]) == nil)
        #expect(split.index(of: [0, 0, 0]) == nil)
        #expect(split.axes.map(\.labels)[0] == ["x+", "x-"])
    }

    @Test("a million assignments are each made when asked for")
    func million() throws {
        let hundred = "[\((0..<100).map(String.init).joined(separator: ","))]"
        let split = try split("a,b,c", of: #"{"a":\#(hundred),"b":\#(hundred),"c":\#(hundred),"rest":"kept"}"#)
        #expect(split.count == 1_000_000)
        var byteCount = 0
        var bytes: [UInt8] = []
        for index in split.indices {
            bytes.removeAll(keepingCapacity: true)
            split.append(at: index, to: &bytes)
            byteCount += bytes.count
        }
        #expect(byteCount == split.textByteCount)
        #expect(split.text(at: 999_999) == #"{"a":[99],"b":[99],"c":[99],"rest":"kept"}"#)
        #expect(split.label(at: 123_456) == "12 · 34 · 56")
    }

    @Test("one dimension of a million items")
    func millionItems() throws {
        let items = JSON.array((0..<1_000_000).map { JSON($0) })
        let split = try Split(of: ["items": items], by: SplitSpecification(commandLine: "items"))
        #expect(split.count == 1_000_000)
        #expect(split.text(at: 777_777) == #"{"items":[777777]}"#)
    }
}

@Suite("Splitting automatically")
struct AutoSplitTests {
    @Test(
        "the first dimension gets the most groups that it can, then the next",
        arguments: [
            (1, "phantoms (4 in 1 group)"), (4, "phantoms (4)"),
            (6, "phantoms (4 in 3 groups) × frequencies (9 in 2 groups)"),
            (7, "frequencies (9 in 7 groups)"), (8, "phantoms (4) × frequencies (9 in 2 groups)"),
            (9, "phantoms (4 in 3 groups) × frequencies (9 in 3 groups)"),
            (12, "phantoms (4) × frequencies (9 in 3 groups)"), (36, "phantoms (4) × frequencies (9)"),
        ])
    func factors(splits: Int, axes: String) throws {
        for by in ["auto=phantoms,frequencies", "phantoms,frequencies"] {
            let split = try split(by, splits: splits)
            #expect(split.count == splits)
            #expect(split.summary.hasSuffix(": \(axes)"), "\(split.summary)")
        }
    }

    @Test(
        "never makes fewer than asked for, and says what can be made",
        arguments: [
            (11, [10, 12]), (13, [12, 14]), (100, [36]), (0, [1, 2]), (-5, [1, 2]), (35, [32, 36]),
        ])
    func impossible(splits: Int, possible: [Int]) throws {
        let error = try #require(throws: SplitError.self) { try split("phantoms,frequencies", splits: splits) }
        #expect(error.code == .count)
        #expect(error.field == "auto.splits")
        #expect(error.possibleCounts == possible)
        #expect(error.message.contains("36"))
        for count in possible { #expect(try split("phantoms,frequencies", splits: count).count == count) }
    }

    @Test("finds arrays and tables on the first level, in order, and leaves settings alone")
    func discovers() throws {
        let text =
            #"{"name":"x","one":[1],"grid":{"dx":1,"steps":[1,2]},"t":{"a":{},"b":{}},"list":[1,2,3],"u":{"a":{}}}"#
        #expect(try split("auto", splits: 6, of: text).summary == "6 assignments: t (2) × list (3)")
        #expect(try split("auto", splits: 3, of: text).summary == "3 assignments: list (3)")
        let error = try #require(throws: SplitError.self) {
            try split("auto", splits: 2, of: #"{"grid":{"dx":1,"dy":2}}"#)
        }
        #expect(error.code == .empty)
    }

    @Test("refuses at once where many small dimensions can't make a large number")
    func manyDimensions() throws {
        let members = (0..<16).map { "\"k\($0)\":[1,2]" }.joined(separator: ",")
        let error = try #require(throws: SplitError.self) { try split("auto", splits: 65_535, of: "{\(members)}") }
        #expect(error.possibleCounts == [65_536])
        let list = JSON.array((0..<3_000).map { JSON($0) })
        let big = JSON.object(["a": list, "b": list]).text
        let prime = try #require(throws: SplitError.self) { try split("auto", splits: 8_999_993, of: big) }
        #expect(prime.possibleCounts.count == 2)
    }

    private func split(_ by: String, splits: Int, of text: String = study) throws -> Split {
        try Split(of: JSON(parsing: text), by: SplitSpecification(commandLine: by, splits: splits))
    }
}
