import Domain
import Testing

@Suite("JSON values")
struct JSONValueTests {
    @Test("literals write what they say")
    func literals() {
        let value: JSON = ["b": 1, "a": [true, nil, "x", 1.5, [:], []], "n": -3]
        #expect(value.text == #"{"b":1,"a":[true,null,"x",1.5,{},[]],"n":-3}"#)
        let name = "y"
        let interpolated: JSON = "x\(name)"
        #expect(interpolated == .string("xy"))
    }

    @Test("conveniences answer only for their own kind")
    func conveniences() throws {
        let value = try JSON(
            parsing: #"{"s":"t","b":false,"i":12,"d":1.25,"e":1e2,"big":1e999,"n":null,"a":[5],"z":-0}"#)
        #expect(value["s"]?.stringValue == "t")
        #expect(value["s"]?.intValue == nil)
        #expect(value["b"]?.boolValue == false)
        #expect(value["i"]?.intValue == 12)
        #expect(value["i"]?.doubleValue == 12)
        #expect(value["d"]?.intValue == nil)
        #expect(value["d"]?.doubleValue == 1.25)
        #expect(value["e"]?.intValue == nil)
        #expect(value["e"]?.doubleValue == 100)
        #expect(value["big"]?.doubleValue == nil)
        #expect(value["n"]?.isNull == true)
        #expect(value["a"]?[0]?.intValue == 5)
        #expect(value["a"]?[1] == nil)
        #expect(value["a"]?[-1] == nil)
        #expect(value["z"]?.intValue == 0)
        #expect(value["missing"] == nil)
        #expect(value["a"]?.arrayValue?.count == 1)
        #expect(value.objectValue?.keys == ["s", "b", "i", "d", "e", "big", "n", "a", "z"])
    }

    @Test("equality is that of the text: order, spelling and scalars count")
    func equality() throws {
        let different = [
            "1", "1.0", "1e0", "10e-1", "\"1\"", "true", "false", "null", "[]", "{}", "[1]", "[1.0]", "0", "-0",
            #"{"a":1,"b":2}"#, #"{"b":2,"a":1}"#, "\"\u{E9}\"", "\"e\u{301}\"", "{\"\u{E9}\":1}", "{\"e\u{301}\":1}",
        ]
        let values = try different.map { try JSON(parsing: $0) }
        for (left, right) in values.indices.flatMap({ left in values.indices.map { (left, $0) } }) {
            #expect((values[left] == values[right]) == (left == right), "\(different[left]) and \(different[right])")
        }
        #expect(Set(values + values).count == values.count)
    }

    @Test(
        "numbers convert exactly",
        arguments: [
            "0", "-0", "0.1", "0.42", "-72.5", "123456789012345", "0.000000000000001", "999999999999.999",
            "1234567890123456", "0.30000000000000004", "1e22", "1e-5", "5e-324", "1.7976931348623157e308",
            "9007199254740993", "3.141592653589793238462643383279",
        ])
    func doubles(text: String) throws {
        let number = try #require(JSONNumber(text: text))
        let expected = try #require(Double(text))
        #expect(number.double.bitPattern == expected.bitPattern)
        #expect(number.text == text)
    }

    @Test("numbers are made from Swift's numbers, and never from what JSON can't say")
    func numbers() {
        #expect(JSONNumber(Int64.min).text == "-9223372036854775808")
        #expect(JSONNumber(Int64.min).int64 == .min)
        #expect(JSONNumber(0.1)?.text == "0.1")
        #expect(JSONNumber(Double.nan) == nil)
        #expect(JSONNumber(-Double.infinity) == nil)
        #expect(JSON(Double.infinity) == .null)
        #expect(JSONNumber(text: "9223372036854775808")?.int64 == nil)
        for text in ["", "01", "+1", "1 ", " 1", ".5", "NaN", "[1]", "1e"] { #expect(JSONNumber(text: text) == nil) }
        for double in [Double.leastNonzeroMagnitude, 1.7976931348623157e308, 1e20, -0.0, 123456.789] {
            #expect(JSONNumber(double)?.double.bitPattern == double.bitPattern)
        }
    }

    @Test("setting a member replaces in place, appends or removes")
    func setting() {
        var object: JSONObject = ["a": 1, "b": 2, "c": 3]
        object["b"] = 20
        object["d"] = 4
        object["a"] = nil
        object["missing"] = nil
        #expect(JSON.object(object).text == #"{"b":20,"c":3,"d":4}"#)
        #expect(object.count == 3)
        #expect(object["c"] == 3)
        #expect(!object.isEmpty)
    }

    @Test(
        "members given twice keep the first place and the last value, in small objects and large", arguments: [2, 40])
    func doubledMembers(count: Int) {
        let members = (0..<count).map { JSONMember(key: "k\($0)", value: JSON($0)) }
        let object = JSONObject(members + [JSONMember(key: "k1", value: "last")])
        #expect(object.count == count)
        #expect(object.members[1] == JSONMember(key: "k1", value: "last"))
    }

    @Test("pretty text has a line for each item and two spaces a level")
    func pretty() {
        let value: JSON = ["a": [1, [:]], "b": [:], "c": ["d": nil]]
        let expected = """
            {
              "a": [
                1,
                {}
              ],
              "b": {},
              "c": {
                "d": null
              }
            }
            """
        #expect(value.prettyText() == expected)
    }
}

@Suite("JSON writer")
struct JSONWriterTests {
    @Test("sets commas by itself and leaves out what is nil")
    func writes() throws {
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("id", "a\"b\né")
        writer.field("none", nil as String?)
        writer.field("some", 7 as Int?)
        writer.field("low", Int64.min)
        writer.field("zero", 0)
        writer.field("flag", true)
        writer.field("part", 0.25)
        writer.field("nan", Double.nan)
        writer.beginArray("list")
        writer.endArray()
        writer.beginArray("items")
        for item in 0..<2 {
            writer.beginObject()
            writer.field("n", item)
            writer.endObject()
        }
        writer.value("x")
        writer.null()
        writer.value(["k": 1.0])
        writer.raw("[1, 2]")
        writer.endArray()
        let name = "dyn\"amic"
        writer.key(name)
        writer.value(-15)
        writer.beginObject("empty")
        writer.endObject()
        writer.field("raw", raw: "{}")
        writer.field("raw2", raw: Array("1".utf8))
        writer.field("raw3", raw: nil as String?)
        writer.field("json", JSON.null)
        writer.endObject()
        let expected =
            #"{"id":"a\"b\né","some":7,"low":-9223372036854775808,"zero":0,"flag":true,"part":0.25,"nan":null,"#
            + #""list":[],"items":[{"n":0},{"n":1},"x",null,{"k":1.0},[1, 2]],"dyn\"amic":-15,"empty":{},"raw":{},"#
            + #""raw2":1,"json":null}"#
        #expect(writer.text == expected)
        #expect(try JSON(parsing: writer.bytes)["some"]?.intValue == 7)
    }

    @Test("writes behind other bytes, and anew")
    func reuse() {
        var writer = JSONWriter(after: Array("data: ".utf8))
        writer.value(1)
        #expect(writer.text == "data: 1")
        writer.removeAll()
        writer.value("2")
        #expect(writer.text == "\"2\"")
    }

    @Test(
        "whole numbers are written as Swift writes them", arguments: [0, 1, -1, 9, 10, 99, 100, -100, Int64.max, .min])
    func integers(value: Int64) {
        var writer = JSONWriter()
        writer.value(value)
        #expect(writer.text == String(value))
    }
}
