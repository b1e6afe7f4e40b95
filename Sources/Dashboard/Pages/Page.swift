package import Domain

/// A page of the monitor: records in, HTML out, by `PageRenderer`.
package protocol Page: Sendable {
    var frame: PageFrame { get }
    /// The stream that keeps this page true, as path and query under this server; absent where nothing on it changes.
    var live: String? { get }
    var content: PageContent { get }
    /// The sessions of which it shows when each was last heard, whatever their badge: `beats` events keep that true.
    var heardSessions: [SessionID] { get }
    /// What of it changes, in the order of the page. Cheap: nothing is rendered until it is asked for.
    func regions() -> [Region]
}

extension Page {
    package var live: String? { nil }
    package var heardSessions: [SessionID] { [] }
    /// When those were last heard.
    package var heard: [SessionID: Instant] {
        Dictionary(heardSessions.compactMap { id in frame.lastHeard[id].map { (id, $0) } }) { first, _ in first }
    }
    package func regions() -> [Region] { [] }
}

/// What every page knows: the moment it is made, the sequence it shows, and for whom.
package struct PageFrame: Sendable {
    package var now: Instant
    package var timing: Timing
    /// The sequence of the snapshot that the page's records are of; its stream begins there.
    package var sequence: SequenceNumber
    package var epoch: String
    /// When each session was last heard.
    package var lastHeard: [SessionID: Instant]
    package var viewer: Viewer
    /// This program's version, for the foot of the page.
    package var version: String

    package init(
        now: Instant, timing: Timing, sequence: SequenceNumber, epoch: String, lastHeard: [SessionID: Instant],
        viewer: Viewer, version: String
    ) {
        self.now = now
        self.timing = timing
        self.sequence = sequence
        self.epoch = epoch
        self.lastHeard = lastHeard
        self.viewer = viewer
        self.version = version
    }

    func badge(of session: SessionRecord) -> Badge {
        Badge(
            status: session.status, kind: session.kind, lastHeard: lastHeard[session.id],
            heldCount: session.held.count, lastAttemptFailed: session.lastAttemptFailed, now: now, timing: timing)
    }

    /// Of a session that isn't heard nobody knows what it does.
    func isHeard(_ session: SessionPresence) -> Bool {
        Badge(
            status: session.status, kind: session.kind, lastHeard: lastHeard[session.id], heldCount: 1,
            lastAttemptFailed: false, now: now, timing: timing
        ).isHeard
    }

    /// How many of the jobs whose holders these are nobody knows of.
    func unknownCount(_ holders: [SessionPresence]) -> Int { holders.count { !isHeard($0) } }

    func isHeard(_ session: SessionRecord) -> Bool { badge(of: session).isHeard }

    func add(_ session: SessionRecord, to fingerprint: inout Fingerprint) {
        fingerprint.add(badge(of: session), heard: lastHeard[session.id])
    }
}

/// Who looks at the page.
package struct Viewer: Sendable, Hashable {
    /// The name of the token; absent where none is needed.
    package var name: String?
    /// May retry, cancel, delete, drain: others see no such buttons.
    package var mayWrite: Bool
    package var isSignedIn: Bool { name != nil }

    package init(name: String?, mayWrite: Bool) {
        self.name = name
        self.mayWrite = mayWrite
    }
}

/// What a page is made of besides its regions.
package struct PageContent: Sendable {
    let title: String
    /// Which entry of the navigation is lit.
    let place: NavigationPlace?
    let template: String
    /// Nothing but the page itself: no navigation, for one who isn't signed in.
    let isBare: Bool
    private let make: @Sendable () -> Values

    init(
        title: String, place: NavigationPlace?, template: String, isBare: Bool = false,
        values: @escaping @Sendable () -> Values = { [:] }
    ) {
        self.title = title
        self.place = place
        self.template = template
        self.isBare = isBare
        make = values
    }

    var values: Values { make() }
}

/// The entries of the navigation.
enum NavigationPlace: CaseIterable {
    case fleet, workers, studies, jobs, settings

    var name: String {
        switch self {
        case .fleet: "Fleet"
        case .workers: "Workers"
        case .studies: "Studies"
        case .jobs: "Jobs"
        case .settings: "Settings"
        }
    }

    var path: String {
        switch self {
        case .fleet: Links.fleet
        case .workers: Links.workers
        case .studies: Links.studies
        case .jobs: Links.jobs
        case .settings: Links.settings
        }
    }

    var icon: Icon {
        switch self {
        case .fleet: .fleet
        case .workers: .worker
        case .studies: .study
        case .jobs: .job
        case .settings: .settings
        }
    }
}
