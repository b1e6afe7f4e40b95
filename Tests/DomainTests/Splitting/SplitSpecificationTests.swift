import Domain
import Testing

@Suite("What a split is written as")
struct SplitSpecificationTests {
    private static func dimension(_ path: [String], _ rule: SplitDimension.Rule = .each) -> SplitDimension {
        SplitDimension(path: ConfigurationPath(components: path), rule: rule)
    }

    @Test(
        "the command line's text",
        arguments: [
            ("a", [dimension(["a"])]),
            (" a , b.c ", [dimension(["a"]), dimension(["b", "c"])]),
            ("a:2,b", [dimension(["a"], .groups(2)), dimension(["b"])]),
            ("a = 1 ; 2 , 3 ", [dimension(["a"], .explicit([["1"], ["2", "3"]]))]),
            ("a=[1;2,3],b", [dimension(["a"], .explicit([["1"], ["2", "3"]])), dimension(["b"])]),
            ("a=[1;2,3] , b:4", [dimension(["a"], .explicit([["1"], ["2", "3"]])), dimension(["b"], .groups(4))]),
            (#"a=[x\,y;z\]\;]"#, [dimension(["a"], .explicit([["x,y"], ["z];"]]))]),
            (#"a\.b.c\:d\=e\,f"#, [dimension(["a.b", "c:d=e,f"])]),
            (#"a\ ,b"#, [dimension(["a "]), dimension(["b"])]),
            (#"\auto"#, [dimension(["auto"])]), ("automatic", [dimension(["automatic"])]),
            ("auto.x", [dimension(["auto", "x"])]), (".", [dimension([])]),
            (#"a\\.b"#, [dimension([#"a\"#, "b"])]), ("a=b=c", [dimension(["a"], .explicit([["b=c"]]))]),
        ])
    func commandLine(text: String, dimensions: [SplitDimension]) throws {
        #expect(try SplitSpecification(commandLine: text) == .dimensions(dimensions))
    }

    @Test(
        "auto on the command line",
        arguments: [
            ("auto", []), ("auto=a,b.c", [["a"], ["b", "c"]]), (" auto = [a, b] ", [["a"], ["b"]]),
            ("a,b", [["a"], ["b"]]),
        ])
    func auto(text: String, paths: [[String]]) throws {
        let expected = SplitSpecification.auto(paths: paths.map(ConfigurationPath.init(components:)), splits: 7)
        #expect(try SplitSpecification(commandLine: text, splits: 7) == expected)
    }

    @Test(
        "the JSON form, there and back",
        arguments: [
            #"{"by":[{"path":"a.b"},{"path":"c","groups":2},{"path":"d","explicit":[["5800"],["2140","2450"]]}]}"#,
            #"{"auto":{"splits":12}}"#, #"{"auto":{"splits":12,"paths":["a","b.c"]}}"#,
            #"{"by":[{"path":"a\\.b\\,c"}]}"#,
            #"{"by":[]}"#,
        ])
    func json(text: String) throws {
        let specification = try SplitSpecification(json: JSON(parsing: text))
        #expect(specification.json.text == text)
    }

    @Test("short spellings of the JSON form")
    func shortJSON() throws {
        let short = try SplitSpecification(
            json: JSON(parsing: #"{"by":["a",{"path":"f","explicit":[[5800],[2.50,"x"]]}]}"#))
        #expect(
            short
                == .dimensions([
                    Self.dimension(["a"]), Self.dimension(["f"], .explicit([["5800"], ["2.50", "x"]])),
                ]))
    }

    @Test(
        "a JSON form that says something else is refused with its field",
        arguments: [
            ("[]", "split"), ("{}", "by"), (#"{"by":[],"auto":{}}"#, "by"), (#"{"by":"a"}"#, "by"),
            (#"{"into":3}"#, "into"), (#"{"by":[3]}"#, "by[0]"), (#"{"by":[{}]}"#, "by[0].path"),
            (#"{"by":[{"path":""}]}"#, "by[0].path"), (#"{"by":[{"path":"a","size":3}]}"#, "by[0].size"),
            (#"{"by":[{"path":"a","groups":1.5}]}"#, "by[0].groups"),
            (#"{"by":[{"path":"a","groups":"2"}]}"#, "by[0].groups"),
            (#"{"by":[{"path":"a","groups":2,"explicit":[]}]}"#, "by[0]"),
            (#"{"by":["b",{"path":"a","explicit":["x"]}]}"#, "by[1].explicit[0]"),
            (#"{"by":[{"path":"a","explicit":[[null]]}]}"#, "by[0].explicit[0]"),
            (#"{"by":[{"path":"a","explicit":{}}]}"#, "by[0].explicit"),
            (#"{"auto":{}}"#, "auto.splits"), (#"{"auto":{"splits":null}}"#, "auto.splits"), (#"{"auto":3}"#, "auto"),
            (#"{"auto":{"splits":3,"paths":"a"}}"#, "auto.paths"),
            (#"{"auto":{"splits":3,"paths":[1]}}"#, "auto.paths[0]"),
            (#"{"auto":{"splits":3,"into":1}}"#, "auto.into"),
        ])
    func refusesJSON(text: String, field: String) throws {
        let json = try JSON(parsing: text)
        let error = try #require(throws: SplitError.self) { try SplitSpecification(json: json) }
        #expect(error.field == field)
        #expect(error.code == .syntax)
    }

    @Test("a path's text reads back as the same path, alone and in the text of a split", arguments: 0..<10)
    func pathText(seed: UInt64) throws {
        var random = RandomJSON(seed: seed)
        for _ in 0..<100 {
            let components = (0..<3).map { _ in random.string() }.filter { !$0.isEmpty }
            let path = ConfigurationPath(components: components)
            #expect(try ConfigurationPath(path.text) == path)
            let specification = try SplitSpecification(commandLine: "\(path.text):3,x")
            #expect(
                specification
                    == .dimensions([
                        SplitDimension(path: path, rule: .groups(3)), Self.dimension(["x"]),
                    ]))
        }
    }
}
