import Domain
import Testing

@Suite("JSON parsing")
struct JSONParsingTests {
    @Test(
        "keeps the order of members and the spelling of numbers",
        arguments: [
            #"{"z":1,"a":{"y":1.0,"b":2.50},"m":[1e3,-0,0.1E-7,1E+2]}"#,
            #"[]"#, #"{}"#, #"[[],{}]"#, #""""#, "0", "-0", "1.0", "true", "false", "null",
            #""æ日😀""#, #""a\"b\\c/d""#, #""\b\t\n\f\r\u0000\u001f""#,
            "{\"\":\"\",\"\u{E9}\":1,\"e\u{301}\":2}",
            "123456789012345678901234567890.123456789012345678901234567890e-400",
        ])
    func keepsText(text: String) throws {
        #expect(try JSON(parsing: text).text == text)
    }

    @Test(
        "drops space between tokens and needless escapes, nothing else",
        arguments: [
            (" \r\n\t{ \"a\" :\n [ 1 , 2 ] } \n", #"{"a":[1,2]}"#),
            (#""\/\u0041\u00e9\u65e5\ud83d\ude00\uD83D\uDE00""#, #""/Aé日😀😀""#),
            (#""\u005c\u0022\u0009\u007f""#, "\"\\\\\\\"\\t\u{7F}\""),
        ])
    func normalises(text: String, expected: String) throws {
        #expect(try JSON(parsing: text).text == expected)
    }

    @Test(
        "refuses what is not JSON, with its place",
        arguments: [
            ("", 1, 1, "the end of the text"),
            ("  ", 1, 3, "the end of the text"),
            ("{", 1, 2, "a key in quotes"),
            ("{\"a\"}", 1, 5, "a colon"),
            ("{\"a\":}", 1, 6, "a value was expected"),
            ("{\"a\":1,}", 1, 8, "a key in quotes"),
            ("{\"a\":1 \"b\":2}", 1, 8, "a comma or the end of the object"),
            ("{a:1}", 1, 2, "a key in quotes"),
            ("{1:1}", 1, 2, "a key in quotes"),
            ("[1,\n 2,\n ]", 3, 2, "a value was expected"),
            ("[1 2]", 1, 4, "a comma or the end of the array"),
            ("[", 1, 2, "a value was expected"),
            ("[1", 1, 3, "a comma or the end of the array"),
            ("1 2", 1, 3, "follows the end of the document"),
            ("{}{}", 1, 3, "follows the end of the document"),
            ("nul", 1, 1, "null"), ("nulll", 1, 5, "follows"), ("True", 1, 1, "a value was expected"),
            ("tru\u{0}", 1, 1, "true"),
            ("NaN", 1, 1, "a value was expected"), ("Infinity", 1, 1, "a value"), ("-Infinity", 1, 2, "a digit"),
            ("01", 1, 1, "zero"), ("-01", 1, 1, "zero"), ("1.", 1, 3, "a digit"), (".5", 1, 1, "a value"),
            ("+1", 1, 1, "a value"), ("1e", 1, 3, "a digit"), ("1e+", 1, 4, "a digit"), ("-", 1, 2, "a digit"),
            ("0x1", 1, 2, "follows"), ("1.e1", 1, 3, "a digit"),
            ("\"abc", 1, 1, "ends inside a string"), ("\"", 1, 1, "ends inside a string"),
            ("\"abc\\", 1, 6, "can't follow a backslash"), ("\"\\x\"", 1, 3, "can't follow a backslash"),
            ("\"a\nb\"", 1, 3, "must be written as an escape"), ("\"\u{0}\"", 1, 2, "must be written as an escape"),
            ("\"\\u12g4\"", 1, 6, "four hexadecimal digits"), ("\"\\u12", 1, 6, "four hexadecimal digits"),
            ("\"\\ud800\"", 1, 2, "surrogate"), ("\"\\udc00\"", 1, 2, "surrogate"),
            ("\"\\ud800\\ud800\"", 1, 2, "surrogate"), ("\"\\ud800\\u0041\"", 1, 2, "surrogate"),
            ("\"\\ud800x\"", 1, 2, "surrogate"), ("\"\\ud800\\n\"", 1, 2, "surrogate"),
            ("{\"a\":1,\"b\":2,\"a\":3}", 1, 14, "stands twice"), ("{\"a\":1,\"\\u0061\":3}", 1, 8, "stands twice"),
            ("\u{FEFF}{}", 1, 1, "byte order mark"), ("// x\n1", 1, 1, "a value was expected"),
            ("{\"日本\": x}", 1, 8, "\"x\""), ("'a'", 1, 1, "\"'\""), ("[1,\u{A0}2]", 1, 4, "beyond ASCII"),
        ])
    func refuses(text: String, line: Int, column: Int, reason: String) throws {
        let error = try #require(throws: JSONParseError.self) { try JSON(parsing: text) }
        #expect(error.line == line)
        #expect(error.column == column)
        #expect(error.reason.contains(reason), "\(error)")
        #expect(error.description.contains("line \(line), column \(column)"))
    }

    @Test(
        "refuses bytes that are not UTF-8",
        arguments: [
            [0x22, 0xFF, 0x22], [0x22, 0xC3, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22],
            [0x22, 0xF5, 0x80, 0x80, 0x80, 0x22], [0x22, 0x5C, 0x6E, 0xE6, 0x97, 0x22], [0x22, 0x80, 0x22],
            [0x22, 0x61, 0x61, 0x61, 0x61, 0x61, 0x61, 0x61, 0x61, 0x80, 0x22],
        ] as [[UInt8]])
    func refusesBrokenUTF8(bytes: [UInt8]) throws {
        let error = try #require(throws: JSONParseError.self) { try JSON(parsing: bytes) }
        #expect(error.reason.contains("UTF-8"))
        #expect(error.offset == 0)
    }

    @Test("refuses what lies deeper than the limit, and takes what lies as deep as it")
    func limitsDepth() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        #expect(try JSON(parsing: nested(JSON.depthLimit)).text == nested(JSON.depthLimit))
        let error = try #require(throws: JSONParseError.self) { try JSON(parsing: nested(JSON.depthLimit + 1)) }
        #expect(error.offset == JSON.depthLimit)
        #expect(throws: JSONParseError.self) { try JSON(parsing: String(repeating: "{\"a\":", count: 1_000_000)) }
        #expect(throws: JSONParseError.self) { try JSON(parsing: String(repeating: "[", count: 1_000_000)) }
    }

    @Test("finds a key that stands twice in a large object, too, and tells alike-looking keys apart")
    func largeObjects() throws {
        let members = (0..<50_000).map { "\"key \($0)\":\($0)" }
        let text = "{\(members.joined(separator: ","))}"
        #expect(try JSON(parsing: text).text == text)
        let twice = text.dropLast() + ",\"key 31\":0}"
        let error = try #require(throws: JSONParseError.self) { try JSON(parsing: String(twice)) }
        #expect(error.reason.contains("key 31"))

        let combining = (0..<40).map { "\"\(String(repeating: "\u{301}", count: $0))é\":\($0)" }
        let decomposed = (0..<40).map { "\"\(String(repeating: "\u{301}", count: $0))e\u{301}\":\($0)" }
        let alike = "{\((combining + decomposed).joined(separator: ","))}"
        #expect(try JSON(parsing: alike).objectValue?.count == 80)
    }

    @Test("takes bytes from an array, a slice, a span, a buffer and any sequence alike")
    func sources() throws {
        let text = #"{"a":[1,"é"]}"#
        let bytes = Array(text.utf8)
        #expect(try JSON(parsing: bytes).text == text)
        #expect(try JSON(parsing: ([0] + bytes)[1...]).text == text)
        #expect(try JSON(parsing: bytes.span).text == text)
        #expect(try JSON(parsing: bytes.lazy.map { $0 }).text == text)
        let fromBuffer = try unsafe bytes.withUnsafeBytes { buffer in try unsafe JSON(parsing: buffer) }
        #expect(fromBuffer.text == text)
        #expect(try JSON(parsing: "x\(text)".dropFirst().description).text == text)
    }

    @Test("what it writes it reads back as the same value", arguments: 0..<20)
    func roundTrip(seed: UInt64) throws {
        var random = RandomJSON(seed: seed)
        for _ in 0..<200 {
            let value = random.value()
            let text = value.text
            #expect(try JSON(parsing: text) == value)
            #expect(try JSON(parsing: text).text == text)
            #expect(try JSON(parsing: value.prettyText()) == value)
            var writer = JSONWriter()
            writer.value(value)
            #expect(writer.text == text)
        }
    }

    @Test("random and damaged bytes are read or refused, and what is read is stable", arguments: 0..<20)
    func survivesDamage(seed: UInt64) throws {
        var random = RandomJSON(seed: 1_000 + seed)
        for round in 0..<500 {
            let bytes: [UInt8]
            if round % 5 == 0 {
                bytes = (0..<Int.random(in: 0...40, using: &random)).map { _ in .random(in: 0...255, using: &random) }
            } else {
                bytes = random.mutated(Array(random.value().text.utf8))
            }
            do {
                let value = try JSON(parsing: bytes)
                #expect(try JSON(parsing: value.text) == value)
            } catch {
                #expect((0...bytes.count).contains(error.offset))
                #expect(error.line >= 1 && error.column >= 1)
            }
        }
    }
}
