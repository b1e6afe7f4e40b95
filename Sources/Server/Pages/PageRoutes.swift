import Dashboard
import Domain
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Storage
import Wire

/// The pages for a browser, and the files they are made with.
struct PageRoutes {
    let server: ServerContext

    /// Nothing from elsewhere, no inline script or style: what a stranger's text could smuggle in does not run.
    static let contentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        + "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

    func add(to table: RouteTable) {
        // The last two are the addresses that GOLIAT's command line prints.
        for path in [
            "/", "/workers", "/workers/:id", "/studies", "/studies/:id", "/jobs", "/jobs/:id", "/super-studies",
            "/super-studies/:id",
        ] {
            table.router.on(RouterPath(path), method: .get) { request, _ in await self.page(request) }
        }
        table.router.on("/settings", method: .get) { request, _ in
            await self.answer(request) { viewer in
                .page(SettingsPage(frame: self.frame(viewer), rows: await SettingRows(server: self.server).all), .ok)
            }
        }
        table.router.on("/signin", method: .get) { request, _ in
            self.html(
                SignInPage(
                    frame: self.frame(Viewer(name: nil, mayWrite: false)), next: request.query("next") ?? "/",
                    isRefused: false
                ),
                .ok
            )
        }
        table.router.on("/signin", method: .post) { request, _ in await self.signIn(request) }
        table.router.on("/signout", method: .post) { _, _ in self.signOut() }
        table.router.on("/assets/**", method: .get) { request, _ in self.asset(request) }
        table.router.on("/artifacts/:id", method: .get) { request, context in
            await self.answer(request) { _ in .response(try await self.artifact(request, context)) }
        }
    }

    enum Answer {
        case page(any Page, HTTPResponse.Status)
        case response(Response)
    }

    private func page(_ request: Request) async -> Response {
        await answer(request) { viewer in
            guard let address = Self.address(request.uri.path, request) else { throw Self.missing("such page") }
            guard let loaded = try await PageLoader(server: server, viewer: viewer).load(address) else {
                throw Self.missing(address.what)
            }
            return .page(loaded.page, .ok)
        }
    }

    static func missing(_ what: String) -> Problem { Problem.notFound(what, code: "not-found") }

    /// The page that a path and a query name.
    static func address(_ path: String, _ request: Request) -> PageAddress? {
        let parts = path.split(separator: "/").map { String($0).removingPercentEncoding ?? String($0) }
        return PageAddress(path: parts, query: query(request))
    }

    static func query(_ request: Request) -> [String: String] {
        request.uri.queryParameters.reduce(into: [:]) { $0[String($1.key)] = String($1.value) }
    }

    func frame(_ viewer: Viewer) -> PageFrame {
        PageFrame(
            now: server.store.now, timing: server.store.timing, sequence: .zero, epoch: server.store.epoch,
            lastHeard: [:], viewer: viewer, version: server.settings.version
        )
    }

    /// Finds out who asks, makes the page, and says what went wrong as a page too.
    func answer(
        _ request: Request, _ body: (Viewer) async throws -> Answer
    ) async -> Response {
        var viewer = Viewer(name: nil, mayWrite: false)
        do {
            viewer = try await self.viewer(request)
            switch try await body(viewer) {
            case .page(let page, let status): return html(page, status)
            case .response(let response): return response
            }
        } catch {
            let problem = Problem(error)
            if problem.status == 401 { return Self.redirect("/signin?next=\(APIPath.escape(request.uri.string))") }
            if problem.status >= 500 {
                server.logger.error("page failed", metadata: ["error": "\(error)", "path": "\(request.uri.path)"])
            }
            return html(errorPage(problem, viewer), HTTPResponse.Status(code: problem.status))
        }
    }

    private func errorPage(_ problem: Problem, _ viewer: Viewer) -> ErrorPage {
        let frame = frame(viewer)
        switch problem.status {
        case 404:
            let what =
                problem.detail.hasPrefix("There is no ")
                ? String(problem.detail.dropFirst("There is no ".count).dropLast()) : "such page"
            return .notFound(frame: frame, what: what)
        case 500...: return .failed(frame: frame, detail: problem.detail)
        default: return ErrorPage(frame: frame, status: problem.status, title: problem.title, detail: problem.detail)
        }
    }

    func viewer(_ request: Request) async throws -> Viewer {
        let principal = try await server.access.principal(of: request)
        let name: String? =
            switch principal {
            case .local: nil
            case .token(let role): role.rawValue
            case .session(let id): id.description
            }
        return Viewer(name: name, mayWrite: principal.canOperate)
    }

    func html(_ page: any Page, _ status: HTTPResponse.Status) -> Response {
        let text: String
        do {
            text = try server.pages.renderer().html(page)
        } catch {
            return Reply.text("The page can't be made: \(error)\n")
        }
        var headers: HTTPFields = [
            .contentType: "text/html; charset=utf-8", .cacheControl: "no-store",
            .contentSecurityPolicy: Self.contentSecurityPolicy, .xContentTypeOptions: "nosniff",
        ]
        if let name = HTTPField.Name("Referrer-Policy") { headers[name] = "same-origin" }
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }

    static func redirect(_ path: String) -> Response {
        Response(status: .seeOther, headers: [.location: path, .cacheControl: "no-store"])
    }

    // MARK: - Signing in and out

    private func signIn(_ request: Request) async -> Response {
        await answer(request, withoutViewer: true) {
            try RequestGuard.requireSameOrigin(request)
            let form = try await request.form()
            let next = SignInPage.safeNext(form["next"] ?? "/")
            let token = form["token"] ?? ""
            guard (try? await server.access.principal(token: token)) != nil else {
                let frame = frame(Viewer(name: nil, mayWrite: false))
                return .page(SignInPage(frame: frame, next: next, isRefused: true), .unauthorized)
            }
            var response = Self.redirect(next)
            response.headers[.setCookie] =
                "\(Access.cookieName)=\(token); Path=/; HttpOnly; SameSite=Lax; Max-Age=2592000"
            return .response(response)
        }
    }

    private func answer(
        _ request: Request, withoutViewer: Bool, _ body: () async throws -> Answer
    ) async -> Response {
        do {
            switch try await body() {
            case .page(let page, let status): return html(page, status)
            case .response(let response): return response
            }
        } catch {
            let problem = Problem(error)
            return html(
                errorPage(problem, Viewer(name: nil, mayWrite: false)), HTTPResponse.Status(code: problem.status)
            )
        }
    }

    private func signOut() -> Response {
        var response = Self.redirect("/signin")
        response.headers[.setCookie] = "\(Access.cookieName)=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0"
        return response
    }

    // MARK: - Files

    private func asset(_ request: Request) -> Response {
        guard let found = (try? server.pages.renderer())?.assets.find(path: request.uri.path) else {
            return Response(status: .notFound)
        }
        let tag = "\"\(found.asset.contentHash)\""
        let headers: HTTPFields = [
            .contentType: found.asset.mediaType, .eTag: tag, .xContentTypeOptions: "nosniff",
            .cacheControl: found.isImmutable ? "public, max-age=31536000, immutable" : "no-cache",
        ]
        if request.headers[.ifNoneMatch] == tag { return Response(status: .notModified, headers: headers) }
        return Response(
            status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: found.asset.bytes))
        )
    }

    /// A result file for whoever may see the page that names it.
    private func artifact(_ request: Request, _ context: PeerContext) async throws -> Response {
        guard let id = ArtifactID(text: context.parameters.get("id") ?? "") else { throw Self.missing("such file") }
        var response = try await ArtifactRoutes(server: server).bytes(of: id, request)
        if request.query("download") != nil, let shown = response.headers[.contentDisposition] {
            response.headers[.contentDisposition] = shown.replacing("inline;", with: "attachment;")
        }
        response.headers[.contentSecurityPolicy] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
        return response
    }
}

extension Request {
    /// The fields of a posted form.
    func form() async throws -> [String: String] {
        let text = String(decoding: try await bytes(limit: 65_536), as: UTF8.self)
        return text.split(separator: "&").reduce(into: [:]) { form, pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            func decoded(_ part: Substring) -> String {
                let spaced = part.replacing("+", with: " ")
                return spaced.removingPercentEncoding ?? String(spaced)
            }
            form[decoded(parts[0])] = parts.count > 1 ? decoded(parts[1]) : ""
        }
    }
}

extension HTTPField.Name {
    static let contentSecurityPolicy = HTTPField.Name("Content-Security-Policy") ?? .contentType
}
