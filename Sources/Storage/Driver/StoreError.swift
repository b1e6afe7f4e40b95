/// Why the store did not do what it was asked. Nothing was changed, but for `unknown`.
package struct StoreError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Code: String, Sendable, Hashable {
        /// No such thing.
        case notFound = "not-found"
        /// It clashes with what is there: a name in use, a job held by another.
        case conflict
        /// A constraint of the schema said no: the last guard of "only one" and "never twice".
        case constraint
        /// What was asked makes no sense here.
        case invalid
        /// The write queue is full. Try again shortly.
        case overloaded
        /// The disk is full. Nothing was written; make room and try again.
        case diskFull = "disk-full"
        /// The database can't be reached or can't be written.
        case unavailable
        /// Something failed at the commit or right behind it, and nobody can tell whether it came through and stays.
        case unknown = "outcome-unknown"
        /// The store is closed or closing.
        case closed
        /// The data folder belongs to another server that runs.
        case inUse = "data-in-use"
        /// The database was made by a newer program or is no database of Muster.
        case incompatible
        /// What is stored is not what the schema says.
        case corrupt
    }

    package let code: Code
    /// A sentence with the value in it and the way out.
    package let message: String
    /// A finer word for programs: `study-exists`, `session-live`. The code's own where there is none.
    package let reason: String

    package init(_ code: Code, _ message: String, reason: String? = nil) {
        self.code = code
        self.message = message
        self.reason = reason ?? code.rawValue
    }

    package var description: String { message }

    /// The reason of a failure that asks for the whole transaction to be run again: a deadlock, or an assumption that
    /// did not hold.
    package static let replay = "database-replay"
    /// The reason of a failure that leaves the connection useless: it may be run again on another.
    package static let lost = "database-away"
    /// An operation that wrote something threw: the group is undone whole, and done again with savepoints.
    package static let needsSavepoints = StoreError(
        .unavailable, "An operation gave up in the middle. Try again.", reason: replay
    )
    package var asksForReplay: Bool { reason == Self.replay || reason == Self.lost }
}
