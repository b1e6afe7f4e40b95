import Dashboard
import Domain

/// A page by its address: what is to be read for it, and what it listens to.
enum PageAddress: Sendable, Hashable {
    case fleet
    case workers(WorkersQuery)
    case worker(SessionID)
    case studies(StudiesQuery)
    case study(String, AssignmentsQuery)
    case jobs(JobsQuery)
    case job(JobID)

    /// - Parameters:
    ///   - path: the parts of the path, escapes undone: `["workers", "s7"]`.
    ///   - query: the query's values by name.
    init?(path: [String], query: [String: String]) {
        switch (path.first, path.count) {
        case (nil, 0), ("fleet", 1):
            self = .fleet
        case ("workers", 1):
            self = .workers(WorkersQuery(query))
        case ("workers", 2):
            guard let id = SessionID(text: path[1]) else { return nil }
            self = .worker(id)
        case ("studies", 1), ("super-studies", 1):
            self = .studies(StudiesQuery(query))
        case ("studies", 2), ("super-studies", 2):
            self = .study(path[1], AssignmentsQuery(query))
        case ("jobs", 1):
            self = .jobs(JobsQuery(query))
        case ("jobs", 2):
            guard let id = JobID(text: path[1]) else { return nil }
            self = .job(id)
        default:
            return nil
        }
    }

    /// What it shows, for the page that says that there is no such thing.
    var what: String {
        switch self {
        case .fleet, .workers, .studies, .jobs: "such page"
        case .worker(let id): "worker \(id)"
        case .study(let name, _): "study \(printable(name))"
        case .job(let id): "job \(id)"
        }
    }
}
