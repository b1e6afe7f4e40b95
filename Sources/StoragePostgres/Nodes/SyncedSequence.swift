import Domain
import Storage
import Synchronization

/// How far the sequence is known to be on disk. While nodes are at work at once, a commit can be seen by others a
/// moment before it is there; nobody is to be shown what a crash of the database would take back.
final class SyncedSequence: Sendable {
    private let value = Atomic<Int64>(0)

    func reached(_ sequence: SequenceNumber) { value.max(sequence.value, ordering: .acquiringAndReleasing) }

    func includes(_ sequence: SequenceNumber) -> Bool { sequence.value <= value.load(ordering: .acquiring) }

    /// A small transaction of its own, whose commit waits for the disk, and for replicas where they are waited for: by
    /// then everything that was committed before it is there.
    static let syncing = Statement("sequence.sync", "SELECT 1 FROM pg_logical_emit_message(true, 'muster', '')")

    /// Returns when everything up to that number is on disk. The number was seen on some connection before.
    func secure(
        upTo sequence: SequenceNumber, _ connection: @autoclosure () throws(StoreError) -> PostgresConnection
    ) throws(StoreError) {
        if includes(sequence) { return }
        try connection().run(Self.syncing, [])
        reached(sequence)
    }
}
