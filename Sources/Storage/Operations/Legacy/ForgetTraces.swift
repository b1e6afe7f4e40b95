package import Domain

/// Forgets what is too old to tell anything: from where hostnames were heard, and which sessions were deleted.
package struct ForgetTraces: Sendable {
    package init() {}

    /// Whether there is anything to forget: the writer is not asked for nothing.
    package static func hasOld(_ connection: any SQLConnection, now: Instant) throws -> Bool {
        try connection.row(LegacyStatements.oldAddress, [.instant(limit(now))]) != nil
            || connection.row(LegacyStatements.oldDeleted, [.instant(deletedLimit(now))]) != nil
    }

    package func run(_ transaction: WriteTransaction) throws {
        try transaction.run(LegacyStatements.forgetAddresses, [.instant(Self.limit(transaction.now))])
        try transaction.run(LegacyStatements.forgetDeleted, [.instant(Self.deletedLimit(transaction.now))])
    }

    private static func limit(_ now: Instant) -> Instant {
        now.adding(milliseconds: -LegacyMachine.addressMilliseconds)
    }

    /// An agent that was cut off for longer registers anew and is a new worker.
    private static func deletedLimit(_ now: Instant) -> Instant { now.adding(milliseconds: -30 * 86_400_000) }
}
