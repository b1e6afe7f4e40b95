package import Domain

/// Makes a study and all its assignments, with indices 0 … n-1 in the order of the split, in one transaction.
package struct CreateStudy: Sendable {
    package enum Content: Sendable {
        /// Assignments are made from these two when they are claimed; only their labels are stored.
        case split(configuration: String, specification: String, split: Split)
        /// Ready-made configurations in index order, as text.
        case assignments([String])
        /// Ready-made configurations that were split from one elsewhere, with what they were split from, if it is
        /// known, and the dimensions to show.
        case prepared(configuration: String?, dimensions: [String], assignments: [PreparedAssignment])
    }

    /// A configuration as text, and what a person calls it.
    package struct PreparedAssignment: Sendable {
        package var label: String?
        package var payload: String

        package init(label: String?, payload: String) {
            self.label = label
            self.payload = payload
        }
    }

    package var name: String
    package var content: Content
    package var requires: JSON?
    package var priority: Int
    package var maximumAttempts: Int
    /// What whoever looks at the study should know of how it was made, a sentence each.
    package var notes: [String] = []
    /// What is said of it, for people.
    package var description: String

    package init(
        name: String, content: Content, requires: JSON?, priority: Int, maximumAttempts: Int, description: String = ""
    ) {
        self.description = description
        self.name = name
        self.content = content
        self.requires = requires
        self.priority = priority
        self.maximumAttempts = maximumAttempts
    }

    /// - Throws: `conflict` (`study-exists`) where the name is taken; `invalid` (`study-name`) where it is none.
    package func run(_ transaction: WriteTransaction) throws -> StudyID {
        if let fault = StudyName.fault(name) {
            throw StoreError(.invalid, "The study's name \(fault).", reason: "study-name")
        }
        if let existing = try transaction.row(StudyStatements.ofName, [.text(name)]) {
            let id: StudyID = existing.id(0)
            throw StoreError(
                .conflict, "There is a study named \(name) (\(id)). Choose another name, or delete it first.",
                reason: "study-exists"
            )
        }
        let id = transaction.nextID(StudyID.self)
        try transaction.run(StudyStatements.insert, studyValues(id, transaction))
        let queue = try transaction.makeQueue(ofStudy: id)
        let requirement = try transaction.intern(requires: requires, in: queue.id)
        let home = JobHome(queue: queue.id, requirement: requirement, study: id, queueName: nil)
        let count = assignmentCount
        for index in 0..<count { try insert(index, home: home, transaction) }
        transaction.count(home, from: nil, to: .pending, by: count)
        transaction.becameReady(home, count: count)
        try transaction.transition(
            .study, id.number, from: nil, to: StudyStatus.active.rawValue, actor: "operator",
            why: (["created with \(count) assignments"] + notes).joined(separator: "; "),
            sequence: transaction.nextSequence()
        )
        return id
    }

    private var assignmentCount: Int {
        switch content {
        case .split(_, _, let split): split.count
        case .assignments(let texts): texts.count
        case .prepared(_, _, let assignments): assignments.count
        }
    }

    private func studyValues(_ id: StudyID, _ transaction: WriteTransaction) -> [SQLValue] {
        var configuration: String?
        var specification: String?
        var dimensions: [String] = []
        switch content {
        case .split(let base, let how, let split):
            configuration = base
            specification = how
            dimensions = split.axes.map(\.path.text)
        case .prepared(let base, let names, _):
            configuration = base
            dimensions = names
        case .assignments: break
        }
        return [
            .integer(id.number), .text(name), .optional(configuration), .optional(specification),
            .text(StoredText.strings(dimensions)), .int(priority), .instant(transaction.now),
            .sequence(transaction.nextSequence()), .text(description), .text(StoredText.strings(notes)),
        ]
    }

    /// The assignments take no number of their own in the watch's changes: a million new rows are told by the study,
    /// whose scope nobody can watch before it exists.
    private func insert(_ index: Int, home: JobHome, _ transaction: WriteTransaction) throws(StoreError) {
        let sequence = transaction.nextSequence()
        var label: String?
        var payload: String?
        switch content {
        case .split(_, _, let split): label = split.label(at: index)
        case .assignments(let texts): payload = texts[index]
        case .prepared(_, _, let assignments):
            label = assignments[index].label
            payload = assignments[index].payload
        }
        try transaction.run(
            JobStatements.insert,
            [
                .sequence(sequence), .integer(home.queue.number), .integer(home.requirement), .id(home.study),
                .int(index), .optional(label), .flag(true), .int(priority), .instant(transaction.now), .null,
                .int(maximumAttempts), .null, .instant(transaction.now), .sequence(sequence), .optional(payload),
            ]
        )
    }
}
