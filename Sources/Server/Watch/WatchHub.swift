import Domain
import Storage
import Synchronization
import Wire

/// Everybody who watches, and what each still has to be sent. The store tells it of every commit, in order.
///
/// It is called on the writer's thread: it encodes what is watched once, puts it into queues and wakes readers; it
/// never waits.
final class WatchHub: CommitObserver {
    private struct State {
        var subscribers: [Int: Subscriber] = [:]
        var byScope: [Scope: Set<Int>] = [:]
        var logReaders: [LogSource: [Int: Signal]] = [:]
        /// Pages: they read anew what they show, and so need no representation, only the news that there is news.
        var listeners: [Scope: [Int: Signal]] = [:]
        var nextID = 0
    }

    private let state = Mutex(State())
    private let waiters: ClaimWaiters
    private let epoch = Mutex("")
    private let accessChanged = Mutex<(@Sendable () -> Void)?>(nil)

    init(waiters: ClaimWaiters) {
        self.waiters = waiters
    }

    /// Told once, before the first watcher comes.
    func use(epoch: String) { self.epoch.withLock { $0 = epoch } }

    /// Told once: what to call when another node changed who may do what.
    func use(accessChanged: @escaping @Sendable () -> Void) { self.accessChanged.withLock { $0 = accessChanged } }

    // MARK: - The store's side

    var hasWatchers: Bool { state.withLock { !$0.byScope.isEmpty } }

    func isWatching(_ scopes: [Scope]) -> Bool {
        state.withLock { state in
            guard !state.byScope.isEmpty else { return false }
            return scopes.contains { state.byScope[$0] != nil }
        }
    }

    func followUps(_ ready: [ReadyJobs: Int], limit: Int) -> [FollowUp] {
        waiters.followUps(ready, limit: limit)
    }

    func didCommit(_ changes: CommittedChanges) {
        if changes.changesAccess { accessChanged.withLock { $0 }?() }
        if changes.isGap { beginAnew() }
        let epoch = epoch.withLock { $0 }
        var woken: [Subscriber] = []
        var signals: [Signal] = []
        state.withLock { state in
            if !state.byScope.isEmpty {
                for change in changes.changes {
                    Self.deliver(change, epoch: epoch, state, &woken)
                    if change.kind == .delete { Self.deliverToJobs(of: change, epoch: epoch, state, &woken) }
                }
            }
            if !state.listeners.isEmpty {
                for scope in changes.scopes {
                    if let listeners = state.listeners[scope] { signals += listeners.values }
                }
                // A page of a job may be one of a study that is gone: rare enough for all of them to look.
                if changes.changes.contains(where: { $0.kind == .delete && $0.key.kind == .study }) {
                    for (scope, listeners) in state.listeners {
                        if case .job = scope { signals += listeners.values }
                    }
                }
            }
            for session in changes.loggedSessions {
                if let readers = state.logReaders[.session(session)] { signals += readers.values }
            }
            for job in changes.loggedJobs {
                if let readers = state.logReaders[.job(job)] { signals += readers.values }
            }
        }
        for subscriber in woken { subscriber.signal.send() }
        for signal in signals { signal.send() }
        waiters.didCommit(changes)
    }

    /// More was committed elsewhere than can be told: everybody takes a new picture.
    private func beginAnew() {
        let (subscribers, signals) = state.withLock { state in
            (
                Array(state.subscribers.values),
                state.listeners.values.flatMap(\.values) + state.logReaders.values.flatMap(\.values)
            )
        }
        for subscriber in subscribers { subscriber.reset() }
        for signal in signals { signal.send() }
    }

    private static func deliver(
        _ change: Change, epoch: String, _ state: borrowing State, _ woken: inout [Subscriber]
    ) {
        var pending: PendingFrame?
        for scope in change.scopes {
            guard let ids = state.byScope[scope] else { continue }
            for id in ids {
                guard let subscriber = state.subscribers[id] else { continue }
                let frame = pending ?? PendingFrame(change, epoch: epoch)
                pending = frame
                subscriber.put(frame)
                woken.append(subscriber)
            }
        }
    }

    /// The deletion of a study tells of itself alone; whoever watches one of its jobs hears that the job is gone.
    private static func deliverToJobs(
        of change: Change, epoch: String, _ state: borrowing State, _ woken: inout [Subscriber]
    ) {
        guard change.key.kind == .study else { return }
        for subscriber in state.subscribers.values {
            guard case .job(let job) = subscriber.scope, let study = subscriber.study, change.key == .study(study)
            else { continue }
            let gone = Change(
                key: .job(job), sequence: change.sequence, scopes: [subscriber.scope], record: nil, kind: .delete
            )
            subscriber.put(PendingFrame(gone, epoch: epoch))
            woken.append(subscriber)
        }
    }

    // MARK: - The watchers' side

    /// - Parameter study: the one that a watched job belongs to.
    func makeSubscriber(_ scope: Scope, study: StudyID? = nil) -> Subscriber {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        return Subscriber(id: id, scope: scope, study: study)
    }

    /// To be called between two commits, so that the subscriber misses none after it.
    func enter(_ subscriber: Subscriber) {
        state.withLock { state in
            state.subscribers[subscriber.id] = subscriber
            state.byScope[subscriber.scope, default: []].insert(subscriber.id)
        }
    }

    func leave(_ subscriber: Subscriber) {
        state.withLock { state in
            state.subscribers[subscriber.id] = nil
            state.byScope[subscriber.scope]?.remove(subscriber.id)
            if state.byScope[subscriber.scope]?.isEmpty == true { state.byScope[subscriber.scope] = nil }
        }
    }

    /// A signal for every commit that brings lines to this source, until `stop` is called with the number.
    func readLogs(_ source: LogSource) -> (id: Int, signal: Signal) {
        let signal = Signal()
        let id = state.withLock { state in
            state.nextID += 1
            state.logReaders[source, default: [:]][state.nextID] = signal
            return state.nextID
        }
        return (id, signal)
    }

    func stopReadingLogs(_ source: LogSource, id: Int) {
        state.withLock { state in
            state.logReaders[source]?[id] = nil
            if state.logReaders[source]?.isEmpty == true { state.logReaders[source] = nil }
        }
    }

    /// A signal for every commit that changes something in `scope`, until `stopListening` is called with the number.
    ///
    /// - Parameter signal: one that is sent for other reasons as well.
    func listen(_ scope: Scope, signal: Signal = Signal()) -> (id: Int, signal: Signal) {
        let id = state.withLock { state in
            state.nextID += 1
            state.listeners[scope, default: [:]][state.nextID] = signal
            return state.nextID
        }
        return (id, signal)
    }

    func stopListening(_ scope: Scope, id: Int) {
        state.withLock { state in
            state.listeners[scope]?[id] = nil
            if state.listeners[scope]?.isEmpty == true { state.listeners[scope] = nil }
        }
    }

    var subscriberCount: Int {
        state.withLock { state in
            state.subscribers.count + state.listeners.values.reduce(0) { $0 + $1.count }
        }
    }
}

/// Where log lines come from.
enum LogSource: Sendable, Hashable {
    case session(SessionID)
    case job(JobID)

    /// What changes when this comes to its end.
    var scope: Scope {
        switch self {
        case .session(let id): .session(id)
        case .job(let id): .job(id)
        }
    }
}

/// Something happened: as many times as it likes, seen at least once.
final class Signal: Sendable {
    let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() {
        // One wake-up at most is kept: what there is to see is looked up then.
        (stream, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    func send() { continuation.yield() }
    func finish() { continuation.finish() }
}

/// A frame on its way, encoded once for all who get it, and kept once however many have not read it yet.
final class PendingFrame: Sendable {
    let key: EntityKey
    let sequence: SequenceNumber
    let change: Change
    let bytes: [UInt8]

    init(_ change: Change, epoch: String) {
        key = change.key
        sequence = change.sequence
        self.change = change
        bytes = WatchFrame(change).event(epoch: epoch).encoded
    }
}

extension WatchFrame {
    init(_ change: Change) {
        if let record = change.record {
            self = .put(WatchItem(record))
        } else {
            self = .delete(WatchDeletion(key: change.key, sequence: change.sequence))
        }
    }
}

/// One watcher. It is sent every change in order; where it falls behind, at most one version of each entity waits for
/// it: the newest.
final class Subscriber: Sendable {
    /// Up to here every version is kept; past it only the newest of each entity.
    static let orderedLimit = 4_096
    /// Past this many entities that wait it is hopeless: it is told to begin anew.
    static let entityLimit = 50_000

    private struct State {
        var frames: [PendingFrame] = []
        /// Past this many frames that wait, only the newest of each entity is kept.
        var collapsesAt = Subscriber.orderedLimit
        var needsReset = false
    }

    let id: Int
    let scope: Scope
    /// Of a watched job; it never changes.
    let study: StudyID?
    let signal = Signal()
    private let state = Mutex(State())

    init(id: Int, scope: Scope, study: StudyID?) {
        self.id = id
        self.scope = scope
        self.study = study
    }

    func put(_ frame: PendingFrame) {
        state.withLock { state in
            guard !state.needsReset else { return }
            // A frame without its record was not read in the commit: nobody watched then. It can't be sent.
            if frame.change.kind == .put && frame.change.record == nil {
                state.needsReset = true
                state.frames.removeAll()
                return
            }
            state.frames.append(frame)
            if state.frames.count > state.collapsesAt { Self.collapse(&state) }
        }
    }

    /// It missed something: it is told to begin anew.
    func reset() {
        state.withLock { state in
            state.needsReset = true
            state.frames.removeAll()
        }
        signal.send()
    }

    private static func collapse(_ state: inout State) {
        var newest: [EntityKey: PendingFrame] = [:]
        for frame in state.frames { newest[frame.key] = frame }
        state.frames = newest.values.sorted { $0.sequence < $1.sequence }
        // Twice what is left, so that a frame costs the same however many entities wait.
        state.collapsesAt = max(orderedLimit, 2 * state.frames.count)
        if state.frames.count > entityLimit {
            state.frames.removeAll()
            state.needsReset = true
        }
    }

    enum Batch {
        case frames([PendingFrame])
        case reset
    }

    /// Everything that waits now, in order.
    func take() -> Batch {
        state.withLock { state in
            if state.needsReset { return .reset }
            let frames = state.frames
            state.frames = []
            state.collapsesAt = Self.orderedLimit
            return .frames(frames)
        }
    }
}
