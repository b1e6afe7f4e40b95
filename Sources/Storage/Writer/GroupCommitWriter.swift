import Dispatch
import Domain
import Synchronization

/// Takes all operations that wait, runs each in a savepoint inside one transaction, commits once, hands the changes
/// over, then answers all. One that throws rolls back alone; a commit that fails fails all of them.
///
/// An answer is a promise (law 2): nothing is answered before the commit is on disk.
final class GroupCommitWriter: Sendable {
    /// More operations than this do not go into one transaction, so that the first of them does not wait for ever.
    static let groupLimit = 512
    /// A group is run so often where the engine asks for it: a deadlock, a connection that was lost.
    static let attemptLimit = 4
    /// Past this many waiting operations the answer is `overloaded` (503 with Retry-After). What drops: the newest.
    static let queueLimit = 20_000

    private struct State {
        var waiting: [any PendingWork] = []
        var isDraining = false
        var isClosed = false

        /// Where among those of one group the first stands that runs between groups.
        var firstInterval: Int? { waiting.prefix(GroupCommitWriter.groupLimit).firstIndex { $0 is any PendingBetween } }
    }

    /// What goes into one transaction.
    private struct Group {
        var work: [any PendingWork]
        /// Of this server's groups.
        let number: Int64
        /// What waited for it and is done last in it; `nil` as long as nobody was asked.
        var followers: [any PendingWork]?
        /// Its commit is on its way.
        var isCommitting = false
        /// Something failed while it was, or behind it, and nobody has looked since whether it came through; or it is
        /// there, and not known to be on disk.
        var mayBeCommitted = false

        /// In the order of their answers: a worker that waited is to start.
        var all: [any PendingWork] { (followers ?? []) + work }
    }

    private let state = Mutex(State())
    private let driver: any StoreDriver
    private let clock: @Sendable () -> Instant
    private let timing: Timing
    private let observer: any CommitObserver
    private let interned = Interned()
    /// Where other nodes may have the same database open.
    private let follower: CommitFollower?
    private let companions = Companions()
    private let groupCount = Atomic<Int64>(0)
    private let isFollowing = Atomic<Bool>(false)

    init(
        driver: any StoreDriver, clock: @escaping @Sendable () -> Instant, timing: Timing,
        observer: any CommitObserver, follower: CommitFollower?
    ) {
        self.follower = follower
        self.driver = driver
        self.clock = clock
        self.timing = timing
        self.observer = observer
    }

    /// Runs `operation` on the writer and returns its answer once the group that holds it is on disk.
    ///
    /// - Parameter foresight: what it will ask; looked at only where the engine is far.
    /// - Throws: what the operation throws (then nothing of it is kept), `overloaded`, `closed`, or why the commit
    ///   failed.
    func write<Value: Sendable>(
        foreseeing foresight: @autoclosure () -> Foresight = Foresight(),
        _ operation: @escaping @Sendable (WriteTransaction) throws -> Value
    ) async throws -> Value {
        let foresight = driver.isShared ? foresight() : Foresight()
        return try await withCheckedThrowingContinuation { continuation in
            enqueue(
                PendingOperation(foresight: foresight, operation: operation) { continuation.resume(with: $0) }
            )
        }
    }

    /// Runs `body` on the writer's thread between two groups: nothing is committed while it runs.
    func between<Value: Sendable>(
        _ body: @escaping @Sendable (any WriteConnection) -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            enqueue(PendingInterval(body: body, continuation: continuation))
        }
    }

    /// Looks for what other nodes committed and publishes it. Returns at once; asked again before it has looked, it
    /// looks once.
    ///
    /// - Parameter news: what was heard; it tells nothing where it is this node's own or known already. `nil` where
    ///   something may have been missed.
    func follow(_ news: News?) {
        guard let follower else { return }
        if let news, news.node == follower.node || news.sequence <= follower.sequence { return }
        guard !isFollowing.exchange(true, ordering: .acquiringAndReleasing) else { return }
        driver.withWriter { [self] connection in
            isFollowing.store(false, ordering: .releasing)
            // The next group, or the next look, finds what this one could not.
            try? follow(follower, connection)
        }
    }

    private func follow(_ follower: CommitFollower, _ connection: any WriteConnection) throws(StoreError) {
        guard let missed = try read(follower, connection) else { return }
        try connection.secure(upTo: missed.commit.sequence)
        interned.hear(missed.commit)
        publish(missed.commit)
    }

    private func read(
        _ follower: CommitFollower, _ connection: any WriteConnection
    ) throws(StoreError) -> CommitFollower.Missed? {
        do throws(StoreError) {
            // Where nobody watches nothing has to be read but what the notes themselves say.
            guard observer.hasWatchers else {
                return try follower.read(upTo: nil, connection.outside(), observer: observer)
            }
            try connection.begin(.reading)
            let row = try connection.row(SequenceStatements.read, [])
            let missed = try follower.read(upTo: row?.sequence(0) ?? .zero, connection, observer: observer)
            try connection.commit()
            return missed
        } catch {
            connection.rollback()
            throw error
        }
    }

    /// Called with what is on disk only, in the order of the sequence.
    private func publish(_ changes: CommittedChanges) {
        follower?.didPublish(changes.sequence)
        observer.didCommit(changes)
    }

    /// Takes no more; what waits is still written.
    func close() {
        state.withLock { $0.isClosed = true }
    }

    /// How many operations wait now.
    var waitingCount: Int { state.withLock { $0.waiting.count } }

    /// Somebody waits, and nobody whose turn is between two groups: that is not put off for a group's sake.
    private var waitsForGroup: Bool {
        state.withLock { !$0.waiting.isEmpty && $0.firstInterval == nil }
    }

    private func enqueue(_ work: any PendingWork) {
        enum Verdict { case wake, queued(Int), refused(StoreError) }
        let verdict: Verdict = state.withLock { state in
            if state.isClosed { return .refused(StoreError(.closed, "The server is shutting down.")) }
            guard state.waiting.count < Self.queueLimit else {
                return .refused(StoreError(.overloaded, "\(Self.queueLimit) writes are waiting. Try again shortly."))
            }
            state.waiting.append(work)
            if state.isDraining { return .queued(state.waiting.count) }
            state.isDraining = true
            return .wake
        }
        switch verdict {
        case .queued(let count): companions.came(count)
        case .wake: driver.withWriter { connection in self.drain(connection) }
        case .refused(let error): work.answer(failure: error)
        }
    }

    private func drain(_ connection: any WriteConnection) {
        while true {
            if follower?.isContended == true, waitsForGroup { companions.wait(most: Self.groupLimit) { waitingCount } }
            guard let group = nextGroup() else { return }
            if let interval = group.first as? any PendingBetween {
                interval.perform(connection)
                interval.answer(failure: nil)
            } else {
                commit(group, on: connection)
            }
        }
    }

    /// Everything that waits up to the limit; what runs between groups comes alone.
    private func nextGroup() -> [any PendingWork]? {
        state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.isDraining = false
                return nil
            }
            let count: Int
            switch state.firstInterval {
            case 0?: count = 1
            case let position?: count = position
            case nil: count = min(state.waiting.count, Self.groupLimit)
            }
            let group = Array(state.waiting.prefix(count))
            state.waiting.removeFirst(count)
            return group
        }
    }

    /// What has come while another node had its turn, as far as there is room. Nothing that runs between groups.
    private func topUp(_ group: inout [any PendingWork]) {
        state.withLock { state in
            let room = state.waiting.prefix(Self.groupLimit - group.count)
            let more = room.prefix { !($0 is any PendingBetween) }
            group.append(contentsOf: more)
            state.waiting.removeFirst(more.count)
        }
    }

    private func commit(_ first: [any PendingWork], on connection: any WriteConnection) {
        var group = Group(work: first, number: groupCount.add(1, ordering: .relaxed).newValue)
        var mode = TransactionMode.swift
        var attempt = 1
        var deadline: DispatchTime?
        while true {
            do {
                // None where an earlier try of this group was on disk after all.
                if let changes = try perform(&group, mode, on: connection) { publish(changes) }
                companions.willAnswer(group.all.count, waiting: waitingCount)
                for work in group.all { work.answer(failure: nil) }
                return
            } catch {
                connection.rollback()
                interned.forget()
                if group.isCommitting, error.asksForReplay { group.mayBeCommitted = true }
                if group.mayBeCommitted, deadline == nil { deadline = .now() + Self.patience }
                mode = .careful
                if error.asksForReplay, attempt < Self.attemptLimit {
                    attempt += 1
                    continue
                }
                if group.mayBeCommitted, error.code == .unavailable, let deadline, .now() < deadline {
                    _ = DispatchSemaphore(value: 0).wait(timeout: .now() + Self.pause)
                    continue
                }
                let failure = group.mayBeCommitted ? Self.outcomeUnknown : error
                for work in group.all { work.answer(failure: failure) }
                return
            }
        }
    }

    /// Most operations that throw have written nothing, so a group runs without savepoints first, which cost two
    /// statements each and a copy of every page they touch. Operations can be run again: they keep nothing.
    private func perform(
        _ group: inout Group, _ mode: TransactionMode, on connection: any WriteConnection
    ) throws(StoreError) -> CommittedChanges? {
        group.isCommitting = false
        try connection.begin(mode)
        let isSwift = mode == .swift
        let canForesee = isSwift && follower != nil
        let foresight = canForesee ? group.work.flatMap { $0.foresight.questions } : []
        let claimCount = canForesee ? Self.claimCount(group.work) : 0
        let ahead = interned.use { $0.claims.questions(forClaims: claimCount) }
        let (sequence, missed, windows) = try takeTurn(
            connection, asking: ahead.map(\.question), foreseeing: foresight
        )
        if let missed, missed.ownGroups.contains(group.number) {
            connection.rollback()
            // It is written, whatever happens from here on.
            group.mayBeCommitted = true
            try connection.secure(upTo: sequence)
            publish(missed.commit)
            return nil
        }
        if group.mayBeCommitted, missed?.tellsAllOwn == false { throw Self.outcomeUnknown }
        group.mayBeCommitted = false
        if canForesee {
            topUp(&group.work)
            try connection.foresee(group.work.flatMap { $0.foresight.questions })
        }
        let transaction = WriteTransaction(
            connection: connection, now: clock(), timing: timing, interned: interned, lastSequence: sequence,
            windows: ClaimWindows(
                claimCount: isSwift ? Self.claimCount(group.work) : 0,
                after: canForesee ? interned.use { $0.takeClaims() } : nil
            )
        )
        for (asked, rows) in zip(ahead, windows) { transaction.windows.put(rows, asked, limit: claimCount) }
        var gathered = Effects()
        try run(group.work, mode, transaction, &gathered, on: connection)
        try followUp(&group, mode, transaction, &gathered, on: connection)
        if let forecast = transaction.windows.forecast { interned.use { $0.claims = forecast } }
        transaction.effects = gathered
        let changes = try GroupFinish.run(transaction, observer: observer)
        group.isCommitting = true
        try finish(changes, after: sequence, group.number, on: connection)
        // What others committed was before this, so it is on disk now, too.
        if let missed { publish(missed.commit) }
        return changes
    }

    /// Waits for this node's turn, and reads what others committed until then: where they are at work, with the turn.
    ///
    /// - Parameters:
    ///   - more: asked when the turn has come; their answers come last.
    ///   - foresight: what will be asked later.
    private func takeTurn(
        _ connection: any WriteConnection, asking more: [Question], foreseeing foresight: [Question]
    ) throws(StoreError) -> (SequenceNumber, CommitFollower.Missed?, [[SQLRow]]) {
        var questions = [Question(SequenceStatements.take, [])]
        let asksForNotes = follower?.isContended == true
        if let follower, asksForNotes { questions.append(follower.question) }
        let answers = try connection.rows(questions + more, foreseeing: foresight)
        let windows = Array(answers.suffix(more.count))
        guard let sequence = answers[0].first?.sequence(0) else {
            throw StoreError(.corrupt, "The database has lost its sequence.")
        }
        guard let follower else { return (sequence, nil, windows) }
        let missed = try follower.read(
            upTo: sequence, first: asksForNotes ? answers[1] : nil, connection, observer: observer
        )
        follower.tookTurn(afterOthers: missed != nil)
        if let missed { interned.hear(missed.commit) }
        return (sequence, missed, windows)
    }

    /// Commits; where the sequence has moved, with a note for the other nodes and a call to them.
    private func finish(
        _ changes: CommittedChanges, after sequence: SequenceNumber, _ number: Int64, on connection: any WriteConnection
    ) throws(StoreError) {
        guard changes.sequence != sequence else {
            try connection.commit()
            return try connection.secure(upTo: sequence)
        }
        try connection.later(SequenceStatements.store, [.sequence(changes.sequence)], expecting: nil)
        guard let follower else { return try connection.commit() }
        let values: [SQLValue] = [
            .sequence(changes.sequence), .sequence(sequence), .text(follower.node), .integer(number), .instant(clock()),
            .text(CommitNote.text(of: changes) ?? ""),
        ]
        try connection.later(NodeStatements.addNote, values, expecting: nil)
        try connection.commit(
            News(node: follower.node, sequence: changes.sequence), isContended: follower.isContended
        )
    }

    private func run(
        _ some: [any PendingWork], _ mode: TransactionMode, _ transaction: WriteTransaction, _ gathered: inout Effects,
        on connection: any WriteConnection
    ) throws(StoreError) {
        for work in some {
            let before = transaction.lastSequence
            transaction.startOperation()
            if mode == .careful { try connection.savepoint() }
            let isDone = work.perform(transaction)
            if let failure = connection.groupFailure { throw failure }
            if isDone {
                if mode == .careful { try connection.releaseSavepoint() }
                gathered.merge(transaction.effects)
            } else {
                transaction.rewind(to: before)
                guard mode == .careful || !transaction.isTouched else { throw StoreError.needsSavepoints }
                if mode == .careful {
                    try connection.rollbackToSavepoint()
                    try connection.releaseSavepoint()
                    interned.forget()
                }
            }
        }
    }

    /// Does in the same group what waited for it. Asked once: where the group is run again, those who followed are part
    /// of it. Only what they take is no longer told as ready: one may be refused, or find something better elsewhere.
    private func followUp(
        _ group: inout Group, _ mode: TransactionMode, _ transaction: WriteTransaction, _ gathered: inout Effects,
        on connection: any WriteConnection
    ) throws(StoreError) {
        if group.followers == nil, !gathered.ready.isEmpty {
            group.followers =
                observer.followUps(gathered.ready, limit: Self.groupLimit - group.work.count).map(\.work)
        }
        guard let followers = group.followers, !followers.isEmpty else { return }
        if mode == .swift {
            try connection.foresee(followers.flatMap { $0.foresight.questions })
            transaction.expectClaims(Self.claimCount(followers))
        }
        let before = gathered.taken
        try run(followers, mode, transaction, &gathered, on: connection)
        for (place, count) in gathered.taken {
            guard let ready = gathered.ready[place] else { continue }
            let left = ready - (count - before[place, default: 0])
            gathered.ready[place] = left > 0 ? left : nil
        }
    }

    private static func claimCount(_ work: [any PendingWork]) -> Int {
        work.reduce(0) { $0 + $1.foresight.claimCount }
    }
}
