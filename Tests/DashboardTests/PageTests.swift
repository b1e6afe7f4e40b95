import Dashboard
import Domain
import Testing

@Suite struct PageTests {
    static let renderer = try? PageRenderer()
    let renderer: PageRenderer

    init() throws {
        renderer = try #require(Self.renderer)
    }

    @Test func everyPageIsWellFormedAndHasWhatAReaderNeeds() {
        for (name, page) in SamplePages.all {
            let html = renderer.html(page)
            let read = HTMLReader(html)
            #expect(read.faults.isEmpty, "\(name): \(read.faults.prefix(3))")
            #expect(html.hasPrefix("<!doctype html>"), "\(name)")
            #expect(read.all("h1").count == 1, "\(name) has one heading")
            #expect(read.all("main").count == 1, "\(name)")
            #expect(read.all("html").first?.attributes["lang"] == "en", "\(name)")
            #expect(read.elements.contains { $0.attributes["class"] == "skip" }, "\(name) has a skip link")
            let ids = read.elements.compactMap { $0.attributes["id"] }
            #expect(Set(ids).count == ids.count, "\(name): an id stands twice")
            for image in read.all("img") { #expect(image.attributes["alt"]?.isEmpty == false, "\(name)") }
            for cell in read.all("th") {
                let isCorner = cell.attributes["class"] == "corner" || cell.attributes["class"] == "axis-title"
                #expect(isCorner || cell.attributes["scope"] != nil, "\(name): a header of nothing")
            }
        }
    }

    @Test func nothingInAPageIsInlineOrFromElsewhere() {
        for (name, page) in SamplePages.all {
            let read = HTMLReader(renderer.html(page))
            #expect(read.all("style").isEmpty, "\(name)")
            #expect(read.all("script").count == 2, "\(name)")
            #expect(read.all("script").allSatisfy { $0.attributes["src"]?.hasPrefix("/assets/") == true }, "\(name)")
            for element in read.elements {
                for (key, value) in element.attributes {
                    #expect(!key.hasPrefix("on") && key != "style", "\(name): \(key) in <\(element.name)>")
                    guard ["href", "src", "action"].contains(key) else { continue }
                    #expect(value.hasPrefix("/") && !value.hasPrefix("//") || value.hasPrefix("#"), "\(name): \(value)")
                }
            }
        }
    }

    @Test func hostileTextIsShownAndDoesNothing() {
        let shown = "<script>alert(1)</script>\"\u{301} onmouseover='x' \u{600}\"&"
        for (name, page) in SamplePages.hostile {
            let html = renderer.html(page)
            let read = HTMLReader(html)
            #expect(read.faults.isEmpty, "\(name): \(read.faults.prefix(3))")
            #expect(!html.utf8.contains { $0 == 0x1B || $0 == 0 }, "\(name): a terminal escape gets through")
            #expect(!html.unicodeScalars.contains("\u{202E}"), "\(name): writing that turns around gets through")
            let texts = [read.text] + read.elements.flatMap { $0.attributes.values }
            let isShown = texts.contains { Array($0.utf8).contains(Array(shown.utf8)) }
            #expect(isShown || !html.contains("alert(1)"), "\(name): the text is not as it was")
        }
    }

    @Test func everyRegionStandsInItsPageWhereItSays() {
        for (name, page) in SamplePages.all {
            let whole = HTMLReader(renderer.html(page))
            for region in page.regions() {
                let html = renderer.html(region)
                let alone = HTMLReader(html)
                #expect(alone.faults.isEmpty, "\(name), \(region.id): \(alone.faults)")
                #expect(alone.elements.first?.attributes["id"] == region.id, "\(name), \(region.id)")
                #expect(alone.elements.filter(\.path.isEmpty).count == 1, "\(name), \(region.id) is one element")
                let placed = whole.element(id: region.id)
                #expect(placed != nil, "\(name): \(region.id) is missing")
                guard let list = region.list else { continue }
                #expect(placed?.ids.last == list, "\(name), \(region.id)")
                #expect(whole.element(id: list)?.attributes["data-list"] != nil, "\(name): \(list) is not marked")
            }
        }
    }

    @Test func regionsOfAListStandInOrder() {
        for (name, page) in SamplePages.all {
            let whole = HTMLReader(renderer.html(page))
            let lists = Dictionary(grouping: page.regions().filter { $0.list != nil }) { $0.list ?? "" }
            for (list, regions) in lists {
                let ids = Set(regions.map(\.id))
                let placed = whole.elements.compactMap { $0.attributes["id"] }.filter(ids.contains)
                #expect(placed == regions.map(\.id), "\(name), \(list)")
            }
        }
    }

    /// A live page can put a row into a list, but knows no place for a region of another kind.
    @Test func regionsOutsideOfListsAreThereFromTheBeginning() {
        let before = Sample.jobs(24, done: 0, running: 0)
        let after = Sample.jobs(24, done: 24, running: 0, failures: [3])
        var idle = SampleFleet.small
        idle.sessions[0].held = []
        idle.sessions[0].connectors = []
        let pairs: [(any Page, any Page)] = [
            (SampleFleet.empty.page, SampleFleet.large(60).page),
            (SamplePages.study(before), SamplePages.study(after)),
            (SamplePages.workers(SampleFleet.empty), SamplePages.workers(SampleFleet.large(150))),
            (SamplePages.worker(idle), SamplePages.worker(SampleFleet.small)),
            (SamplePages.jobs([]), SamplePages.jobs(after)),
            (SamplePages.job(before[2]), SamplePages.job(after[2])),
            (
                StudiesPage(frame: Sample.frame(), query: StudiesQuery(), studies: [], holders: [:]),
                StudiesPage(
                    frame: Sample.frame(), query: StudiesQuery(), studies: SampleFleet.small.studies, holders: [:])
            ),
        ]
        for (first, second) in pairs {
            let ids = [first, second].map { Set($0.regions().filter { $0.list == nil }.map(\.id)) }
            #expect(ids[0] == ids[1])
            let read = HTMLReader(renderer.html(first))
            for list in Set(second.regions().compactMap(\.list)) {
                #expect(read.element(id: list) != nil, "\(list) isn't there for what comes")
            }
        }
    }

    @Test func whatIsUsedOfTheSpriteIsThere() {
        for (name, page) in SamplePages.all {
            let read = HTMLReader(renderer.html(page))
            let symbols = Set(read.all("symbol").compactMap { $0.attributes["id"] })
            for use in read.all("use") {
                let href = use.attributes["href"] ?? ""
                #expect(symbols.contains(String(href.dropFirst())), "\(name) uses \(href)")
            }
        }
    }

    @Test func everythingThatGoesOnLiveSaysWhere() throws {
        let read = HTMLReader(renderer.html(SampleFleet.small.page))
        let body = try #require(read.all("body").first).attributes
        #expect(body["data-live"] == "/live/fleet")
        #expect(body["data-since"] == "4242")
        #expect(body["data-epoch"] == "e7c1")
        #expect(body["data-digest"] == SampleFleet.small.page.regions().digest)
        #expect(body["data-now"] == Sample.now.description)
        let study = SamplePages.study([], query: AssignmentsQuery(state: .failed, from: 200))
        #expect(study.live == "/live/studies/head-absorption?state=failed&from=200")
        #expect(SamplePages.worker(SampleFleet.small).live == "/live/workers/s1")
    }

    @Test func onlyThoseWhoMaySeeButtons() {
        var frame = Sample.frame(mayWrite: false)
        frame.lastHeard = SampleFleet.small.lastHeard
        var worker = SamplePages.worker(SampleFleet.small)
        worker.frame = frame
        var study = SamplePages.study(Sample.jobs(4, done: 1, running: 2))
        study.frame = frame
        for page in [worker, study] as [any Page] {
            let read = HTMLReader(renderer.html(page))
            #expect(!read.elements.contains { $0.attributes["data-confirm"] != nil })
            #expect(!read.all("form").contains { $0.attributes["method"] == "post" })
        }
    }

    @Test func aDestructiveButtonLeadsToAQuestion() {
        let study = HTMLReader(renderer.html(SamplePages.study(Sample.jobs(4, done: 1, running: 2))))
        let asked = study.elements.filter { $0.attributes["data-confirm"] != nil }.compactMap { $0.attributes["href"] }
        #expect(asked == ["/studies/head-absorption/cancel", "/studies/head-absorption/delete"])
        let question = HTMLReader(
            renderer.html(
                ConfirmPage.deleteWorker(SampleFleet.small.sessions[0], frame: Sample.frame())))
        #expect(question.all("form").contains { $0.attributes["action"] == "/workers/s1/delete" })
        #expect(question.elements.contains { $0.attributes["name"] == "force" && $0.attributes["value"] == "true" })
    }

    @Test func emptyPagesSayWhatToDoNext() {
        for (name, page) in SamplePages.all where name.hasSuffix(", empty") || name.hasSuffix(", none") {
            let read = HTMLReader(renderer.html(page))
            let commands = read.elements.compactMap { $0.attributes["data-copy"] }
            #expect(commands.contains { $0.hasPrefix("muster ") }, "\(name)")
        }
    }

    @Test func aPageOfFiveHundredWorkersIsInTheDozensOfKilobytes() {
        let html = renderer.html(SampleFleet.large(500).page)
        #expect(html.utf8.count < 300_000)
    }
}

extension [UInt8] {
    fileprivate func contains(_ other: [UInt8]) -> Bool {
        guard count >= other.count else { return false }
        return (0...(count - other.count)).contains { self[$0...].starts(with: other) }
    }
}
