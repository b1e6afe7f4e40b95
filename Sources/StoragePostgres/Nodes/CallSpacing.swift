import Dispatch
import Storage

/// When to call the other nodes. A call wakes every node there is, so while one commit follows another they are called
/// a hundred times a second and not for each: the last call says it all. Where it has been quiet, at once.
struct CallSpacing {
    enum Verdict: Equatable {
        case now(News)
        /// Nobody is called until then; `due` is to be asked then.
        case later(DispatchTime)
        /// That has been said before.
        case waiting
    }

    static let spacing = DispatchTimeInterval.milliseconds(10)

    private var waiting: News?
    private var isLaterCallDue = false
    private var resumesAt: DispatchTime?

    mutating func add(_ news: News, at now: DispatchTime) -> Verdict {
        guard let resumesAt, now < resumesAt else {
            waiting = nil
            self.resumesAt = now + Self.spacing
            return .now(news)
        }
        waiting = news
        if isLaterCallDue { return .waiting }
        isLaterCallDue = true
        return .later(resumesAt)
    }

    /// What is still to be said, if anything.
    mutating func due(at now: DispatchTime) -> News? {
        isLaterCallDue = false
        guard let news = waiting else { return nil }
        waiting = nil
        resumesAt = now + Self.spacing
        return news
    }
}
