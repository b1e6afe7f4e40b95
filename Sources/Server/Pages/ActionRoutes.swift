import Dashboard
import Domain
import HTTPTypes
import Hummingbird
import Storage
import Wire

/// What a person does on a page: asked first where something would go, done by a posted form, then back to a page.
struct ActionRoutes {
    let server: ServerContext

    func add(to table: RouteTable) {
        for action in ["drain", "delete"] {
            confirm(table, "/workers/:id/\(action)") { try await self.worker($0, $1, action) }
            act(table, "/workers/:id/\(action)") { try await self.actOnWorker($0, $1, action) }
        }
        for action in ["cancel", "delete"] {
            confirm(table, "/studies/:id/\(action)") { try await self.study($0, $1, action) }
            confirm(table, "/jobs/:id/\(action)") { try await self.job($0, $1, action) }
        }
        for (path, action) in [
            ("pause", ChangeStudy.Action.pause), ("resume", .resume), ("cancel", .cancel),
            ("retry-failed", .retryFailed), ("delete", .delete),
        ] {
            act(table, "/studies/:id/\(path)") { try await self.actOnStudy($0, $1, action) }
        }
        for (path, action) in [("cancel", ChangeJob.Action.cancel), ("retry", .retry), ("delete", .delete)] {
            act(table, "/jobs/:id/\(path)") { try await self.actOnJob($0, $1, action) }
        }
    }

    private var pages: PageRoutes { PageRoutes(server: server) }

    private func confirm(
        _ table: RouteTable, _ path: String, _ make: @escaping @Sendable (Ask, PageFrame) async throws -> ConfirmPage
    ) {
        let pages = pages
        table.router.on(RouterPath(path), method: .get) { request, context in
            await pages.answer(request) { viewer in
                let principal = try await server.access.principal(of: request)
                try principal.requireOperator()
                let ask = Ask(request: request, context: context, principal: principal)
                return .page(try await make(ask, pages.frame(viewer)), .ok)
            }
        }
    }

    /// - Parameter body: does it and answers where to go.
    private func act(
        _ table: RouteTable, _ path: String, _ body: @escaping @Sendable (Ask, [String: String]) async throws -> String
    ) {
        let pages = pages
        table.router.on(RouterPath(path), method: .post) { request, context in
            await pages.answer(request) { _ in
                try RequestGuard.requireSameOrigin(request)
                let principal = try await server.access.principal(of: request)
                try principal.requireOperator()
                let ask = Ask(request: request, context: context, principal: principal)
                return .response(PageRoutes.redirect(try await body(ask, try await request.form())))
            }
        }
    }

    // MARK: - Workers

    private func worker(_ ask: Ask, _ frame: PageFrame, _ action: String) async throws -> ConfirmPage {
        let id: SessionID = try ask.id()
        guard let session = try await server.store.read({ try RecordReads.session(id, $0) }) else {
            throw PageRoutes.missing("worker \(id)")
        }
        return action == "drain" ? .drainWorker(session, frame: frame) : .deleteWorker(session, frame: frame)
    }

    private func actOnWorker(_ ask: Ask, _ form: [String: String], _ action: String) async throws -> String {
        let id: SessionID = try ask.id()
        let change = ChangeSession(
            session: id, action: action == "drain" ? .drain : .delete(force: form["force"] == "true"),
            actor: ask.principal.actor
        )
        try await server.store.write { try change.run($0) }
        server.access.forgetAll()
        return action == "drain" ? Links.worker(id) : Links.workers
    }

    // MARK: - Studies

    private func study(_ ask: Ask, _ frame: PageFrame, _ action: String) async throws -> ConfirmPage {
        let name = ask.name()
        let found = try await server.store.read { connection -> (StudyRecord, [ArtifactRecord])? in
            guard let study = try RecordReads.study(named: name, connection) else { return nil }
            return (study, try ListReads.artifacts(of: study.id, connection))
        }
        guard let (study, files) = found else { throw PageRoutes.missing("study \(printable(name))") }
        if action == "cancel" { return .cancelStudy(study, frame: frame) }
        return .deleteStudy(
            study, fileCount: files.count, fileBytes: files.reduce(0) { $0 + $1.byteCount }, frame: frame
        )
    }

    private func actOnStudy(
        _ ask: Ask, _ form: [String: String], _ action: ChangeStudy.Action
    ) async throws -> String {
        let change = ChangeStudy(study: ask.name(), action: action, actor: ask.principal.actor)
        let answer = try await server.store.write { try change.run($0) }
        server.artifacts.remove(answer.orphanedArtifacts)
        return action == .delete ? Links.studies : Links.study(answer.study, name: nil)
    }

    // MARK: - Jobs

    private func job(_ ask: Ask, _ frame: PageFrame, _ action: String) async throws -> ConfirmPage {
        let id: JobID = try ask.id()
        guard let job = try await server.store.read({ try RecordReads.job(id, $0) }) else {
            throw PageRoutes.missing("job \(id)")
        }
        if action == "cancel" { return .cancelJob(job, frame: frame) }
        // There is nothing to be asked of an assignment: it can't be deleted.
        guard job.study == nil else { throw PageRoutes.missing("page to delete \(id)") }
        return .deleteJob(job, frame: frame)
    }

    private func actOnJob(_ ask: Ask, _ form: [String: String], _ action: ChangeJob.Action) async throws -> String {
        let id: JobID = try ask.id()
        let change = ChangeJob(job: id, action: action, actor: ask.principal.actor)
        let orphans = try await server.store.write { try change.run($0) }
        server.artifacts.remove(orphans)
        return action == .delete ? Links.jobs : Links.job(id)
    }
}
