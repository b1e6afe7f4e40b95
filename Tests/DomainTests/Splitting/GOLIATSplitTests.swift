import Domain
import Testing

/// In the shape of GOLIAT's far-field files: what is split, what goes with it, and what stays.
private let farField = """
    {"extends":"base_config","study_type":"far_field","phantoms":["duke","ella","eartha","thelonious"],
    "frequencies_mhz":[450,700,835,1450,2140,2450,3500,5200,5800],
    "far_field_setup":{"type":"environmental","environmental":{"incident_directions":["x_pos","x_neg","y_pos"],
    "polarizations":["theta","phi"]}},
    "gridding_parameters":{"global_gridding_per_frequency":{"5800":0.50,"700":2.50,"450":2.5},"padding":1e1}}
    """

private let nearField = """
    {"study_type":"near_field","phantoms":{"duke":{"scale":1.0},"ella":null},
    "antenna_config":{"700":{"model":"PIFA"},"835":{"model":"IFA"},"2450":{}},
    "placement_scenarios":{"by_cheek":{"positions":{"tragus":[1,2]},"orientations":{"cheek":[1],"tilt":[2]}},
    "front":{"orientations":{}},"by_belly":{"positions":{"p":0},"orientations":{"vertical":{}}}}}
    """

private func split(
    _ strategy: GOLIATStrategy, splits: Int? = nil, groups: String? = nil, of text: String = farField
) throws -> GOLIATSplit {
    try GOLIATSplit(
        of: try JSON(parsing: text),
        by: GOLIATSplitSpecification(strategy, splits: splits, frequencyGroups: groups))
}

private func values(_ split: GOLIATSplit, _ path: String...) -> [String] {
    split.indices.map { index in
        path.reduce(JSON?.some(split.configuration(at: index))) { $0?[$1] }?.text ?? "nothing"
    }
}

@Suite("Splitting as GOLIAT does it")
struct GOLIATSplitTests {
    @Test("one for each phantom, in a list or in an object that keeps the chosen key")
    func phantoms() throws {
        let list = try split(.phantom)
        #expect(values(list, "phantoms") == [#"["duke"]"#, #"["ella"]"#, #"["eartha"]"#, #"["thelonious"]"#])
        #expect(list.indices.map(list.label) == ["duke", "ella", "eartha", "thelonious"])
        let object = try split(.phantom, of: nearField)
        #expect(values(object, "phantoms") == [#"{"duke":{"scale":1.0}}"#, #"{"ella":null}"#])
    }

    @Test("one for each frequency, with the gridding of all of them")
    func frequencies() throws {
        let split = try split(.frequency, of: #"{"frequencies_mhz":[700,"700+835",900.50]}"#)
        #expect(values(split, "frequencies_mhz") == ["[700]", #"["700+835"]"#, "[900.5]"])
        let whole = try GOLIATSplit(of: JSON(parsing: farField), by: GOLIATSplitSpecification(.frequency))
        #expect(Set(values(whole, "gridding_parameters")).count == 1)
        #expect(whole.count == 9)
    }

    @Test("one for each direction and for each polarisation of the type that the setup names")
    func waves() throws {
        let place = ["far_field_setup", "environmental"]
        let directions = try split(.direction)
        #expect(directions.indices.map(directions.label) == ["x_pos", "x_neg", "y_pos"])
        #expect(
            directions.configuration(at: 1)[place[0]]?[place[1]]?.text
                == #"{"incident_directions":["x_neg"],"polarizations":["theta","phi"]}"#)
        #expect(try split(.polarization).count == 2)
        let other = #"{"study_type":"far_field","far_field_setup":{"type":"auto","auto":{"polarizations":["a"]}}}"#
        #expect(try values(split(.polarization, of: other), "far_field_setup", "auto", "polarizations") == [#"["a"]"#])
        let unnamed = #"{"study_type":"far_field","far_field_setup":{"environmental":{"polarizations":["a","b"]}}}"#
        #expect(try split(.polarization, of: unnamed).count == 2)
    }

    @Test("every frequency with every polarisation, the frequency varying slowest, each with its own gridding")
    func product() throws {
        let split = try split(.frequencyByPolarization)
        #expect(split.count == 18)
        #expect(split.indices.prefix(3).map(split.label) == ["450 · theta", "450 · phi", "700 · theta"])
        let gridding = values(split, "gridding_parameters")
        #expect(gridding[0] == #"{"global_gridding_per_frequency":{"450":2.5},"padding":10.0}"#)
        #expect(gridding[2] == #"{"global_gridding_per_frequency":{"700":2.5},"padding":10.0}"#)
        // 835 has none of its own: the table stays whole.
        #expect(
            gridding[4] == #"{"global_gridding_per_frequency":{"5800":0.5,"700":2.5,"450":2.5},"padding":10.0}"#)
    }

    @Test("groups as they are written, with their gridding in the same order")
    func custom() throws {
        let split = try split(.custom, groups: " 5800 ; ;700,450;835,1450;5800,5800")
        #expect(values(split, "frequencies_mhz") == ["[5800]", "[700,450]", "[835,1450]", "[5800,5800]"])
        let tables = values(split, "gridding_parameters", "global_gridding_per_frequency")
        let whole = #"{"5800":0.5,"700":2.5,"450":2.5}"#
        #expect(tables == [#"{"5800":0.5}"#, #"{"700":2.5,"450":2.5}"#, whole, #"{"5800":0.5}"#])
        #expect(split.notes.count == 1)
        #expect(split.notes.first?.contains(#""2140", "2450", "3500", "5200""#) == true)
        let fraction = try GOLIATSplit(
            of: JSON(parsing: #"{"frequencies_mhz":[700.0,835]}"#),
            by: GOLIATSplitSpecification(.custom, frequencyGroups: "835,700"))
        #expect(fraction.text(at: 0) == #"{"frequencies_mhz": [835, 700]}"#)
    }

    @Test("each scenario with each orientation, one without any as a whole; positions stay")
    func scenarios() throws {
        let split = try split(.scenario, of: nearField)
        #expect(
            values(split, "placement_scenarios") == [
                #"{"by_cheek":{"positions":{"tragus":[1,2]},"orientations":{"cheek":[1]}}}"#,
                #"{"by_cheek":{"positions":{"tragus":[1,2]},"orientations":{"tilt":[2]}}}"#,
                #"{"front":{"orientations":{}}}"#,
                #"{"by_belly":{"positions":{"p":0},"orientations":{"vertical":{}}}}"#,
            ])
        #expect(
            split.indices.map(split.label) == ["by_cheek · cheek", "by_cheek · tilt", "front", "by_belly · vertical"])
    }

    /// Phantoms, items, asked for; groups of each and what comes of it. The last rows are those where GOLIAT makes
    /// fewer and doesn't say so.
    @Test(
        "auto cuts phantoms as finely as it can",
        arguments: [
            (4, 9, 1, [4], [9]), (4, 9, 4, [1, 1, 1, 1], [9]), (4, 9, 6, [2, 1, 1], [5, 4]),
            (4, 9, 8, [1, 1, 1, 1], [5, 4]), (4, 9, 9, [2, 1, 1], [3, 3, 3]), (4, 9, 12, [1, 1, 1, 1], [3, 3, 3]),
            (4, 9, 36, [1, 1, 1, 1], [1, 1, 1, 1, 1, 1, 1, 1, 1]), (4, 9, 7, [4], [2, 2, 1, 1, 1, 1, 1]),
            (4, 9, 11, [4], [1, 1, 1, 1, 1, 1, 1, 1, 1]), (4, 9, 100, [4], [1, 1, 1, 1, 1, 1, 1, 1, 1]),
            (2, 8, 32, [2], [1, 1, 1, 1, 1, 1, 1, 1]), (1, 1, 2, [1], [1]),
        ])
    func auto(phantoms: Int, items: Int, asked: Int, phantomSizes: [Int], itemSizes: [Int]) throws {
        let base: JSON = [
            "phantoms": .array((0..<phantoms).map { .string("p\($0)") }),
            "frequencies_mhz": .array((0..<items).map { JSON($0) }),
        ]
        let split = try GOLIATSplit(of: base, by: GOLIATSplitSpecification(splits: asked))
        let sizes = split.indices.map { index in
            let one = split.configuration(at: index)
            return [one["phantoms"]?.arrayValue?.count, one["frequencies_mhz"]?.arrayValue?.count]
        }
        #expect(sizes == phantomSizes.flatMap { phantom in itemSizes.map { [phantom, $0] } })
        #expect(split.notes.isEmpty == (split.count == asked))
    }

    @Test("auto takes the antennas of a near field, by their keys, and four splits unless told otherwise")
    func autoNearField() throws {
        let split = try split(.auto, of: nearField)
        #expect(split.count == 4)
        #expect(
            values(split, "antenna_config").prefix(2)
                == [#"{"700":{"model":"PIFA"},"835":{"model":"IFA"}}"#, #"{"2450":{}}"#])
        #expect(split.indices.map(split.label) == ["duke · 700, 835", "duke · 2450", "ella · 700, 835", "ella · 2450"])
    }

    @Test("fewer than asked for is said, with numbers that can be")
    func fewer() throws {
        let note = try #require(try split(.auto, splits: 11).notes.first)
        #expect(note.hasPrefix("11 assignments were asked for and 9 made"))
        #expect(note.hasSuffix("What can be: 10 or 12."))
        #expect(try split(.frequency, splits: 3).notes.first?.contains("auto only") == true)
    }

    @Test("the text is what Python writes, with what the file extends")
    func text() throws {
        let text = try split(.phantom).text(at: 0)
        #expect(
            text.hasPrefix(#"{"extends": "base_config", "study_type": "far_field", "phantoms": ["duke"], "frequen"#))
        #expect(text.hasSuffix(#"{"5800": 0.5, "700": 2.5, "450": 2.5}, "padding": 10.0}}"#))
    }
}

@Suite("What GOLIAT can't split")
struct GOLIATSplitRefusalTests {
    @Test(
        "is refused with the place, and nothing is made",
        arguments: [
            (.auto, "{}", nil, .pathMissing, "phantoms"),
            (.auto, #"{"phantoms":["a"]}"#, nil, .pathMissing, "frequencies_mhz"),
            (.auto, #"{"phantoms":["a"],"study_type":"near_field"}"#, nil, .pathMissing, "antenna_config"),
            (.phantom, #"{"phantoms":[]}"#, nil, .noItems, "phantoms"),
            (.phantom, #"{"extends":"base"}"#, nil, .pathMissing, "phantoms"),
            (.phantom, #"{"phantoms":"duke"}"#, nil, .notDivisible, "phantoms"),
            (.frequency, #"{"frequencies_mhz":{"700":1}}"#, nil, .notDivisible, "frequencies_mhz"),
            (.direction, nearField, nil, .pathMissing, "study_type"),
            (
                .direction, #"{"study_type":"far_field"}"#, nil, .pathMissing,
                "far_field_setup.environmental.incident_directions"
            ),
            (.scenario, farField, nil, .pathMissing, "study_type"),
            (.custom, farField, nil, .syntax, nil), (.custom, farField, "", .empty, nil),
            (.custom, farField, "700+835", .syntax, nil), (.custom, farField, "700,,835", .syntax, nil),
            (.custom, farField, "900", .itemMissing, nil), (.phantom, "[1]", nil, .notDivisible, nil),
        ] as [(GOLIATStrategy, String, String?, SplitError.Code, String?)])
    func refusals(strategy: GOLIATStrategy, text: String, groups: String?, code: SplitError.Code, keyPath: String?) {
        let error = #expect(throws: SplitError.self) { try split(strategy, groups: groups, of: text) }
        #expect(error?.code == code)
        #expect(error?.keyPath == keyPath)
    }

    @Test("less than one assignment is refused", arguments: [0, -4, Int.min])
    func counts(splits: Int) {
        #expect(throws: SplitError.self) { try split(.auto, splits: splits) }
    }
}

@Suite("Any split as GOLIAT does it")
struct GOLIATSplitPropertyTests {
    @Test("computes everything once, and the same each time", arguments: 0..<40)
    func whole(seed: UInt64) throws {
        var random = RandomJSON(seed: 9_000 + seed)
        let phantoms = Int.random(in: 1...7, using: &random)
        let items = Int.random(in: 1...12, using: &random)
        var object = random.object(memberCount: 3)
        object["phantoms"] = .array((0..<phantoms).map { .string("p\($0)") })
        object["frequencies_mhz"] = .array((0..<items).map { JSON($0) })
        let asked = Int.random(in: 1...100, using: &random)
        let split = try GOLIATSplit(of: .object(object), by: GOLIATSplitSpecification(splits: asked))
        let again = try GOLIATSplit(of: .object(object), by: GOLIATSplitSpecification(splits: asked))
        var pairs: [String] = []
        for index in split.indices {
            let one = split.configuration(at: index)
            #expect(one.text == again.configuration(at: index).text)
            #expect(one.objectValue?.keys == object.keys)
            for phantom in one["phantoms"]?.arrayValue ?? [] {
                pairs += (one["frequencies_mhz"]?.arrayValue ?? []).map { "\(phantom.text) \($0.text)" }
            }
        }
        #expect(split.count <= asked)
        #expect(pairs.count == phantoms * items)
        #expect(Set(pairs).count == pairs.count)
    }
}

@Suite("The JSON form of such a split")
struct GOLIATSplitSpecificationTests {
    @Test(
        "reads back as the same",
        arguments: [
            GOLIATSplitSpecification(), GOLIATSplitSpecification(.auto, splits: 12),
            GOLIATSplitSpecification(.custom, frequencyGroups: "700;835"),
            GOLIATSplitSpecification(.frequencyByPolarization),
        ])
    func form(specification: GOLIATSplitSpecification) throws {
        #expect(GOLIATSplitSpecification.isMeant(by: specification.json))
        #expect(try GOLIATSplitSpecification(json: specification.json) == specification)
    }

    @Test(
        "what can't be read is refused with its field",
        arguments: [
            (#"{"preset":"other"}"#, "preset"), (#"{"preset":"goliat","by":"colour"}"#, "by"),
            (#"{"preset":"goliat","by":1}"#, "by"), (#"{"preset":"goliat","splits":"4"}"#, "splits"),
            (#"{"preset":"goliat","splits":1.5}"#, "splits"), (#"{"preset":"goliat","groups":""}"#, "groups"),
            (#"{"preset":"goliat","frequencyGroups":[1]}"#, "frequencyGroups"),
        ])
    func refusals(text: String, field: String) throws {
        let json = try JSON(parsing: text)
        let error = #expect(throws: SplitError.self) { try GOLIATSplitSpecification(json: json) }
        #expect(error?.field == field)
    }

    @Test("a split of Muster's own is not meant")
    func others() throws {
        #expect(!GOLIATSplitSpecification.isMeant(by: ["by": ["phantoms"]]))
        #expect(throws: SplitError.self) {
            try GOLIATSplitSpecification(named: "phantoms", splits: nil, frequencyGroups: nil)
        }
        #expect(try GOLIATSplitSpecification(named: nil, splits: 3, frequencyGroups: nil).splits == 3)
    }
}
