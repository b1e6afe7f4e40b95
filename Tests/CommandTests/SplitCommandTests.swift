import Domain
import Foundation
import Testing

@testable import muster

@Suite("Looking at a split")
struct SplitCommandTests {
    private let configuration = #"{"phantoms":["child","adult"],"frequencies":[700,900,2450],"x":1.0}"#

    @Test("a preview needs no server and stores nothing")
    func preview() async {
        let stage = Stage(input: configuration)
        let code = await stage.run(
            "study", "split", "-", "--split-by", "phantoms,frequencies", "--dry-run", "--limit", "2")
        #expect(code == 0)
        #expect(
            stage.output == """
                6 assignments: phantoms (2) × frequencies (3)
                INDEX  LABEL
                    0  child · 700
                    1  child · 900
                … and 4 more; --limit shows them, --index N prints one.

                """)
    }

    @Test("a preview as JSON carries each configuration as text")
    func json() async throws {
        let stage = Stage(input: configuration)
        let code = await stage.run(
            "study", "split", "-", "--split-by", "phantoms,frequencies:2", "--dry-run", "--json", "--limit", "1")
        #expect(code == 0)
        #expect(
            stage.output == #"{"count":4,"dimensions":[{"path":"phantoms","groups":["child","adult"]},"#
                + #"{"path":"frequencies","groups":["700,900","2450"]}],"assignments":[{"index":0,"#
                + #""label":"child · 700,900","#
                + #""configuration":{"phantoms":["child"],"frequencies":[700,900],"x":1.0}}]}"# + "\n")
    }

    @Test("one assignment's configuration")
    func one() async {
        let stage = Stage(input: configuration)
        #expect(await stage.run("study", "split", "-", "--split-by", "phantoms", "--index", "1", "--json") == 0)
        #expect(stage.output == #"{"phantoms":["adult"],"frequencies":[700,900,2450],"x":1.0}"# + "\n")
        let beyond = Stage(input: configuration)
        #expect(await beyond.run("study", "split", "-", "--split-by", "phantoms", "--index", "2") == 2)
        #expect(beyond.errors.contains("indices go from 0 to 1"))
    }

    @Test("assignments are written as files")
    func files() async throws {
        try await withTemporaryFolder { folder in
            let stage = Stage(folder: folder, input: configuration)
            #expect(await stage.run("study", "split", "-", "--split-by", "phantoms", "--into", "out") == 0)
            let files = try FileManager.default.contentsOfDirectory(atPath: "\(folder)/out").sorted()
            #expect(files == ["0.json", "1.json"])
            let text = try String(contentsOfFile: "\(folder)/out/1.json", encoding: .utf8)
            #expect(text == #"{"phantoms":["adult"],"frequencies":[700,900,2450],"x":1.0}"# + "\n")
        }
    }

    @Test("what is no JSON is told with its place")
    func malformed() async {
        let stage = Stage(input: "{\"a\":\n ,}")
        #expect(await stage.run("study", "split", "-", "--split-by", "a", "--dry-run") == 2)
        #expect(stage.errors.hasPrefix("muster: standard input is not JSON: line 2, column 2: "))
    }

    private let farField = #"{"study_type":"far_field","phantoms":["duke","ella"],"frequencies_mhz":[700,835.50]}"#

    @Test("GOLIAT's way is previewed with what it keeps to itself")
    func goliat() async {
        let stage = Stage(input: farField)
        let code = await stage.run("study", "split", "-", "--preset", "goliat", "--splits", "5", "--dry-run")
        #expect(code == 0)
        #expect(
            stage.output == """
                2 assignments, split by auto as GOLIAT does
                INDEX  LABEL
                    0  duke, ella · 700
                    1  duke, ella · 835.5

                """)
        #expect(stage.errors.contains("5 assignments were asked for and 2 made"))
    }

    @Test("GOLIAT's assignments are in the text that it would send")
    func goliatText() async {
        let stage = Stage(input: farField)
        let code = await stage.run(
            "study", "split", "-", "--preset", "goliat", "--split-by", "custom", "--frequency-groups", "700",
            "--index", "0", "--json")
        #expect(code == 0)
        #expect(
            stage.output
                == #"{"study_type": "far_field", "phantoms": ["duke", "ella"], "frequencies_mhz": [700]}"# + "\n")
    }

    @Test(
        "what a preset can't do is wrong use",
        arguments: [
            ["--preset", "other"], ["--preset", "goliat", "--split-by", "phantoms"],
            ["--preset", "goliat", "--split-by", "scenario"], ["--split-by", "phantoms", "--frequency-groups", "700"],
        ])
    func wrongPreset(options: [String]) async {
        let stage = Stage(input: farField)
        #expect(await stage.run(["study", "split", "-", "--dry-run"] + options) == 2)
    }
}
