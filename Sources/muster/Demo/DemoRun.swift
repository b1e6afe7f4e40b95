import Domain
import Foundation
import Wire

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A whole fleet on this machine: a server, some workers and a study, each a process of its own as it would be
/// elsewhere, ended together.
struct DemoRun: Sendable {
    let context: CommandContext
    let folder: String
    let port: Int
    let workers: Int
    let command: [String]
    let study: NewStudy
    let endsByItself: Bool
    let printsJSON: Bool

    private static let startPatience = Duration.seconds(30)
    private static let pollInterval = Duration.milliseconds(50)
    /// How many names are tried for a study, where the first is taken by an earlier demo.
    private static let nameLimit = 1_000

    /// A closed terminal ends a demo, too: nobody would be left to end its server.
    private static let signals = Interrupts.usual + [SIGHUP]

    private var address: ServerAddress { ServerAddress(loopbackPort: port) }

    /// - Returns: whether every assignment completed.
    func run() async throws -> Bool {
        do {
            try FileManager.default.createDirectory(atPath: "\(folder)/logs", withIntermediateDirectories: true)
        } catch {
            throw CommandError(.failed, "The folder \(folder) can't be made: \(error.localizedDescription)")
        }
        // Ends with this process, and the children with it (`ParentWatch`): even a killed demo leaves nothing behind.
        let lifeline = Pipe()
        defer { try? lifeline.fileHandleForWriting.close() }
        _ = fcntl(lifeline.fileHandleForWriting.fileDescriptor, F_SETFD, FD_CLOEXEC)
        let input = lifeline.fileHandleForReading
        let server = try start(
            "server", input,
            [
                "serve", "--end-with-input", "--data", "\(folder)/server", "--host", "127.0.0.1", "--port", "\(port)",
            ])
        var children = [server]
        do {
            let record = try await Interrupts.ending(Self.signals) { try await begin(server) }
            for number in 1...workers {
                children.append(try start("worker-\(number)", input, workArguments(record, number: number)))
            }
            let isWhole = try await follow(record, server: server, workers: Array(children.dropFirst()))
            if !endsByItself { try await stay(server) }
            await end(children)
            return isWhole
        } catch {
            await end(children)
            throw error
        }
    }

    private func begin(_ server: ChildProgram) async throws -> StudyRecord {
        try await untilHealthy(server)
        let record = try await APIClient.with(address, token: nil) { try await create(study, $0) }
        announce(record)
        return record
    }

    private func start(_ name: String, _ input: FileHandle, _ arguments: [String]) throws -> ChildProgram {
        // What the person set for other servers and workers must not turn these away from each other.
        let isOurs = { (key: String) in key.hasPrefix("MUSTER_") && key != SettingKey.logLevel.environmentName }
        do {
            return try ChildProgram(
                name: name, program: context.program, arguments: arguments,
                environment: context.environment.filter { !isOurs($0.key) }, logPath: "\(folder)/logs/\(name).log",
                input: input)
        } catch {
            throw CommandError(.failed, "\(context.program) can't be started: \(error.localizedDescription)")
        }
    }

    private func workArguments(_ record: StudyRecord, number: Int) -> [String] {
        [
            "work", "--end-with-input", "--study", record.name, "--server", address.text, "--name", "demo-\(number)",
            "--state", "\(folder)/workers",
        ] + (endsByItself ? [] : ["--stay"]) + ["--"] + command
    }

    private func untilHealthy(_ server: ChildProgram) async throws {
        let deadline = ContinuousClock.now + Self.startPatience
        try await APIClient.with(address, token: nil) { api in
            while true {
                if let code = server.hasEnded ? await server.exitCode() : nil { throw serverEnded(server, code: code) }
                do {
                    // Another server may have been there before, so that ours is about to find its port taken: what
                    // answers is ours only once ours has said that it serves.
                    if server.hasSaid(ServeCommand.readyWords) {
                        _ = try await api.fetch(APIPath.health)
                        return
                    }
                    if ContinuousClock.now > deadline { throw serverEnded(server, code: Outcome.failed.rawValue) }
                } catch let error as ClientError {
                    guard ContinuousClock.now < deadline else { throw error }
                }
                try await Task.sleep(for: Self.pollInterval)
            }
        }
    }

    private func serverEnded(_ server: ChildProgram, code: Int32) -> CommandError {
        let words = server.lastWords ?? "it said nothing"
        let outcome = Outcome(rawValue: code) ?? .failed
        // What it refused was its address or what lies in its folder.
        let way = words.contains("\(port)") ? "--port \(port + 1)" : "--data \(folder)-anew"
        return CommandError(
            outcome == .done ? .failed : outcome, "The server ended: \(words)",
            next: outcome == .refused ? "muster demo \(way)" : "look at \(server.logPath)")
    }

    /// Under its own name or, where an earlier demo has that, with a number.
    private func create(_ study: NewStudy, _ api: APIClient) async throws -> StudyRecord {
        var study = study
        let name = study.name
        for number in 2...Self.nameLimit {
            do {
                return try await api.post(APIPath.studies, body: study.body, as: StudyRecord.self).value
            } catch ClientError.problem(let problem) where problem.code == "study-exists" {
                study.name = "\(name)-\(number)"
            }
        }
        throw CommandError(.refused, "Too many studies are named \(name)", next: "muster demo --name another")
    }

    private func announce(_ record: StudyRecord) {
        let terminal = context.terminal
        let style = terminal.errorStyle
        guard terminal.isErrorWatched else {
            return terminal.note(
                "Dashboard: \(address). Study \(PlainText.line(record.name)): "
                    + "\(Spoken.count(record.counts.total, "assignment")), \(Spoken.count(workers, "worker")).")
        }
        let text = "  Dashboard   \(address)  "
        let line = String(repeating: "─", count: DisplayWidth.of(text))
        terminal.note("\n  ╭\(line)╮\n  │\(style.bold(text))│\n  ╰\(line)╯\n")
        terminal.note(
            "  \(Spoken.count(record.counts.total, "assignment")) of \(PlainText.line(record.name)), "
                + "\(Spoken.count(workers, "worker")); logs in \(folder)/logs\n")
    }

    /// To the end of the study, of the server or of the last worker, whichever is first.
    private func follow(_ record: StudyRecord, server: ChildProgram, workers: [ChildProgram]) async throws -> Bool {
        let end = try await Interrupts.ending(Self.signals) {
            try await withThrowingTaskGroup(of: StudyRecord?.self) { group in
                group.addTask {
                    try await APIClient.with(address, token: nil) { api in
                        try await StudyFollower(client: api, context: context, printsJSON: printsJSON)
                            .follow(record.id.description)
                    }
                }
                group.addTask {
                    guard let code = await server.exitCode() else { return nil }
                    throw serverEnded(server, code: code)
                }
                group.addTask {
                    for worker in workers where await worker.exitCode() == nil { return nil }
                    return try await afterLastWorker(record, workers)
                }
                defer { group.cancelAll() }
                while let end = try await group.next() {
                    if let end { return end }
                }
                throw CancellationError()
            }
        }
        return end.isWhole
    }

    /// Workers end when their study has, unless they stay; otherwise nobody is left to go on with it.
    private func afterLastWorker(_ record: StudyRecord, _ workers: [ChildProgram]) async throws -> StudyRecord? {
        let study = try await APIClient.with(address, token: nil) { api in
            try await api.get(APIPath.study(record.id.description), as: StudyRecord.self).value
        }
        // The follower has seen it, or is about to.
        if study.isOver { return nil }
        let words = workers.first?.lastWords ?? "they said nothing"
        throw CommandError(.failed, "Every worker has ended: \(words)", next: "look at \(folder)/logs")
    }

    /// Until Ctrl-C, which is the way to end a demo that stays up, or the end of the server.
    private func stay(_ server: ChildProgram) async throws {
        context.terminal.note("The dashboard stays up at \(address); Ctrl-C ends it.")
        do {
            let code = try await Interrupts.ending(Self.signals) { await server.exitCode() ?? 0 }
            throw serverEnded(server, code: code)
        } catch is Interrupted {}
    }

    /// Workers first, so that what they give back is still heard. Another signal means at once.
    private func end(_ children: [ChildProgram]) async {
        let polite = Teardown.Step(signal: SIGTERM, patience: .seconds(5))
        let last = Teardown.Step(signal: SIGKILL, patience: .seconds(5))
        let signals = Interrupts.stream(Self.signals)
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                await Teardown.end(Array(children.dropFirst()), steps: [polite, polite, last])
                await Teardown.end(
                    Array(children.prefix(1)), steps: [.init(signal: SIGTERM, patience: .seconds(10)), last])
            }
            group.addTask {
                for await _ in signals {
                    for child in children { child.signal(SIGKILL) }
                }
            }
            await group.next()
            group.cancelAll()
        }
    }
}
