import Domain

/// The sessions that hold the jobs of a page, and which of them are heard.
///
/// Of a job whose holder isn't heard nobody knows how it is: it is `unknown`, wherever it is shown.
struct Holders: Sendable {
    private let heard: Set<SessionID>
    private let lastHeard: [SessionID: Instant]

    /// - Parameter sessions: at least those that hold jobs of the page; one that isn't among them is not heard.
    init(_ sessions: [SessionPresence], frame: PageFrame) {
        heard = Set(sessions.filter(frame.isHeard).map(\.id))
        lastHeard = frame.lastHeard
    }

    /// True of a job that nobody holds: what is stored of it is so.
    func isHeard(_ job: JobRecord) -> Bool {
        guard job.status.isHeld, let holder = job.holder else { return true }
        return heard.contains(holder)
    }

    /// True of an attempt that has ended.
    func isHeard(_ attempt: AttemptRecord) -> Bool { attempt.outcome != nil || heard.contains(attempt.session) }

    /// When the holder was last heard that isn't any more; `nil` for one that is, and for one that never was.
    func silentSince(_ job: JobRecord) -> Instant? {
        isHeard(job) ? nil : job.holder.flatMap { lastHeard[$0] }
    }

    func add(_ job: JobRecord, to fingerprint: inout Fingerprint) {
        fingerprint.add(isHeard(job))
        fingerprint.add(silentSince(job))
    }
}
