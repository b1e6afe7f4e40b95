import FDTDSolver
import Testing

@Suite struct JSONTests {
    @Test func `order and spelling are kept`() throws {
        let value = try JSONParser.parse(#" {"b": 1.0, "a": [true, null, -2e3], "c": {}} "#)
        #expect(
            value
                == .object([
                    .init("b", .number("1.0")), .init("a", .array([.bool(true), .null, .number("-2e3")])),
                    .init("c", .object([])),
                ])
        )
        #expect(value.text() == "{\n  \"b\": 1.0,\n  \"a\": [true, null, -2e3],\n  \"c\": {}\n}")
    }

    @Test func `escapes are read and written`() throws {
        let value = try JSONParser.parse(#""a\n\"\\\u00e9\ud83d\ude00\u0001""#)
        #expect(value == .string("a\n\"\\é😀\u{1}"))
        #expect(try JSONParser.parse(value.text()) == value)
    }

    @Test(arguments: [
        "", " ", "{", "[1,]", "[1 2]", "{\"a\" 1}", "{\"a\": 1,}", "01", "1.", "-", "+1", "1e", "nul", "\"a", "\"\\x\"",
        "\"\\u12\"", "\"\\ud800\"", "\"\n\"", "1 2", "{1: 2}", String(repeating: "[", count: 100_000),
    ])
    func `what is not JSON is refused`(text: String) {
        #expect(throws: ConfigurationError.self) { try JSONParser.parse(text) }
    }

    @Test(arguments: [(0.0, "0"), (1, "1"), (0.1224, "0.1224"), (1e-9, "1e-09"), (123_456_789, "1.23457e+08")])
    func `results are written with six digits`(value: Double, text: String) {
        #expect(JSONValue.rounded(value).text() == text)
    }

    @Test func `what is not a number is null`() {
        #expect(JSONValue.rounded(.nan) == .null)
        #expect(JSONValue.rounded(.infinity) == .null)
    }
}
