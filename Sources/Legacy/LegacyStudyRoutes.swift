import Domain
import Hummingbird
import Server
import Storage

/// Super studies: made from ready-made assignments, looked up by name, listed with configurations as the same text.
struct LegacyStudyRoutes {
    let server: ServerContext

    func add(to table: LegacyTable) {
        table.post("/api/super-studies", create)
        table.get("/api/super-studies", list)
        table.get("/api/super-studies/:id", show)
        table.delete("/api/super-studies/:id", delete)
        table.get("/api/super-studies/:id/assignments", assignments)
    }

    // MARK: - Making

    @Sendable private func create(_ ask: Ask) async throws -> Response {
        try ask.principal.requireWorker()
        let (json, bytes) = try await ask.request.legacyObject(limit: LegacyLimit.superStudyBytes)
        let name = try LegacyName.check(json["name"]?.stringValue, "name")
        let raw = RawJSON(bytes)
        let description = json["description"]?.stringValue ?? ""
        guard let base = raw["baseConfig"], let configuration = json["baseConfig"], configuration.objectValue != nil
        else { throw LegacyRefusal(400, "baseConfig must be the whole configuration, an object.") }
        let (content, notes) = try Self.content(json, raw, configuration: configuration, text: base.text)
        var operation = CreateStudy(
            name: name, content: content,
            requires: nil, priority: 0, maximumAttempts: SubmitJobs.defaultMaximumAttempts, description: description
        )
        operation.notes = notes
        let creation = operation
        let id = try await server.store.write { try creation.run($0) }
        return try await answer(id)
    }

    /// Ready-made assignments, or the number that GOLIAT's own splitting is to make, with what it has to say: that it
    /// made fewer than asked for.
    private static func content(
        _ json: JSON, _ raw: RawJSON, configuration: JSON, text: String
    ) throws -> (CreateStudy.Content, notes: [String]) {
        if let number = json["numSplits"], !number.isNull, json["assignments"] == nil || json["assignments"] == [] {
            guard let splits = number.intValue.flatMap({ Int(exactly: $0) }), splits >= 1 else {
                throw LegacyRefusal(400, "numSplits must be a whole number of at least 1.")
            }
            let split = try GOLIATSplit(of: configuration, by: GOLIATSplitSpecification(.auto, splits: splits))
            let made = CreateStudy.Content.prepared(
                configuration: text, dimensions: split.dimensions,
                assignments: split.indices.map {
                    CreateStudy.PreparedAssignment(label: split.label(at: $0), payload: split.text(at: $0))
                }
            )
            return (made, split.notes)
        }
        let assignments = try configurations(json, raw).map {
            CreateStudy.PreparedAssignment(label: nil, payload: $0)
        }
        return (.prepared(configuration: text, dimensions: [], assignments: assignments), [])
    }

    /// The assignments' configurations as they were sent, byte for byte.
    private static func configurations(_ json: JSON, _ raw: RawJSON) throws(LegacyRefusal) -> [String] {
        guard let said = json["assignments"]?.arrayValue else {
            throw LegacyRefusal(400, "assignments must be an array.")
        }
        let texts = raw["assignments"]?.elements ?? []
        guard !said.isEmpty, texts.count == said.count else {
            throw LegacyRefusal(
                400,
                "assignments is empty: the configuration file itself must list what it is split by, "
                    + "since what it extends is not read."
            )
        }
        var configurations: [String] = []
        for (index, assignment) in said.enumerated() {
            guard assignment["splitConfig"]?.objectValue != nil, let text = texts[index]["splitConfig"]?.text else {
                throw LegacyRefusal(400, "assignments[\(index)].splitConfig must be an object.")
            }
            configurations.append(text)
        }
        return configurations
    }

    // MARK: - Looking up

    @Sendable private func list(_ ask: Ask) async throws -> Response {
        let name = ask.request.formQuery("name")
        let bytes = try await server.store.read { connection -> [UInt8] in
            let studies =
                try name.map { name in
                    try RecordReads.study(ofName: name, connection).map { [$0] } ?? []
                } ?? ListReads.studies(before: ListReads.end, limit: RequestLimit.listMaximum, connection)
            var writer = JSONWriter()
            writer.beginArray()
            for study in studies { try LegacyAnswers.study(study, withConfiguration: false, connection, to: &writer) }
            writer.endArray()
            return writer.bytes
        }
        return Reply.json(bytes)
    }

    @Sendable private func show(_ ask: Ask) async throws -> Response {
        let found = try await study(ask)
        return try await answer(found.id)
    }

    private func answer(_ id: StudyID) async throws -> Response {
        let bytes = try await server.store.read { connection -> [UInt8]? in
            guard let study = try RecordReads.study(id, connection) else { return nil }
            var writer = JSONWriter()
            try LegacyAnswers.study(study, withConfiguration: true, connection, to: &writer)
            return writer.bytes
        }
        guard let bytes else { throw LegacyRefusal(404, "There is no super study \(id).") }
        return Reply.json(bytes)
    }

    @Sendable private func assignments(_ ask: Ask) async throws -> Response {
        let study = try await study(ask)
        let bytes = try await server.store.read { connection -> [UInt8] in
            var writer = JSONWriter(capacity: 65_536)
            writer.beginArray()
            var after = -1
            while true {
                let jobs = try ListReads.assignments(
                    of: study.id, after: after, status: nil, limit: RequestLimit.listMaximum, connection
                )
                for job in jobs {
                    let holder = try job.holder.flatMap { try RecordReads.session($0, connection) }
                    try LegacyAnswers.assignment(job, worker: holder, connection, to: &writer)
                    after = job.index ?? after + 1
                }
                if jobs.count < RequestLimit.listMaximum { break }
            }
            writer.endArray()
            return writer.bytes
        }
        return Reply.json(bytes)
    }

    @Sendable private func delete(_ ask: Ask) async throws -> Response {
        try ask.principal.requireOperator()
        let study = try await study(ask)
        let change = ChangeStudy(study: study.id.description, action: .delete, actor: ask.principal.actor)
        let answer = try await server.store.write { try change.run($0) }
        server.artifacts.remove(answer.orphanedArtifacts)
        return Reply.json(LegacyMessageRoutes.done)
    }

    private func study(_ ask: Ask) async throws -> StudyRecord {
        let text = ask.name()
        let found = try await server.store.read { connection in
            try StudyID(text: text).flatMap { try RecordReads.study($0, connection) }
        }
        guard let found else { throw LegacyRefusal(404, "There is no super study \(printable(text)).") }
        return found
    }
}
