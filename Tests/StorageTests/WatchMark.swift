import Domain
import Synchronization

/// A number that is noted on another thread.
final class Mark: Sendable {
    private let noted = Mutex(SequenceNumber.zero)
    func set(_ sequence: SequenceNumber) { noted.withLock { $0 = sequence } }
    var value: SequenceNumber { noted.withLock { $0 } }
}
