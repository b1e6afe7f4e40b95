package import Domain

/// What a server remembers of the sequence outside of the database.
///
/// Whoever watched may have seen more than a database says that was put back to an earlier state: a new epoch tells
/// them to begin anew. Nothing in the database itself tells that it was put back.
package protocol SequenceMemory: Sendable {
    /// Whether a database that says this may have been put back: then its epoch is to be another.
    func doubts(epoch: String, sequence: SequenceNumber) -> Bool
    /// Remembers that the sequence came so far. Called about once a second, and at the end; fails silently.
    func keep(epoch: String, sequence: SequenceNumber)
}
