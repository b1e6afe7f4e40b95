import Domain
import HTTPTypes
import Hummingbird
import Storage
import Wire

/// Studies: made from a configuration and a split, shown, and changed as a whole.
struct StudyRoutes {
    let server: ServerContext

    func add(to table: RouteTable) {
        table.post("/api/v1/studies", create)
        table.get("/api/v1/studies", list)
        table.get("/api/v1/studies/:id", show)
        table.get("/api/v1/studies/:id/assignments") { ask in
            try await self.assignments(ask.name(), ask.request)
        }
        table.post("/api/v1/studies/:id/pause") { try await self.change($0, .pause) }
        table.post("/api/v1/studies/:id/resume") { try await self.change($0, .resume) }
        table.post("/api/v1/studies/:id/cancel") { try await self.change($0, .cancel) }
        table.post("/api/v1/studies/:id/retry-failed") { try await self.change($0, .retryFailed) }
        table.delete("/api/v1/studies/:id") { try await self.change($0, .delete) }
    }

    @Sendable private func create(_ ask: Ask) async throws -> Response {
        try ask.principal.requireOperator()
        let study = try await ask.request.value(NewStudy.self, limit: RequestLimit.bulkBytes)
        guard study.assignments.count <= NewStudy.assignmentLimit else {
            throw WireError(field: "assignments", "has more than \(NewStudy.assignmentLimit) elements")
        }
        let (content, notes) = try Self.content(of: study)
        var operation = CreateStudy(
            name: study.name, content: content, requires: study.requires, priority: study.priority,
            maximumAttempts: study.maximumAttempts ?? SubmitJobs.defaultMaximumAttempts
        )
        operation.notes = notes
        let creation = operation
        let id = try await server.store.write { try creation.run($0) }
        return try await answer(id, status: .created)
    }

    /// What is stored, and what its maker should know of it.
    private static func content(of study: NewStudy) throws -> (CreateStudy.Content, [String]) {
        guard let configuration = study.configuration, let how = study.split else {
            return (.assignments(study.assignments.map(\.text)), [])
        }
        guard !GOLIATSplitSpecification.isMeant(by: how) else { return try preset(configuration, how) }
        let specification = try SplitSpecification(json: how)
        let split = try Split(of: configuration, by: specification)
        guard split.count <= NewStudy.assignmentLimit else {
            throw WireError(
                field: "split", "makes \(split.count) assignments; one study holds \(NewStudy.assignmentLimit)"
            )
        }
        let text = specification.json.text
        return (.split(configuration: configuration.text, specification: text, split: split), [])
    }

    /// Split as GOLIAT does it: no product of dimensions, so the assignments are made at once.
    private static func preset(_ configuration: JSON, _ how: JSON) throws -> (CreateStudy.Content, [String]) {
        let split = try GOLIATSplit(of: configuration, by: GOLIATSplitSpecification(json: how))
        guard split.count <= NewStudy.assignmentLimit else {
            throw WireError(
                field: "split", "makes \(split.count) assignments; one study holds \(NewStudy.assignmentLimit)"
            )
        }
        let assignments = split.indices.map { index in
            CreateStudy.PreparedAssignment(label: split.label(at: index), payload: split.text(at: index))
        }
        let content = CreateStudy.Content.prepared(
            configuration: configuration.text, dimensions: split.dimensions, assignments: assignments
        )
        return (content, split.notes)
    }

    @Sendable private func list(_ ask: Ask) async throws -> Response {
        let limit = try ask.request.listLimit()
        let before = try ask.request.queryNumber("cursor", in: 1...Int64.max) ?? ListReads.end
        let studies = try await server.store.read { try ListReads.studies(before: before, limit: limit, $0) }
        return Reply.list(studies, limit: limit) { String($0.id.number) }
    }

    @Sendable private func show(_ ask: Ask) async throws -> Response {
        let name = ask.name()
        let wantsConfiguration = try ask.request.queryFlag("configuration")
        let found = try await server.store.read { connection -> (StudyRecord, String?)? in
            guard let study = try RecordReads.study(named: name, connection) else { return nil }
            return (study, wantsConfiguration ? try ListReads.configuration(of: study.id, connection) : nil)
        }
        guard let (study, configuration) = found else { throw Self.unknown(name) }
        var writer = JSONWriter()
        writer.beginObject()
        study.writeFields(to: &writer)
        writer.field("configuration", raw: configuration)
        writer.endObject()
        return Reply.json(writer.bytes)
    }

    func assignments(_ name: String, _ request: Request) async throws -> Response {
        let after = try request.queryNumber("cursor", in: 0...Int64(IndexList.indexLimit)).map(Int.init) ?? -1
        let (status, limit, indices) = (try request.status(), try request.listLimit(), try Self.indices(request))
        let jobs = try await server.store.read { connection -> [JobRecord]? in
            guard let study = try RecordReads.study(named: name, connection) else { return nil }
            guard let indices else {
                return try ListReads.assignments(of: study.id, after: after, status: status, limit: limit, connection)
            }
            return try ListReads.assignments(
                of: study.id, among: indices, after: after, status: status, limit: limit, connection
            )
        }
        guard let jobs else { throw Self.unknown(name) }
        return Reply.list(jobs, limit: limit) { String($0.index ?? 0) }
    }

    /// `?index=0,2,4-7`.
    private static func indices(_ request: Request) throws -> IndexList? {
        guard let text = request.query("index") else { return nil }
        do {
            return try IndexList(text)
        } catch {
            throw WireError(field: "index", "is no list of indices: \(error.message)")
        }
    }

    private func change(_ ask: Ask, _ action: ChangeStudy.Action) async throws -> Response {
        try ask.principal.requireOperator()
        let change = ChangeStudy(study: ask.name(), action: action, actor: ask.principal.actor)
        let answer = try await server.store.write { try change.run($0) }
        server.artifacts.remove(answer.orphanedArtifacts)
        if action == .delete { return Reply.empty }
        return try await self.answer(answer.study, status: .ok)
    }

    private func answer(_ id: StudyID, status: HTTPResponse.Status) async throws -> Response {
        guard let study = try await server.store.read({ try RecordReads.study(id, $0) }) else {
            throw Self.unknown(id.description)
        }
        return Reply.value(study, status: status)
    }

    private static func unknown(_ name: String) -> Problem {
        Problem.notFound("study \(printable(name))", code: "unknown-study")
    }
}
