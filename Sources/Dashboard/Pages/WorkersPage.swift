package import Domain

/// All workers in a table that filters, sorts and pages by its URL.
package struct WorkersPage: Page {
    package var frame: PageFrame
    package var query: WorkersQuery
    package var sessions: [SessionRecord]
    package var machines: [MachineRecord]

    /// - Parameter sessions: live and stale ones; where `query.needsEnded`, those that ended as well.
    package init(frame: PageFrame, query: WorkersQuery, sessions: [SessionRecord], machines: [MachineRecord]) {
        self.frame = frame
        self.query = query
        self.sessions = sessions
        self.machines = machines
    }

    package var live: String? { Links.live(query.path) }

    package var heardSessions: [SessionID] { sessions.filter { $0.status != .stopped }.map(\.id) }

    package var content: PageContent {
        let query = query
        return PageContent(title: "Workers", place: .workers, template: "workers") {
            [
                "text": .text(query.text),
                "state": .text(query.state?.rawValue),
                "sort": .text(query.order == .name ? nil : query.order.rawValue),
                "showsEnded": .flag(query.showsEnded),
                "endedPath": .text(query.changing { $0.showsEnded.toggle() }.path),
                "columns": .list(Self.columns.map { Self.column($0.order, $0.title, query: query) }),
                "isFiltered": .flag(!query.text.isEmpty || query.state != nil),
                "clearPath": .text(WorkersQuery(showsEnded: query.showsEnded).path),
            ]
        }
    }

    package func regions() -> [Region] {
        let replaced = SessionSummary.replaced(sessions)
        let inSight = sessions.filter { isInSight($0, replaced: replaced) }
        let named = inSight.filter(matchesText)
        let found = named.filter { query.state == nil || frame.badge(of: $0).word == query.state?.rawValue }
            .sorted(by: isBefore)
        let start = query.after.flatMap { after in found.firstIndex { $0.id == after } }.map { $0 + 1 } ?? 0
        let shown = Array(found[start...].prefix(Self.pageLimit))
        let stale = sessions.filter { $0.status == .stale && !replaced.contains($0.id) && matchesText($0) }
        let foot = footRegion(found: found, shown: shown, start: start)
        return [stateRegion(named, stale: stale.count), foot] + rows(shown)
    }

    /// Stale sessions show where one asks for them, or where they still hold work; replaced ones are history.
    private func isInSight(_ session: SessionRecord, replaced: Set<SessionID>) -> Bool {
        if query.showsEnded || session.status.isLive { return true }
        guard session.status == .stale else { return query.state == .stopped }
        return !session.held.isEmpty || (query.state == .stale && !replaced.contains(session.id))
    }

    private func matchesText(_ session: SessionRecord) -> Bool {
        let wanted = query.text.lowercased()
        if wanted.isEmpty { return true }
        let texts = [session.workerName, session.hostname, session.version, session.id.description]
        return (texts + session.queues + session.studies).contains { $0.lowercased().contains(wanted) }
    }

    private func isBefore(_ left: SessionRecord, _ right: SessionRecord) -> Bool {
        let (first, second) = query.isDescending ? (right, left) : (left, right)
        switch query.order {
        case .name: return (first.workerName, first.id) < (second.workerName, second.id)
        case .state:
            return (frame.badge(of: first).word, first.workerName, first.id)
                < (frame.badge(of: second).word, second.workerName, second.id)
        case .started: return (first.startedAt, first.id) < (second.startedAt, second.id)
        case .completed: return (first.completedCount, first.id) < (second.completedCount, second.id)
        case .failed: return (first.failedCount, first.id) < (second.failedCount, second.id)
        case .version:
            return (first.version, first.workerName, first.id) < (second.version, second.workerName, second.id)
        }
    }

    private func rows(_ shown: [SessionRecord]) -> [Region] {
        let known = Dictionary(machines.map { ($0.id, $0) }) { first, _ in first }
        return shown.map { SessionRow.region($0, machine: known[$0.machine], list: "worker-rows", frame: frame) }
    }

    /// How many are in each state, as links that filter.
    ///
    /// - Parameter stale: how many wait behind the filter for stale ones, which are hidden otherwise.
    private func stateRegion(_ sessions: [SessionRecord], stale: Int) -> Region {
        var counts: [String: Int] = [:]
        for session in sessions { counts[frame.badge(of: session).word, default: 0] += 1 }
        counts["stale"] = max(stale, counts["stale"] ?? 0)
        var fingerprint = Fingerprint()
        fingerprint.add(sessions.count)
        for state in WorkersQuery.State.allCases { fingerprint.add(counts[state.rawValue] ?? 0) }
        let query = query
        let total = sessions.count
        return Region("workers-states", fingerprint: fingerprint, template: "chips") { [counts] in
            let all = Chip.values(
                "all", count: total, path: query.changing { $0.state = nil }.path, isHere: query.state == nil)
            let states = WorkersQuery.State.allCases.compactMap { state -> Values? in
                let count = counts[state.rawValue] ?? 0
                let isHere = query.state == state
                guard count > 0 || isHere else { return nil }
                return Chip.values(
                    state.rawValue, count: count, path: query.changing { $0.state = state }.path, isHere: isHere,
                    shape: state.rawValue)
            }
            return ["id": .text("workers-states"), "label": .text("Workers by state"), "chips": .list([all] + states)]
        }
    }

    private func footRegion(found: [SessionRecord], shown: [SessionRecord], start: Int) -> Region {
        let hasMore = start + shown.count < found.count
        let next = hasMore ? shown.last?.id : nil
        var fingerprint = Fingerprint()
        fingerprint.add(found.count)
        fingerprint.add(start)
        fingerprint.add(next?.number ?? 0)
        let query = query
        let total = sessions.filter { $0.status.isLive }.count
        fingerprint.add(total == 0)
        let isStart = start == 0
        return Region("workers-foot", fingerprint: fingerprint, template: "workers-foot") {
            [
                "isEmpty": .flag(found.isEmpty),
                "isNone": .flag(found.isEmpty && total == 0),
                "work": .markup(Commands.block(Commands.work)),
                "shown": .text(
                    found.isEmpty
                        ? nil
                        : "\(Format.count(start + 1))–\(Format.count(start + shown.count)) of \(Format.count(found.count))"
                ),
                "firstPath": .text(isStart ? nil : query.changing { _ in }.path),
                "nextPath": .text(next.map { id in query.changing { $0.after = id }.path }),
                "clearPath": .text(WorkersQuery(showsEnded: query.showsEnded).path),
            ]
        }
    }

    private static func column(_ order: WorkersQuery.Order?, _ title: String, query: WorkersQuery) -> Values {
        guard let order else { return ["title": .text(title), "path": .text(nil), "sorted": .text(nil)] }
        let isHere = query.order == order
        let next = query.changing {
            $0.order = order
            $0.isDescending = isHere ? !query.isDescending : false
        }
        return [
            "title": .text(title), "path": .text(next.path),
            "sorted": .text(isHere ? (query.isDescending ? "descending" : "ascending") : nil),
        ]
    }

    private static let columns: [(order: WorkersQuery.Order?, title: String)] = [
        (.name, "Worker"), (.state, "State"), (nil, "Working on"), (nil, "Load"), (.completed, "Done"),
        (.failed, "Failed"), (.version, "Version"), (.started, "Since"), (nil, "Heard"),
        (nil, ""),
    ]

    /// Rows of one page.
    static let pageLimit = 100
}
