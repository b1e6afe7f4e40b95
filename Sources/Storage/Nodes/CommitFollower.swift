import Domain
import Synchronization

/// Keeps one node abreast of what the others commit: reads their notes, and what is watched from the tables, and makes
/// of it what a commit of its own would have brought.
///
/// Used on the writer's thread alone, so that everything is published in the order of the sequence.
final class CommitFollower: Sendable {
    /// This node, among those of the database.
    let node: String
    /// Up to here this node has published.
    private let published: Mutex<SequenceNumber>
    /// Groups of this node since another committed something.
    private let groupsAlone = Mutex(CommitFollower.contentionLimit)

    /// Notes read at once; where more wait, they are read in turns.
    private static let noteLimit = 256
    /// After so many groups without a word of another this node goes on as if it were alone.
    private static let contentionLimit = 64

    init(node: String, published: SequenceNumber) {
        self.node = node
        self.published = Mutex(published)
    }

    var sequence: SequenceNumber { published.withLock { $0 } }

    func didPublish(_ sequence: SequenceNumber) { published.withLock { $0 = sequence } }

    /// Whether others are at work now: then their notes are asked for with the turn, and they are let in early. It
    /// decides what is quicker, never what is right.
    var isContended: Bool { groupsAlone.withLock { $0 < Self.contentionLimit } }

    func tookTurn(afterOthers: Bool) {
        groupsAlone.withLock { $0 = afterOthers ? 0 : min($0 + 1, Self.contentionLimit) }
    }

    /// What to ask for the notes since the last time.
    var question: Question { notes(after: sequence) }

    private func notes(after last: SequenceNumber) -> Question {
        Question(NodeStatements.notes, [.sequence(last), .int(Self.noteLimit)])
    }

    struct Missed {
        let commit: CommittedChanges
        /// Groups of this very node, whose commit was on disk though its answer never came.
        let ownGroups: Set<Int64>
        /// Whether these are all there are. Notes are kept for a minute.
        let tellsAllOwn: Bool
    }

    /// What was committed since the last time, up to `known`, which is what the connection's state has; without it, as
    /// far as notes tell. `nil` where there is nothing. It may not be on disk yet: `WriteConnection.secure`.
    ///
    /// - Parameter first: the answer to `question`, where it is at hand.
    func read(
        upTo known: SequenceNumber?, first: [SQLRow]? = nil, _ connection: any SQLConnection,
        observer: any CommitObserver
    ) throws(StoreError) -> Missed? {
        var first = first
        let published = self.sequence
        guard known != published else { return nil }
        var last = published
        var told = published
        var note: CommitNote?
        var ownGroups: Set<Int64> = []
        var tellsAllOwn = false
        var isWhole = true
        while isWhole, known.map({ last < $0 }) ?? true {
            let rows = if let given = first.take() { given } else { try connection.rows([notes(after: last)])[0] }
            if rows.isEmpty {
                isWhole = known == nil
                break
            }
            for row in rows {
                if told == published { tellsAllOwn = row.sequence(1) == told }
                told = row.sequence(0)
                if row.text(2) == node { ownGroups.insert(row.int64(3)) }
                guard row.sequence(1) == last, let next = CommitNote(text: row.text(4)) else {
                    isWhole = false
                    continue
                }
                last = row.sequence(0)
                if note == nil { note = next } else { note?.merge(next) }
            }
            if known == nil, rows.count < Self.noteLimit { break }
        }
        let sequence = known ?? told
        guard sequence != published else { return nil }
        guard isWhole, let note, last == sequence else {
            // More may stand behind those that were read.
            for row in try connection.rows(NodeStatements.ownNotes, [.sequence(published), .text(node)]) {
                ownGroups.insert(row.int64(0))
            }
            return Missed(commit: .gap(upTo: sequence), ownGroups: ownGroups, tellsAllOwn: tellsAllOwn)
        }
        let isWatched = observer.hasWatchers
        let changes = try changes(isWatched ? note.allChanges : note.changes, connection, observer)
        var commit = CommittedChanges(note, changes: changes, sequence: sequence)
        if !isWatched { commit.foreignChanges = note.runs }
        for session in note.wishes {
            let row = try connection.row(SessionStatements.heardAt, [.integer(session.number)])
            commit.heard[session] = row?.instant(0)
        }
        return Missed(commit: commit, ownGroups: ownGroups, tellsAllOwn: true)
    }

    /// The newest version of what was put, read as it is now; what was deleted since is told by its own note.
    private func changes(
        _ told: [CommitNote.Told], _ connection: any SQLConnection, _ observer: any CommitObserver
    ) throws(StoreError) -> [Change] {
        var newest: [EntityKey: SequenceNumber] = [:]
        for told in told where told.kind == .put { newest[told.key] = told.sequence }
        var changes: [Change] = []
        for told in told {
            var record: EntityRecord?
            if told.kind == .put {
                guard newest[told.key] == told.sequence else { continue }
                if observer.isWatching(told.scopes) {
                    do {
                        record = try RecordReads.entity(told.key, connection)
                    } catch let error as StoreError {
                        throw error
                    } catch {
                        throw StoreError(.corrupt, "\(told.key) can't be read: \(error).")
                    }
                    if record == nil { continue }
                }
            }
            changes.append(
                Change(
                    key: told.key, sequence: told.sequence, scopes: told.scopes, record: record, kind: told.kind
                )
            )
        }
        return changes
    }
}

extension CommittedChanges {
    /// Something was committed that this node can't tell piece by piece: whoever watches begins anew.
    static func gap(upTo sequence: SequenceNumber) -> CommittedChanges {
        CommittedChanges(
            sequence: sequence, changes: [], unwatchedJobs: [:], ready: [:], newRequirements: [], wishes: [],
            loggedSessions: [], loggedJobs: [], touchedSessions: [], endedStudies: [], changesAccess: true,
            isGap: true, isForeign: true
        )
    }

    init(_ note: CommitNote, changes: [Change], sequence: SequenceNumber) {
        self.init(
            sequence: sequence, changes: changes, unwatchedJobs: [:], ready: note.ready,
            joined: note.joined, newRequirements: note.newRequirements, wishes: note.wishes,
            loggedSessions: note.loggedSessions, loggedJobs: note.loggedJobs, touchedSessions: note.touched,
            endedStudies: note.endedStudies, changesAccess: note.changesAccess, isForeign: true
        )
    }
}
