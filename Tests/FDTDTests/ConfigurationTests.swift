import FDTDSolver
import Foundation
import Testing

@Suite struct ConfigurationTests {
    @Test func `the example holds 24 combinations, phantoms outermost, in the order of the file`() throws {
        let study = try StudyConfiguration(text: Study.exampleText())
        #expect(study.combinations.count == 24)
        #expect(study.phantoms.map(\.name) == ["child", "adult", "cylinder"])
        #expect(study.combinations[0].name == "child-450MHz-x+")
        #expect(study.combinations[1].name == "child-450MHz-y-")
        #expect(study.combinations[23].name == "cylinder-2100MHz-y-")
        for combination in study.combinations {
            let plan = try Plan(combination: combination, tissues: study.tissues, numerics: study.numerics)
            #expect(plan.cellsPerWavelength > Computation.fewestCellsPerWavelength)
        }
    }

    @Test func `a part of a split is read like the whole`() throws {
        let study = try StudyConfiguration(text: Self.text(frequencies: "[900.0]", directions: #"["y+"]"#))
        #expect(study.combinations.map(\.name) == ["disc-900MHz-y+"])
        #expect(study.numerics == StudyConfiguration.Numerics())
    }

    @Test func `directions are axes or degrees`() throws {
        let study = try StudyConfiguration(text: Self.text(directions: #"["x-", 30, 22.5]"#))
        #expect(study.directions.map(\.name) == ["x-", "30deg", "22.5deg"])
        #expect(abs(study.directions[1].y - 0.5) < 1e-12)
    }

    @Test func `tissues between two rows lie on a straight line, and outside of them nowhere`() {
        let medium = Study.muscle.medium(at: 675)
        #expect(medium.map { abs($0.permittivity - 55.9) < 1e-9 } == true)
        #expect(Study.muscle.medium(at: 449) == nil)
        #expect(Study.muscle.medium(at: 2101) == nil)
        #expect(Tissue.air.medium(at: 5)?.permittivity == 1)
    }

    @Test(arguments: [
        (#"{"#, "line 1"),
        ("{\n\"a\": 1,\n\"a\": 2}", "line 3"),
        (#"[]"#, "the configuration"),
        (text(extra: #", "frequncies": [1]"#), "frequncies"),
        (text(frequencies: "[]"), "frequencies"),
        (text(frequencies: "900"), "frequencies"),
        (text(frequencies: "[900, \"900\"]"), "frequencies[1]"),
        (text(frequencies: "[900, 900.0]"), "frequencies[1]"),
        (text(frequencies: "[900, 5000]"), "frequencies[1]"),
        (text(frequencies: "[-3]"), "frequencies[0]"),
        (text(directions: #"["up"]"#), "directions[0]"),
        (text(directions: #"["x+", null]"#), "directions[1]"),
        (text(directions: #"[1e9]"#), "directions[0]"),
        (text(phantoms: "{}"), "phantoms"),
        (text(phantoms: #"{"disc": {}}"#), "phantoms.disc.ellipses"),
        (text(phantoms: #"{"a/b": {"ellipses": []}}"#), "phantoms.a/b"),
        (text(phantoms: #"{"..": {"ellipses": []}}"#), "phantoms..."),
        (text(ellipse: #"{"tissue": "wood", "size": [9, 9]}"#), "phantoms.disc.ellipses[0].tissue"),
        (text(ellipse: #"{"tissue": "fat", "size": [9]}"#), "phantoms.disc.ellipses[0].size"),
        (text(ellipse: #"{"tissue": "fat", "size": [9, -9]}"#), "phantoms.disc.ellipses[0].size[1]"),
        (text(ellipse: #"{"tissue": "fat", "size": [9, 9], "centre": [0, 0]}"#), "phantoms.disc.ellipses[0].centre"),
        (text(extra: #", "cellSize": 0"#), "cellSize"),
        (text(extra: #", "resolution": 1e400"#), "resolution"),
        (text(extra: #", "margin": "wide""#), "margin"),
        (text(tissues: #"{"fat": {"dispersion": [[900, 5, 0.05]]}}"#), "tissues.fat.density"),
        (text(rows: "[[900, 0.5, 0.05]]"), "tissues.fat.dispersion[0]"),
        (text(rows: "[[900, 5, 1], [900, 5, 1]]"), "tissues.fat.dispersion[1]"),
        (text(tissues: #"{"air": {"density": 900, "dispersion": [[900, 5, 1]]}}"#), "tissues.air"),
    ])
    func `what is wrong is named`(text: String, field: String) {
        #expect {
            try StudyConfiguration(text: text)
        } throws: { error in
            (error as? ConfigurationError)?.field == field
        }
    }

    @Test func `a grid that would fill the memory is refused before it is made`() throws {
        let study = try StudyConfiguration(text: Self.text(extra: #", "cellSize": 0.01"#))
        #expect {
            try Plan(combination: study.combinations[0], tissues: study.tissues, numerics: study.numerics)
        } throws: { error in
            (error as? ConfigurationError)?.field == "cellSize"
        }
    }

    static func text(
        phantoms: String = #"{"disc": {"ellipses": [{"tissue": "fat", "size": [100, 100]}]}}"#,
        frequencies: String = "[900]", directions: String = #"["x+"]"#,
        tissues: String = #"{"fat": {"density": 911, "dispersion": [[900, 5.46, 0.051]]}}"#, extra: String = ""
    ) -> String {
        """
        {"phantoms": \(phantoms), "frequencies": \(frequencies), "directions": \(directions),
        "tissues": \(tissues)\(extra)}
        """
    }

    private static func text(ellipse: String) -> String {
        text(phantoms: #"{"disc": {"ellipses": [\#(ellipse)]}}"#)
    }

    private static func text(rows: String) -> String {
        text(tissues: #"{"fat": {"density": 900, "dispersion": \#(rows)}}"#)
    }
}
