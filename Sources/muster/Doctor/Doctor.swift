import Domain
import StoragePostgres
import Wire

/// Looks at everything that keeps a fleet from working, in the order in which one thing needs the other.
struct Doctor: Sendable {
    let settings: Settings
    let context: CommandContext

    /// An answer's time is told to the second, so nearer than this nothing can be said.
    private static let clockLimitMilliseconds: Int64 = 2_000

    func findings() async throws -> [Finding] {
        var findings = [settingsFinding]
        let (server, isThere) = try await serverFindings()
        findings += server
        findings += dataFindings(serverIsThere: isThere)
        if let url = settings.database.value {
            let target = PostgresTarget(url: url, schema: settings.databaseSchema.value)
            findings += DatabaseChecks.findings(target, now: context.now)
        } else {
            findings += DatabaseChecks.findings(folder: settings.data.value)
        }
        findings += stateFindings()
        return findings
    }

    private var settingsFinding: Finding {
        guard let file = settings.file else {
            return .ok("settings", "No settings file; flags, variables and defaults hold.")
        }
        return .ok("settings", "Read from \(file).")
    }

    private func serverFindings() async throws -> (findings: [Finding], isThere: Bool) {
        let address = settings.url.value
        do {
            return try await APIClient.with(address, token: settings.token.value) { api in
                let health = try await api.fetch(APIPath.health)
                var findings = [Finding.ok("server", "Answers at \(address).")]
                findings.append(await ready(api))
                findings.append(try await version(api))
                findings.append(clock(health.serverTime))
                findings.append(await access(api))
                return (findings, true)
            }
        } catch ClientError.unreachable(_, let reason) {
            let words = reason.map { " (\($0))" } ?? ""
            let next = address.isLoopback ? "muster serve" : "look at that machine, or name another with --server"
            var findings = [Finding.fail("server", "Nobody answers at \(address)\(words).", next: next)]
            if address.isLoopback, let port = address.port {
                findings.append(.ok("port", "\(port) is free on this machine."))
            }
            return (findings, false)
        } catch ClientError.notMuster(_, let status) {
            let detail = "What answers at \(address) is no Muster server (status \(status))."
            let port = address.port ?? settings.port.value
            let other = port == 65_535 ? port - 1 : port + 1
            let next = "muster serve --port \(other), and --server :\(other) for the clients"
            return ([.fail("server", detail, next: next)], false)
        } catch let error as ClientError {
            let told = CommandError(error)
            return ([.fail("server", told.message, next: told.next ?? "muster serve")], false)
        }
    }

    private func ready(_ api: APIClient) async -> Finding {
        do {
            _ = try await api.fetch(APIPath.ready)
            return .ok("ready", "Takes work.")
        } catch {
            let detail = (error as? ClientError).map { CommandError($0).message } ?? "\(error)"
            return .fail("ready", "It does not take work now: \(detail)", next: "look at the server's log")
        }
    }

    private func version(_ api: APIClient) async throws -> Finding {
        let version = try await api.get(APIPath.version, as: VersionReply.self).value.version
        guard version != ProgramVersion.text else { return .ok("version", "\(version), here and there.") }
        return .warn(
            "version", "\(ProgramVersion.text) here, \(version) there.", next: "put the same version on both")
    }

    private func clock(_ serverTime: Instant?) -> Finding {
        guard let serverTime else {
            return .warn("clock", "The server does not tell its time.", next: "look for a proxy that strips Date")
        }
        let difference = context.now().milliseconds(since: serverTime)
        guard abs(difference) > Self.clockLimitMilliseconds else { return .ok("clock", "Agrees with the server's.") }
        let words = Spoken.duration(milliseconds: abs(difference))
        return .warn(
            "clock", "\(words) \(difference > 0 ? "ahead of" : "behind") the server's; only ages shown here suffer.",
            next: "set this machine's clock (timedatectl)")
    }

    private func access(_ api: APIClient) async -> Finding {
        do {
            _ = try await api.fetch(APIPath.studies, query: [("limit", "1")])
            return .ok("access", settings.token.value == nil ? "No token is needed." : "The token is good.")
        } catch {
            let told = (error as? ClientError).map { CommandError($0) }
            return .fail(
                "access", told?.message ?? "\(error)", next: told?.next ?? "muster token create, then MUSTER_TOKEN")
        }
    }

    private func dataFindings(serverIsThere: Bool) -> [Finding] {
        let folder = settings.data.value
        var findings = [FolderChecks.space("data folder", path: folder, setting: .data)]
        if let holder = ServerFolder.holder(of: folder) {
            findings.append(
                serverIsThere
                    ? .ok("data lock", "A server has the data folder open (pid \(holder)).")
                    : .warn(
                        "data lock", "A server has the data folder open (pid \(holder)), but not at this address.",
                        next: "name its address with --server, or stop it: kill \(holder)"))
        }
        return findings
    }

    private func stateFindings() -> [Finding] {
        let folder = settings.state.value
        var findings = [FolderChecks.space("state folder", path: folder, setting: .state)]
        if let id = AgentFolder.machineID(in: folder) {
            findings.append(.ok("machine id", "\(id)."))
        } else {
            findings.append(.ok("machine id", "None yet; the first worker makes it."))
        }
        let names = AgentFolder.names(in: folder)
        let alive = names.filter(\.isHeld).map { name in
            name.holder.map { "\(name.name) (pid \($0))" } ?? name.name
        }
        findings.append(
            .ok("workers here", alive.isEmpty ? "None runs on this machine." : "\(alive.joined(separator: ", ")).")
        )
        let dead = names.filter { !$0.isHeld && $0.holder != nil }.map(\.name)
        if !dead.isEmpty {
            findings.append(
                .warn(
                    "names", "\(dead.joined(separator: ", ")) ended without a goodbye.",
                    next: "start it again, which ends what is left of it: muster work --name \(dead[0])"))
        }
        return findings
    }
}
