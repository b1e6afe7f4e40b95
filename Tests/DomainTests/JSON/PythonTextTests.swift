import Domain
import Testing

@Suite("JSON as Python writes it")
struct PythonTextTests {
    @Test(
        "numbers are spelled as Python spells what it read",
        arguments: [
            ("1", "1"), ("-0", "0"), ("1.0", "1.0"), ("2.50", "2.5"), ("1e3", "1000.0"), ("-0.0", "-0.0"),
            ("1E-7", "1e-07"), ("0.0001", "0.0001"), ("0.00001", "1e-05"),
            ("123456789012345680.0", "1.2345678901234568e+17"),
            ("1e15", "1000000000000000.0"), ("1e16", "1e+16"), ("12000000000000000.0", "1.2e+16"),
            ("9999999999999998.0", "9999999999999998.0"), ("5e-324", "5e-324"),
            ("1.7976931348623157e308", "1.7976931348623157e+308"),
            ("0.1", "0.1"), ("100", "100"), ("123456789012345678901234567890", "123456789012345678901234567890"),
            ("-2.4500e2", "-245.0"), ("3.00e-2", "0.03"), ("1e999", "1e999"),
        ])
    func numbers(spelled: String, expected: String) throws {
        #expect(try JSON(parsing: spelled).respelledByPython.text == expected)
    }

    @Test("a blank behind commas and colons, and nothing but ASCII")
    func text() throws {
        let json = try JSON(parsing: #"{"é":["\u0001\"\\\n","𝄞",{"a":[],"b":{}}],"x":[true,null,1.50]}"#)
        #expect(
            json.pythonText
                == #"{"\u00e9": ["\u0001\"\\\n", "\ud834\udd1e", {"a": [], "b": {}}], "x": [true, null, 1.5]}"#)
        #expect(JSON.string("\u{7F}a\tü").pythonText == #""\u007fa\t\u00fc""#)
    }

    @Test("it reads back as the same value", arguments: 0..<20)
    func reading(seed: UInt64) throws {
        var random = RandomJSON(seed: 4_000 + seed)
        let value = random.value().respelledByPython
        #expect(try JSON(parsing: value.pythonText) == value)
        #expect(value.respelledByPython == value)
    }
}
