import Domain
import Hummingbird
import Storage
import Wire

/// The one place where what went wrong becomes an answer.
extension Problem {
    init(_ error: any Error) {
        switch error {
        case let problem as Problem: self = problem
        case let error as WireError: self.init(wire: error)
        case let error as SplitError: self.init(split: error)
        case let error as StoreError: self.init(store: error)
        case let refusal as JobRefusal: self.init(job: refusal)
        case let refusal as SessionRefusal: self.init(session: refusal)
        case let error as HTTPError:
            self.init(
                code: "http", title: error.status.reasonPhrase, status: error.status.code,
                detail: error.body ?? error.status.reasonPhrase
            )
        default:
            self.init(
                code: "internal", title: "Internal error", status: 500,
                detail: "The server failed at this request. Its log says more."
            )
        }
    }

    private init(wire error: WireError) {
        self.init(
            code: error.isMalformed ? "malformed" : "invalid", title: "Bad request",
            status: error.isMalformed ? 400 : 422, detail: error.description, errors: error.errors
        )
    }

    private init(split error: SplitError) {
        self.init(
            code: error.code.rawValue, title: "This can't be split so", status: 422, detail: error.message,
            errors: [FieldError(field: "split.\(error.field)", reason: error.message)]
        )
    }

    private init(store error: StoreError) {
        let (status, title): (Int, String) =
            switch error.code {
            case .notFound: (404, "Not found")
            case .conflict, .constraint, .inUse: (409, "Conflict")
            case .invalid: (422, "Bad request")
            case .overloaded, .unavailable, .closed: (503, "Unavailable")
            case .diskFull: (503, "Disk full")
            // Not 503, which some clients send again by themselves.
            case .unknown: (500, "Outcome unknown")
            case .incompatible, .corrupt: (500, "Internal error")
            }
        self.init(code: error.reason, title: title, status: status, detail: error.message)
    }

    private init(job refusal: JobRefusal) {
        switch refusal {
        case .leaseLost(let attempt, let current, let status):
            self.init(
                code: "lease-lost", title: "Lease lost", status: 409,
                detail:
                    "Attempt \(attempt) is not held by this session (the job is \(status.rawValue), attempt \(current)). Stop that work."
            )
        case .notPending(let status):
            self.init(
                code: "not-pending", title: "Not waiting", status: 409,
                detail: "The job is \(status.rawValue); only a waiting one can be claimed."
            )
        case .notRetryable(let status):
            self.init(
                code: "not-retryable", title: "Can't be retried", status: 409,
                detail: "The job is \(status.rawValue); only a failed or cancelled one can be tried again."
            )
        case .alreadyFinal(let status):
            self.init(
                code: "already-final", title: "Already over", status: 409,
                detail: "The job is \(status.rawValue) already; there is nothing to cancel."
            )
        }
    }

    private init(session refusal: SessionRefusal) {
        switch refusal {
        case .ended(let status):
            self.init(
                code: "session-ended", title: "Session ended", status: 410,
                detail: "The session is \(status.rawValue). Stop its work and register anew."
            )
        case .notServing(let status):
            self.init(
                code: "not-serving", title: "Not serving", status: 409,
                detail: "The session is \(status.rawValue) and gets no new work."
            )
        }
    }

    static func notFound(_ what: String, code: String) -> Problem {
        Problem(code: code, title: "Not found", status: 404, detail: "There is no \(what).")
    }
}
