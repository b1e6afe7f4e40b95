import Domain
import Testing

@testable import Connectors

func someWork(
    folder: String = "/w/j7-2", payload: JSON = [:], index: Int? = 4, study: String? = "heads", marker: String = "m"
) -> AttemptWork {
    AttemptWork(
        job: JobID(number: 7), attempt: AttemptNumber(2), study: study, index: index, payload: payload,
        folders: AttemptFolders(work: folder), boundURL: "http://127.0.0.1:7117/s/secret", marker: marker
    )
}

@Suite struct CommandTemplateTests {
    @Test(arguments: [
        (["run", "{config}"], ["run", "/w/j7-2/config.json"]),
        (["run", "--out={output}", "{workdir}/x"], ["run", "--out=/w/j7-2/artifacts", "/w/j7-2/x"]),
        (["run", "{job}-{attempt}", "{study}#{index}"], ["run", "j7-2", "heads#4"]),
        (["run", #"{"a": 1}"#, "{}", "{other}", "{", "{{job}}"], ["run", #"{"a": 1}"#, "{}", "{other}", "{", "{j7}"]),
        (["run", "$HOME; rm -rf {nothing"], ["run", "$HOME; rm -rf {nothing"]),
    ])
    func fillsPlaceholders(arguments: [String], expected: [String]) throws {
        #expect(try #require(CommandTemplate(arguments)).filled(for: someWork()) == expected)
    }

    @Test func fillsNothingThatAValueBrought() throws {
        let template = try #require(CommandTemplate(["run", "{study}"]))
        #expect(template.filled(for: someWork(study: "{workdir}")) == ["run", "{workdir}"])
    }

    @Test func leavesIndexAndStudyEmptyForAJobOfNoStudy() throws {
        let template = try #require(CommandTemplate(["run", "{index}", "{study}"]))
        #expect(template.filled(for: someWork(index: nil, study: nil)) == ["run", "", ""])
    }

    @Test func needsAProgram() {
        #expect(CommandTemplate([]) == nil)
        #expect(CommandTemplate([""]) == nil)
    }

    @Test(
        arguments: [
            ("goliat study {config}", ["goliat", "study", "{config}"]),
            ("  a   b ", ["a", "b"]),
            ("", []),
            (#"a "b c" 'd "e'"#, ["a", "b c", #"d "e"#]),
            (#"a '' """#, ["a", "", ""]),
            (#"a\ b c"#, ["a b", "c"]),
            (#""\"x\" \n""#, [#""x" \n"#]),
            (#"'\'"#, [#"\"#]),
            ("$HOME *", ["$HOME", "*"]),
        ] as [(String, [String])])
    func splitsALineAsAPersonExpects(line: String, words: [String]) {
        #expect(CommandTemplate.split(line: line) == words)
    }

    @Test(arguments: [#""open"#, "'open", #"end\"#])
    func refusesAnOpenQuote(line: String) {
        #expect(CommandTemplate.split(line: line) == nil)
    }
}
