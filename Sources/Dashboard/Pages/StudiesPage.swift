package import Domain

/// All studies, the newest first.
package struct StudiesPage: Page {
    package var frame: PageFrame
    package var query: StudiesQuery
    package var studies: [StudyRecord]
    package var holders: [StudyID: [SessionPresence]]

    /// - Parameter holders: for each assignment that is held, under its study, the session that holds it.
    package init(
        frame: PageFrame, query: StudiesQuery, studies: [StudyRecord], holders: [StudyID: [SessionPresence]]
    ) {
        self.holders = holders
        self.frame = frame
        self.query = query
        self.studies = studies.sorted { $0.id > $1.id }
    }

    package var live: String? { Links.live(query.path) }

    package var content: PageContent {
        let query = query
        return PageContent(title: "Studies", place: .studies, template: "studies") {
            ["text": .text(query.text), "state": .text(query.state?.rawValue)]
        }
    }

    package func regions() -> [Region] {
        let named = studies.filter {
            query.text.isEmpty || $0.name.lowercased().contains(query.text.lowercased())
                || $0.id.description == query.text
        }
        let found = named.filter { query.state == nil || Self.state($0) == query.state }
        let frame = frame
        let mayDelete = frame.viewer.mayWrite
        let rows = found.map {
            StudyPart.region(
                $0, holders: holders[$0.id] ?? [], prefix: "study", list: "study-list", template: "study-row",
                mayDelete: mayDelete, frame: frame)
        }
        return [stateRegion(named), footRegion(found: found.count)] + rows
    }

    private static func state(_ study: StudyRecord) -> StudiesQuery.State? {
        let word = Marks.studyWord(study)
        return StudiesQuery.State(rawValue: word == "cancelling" ? "cancelled" : word)
    }

    private func stateRegion(_ studies: [StudyRecord]) -> Region {
        var counts: [StudiesQuery.State: Int] = [:]
        for state in studies.compactMap(Self.state) { counts[state, default: 0] += 1 }
        var fingerprint = Fingerprint()
        for state in StudiesQuery.State.allCases { fingerprint.add(counts[state] ?? 0) }
        let query = query
        let total = studies.count
        return Region("studies-states", fingerprint: fingerprint, template: "chips") { [counts] in
            let all = Chip.values(
                "all", count: total, path: StudiesQuery(text: query.text).path, isHere: query.state == nil)
            let chips = StudiesQuery.State.allCases.compactMap { state -> Values? in
                guard let count = counts[state] ?? (query.state == state ? 0 : nil) else { return nil }
                return Chip.values(
                    state.rawValue, count: count, path: StudiesQuery(text: query.text, state: state).path,
                    isHere: query.state == state, shape: state.rawValue)
            }
            return ["id": .text("studies-states"), "label": .text("Studies by state"), "chips": .list([all] + chips)]
        }
    }

    private func footRegion(found: Int) -> Region {
        var fingerprint = Fingerprint()
        fingerprint.add(found)
        fingerprint.add(studies.isEmpty)
        let isNone = studies.isEmpty
        return Region("studies-foot", fingerprint: fingerprint, template: "studies-foot") {
            [
                "isEmpty": .flag(found == 0), "isNone": .flag(isNone), "clearPath": .text(Links.studies),
                "createStudy": .markup(Commands.block(Commands.createStudy)),
                "work": .markup(Commands.block(Commands.work)),
                "preview": .markup(Commands.block(Commands.preview)),
            ]
        }
    }
}
