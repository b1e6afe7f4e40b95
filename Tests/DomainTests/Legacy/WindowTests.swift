import Domain
import Testing

@Suite("What a window tells")
struct WindowTests {
    private let now = Instant(milliseconds: 1_000_000)

    private func state(_ messages: [(JSON, Int64)]) throws -> WindowState {
        var state = WindowState()
        for (message, sentAt) in messages {
            _ = state.apply(try WindowMessage(json: message), sentAt: Instant(milliseconds: sentAt), now: now)
        }
        return state
    }

    @Test("Progress is a clamped share; of a total of nothing nothing is known")
    func progress() throws {
        func share(_ current: JSON, _ total: JSON) throws -> Double? {
            try state([(["type": "overall_progress", "current": current, "total": total], 1)]).progress
        }
        #expect(try share(37.7, 100) == 0.377)
        #expect(try share(1, 12) == 1.0 / 12)
        #expect(try share(130, 100) == 1)
        #expect(try share(-4, 100) == 0)
        #expect(try share(0, 0) == nil)
        #expect(throws: WindowMessage.Malformed.self) { try share("x", 100) }
    }

    @Test("A late value does not follow a later one; one of a clock that was set back does")
    func late() throws {
        func overall(_ current: Int64) -> JSON { ["type": "overall_progress", "current": JSON(current), "total": 100] }
        #expect(try state([(overall(100), 10_000), (overall(97), 9_900)]).progress == 1)
        #expect(try state([(overall(50), 100_000), (overall(12), 101_000)]).progress == 0.12)
        #expect(try state([(overall(50), 100_000), (overall(60), 40_000)]).progress == 0.6)
        #expect(try state([(overall(50), 100_000), (overall(60), 40_001)]).progress == 0.5)
    }

    @Test("A hundred per cent ends nothing; a last stage does, and so does the last word")
    func endings() throws {
        func stage(_ name: String, _ current: Int64 = 100) -> JSON {
            ["type": "stage_progress", "name": .string(name), "current": JSON(current), "total": 100]
        }
        let full: JSON = ["type": "overall_progress", "current": 100, "total": 100]
        #expect(try state([(full, 1), (stage("Run"), 2)]).ending == nil)
        #expect(try state([(stage("Finished", 99), 1)]).ending == nil)
        #expect(try state([(stage("Finished"), 1)]).ending?.isSuccess == true)
        #expect(try state([(stage("Error"), 1)]).ending?.isSuccess == false)
        #expect(try state([(stage("Memory Error"), 1)]).ending?.isSuccess == false)
        #expect(
            try state([(["type": "finished", "message": "Study finished successfully"], 1)]).ending?.isSuccess == true)
        #expect(
            try state([(["type": "finished", "message": "Study finished with errors"], 1)]).ending?.isSuccess == false)
        #expect(try state([(["type": "finished", "exit_code": 0], 1)]).ending?.isSuccess == true)
        #expect(try state([(["type": "finished", "exit_code": 42], 1)]).ending?.isSuccess == false)
        #expect(try state([(["type": "fatal_error", "message": "no"], 1)]).ending?.isSuccess == false)
        let memory = try state([
            (["type": "memory_error", "message": "full", "exit_code": 42], 1), (stage("Memory Error"), 2),
        ])
        #expect(memory.ending?.reason == "full")
    }

    @Test("An estimate of nothing is no estimate, and an end has none")
    func estimates() throws {
        func eta(_ seconds: JSON) -> JSON { ["type": "profiler_update", "eta_seconds": seconds] }
        #expect(try state([(eta(90), 1)]).etaAt == now.adding(milliseconds: 90_000))
        #expect(try state([(eta(90), 1), (eta(0.0), 2)]).etaAt == nil)
        #expect(try state([(eta(90), 1), (eta(nil), 2)]).etaAt == nil)
        #expect(try state([(eta(1e300), 1)]).etaAt != nil)
        let step = try state([(["type": "start_animation", "estimate": 12.5, "end_value": 40], 1)])
        #expect(step.stepEndsAt == now.adding(milliseconds: 12_500))
        #expect(
            try state([(["type": "start_animation", "estimate": 12.5], 1), (["type": "end_animation"], 2)]).stepEndsAt
                == nil)
    }

    @Test("Both words for a simulation say the same, and a new stage forgets the old one's share")
    func simulations() throws {
        let first = try state([(["type": "sim_details", "count": 6, "total": 108, "details": "duke, 700MHz"], 1)])
        let second = try state([
            (
                [
                    "type": "simulation_details", "simulation_count": 6, "total_simulations": 108,
                    "current_case": "duke, 700MHz",
                ], 1
            )
        ])
        #expect(first == second)
        let stages = try state([
            (["type": "stage_progress", "name": "Run", "current": 15.4, "total": 100], 1),
            (["type": "stage_progress", "name": "Extract", "current": 0, "total": 0], 2),
        ])
        #expect(stages.stage == "Extract" && stages.stageProgress == nil)
    }

    @Test("Warnings and errors are counted by type alone")
    func counts() throws {
        let logs = ["warning", "error", "fatal", "success", "made up"].map { type -> JSON in
            ["type": "status", "message": "m", "log_type": .string(type), "timestamp": 1.5]
        }
        let state = try state([(["type": "log_batch", "logs": .array(logs), "sequence": 0], 1)])
        #expect(state.warningCount == 1 && state.errorCount == 2)
    }

    @Test("What is no message is refused, and what is not known is let pass")
    func malformed() throws {
        let bad: [JSON] = [
            [], "x", [:], ["type": 7], ["type": "log_batch"], ["type": "stage_progress", "name": "Run"],
        ]
        for bad in bad { #expect(throws: WindowMessage.Malformed.self) { try WindowMessage(json: bad) } }
        #expect(try WindowMessage(json: ["type": "gui_screenshots"]) == .other("gui_screenshots"))
        #expect(
            try WindowMessage(json: ["type": "status", "message": "a\u{0}b"])
                == .lines([.init(text: "a\u{FFFD}b", type: "default", at: nil)], batch: nil))
    }

    @Test("Batches are known by their number, early, late and twice")
    func batches() {
        var window = BatchWindow()
        for (number, isNew) in [
            (Int64(3), true), (0, true), (3, false), (1, true), (0, false), (200, true), (3, false), (150, true),
            (137, true), (136, false),
        ] {
            #expect(window.insert(number) == isNew, "\(number)")
        }
        #expect(window.mayContinue(with: 201) && !window.mayContinue(with: 200) && !window.mayContinue(with: 300))
        #expect(window.isContradicted(by: 0) && !window.isContradicted(by: 190))
    }

    @Test("Lines that are numbered stand in their order, whenever they came")
    func order() {
        func line(_ number: Int64, _ position: Int64?, job: Int64? = 1) -> LogLine {
            LogLine(
                number: number, at: now, level: .info, text: "", job: job.map(JobID.init(number:)),
                attempt: AttemptNumber(1),
                position: position)
        }
        let lines = [line(1, 200), line(2, nil), line(3, 100), line(4, 5, job: 2), line(5, 101), line(6, 4, job: 2)]
        #expect(LogOrder.placed(lines).map(\.number) == [3, 2, 5, 6, 1, 4])
    }
}

@Suite("Evidence of a simulation")
struct CaseEvidenceTests {
    private static let far: JSON = [
        "phantoms": ["duke", "ella"], "frequencies_mhz": [700, 2450.0],
        "far_field_setup": ["environmental": ["incident_directions": ["x_pos", "y_neg"], "polarizations": ["theta"]]],
        "gridding_parameters": ["global_gridding_per_frequency": ["5800": 1]],
    ]
    private static let near: JSON = [
        "phantoms": ["thelonious": ["a": 1]], "antenna_config": ["700": ["model": "PIFA"], "835": [:]],
        "placement_scenarios": ["by_cheek": ["positions": ["tragus": []], "orientations": ["cheek_base": []]]],
    ]

    @Test(arguments: [
        ("duke, 700MHz, x_pos, theta", true), ("ella, 2450MHz, y_neg, theta", true),
        ("duke, 5800MHz, x_pos, theta", false),
        ("duke, 700MHz, z_pos, theta", false), ("billie, 700MHz, x_pos, theta", false), ("duke", false), ("", false),
        ("duke, , theta", false),
    ])
    func farField(_ details: String, _ fits: Bool) {
        #expect(CaseEvidence.fits(details, configuration: Self.far) == fits)
    }

    @Test(arguments: [
        ("thelonious, 700MHz, by_cheek_tragus_cheek_base", true),
        ("thelonious, 2450MHz, by_cheek_tragus_cheek_base", false),
        ("thelonious, 700MHz, by_cheek_tragus_tilt", false), ("thelonious, 700MHz, front_of_eyes_center", false),
    ])
    func nearField(_ details: String, _ fits: Bool) {
        #expect(CaseEvidence.fits(details, configuration: Self.near) == fits)
    }

    @Test("What is inherited proves nothing")
    func inherited() {
        #expect(!CaseEvidence.fits("duke, 700MHz, x_pos, theta", configuration: ["extends": "base.json"]))
    }
}

@Suite("Values as they were written")
struct RawJSONTests {
    @Test("Members and elements come back byte for byte")
    func slices() throws {
        let text = #" { "a\u0062" : [ {"x": 1.0,  "y":"}],\"" } , 2.50 ,[ ] ], "c":{ } , "d" :"\\"}  "#
        let raw = RawJSON(Array(text.utf8))
        _ = try JSON(parsing: text)
        #expect(raw["ab"]?.text == #"[ {"x": 1.0,  "y":"}],\"" } , 2.50 ,[ ] ]"#)
        #expect(raw["ab"]?.elements.map(\.text) == [#"{"x": 1.0,  "y":"}],\"" }"#, "2.50", "[ ]"])
        #expect(raw["ab"]?.elements.first?["y"]?.text == #""}],\"""#)
        #expect(raw["c"]?.text == "{ }")
        #expect(raw["d"]?.text == #""\\""#)
        #expect(raw["none"] == nil)
        #expect(raw["c"]?["x"] == nil && raw["c"]?.elements.isEmpty == true)
    }

    @Test("What is no JSON ends all the same", arguments: ["", "{", "[", "{\"", "[\"\\", "{\"a\":", "]", "{\"a\"}"])
    func broken(_ text: String) {
        let raw = RawJSON(Array(text.utf8))
        _ = raw["a"]?.text
        _ = raw.elements.map(\.text)
    }
}
