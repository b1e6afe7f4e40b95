/// What kind of thing an entity of the watch is; the first half of its key.
package enum EntityKind: String, Sendable, Hashable, CaseIterable {
    case machine, session, queue, study, job
}

/// The name by which snapshot, watch and page know one entity: `session:s77`, `job:j1042`, `machine:4f…`.
package struct EntityKey: Sendable, Hashable, CustomStringConvertible {
    package let kind: EntityKind
    package let id: String

    package init(kind: EntityKind, id: String) {
        self.kind = kind
        self.id = id
    }

    package static func machine(_ id: MachineID) -> EntityKey { EntityKey(kind: .machine, id: id.text) }
    package static func session(_ id: SessionID) -> EntityKey { EntityKey(kind: .session, id: id.description) }
    package static func queue(_ name: String) -> EntityKey { EntityKey(kind: .queue, id: name) }
    package static func study(_ id: StudyID) -> EntityKey { EntityKey(kind: .study, id: id.description) }
    package static func job(_ id: JobID) -> EntityKey { EntityKey(kind: .job, id: id.description) }

    package var description: String { "\(kind.rawValue):\(id)" }
}

/// A part of the world that can be watched. An entity never changes the scopes it belongs to.
///
/// `fleet` holds machines, sessions, queues and studies; `study:ID` the study and its jobs; `queue:NAME` the queue
/// and its jobs; `session:ID` the session; `job:ID` the job alone.
package enum Scope: Sendable, Hashable, CustomStringConvertible {
    case fleet
    case session(SessionID)
    case study(StudyID)
    case queue(String)
    case job(JobID)

    package var description: String {
        switch self {
        case .fleet: "fleet"
        case .session(let id): "session:\(id)"
        case .study(let id): "study:\(id)"
        case .queue(let name): "queue:\(name)"
        case .job(let id): "job:\(id)"
        }
    }

    /// Reads what `description` wrote; `nil` for anything else.
    package init?(text: String) {
        if text == "fleet" {
            self = .fleet
            return
        }
        guard let colon = text.firstIndex(of: ":") else { return nil }
        let id = String(text[text.index(after: colon)...])
        switch text[..<colon] {
        case "session":
            guard let session = SessionID(text: id) else { return nil }
            self = .session(session)
        case "study":
            guard let study = StudyID(text: id) else { return nil }
            self = .study(study)
        case "job":
            guard let job = JobID(text: id) else { return nil }
            self = .job(job)
        case "queue":
            guard !id.isEmpty else { return nil }
            self = .queue(id)
        default:
            return nil
        }
    }
}
