/// A row that two statements of one group may have in common: what tells whether one may be sent before the other.
package struct RowKey: Sendable, Hashable {
    package enum Kind: Sendable, Hashable {
        case job, session
        /// That a session holds jobs, and which: what a claim adds to.
        case holder
    }

    package let kind: Kind
    package let id: Int64

    package init(kind: Kind, id: Int64) {
        self.kind = kind
        self.id = id
    }
}

/// Where a statement names a row that it reads or writes: the number of a parameter.
package struct RowReference: Sendable, Hashable {
    let kind: RowKey.Kind
    let parameter: Int

    static func job(_ parameter: Int) -> RowReference { RowReference(kind: .job, parameter: parameter) }
    static func session(_ parameter: Int) -> RowReference { RowReference(kind: .session, parameter: parameter) }
    static func holder(_ parameter: Int) -> RowReference { RowReference(kind: .holder, parameter: parameter) }
}

/// A question, word for word.
package struct Question: Sendable {
    package let statement: Statement
    package let values: [SQLValue]

    init(_ statement: Statement, _ values: [SQLValue]) {
        self.statement = statement
        self.values = values
    }
}

/// What an operation will ask first of all, told before its group begins: an engine across a network answers the
/// questions of a whole group in one journey. It changes no result; without it each is asked when it is due.
package struct Foresight: Sendable {
    var questions: [Question] = []
    /// How many jobs it wants to claim from queues.
    var claimCount = 0

    package init() {}
}
