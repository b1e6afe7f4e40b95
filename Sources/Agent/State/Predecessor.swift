import Connectors
import Glibc
import Logging
import Wire

/// Whoever takes a worker's name after it died without goodbye: ends what it left running, then delivers what it left
/// to tell, and only then makes itself known, which frees the dead one's work.
struct Predecessor: Sendable {
    let settings: AgentSettings
    let clients: Clients
    let clock: AgentClock
    let logger: Logger

    /// A server of another address is tried this often before its reports are set aside.
    private static let strangerLimit = 5

    /// Takes a name and ends what its dead holder left running. Where that will not end, its work must not be freed,
    /// as it would be by a new session of the name: then another name is taken.
    ///
    /// - Returns: the name, and whether its last holder is dead without having said goodbye.
    func takeName(in folder: StateFolder) async throws(AgentError) -> (HeldName, Bool) {
        var haunted: Set<String> = []
        while true {
            let name = try folder.takeName(wanted: settings.name, hostname: settings.hostname, passingOver: haunted)
            let record = ChildrenFile.read(path: name.childrenPath)
            if await Leftovers.end(record, bootID: ProcessTable.bootID(), clock: clock, logger: logger) {
                return (name, name.hasDeadHolder)
            }
            guard settings.name == nil, !Task.isCancelled else { throw .haunted(name.name) }
            haunted.insert(name.name)
        }
    }

    /// Delivers the spools of dead sessions, each to its own session: its leases may still hold, and then its results
    /// count. What the server will not have is let go of; what could not be asked stays.
    func deliver(_ name: HeldName) async {
        for folder in name.sessionFolders() {
            guard !Task.isCancelled else { return }
            guard let file = SessionFile.read(from: folder),
                let spool = try? Spool(folder: folder, policy: SpoolPolicy(reserveBytes: 0))
            else {
                Files.removeTree(folder)
                continue
            }
            if !spool.isEmpty {
                logger.info(
                    "delivering what the last worker of this name left", metadata: ["session": "\(file.session)"])
            }
            switch await deliver(spool, file) {
            case .done: Files.removeTree(folder)
            case .undeliverable(let reason): setAside(folder, name, reason)
            case .interrupted: return
            }
        }
    }

    private enum Outcome { case done, undeliverable(String), interrupted }

    private func deliver(_ spool: Spool, _ file: SessionFile) async -> Outcome {
        let api = ServerAPI(server: file.server, client: clients.work)
        let isStranger = api.baseURL != ServerAPI(server: settings.server, client: clients.work).baseURL
        var delivery = Delivery()
        var backoff = Backoff()
        var failures = 0
        while true {
            let frames = spool.next(countLimit: delivery.countLimit, bytesLimit: Delivery.bytesLimit)
            guard !frames.isEmpty else { return .done }
            let step = await SendLoop.send(frames, &delivery, session: file.session, token: file.token, api)
            switch step {
            case .delivered(let number, _), .giveUp(let number, _): spool.acknowledge(upTo: number)
            case .simplify(let frame): spool.replace(frame)
            case .retry(let milliseconds, let away):
                failures += 1
                if isStranger, failures >= Self.strangerLimit { return .undeliverable(away ?? "it was refused") }
                if failures == 1, let away, !Task.isCancelled {
                    logger.warning("the server does not answer", metadata: ["reason": "\(away)"])
                }
                let wait = backoff.wait(chance: clock.chance(), atLeastMilliseconds: milliseconds)
                guard (try? await clock.sleep(wait)) != nil else { return .interrupted }
            case .renewToken: return .undeliverable("the server does not know its token")
            case .sessionGone(let problem):
                logger.warning("reports came too late", metadata: ["reason": "\(problem.detail)"])
                return .done
            }
        }
    }

    /// Kept for a person: nothing that was done is thrown away because nobody could be asked.
    private func setAside(_ folder: String, _ name: HeldName, _ reason: String) {
        let key = folder.split(separator: "/").last.map(String.init) ?? "session"
        let place = "\(name.folder)/undelivered-\(key)"
        guard unsafe rename(folder, place) == 0 else { return }
        logger.error(
            "reports could not be delivered and are kept", metadata: ["place": "\(place)", "reason": "\(reason)"])
    }
}
