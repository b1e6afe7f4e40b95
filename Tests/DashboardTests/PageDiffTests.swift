import Domain
import Testing

@testable import Dashboard

/// Changes applied to what was shown give what is so now, and nothing else is sent.
@Suite struct PageDiffTests {
    let renderer: PageRenderer

    init() throws {
        renderer = try #require(PageTests.renderer)
    }

    /// A list of numbered regions, each with a version that it was rendered from.
    private func regions(_ rows: [(id: Int, version: Int)], list: String = "rows") -> [Region] {
        rows.map { row in
            var fingerprint = Fingerprint()
            fingerprint.add(row.version)
            return Region(
                "row:\(row.id)", in: list, fingerprint: fingerprint, sequence: SequenceNumber(Int64(row.version)),
                isTimed: false, template: "note"
            ) {
                ["id": .text("row:\(row.id)"), "text": .text("version \(row.version)"), "isHidden": .flag(false)]
            }
        }
    }

    /// What a browser does with a `swap` event, on lists of id and HTML (`Modules/swap.js`).
    private func apply(_ changes: PageChanges, to rows: [(id: String, html: String)]) -> [(id: String, html: String)] {
        var rows = rows.filter { !changes.removed.contains($0.id) }
        if let kept = changes.kept { rows = rows.filter { kept["rows"]?.contains($0.id) == true } }
        for placing in changes.placed {
            let old = rows.firstIndex { $0.id == placing.id }
            let html = placing.html ?? old.map { rows[$0].html } ?? ""
            guard placing.list != nil else {
                if let old { rows[old].html = html }
                continue
            }
            if let old { rows.remove(at: old) }
            let place = placing.after.flatMap { after in rows.firstIndex { $0.id == after } }.map { $0 + 1 } ?? 0
            rows.insert((placing.id, html), at: place)
        }
        if let order = changes.kept?["rows"] {
            rows = order.compactMap { id in rows.first { $0.id == id } }
        }
        return rows
    }

    private func shown(_ regions: [Region]) -> [(id: String, html: String)] {
        regions.map { ($0.id, renderer.html($0)) }
    }

    @Test func changesMakeTheNewPageOfTheOldForAnyTwoLists() {
        var random = Dice(state: 7)
        for _ in 0..<400 {
            var old = (0..<12).filter { _ in random.next() % 3 > 0 }.map { (id: $0, version: 1) }
            old.shuffle(using: &random)
            var new = old.filter { _ in random.next() % 5 > 0 }
            for index in new.indices where random.next() % 4 == 0 { new[index].version = 2 }
            new += (20..<24).filter { _ in random.next() % 2 == 0 }.map { (id: $0, version: 1) }
            if random.next() % 2 == 0 { new.shuffle(using: &random) }

            var diff = PageDiff(showing: regions(old))
            let changes = diff.advance(to: regions(new), renderer: renderer)
            let after = apply(changes, to: shown(regions(old)))
            #expect(after.map(\.id) == regions(new).map(\.id))
            #expect(after.map(\.html) == shown(regions(new)).map(\.html))

            let versions = Dictionary(uniqueKeysWithValues: old.map { ($0.id, $0.version) })
            let changed = Set(new.filter { versions[$0.id] != $0.version }.map { "row:\($0.id)" })
            #expect(Set(changes.placed.filter { $0.html != nil }.map(\.id)) == changed, "no more, no less is rendered")
            #expect(diff.advance(to: regions(new), renderer: renderer).isEmpty, "what was sent is not sent again")
        }
    }

    @Test func rowsThatKeepTheirOrderAreNotMoved() {
        var diff = PageDiff(showing: regions((0..<100).map { ($0, 1) }))
        let moved = [(id: 99, version: 1)] + (0..<99).map { (id: $0, version: 1) }
        let changes = diff.advance(to: regions(moved), renderer: renderer)
        #expect(changes.placed.map(\.id) == ["row:99"])
        #expect(changes.placed.first?.html == nil && changes.placed.first?.list == "rows")
        #expect(changes.placed.first?.after == nil)
    }

    @Test func aStreamThatBeginsWhereItsPageEndedSaysNothing() {
        let regions = SampleFleet.small.page.regions()
        let (_, changes) = PageDiff.opening(regions, since: .zero, digest: regions.digest, renderer: renderer)
        #expect(changes.isEmpty)
    }

    @Test func aStreamOfAnOlderPageMakesItTheNewOne() {
        let old = regions([(1, 3), (2, 4), (3, 5), (4, 6)])
        let new = regions([(4, 6), (2, 9), (5, 10)])
        let (_, changes) = PageDiff.opening(new, since: SequenceNumber(6), digest: old.digest, renderer: renderer)
        #expect(changes.placed.map(\.id) == ["row:2", "row:5"], "what is no newer is not rendered again")
        // Row 4 has changed its place and nothing else: the order that is kept tells of it.
        #expect(changes.kept == ["rows": ["row:4", "row:2", "row:5"]])
        let after = apply(changes, to: shown(old))
        #expect(after.map(\.id) == new.map(\.id))
        #expect(after.map(\.html) == shown(new).map(\.html))
    }

    @Test func aListThatHasBecomeEmptyIsEmptiedByAnOpeningStream() throws {
        let old = regions([(1, 3)])
        let (_, changes) = PageDiff.opening([], since: .zero, digest: old.digest, renderer: renderer)
        #expect(!changes.isEmpty)
        #expect(apply(changes, to: shown(old)).isEmpty)
        #expect(try JSON(parsing: changes.json)["keep"]?.objectValue?.isEmpty == true)
    }

    @Test func onlyTheWorkerThatChangedIsSent() {
        var fleet = SampleFleet.large(500)
        var diff = PageDiff(showing: SamplePages.workers(fleet).regions())
        fleet.sessions[6].held[0].progress.fraction = 0.9
        fleet.sessions[6].sequence = SequenceNumber(9_000)
        let changes = diff.advance(to: SamplePages.workers(fleet).regions(), renderer: renderer)
        #expect(changes.placed.map(\.id) == ["session:s7"])
        #expect(changes.removed.isEmpty)
    }

    @Test func timeAloneTurnsABadge() {
        var fleet = SampleFleet.small
        var diff = PageDiff(showing: SamplePages.workers(fleet).regions())
        fleet.lastHeard[SessionID(number: 2)] = Sample.ago(33)
        let changes = diff.advance(to: SamplePages.workers(fleet).regions(), renderer: renderer)
        #expect(changes.placed.map(\.id).contains("session:s2"))
        #expect(!changes.placed.map(\.id).contains("session:s1"))
        let row = changes.placed.first { $0.id == "session:s2" }?.html ?? ""
        #expect(row.contains("is-suspect") && row.contains("30 s"))
    }

    @Test func ofTenThousandCellsTheNeighboursOfOneAreSent() {
        var jobs = Sample.jobs(10_000, done: 500, running: 3)
        var diff = PageDiff(showing: SamplePages.study(jobs, query: AssignmentsQuery(from: 9_950)).regions())
        jobs[4_321].status = .cancelled
        jobs[4_321].sequence = SequenceNumber(99_999)
        let changes = diff.advance(
            to: SamplePages.study(jobs, query: AssignmentsQuery(from: 9_950)).regions(), renderer: renderer)
        #expect(changes.placed.map(\.id).filter { $0.hasPrefix("map:") } == ["map:43"])
        #expect(changes.json.count < 60_000)
    }

    @Test func theEventIsOneLineOfJSON() throws {
        var diff = PageDiff(showing: regions([(1, 1)]))
        let changes = diff.advance(to: regions([(2, 1)]), renderer: renderer)
        let json = try JSON(parsing: changes.json)
        #expect(json["remove"]?[0]?.stringValue == "row:1")
        #expect(json["set"]?[0]?["id"]?.stringValue == "row:2")
        #expect(json["set"]?[0]?["list"]?.stringValue == "rows")
        #expect(json["digest"]?.stringValue == regions([(2, 1)]).digest)
        #expect(!changes.json.contains(0x0A))
    }
}

/// Random numbers that are the same at every run (SplitMix64).
struct Dice: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
