import Dispatch

/// When a group is not simply answered with what went wrong.
extension GroupCommitWriter {
    /// Whether a commit came through whose answer is lost, only the database can tell: it is asked for so long, with
    /// this pause between, before nobody knows. PostgreSQL is mostly back by then.
    static let patience = DispatchTimeInterval.seconds(10)
    static let pause = DispatchTimeInterval.milliseconds(100)

    /// The database stays away, or this server slept between a commit and its answer for longer than notes are kept.
    static let outcomeUnknown = StoreError(
        .unknown,
        "The database failed while this was written, and whether it was can't be told. Look before you send it again."
    )
}
