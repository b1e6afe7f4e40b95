import Domain

/// Looking things up that rarely change, through the writer's memory.
extension WriteTransaction {
    func queue(_ id: QueueID) throws(StoreError) -> Interned.Queue? {
        if let known = interned.use({ $0.queuesByID[id] }) { return known }
        guard let row = try row(QueueStatements.ofID, [.integer(id.number)]) else { return nil }
        return remember(Interned.Queue(id: id, name: row.optionalText(0), study: row.optionalID(1)))
    }

    func queue(named name: String) throws(StoreError) -> Interned.Queue? {
        if let known = interned.use({ $0.queuesByName[name] }) { return known }
        guard let row = try row(QueueStatements.ofName, [.text(name)]) else { return nil }
        return remember(Interned.Queue(id: row.id(0), name: name, study: nil))
    }

    func queue(ofStudy study: StudyID) throws(StoreError) -> Interned.Queue? {
        if let known = interned.use({ $0.queueOfStudy[study] }) { return known }
        guard let row = try row(QueueStatements.ofStudy, [.integer(study.number)]) else { return nil }
        return remember(Interned.Queue(id: row.id(0), name: nil, study: study))
    }

    /// The queue of that name, made where it is not there yet.
    func makeQueue(named name: String) throws(StoreError) -> Interned.Queue {
        if let known = try queue(named: name) { return known }
        let id = nextID(QueueID.self)
        try run(QueueStatements.insert, [.integer(id.number), .text(name), .null, .sequence(nextSequence())])
        touch(queue: id)
        return remember(Interned.Queue(id: id, name: name, study: nil))
    }

    func makeQueue(ofStudy study: StudyID) throws(StoreError) -> Interned.Queue {
        let id = nextID(QueueID.self)
        try run(
            QueueStatements.insert, [.integer(id.number), .null, .integer(study.number), .sequence(nextSequence())]
        )
        touch(queue: id)
        return remember(Interned.Queue(id: id, name: nil, study: study))
    }

    private func remember(_ queue: Interned.Queue) -> Interned.Queue {
        interned.use { contents in
            contents.queuesByID[queue.id] = queue
            if let name = queue.name { contents.queuesByName[name] = queue }
            if let study = queue.study { contents.queueOfStudy[study] = queue }
        }
        return queue
    }

    /// The number under which what `requires` says is kept, and that it is asked for in `queue`.
    func intern(requires: JSON?, in queue: QueueID) throws(StoreError) -> Int64 {
        let canonical = Requirement(requires)
        let text = canonical.text
        let requirement: Interned.Requirement
        if let known = interned.use({ $0.requirementsByText[text] }) {
            requirement = known
        } else if let row = try row(QueueStatements.requirement, [.text(text)]) {
            requirement = Interned.Requirement(id: row.int64(0), requirement: canonical)
        } else {
            let id = nextSequence().value
            try run(QueueStatements.insertRequirement, [.integer(id), .text(text)])
            requirement = Interned.Requirement(id: id, requirement: canonical)
        }
        interned.use { $0.requirementsByText[text] = requirement }
        let known = try requirements(of: queue)
        if !known.contains(where: { $0.id == requirement.id }) {
            try run(QueueStatements.addRequirement, [.integer(queue.number), .integer(requirement.id)])
            interned.use { $0.requirementsOfQueue[queue, default: []].append(requirement) }
            effects.newRequirements.insert(queue)
        }
        return requirement.id
    }

    /// Everything that was ever required in a queue: few, and never forgotten.
    func requirements(of queue: QueueID) throws(StoreError) -> [Interned.Requirement] {
        if let known = interned.use({ $0.requirementsOfQueue[queue] }) { return known }
        var found: [Interned.Requirement] = []
        for row in try rows(QueueStatements.requirements, [.integer(queue.number)]) {
            guard let requirement = Requirement(text: row.text(1)) else {
                throw StoreError(.corrupt, "Requirement \(row.int64(0)) can't be read.")
            }
            found.append(Interned.Requirement(id: row.int64(0), requirement: requirement))
        }
        let result = found
        interned.use { $0.requirementsOfQueue[queue] = result }
        return result
    }

    /// What never changes of a session.
    func facts(of session: SessionID) throws(StoreError) -> Interned.SessionFacts {
        if let known = interned.use({ $0.sessions[session] }) { return known }
        guard let row = try row(SessionStatements.facts, [.integer(session.number)]) else {
            throw StoreError(.notFound, "There is no session \(session).", reason: "unknown-session")
        }
        let facts: Interned.SessionFacts
        do {
            facts = Interned.SessionFacts(
                id: session, workerName: row.text(0), queues: try row.strings(1), studies: try row.strings(2),
                capabilities: try row.json(3)
            )
        } catch {
            throw StoreError(.corrupt, "Session \(session) can't be read: \(error).")
        }
        interned.use { contents in
            if contents.sessions.count >= Interned.sessionLimit { contents.sessions.removeAll() }
            contents.sessions[session] = facts
        }
        return facts
    }

    /// The study of that id or name.
    func study(named text: String) throws(StoreError) -> StudyID? {
        if let id = StudyID(text: text), try row(StudyStatements.brief, [.integer(id.number)]) != nil { return id }
        return try row(StudyStatements.ofName, [.text(text)])?.id(0)
    }

    func studyName(_ study: StudyID) throws(StoreError) -> String? {
        if let known = interned.use({ $0.studyNames[study] }) { return known }
        guard let name = try row(StudyStatements.brief, [.integer(study.number)])?.text(0) else { return nil }
        interned.use { $0.studyNames[study] = name }
        return name
    }

    /// The text of an assignment that its study's split makes.
    func splitText(of study: StudyID, index: Int) throws(StoreError) -> String {
        if let known = interned.use({ $0.splits[study] }) { return known.text(at: index) }
        guard let row = try row(StudyStatements.split, [.integer(study.number)]), row.optionalText(1) != nil else {
            throw StoreError(.corrupt, "Study \(study) has no split to make assignment \(index) from.")
        }
        let split = try StudySplit.read(configuration: row.text(0), split: row.text(1), study: study)
        interned.use { contents in
            if contents.splits.count >= Interned.splitLimit { contents.splits.removeAll() }
            contents.splits[study] = split
        }
        return split.text(at: index)
    }
}

/// Reads back how a study was split. The assignments of a split study are not stored: each is made from these two
/// texts, and the same texts always make the same assignments.
enum StudySplit {
    static func read(configuration: String, split: String, study: StudyID) throws(StoreError) -> Split {
        do {
            return try Split(
                of: JSON(parsing: configuration), by: SplitSpecification(json: JSON(parsing: split))
            )
        } catch {
            throw StoreError(.corrupt, "The split of study \(study) can't be read: \(error).")
        }
    }
}
