import Domain

/// What a person should look at, gravest first, each with where to look.
enum Attention {
    struct Item: Sendable {
        /// Stands for what the item says; of it the region's fingerprint is made.
        let key: String
        let values: Values
    }

    /// More are counted, not listed.
    static let shownLimit = 8

    static func items(
        sessions: [SessionRecord], studies: [StudyRecord], queues: [QueueRecord], frame: PageFrame
    ) -> [Item] {
        lostWork(sessions, frame: frame) + failures(studies: studies, queues: queues)
            + connectors(sessions, frame: frame) + noWorkers(sessions, studies: studies, queues: queues)
    }

    /// Workers that hold work and aren't heard.
    private static func lostWork(_ sessions: [SessionRecord], frame: PageFrame) -> [Item] {
        sessions.filter { !$0.held.isEmpty }.compactMap { session in
            let word: String
            let text: String
            switch frame.badge(of: session) {
            case .stale:
                word = "stale"
                text = "is lost with \(work(session)), which goes on elsewhere when the lease ends; heard"
            case .suspect:
                word = "suspect"
                text = "is silent and holds \(work(session)); heard"
            case .starting, .idle, .active, .error, .stopping, .stopped: return nil
            }
            return item(
                word: word, path: Links.worker(session.id), name: session.workerName, text: text,
                since: frame.lastHeard[session.id].map { ($0, frame.now) })
        }
    }

    private static func work(_ session: SessionRecord) -> String {
        guard session.held.count == 1, let held = session.held.first else {
            return Format.count(session.held.count, "job")
        }
        return JobWords.name(label: held.label, index: held.index, id: held.job)
    }

    private static func failures(studies: [StudyRecord], queues: [QueueRecord]) -> [Item] {
        let ofStudies = studies.filter { $0.counts.failed > 0 && $0.status != .cancelled }.map { study in
            item(
                word: "failed", path: AssignmentsQuery(state: .failed).path(of: study), name: study.name,
                text: "has \(Format.count(study.counts.failed, "failed assignment"))")
        }
        let ofQueues = queues.filter { $0.counts.failed > 0 }.map { queue in
            item(
                word: "failed", path: JobsQuery(status: .failed, queue: queue.name).path, name: queue.name,
                text: "has \(Format.count(queue.counts.failed, "failed job"))")
        }
        return ofStudies + ofQueues
    }

    private static func connectors(_ sessions: [SessionRecord], frame: PageFrame) -> [Item] {
        sessions.filter { $0.status.isLive }.flatMap { session in
            session.connectors
                .filter { $0.status == .error && Marks.connectorWord($0, of: session, frame: frame) == "error" }
                .map { connector in
                    item(
                        word: "error", path: Links.worker(session.id), name: session.workerName,
                        text: "says of \(connector.name): \(connector.detail ?? "error")")
                }
        }
    }

    /// Work waits and nobody is there to do it.
    private static func noWorkers(
        _ sessions: [SessionRecord], studies: [StudyRecord], queues: [QueueRecord]
    ) -> [Item] {
        guard !sessions.contains(where: { $0.status.isActive && !$0.isDraining }) else { return [] }
        let waiting =
            studies.filter { $0.status == .active }.reduce(0) { $0 + $1.counts.pending }
            + queues.filter { !$0.isPaused }.reduce(0) { $0 + $1.counts.pending }
        guard waiting > 0 else { return [] }
        return [
            item(
                word: "suspect", path: Links.workers, name: Format.count(waiting, "job"),
                text:
                    "\(waiting == 1 ? "waits" : "wait") and no worker is there to take \(waiting == 1 ? "it" : "them")")
        ]
    }

    private static func item(
        word: String, path: String, name: String, text: String, since: (moment: Instant, now: Instant)? = nil
    ) -> Item {
        Item(
            key: "\(word) \(path) \(name) \(text) \(since?.moment.description ?? "")",
            values: [
                "shape": .markup(Marks.shape(word)), "path": .text(path), "name": .text(name), "text": .text(text),
                "since": .markup(since.map { TimeMark.markup($0.moment, .ago, now: $0.now) }),
                "word": .text(word),
            ])
    }
}
