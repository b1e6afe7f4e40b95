import ArgumentParser
import Domain
import Wire

struct WatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration.page(
        "watch", "Print what changes, as it changes.",
        discussion: """
            muster watch study:phantoms

            With --json prints one frame a line: {"event": "snapshot" | "put" | "delete" | "reset", "data": …}, with \
            data as GET /api/v1/snapshot and /watch give it. Ctrl-C ends it (exit code 130).
            """)

    @Argument(
        help: ArgumentHelp("fleet, study:NAME, worker:NAME, queue:NAME, job:ID, or an id.", valueName: "scope"))
    var scope = "fleet"

    @OptionGroup var client: ClientOptions

    func run() async throws {
        let context = CommandContext.current
        try await client.withClient { api in
            let scope = try await api.scope(scope)
            let json = client.json
            try await Interrupts.ending {
                try await Watcher(api: api, context: context, scope: scope, printsJSON: json).run()
            }
        }
    }
}

/// Snapshot, then changes; a new snapshot after a reset, whose differences are told like any other change.
struct Watcher: Sendable {
    let api: APIClient
    let context: CommandContext
    let scope: Scope
    let printsJSON: Bool

    func run() async throws {
        var known: [EntityKey: EntityRecord] = [:]
        var position: WatchPosition?
        var pause = RetryPause()
        while true {
            do {
                if position == nil { position = try await begin(&known, isFirst: known.isEmpty) }
                try await go(on: &position, &known)
                pause.reset()
            } catch let error as ClientError {
                // The first call tells that nobody is there; later the server may come back.
                guard case .unreachable = error, !known.isEmpty || position != nil else { throw error }
                context.terminal.note("The server is away; waiting for it.")
            }
            try await pause.wait()
        }
    }

    private func begin(_ known: inout [EntityKey: EntityRecord], isFirst: Bool) async throws -> WatchPosition {
        let reply = try await api.get(APIPath.snapshot, query: [("scope", scope.description)], as: Snapshot.self)
        let snapshot = reply.value
        var fresh: [EntityKey: EntityRecord] = [:]
        for item in snapshot.items { fresh[item.record.key] = item.record }
        if printsJSON {
            printFrame("snapshot", data: reply.body)
        } else if isFirst {
            context.terminal.note(ChangeLines.summary(snapshot))
        } else {
            for item in snapshot.items { tell(ChangeLines.lines(from: known[item.record.key], to: item.record)) }
            for key in known.keys where fresh[key] == nil { tell([ChangeLines.deletion(key)]) }
        }
        known = fresh
        return WatchPosition(epoch: snapshot.epoch, sequence: snapshot.sequence)
    }

    private func go(on position: inout WatchPosition?, _ known: inout [EntityKey: EntityRecord]) async throws {
        guard let start = position else { return }
        let query: APIClient.Query = [
            ("scope", scope.description), ("since", start.sequence.description), ("epoch", start.epoch),
        ]
        try await api.follow(APIPath.watch, query: query) { event in
            let frame: WatchFrame?
            do {
                frame = try WatchFrame(event)
            } catch {
                throw ClientError.unreadable(api.address, detail: "\(error)")
            }
            guard let frame else { return true }
            if printsJSON, let name = event.event, name != "beats" { printFrame(name, data: event.data) }
            if let id = event.id, let place = WatchPosition(text: id) { position = place }
            switch frame {
            case .put(let item): put(item.record, &known)
            case .delete(let deletion):
                guard known[deletion.key] != nil else { return true }
                known[deletion.key] = nil
                // A deleted study takes its jobs with it, without a word of each.
                if deletion.key.kind == .study, case .study = scope { known = [:] }
                if !printsJSON { tell([ChangeLines.deletion(deletion.key)]) }
            case .reset:
                position = nil
                return false
            case .beats: break
            }
            return true
        }
    }

    /// The newest version of each entity stays, whatever order they come in.
    private func put(_ record: EntityRecord, _ known: inout [EntityKey: EntityRecord]) {
        let old = known[record.key]
        guard old.map({ record.sequence > $0.sequence }) ?? true else { return }
        known[record.key] = record
        if !printsJSON { tell(ChangeLines.lines(from: old, to: record)) }
    }

    private func tell(_ lines: [String]) {
        let time = context.terminal.style.faint(context.clock(context.now()))
        for line in lines { context.terminal.print("\(time) \(line)") }
    }

    private func printFrame(_ event: String, data: [UInt8]) {
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("event", event)
        writer.field("data", raw: data)
        writer.endObject()
        context.terminal.printJSON(writer.bytes)
    }
}
