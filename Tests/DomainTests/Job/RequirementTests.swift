import Domain
import Testing

@Suite struct RequirementTests {
    @Test(arguments: [
        // required, offered, what is missing
        ("{}", "{}", nil), ("{}", #"{"gpu":true}"#, nil),
        (#"{"gpu":16}"#, #"{"gpu":16}"#, nil), (#"{"gpu":16}"#, #"{"gpu":24.5}"#, nil),
        (#"{"gpu":16}"#, #"{"gpu":15.9}"#, "gpu"), (#"{"gpu":16}"#, "{}", "gpu"),
        (#"{"gpu":16}"#, #"{"gpu":"16"}"#, "gpu"), (#"{"gpu":16}"#, #"{"gpu":null}"#, "gpu"),
        (#"{"gpu":16}"#, #"{"gpu":[8,24]}"#, nil), (#"{"gpu":16}"#, #"{"gpu":[8,12]}"#, "gpu"),
        (#"{"model":"sdxl"}"#, #"{"model":"sdxl"}"#, nil), (#"{"model":"sdxl"}"#, #"{"model":"SDXL"}"#, "model"),
        (#"{"model":"sdxl"}"#, #"{"model":["flux","sdxl"]}"#, nil), (#"{"model":"sdxl"}"#, #"{"model":[]}"#, "model"),
        (#"{"model":["sdxl","flux"]}"#, #"{"model":["flux","other","sdxl"]}"#, nil),
        (#"{"model":["sdxl","flux"]}"#, #"{"model":["flux"]}"#, "model"),
        (#"{"model":[]}"#, #"{"model":"any"}"#, nil), (#"{"model":[]}"#, "{}", "model"),
        (#"{"licence":true}"#, #"{"licence":true}"#, nil), (#"{"licence":true}"#, #"{"licence":false}"#, "licence"),
        (#"{"licence":null}"#, #"{"licence":null}"#, nil), (#"{"licence":null}"#, "{}", "licence"),
        (#"{"b":1,"a":1}"#, "{}", "a"),
    ])
    func capabilitiesAreMatchedAsTheRuleSays(required: String, offered: String, missing: String?) throws {
        let requirement = try Requirement(JSON(parsing: required))
        let capabilities = try JSON(parsing: offered)
        #expect(requirement.unsatisfied(by: capabilities) == missing)
        #expect(requirement.isSatisfied(by: capabilities) == (missing == nil))
    }

    @Test func theOrderOfNamesIsNoDifference() throws {
        let one = try Requirement(JSON(parsing: #"{"b":[2,1],"a":1}"#))
        let two = try Requirement(JSON(parsing: #"{"a":1,"b":[2,1]}"#))
        #expect(one == two)
        #expect(one.text == #"{"a":1,"b":[2,1]}"#)
        #expect(Requirement(text: one.text) == one)
    }

    @Test func nothingRequiredIsEmpty() {
        #expect(Requirement(nil).isEmpty)
        #expect(Requirement(nil).text == "{}")
        #expect(Requirement(text: "[]") == nil)
        #expect(Requirement(text: "no") == nil)
    }
}
