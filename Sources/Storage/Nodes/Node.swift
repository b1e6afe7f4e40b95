package import Domain
import Synchronization

/// How a server is known to those who look after it.
package struct NodeDescription: Sendable, Hashable {
    package var hostname: String
    package var pid: Int
    package var version: String
    /// Where it serves: `http://10.0.0.5:7117`.
    package var address: String

    package init(hostname: String = "", pid: Int = 0, version: String = "", address: String = "") {
        self.hostname = hostname
        self.pid = pid
        self.version = version
        self.address = address
    }
}

/// One of the servers that share a database.
package struct NodeRecord: Sendable, Hashable {
    package let id: String
    package let description: NodeDescription
    package let startedAt: Instant
    package let heardAt: Instant
    /// It looks after silence and leases now.
    package let isSweeping: Bool
    /// It is the one that was asked.
    package let isThis: Bool

    /// It was not heard of for longer than one that runs is ever silent.
    package func isAway(at now: Instant) -> Bool {
        !isThis && now.milliseconds(since: heardAt) >= Node.awayMilliseconds
    }
}

/// What only one node may do at a time.
enum Duty {
    static let sweep = "sweep"
    /// Renewed once a second. A node that is gone or frozen loses it within this time.
    static let milliseconds: Int64 = 5_000
}

/// This server among those of its database: it says once a second that it is there, and takes the duty of sweeping
/// where nobody has it.
final class Node: Sendable {
    let id: String
    private let description: NodeDescription
    private let startedAt: Instant
    private let duty = Mutex(false)
    private let isAlone = Mutex(true)

    /// A node that was not heard of for so long can hear no beats.
    static let awayMilliseconds: Int64 = 5_000
    /// Notes are read within moments; a node that was away for longer begins anew.
    private static let noteMilliseconds: Int64 = 60_000
    /// A node that is gone is shown for a day.
    private static let shownMilliseconds: Int64 = 86_400_000

    init(id: String, description: NodeDescription, startedAt: Instant) {
        self.id = id
        self.description = description
        self.startedAt = startedAt
    }

    /// Whether the last `keep` found the duty to be this node's. What the duty allows is decided again in the
    /// transaction that does it.
    var hasDuty: Bool { duty.withLock { $0 } }

    /// Silence is judged as of so long ago while other nodes hear beats too: they store theirs once a second.
    var marginMilliseconds: Int64 { isAlone.withLock { $0 } ? 0 : 3_000 }

    /// Says that it is there, and takes or renews the duty where it can.
    ///
    /// - Parameter silenceEnded: no node could store beats until now.
    /// - Returns: until when silence is forgiven, by what any node said.
    func keep(_ transaction: WriteTransaction, silenceEnded: Bool) throws(StoreError) -> Instant? {
        let now = transaction.now
        if silenceEnded { try transaction.run(NodeStatements.forgive, [.instant(now)]) }
        try transaction.run(
            NodeStatements.put,
            [
                .text(id), .text(description.hostname), .int(description.pid), .text(description.version),
                .text(description.address), .instant(startedAt), .instant(now),
            ]
        )
        let others = try transaction.row(
            NodeStatements.others, [.text(id), .instant(now.adding(milliseconds: -2 * Self.awayMilliseconds))]
        )
        isAlone.withLock { $0 = others?.int(0) == 0 }
        let taken = try transaction.count(
            NodeStatements.takeDuty,
            [
                .text(Duty.sweep), .text(id), .instant(now.adding(milliseconds: Duty.milliseconds)), .instant(now),
            ]
        )
        duty.withLock { $0 = taken == 1 }
        if taken == 1 {
            try transaction.run(NodeStatements.pruneNotes, [.instant(now.adding(milliseconds: -Self.noteMilliseconds))])
            try transaction.run(NodeStatements.prune, [.instant(now.adding(milliseconds: -Self.shownMilliseconds))])
        }
        return try transaction.row(NodeStatements.forgiven, [])?.instant(0)
    }

    /// Goes: the duty is free at once.
    func leave(_ transaction: WriteTransaction) throws(StoreError) {
        try transaction.run(NodeStatements.dropDuty, [.text(id)])
        try transaction.run(NodeStatements.remove, [.text(id)])
    }

    static func isAnyHeard(_ connection: any SQLConnection, now: Instant) throws(StoreError) -> Bool {
        guard let newest = try connection.row(NodeStatements.newestWord, [])?.optionalInstant(0) else { return false }
        return now.milliseconds(since: newest) < awayMilliseconds
    }

    static func records(_ connection: any SQLConnection, of own: String) throws(StoreError) -> [NodeRecord] {
        try connection.rows(NodeStatements.all, []).map { row in
            NodeRecord(
                id: row.text(0),
                description: NodeDescription(
                    hostname: row.text(1), pid: row.int(2), version: row.text(3), address: row.text(4)
                ),
                startedAt: row.instant(5), heardAt: row.instant(6), isSweeping: row.flag(7), isThis: row.text(0) == own
            )
        }
    }
}
