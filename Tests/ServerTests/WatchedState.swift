import Domain
import NIOHTTP1
import Synchronization
import TestKit
import Wire

/// One `put` or `delete` of a watch.
struct Change: Sendable {
    let sequence: Int64
    let key: String
    /// `nil`: it is gone.
    let value: JSON?

    static func all(_ events: [ServerSentEvent]) -> [Change] { events.compactMap(Change.init) }

    /// The greatest sequence among them; 0 where there is none.
    static func newest(_ events: [ServerSentEvent]) -> Int64 {
        events.last { $0.event == "put" || $0.event == "delete" }.flatMap(Change.init)?.sequence ?? 0
    }

    init?(_ event: ServerSentEvent) {
        guard event.event == "put" || event.event == "delete", let json = try? JSON(parsing: event.data),
            let sequence = json["seq"]?.intValue
        else { return nil }
        self.sequence = sequence
        key = "\(json["kind"]?.stringValue ?? "?"):\(json["id"]?.stringValue ?? "?")"
        value = event.event == "put" ? json["value"] : nil
    }
}

/// What a watcher shows: a snapshot, and what was applied to it.
struct WatchedState: Sendable {
    let scope: String
    let sequence: Int64
    var items: [String: JSON]
    /// The sequence of its newest item.
    var newest: Int64 { items.values.compactMap { $0["seq"]?.intValue }.max() ?? 0 }

    init(_ snapshot: JSON) {
        scope = snapshot["scope"]?.stringValue ?? ""
        sequence = snapshot["seq"]?.intValue ?? -1
        items = [:]
        for item in snapshot["items"]?.arrayValue ?? [] {
            items["\(item["kind"]?.stringValue ?? "?"):\(item["id"]?.stringValue ?? "?")"] = item["value"]
        }
    }

    func applying(_ changes: some Sequence<Change>, upTo end: Int64) -> WatchedState {
        var state = self
        for change in changes where change.sequence > sequence && change.sequence <= end {
            state.items[change.key] = change.value
            // What the scope is named by is gone, and all that was in it.
            if change.value == nil && change.key == scope { state.items.removeAll() }
        }
        return state
    }

    /// Where the two are not the same, in words.
    func difference(from other: WatchedState) -> [String] {
        Set(items.keys).union(other.items.keys).sorted().compactMap { key in
            items[key] == other.items[key]
                ? nil : "\(key): \(items[key]?.text ?? "absent") and not \(other.items[key]?.text ?? "absent")"
        }
    }
}

/// A reader that loses its connection again and again, and comes back with the last id it saw.
final class Reconnecting: Sendable {
    private let server: TestServer
    private let scope: String
    private let start: WatchedState
    private let goal = Mutex(Int64.max)

    init(server: TestServer, scope: String, since start: WatchedState) {
        self.server = server
        self.scope = scope
        self.start = start
    }

    /// It stops once it has seen this.
    func end(at sequence: Int64) { goal.withLock { $0 = sequence } }

    /// All changes that reached it, and over how many connections.
    func run() async throws -> (changes: [Change], connections: Int) {
        var changes: [Change] = []
        var connections = 0
        var last: String?
        while (changes.last?.sequence ?? 0) < goal.withLock({ $0 }) {
            let request = TestRequest(
                .GET, "/api/v1/watch?scope=\(scope)&since=\(start.sequence)",
                headers: last.map { [("Last-Event-ID", $0)] } ?? []
            )
            // The connection breaks after ever another number of chunks.
            let patience = connections % 7 + 1
            connections += 1
            let events = try await server.client.open(request) { _, incoming in
                var decoder = EventStreamDecoder()
                var events: [ServerSentEvent] = []
                for _ in 0..<patience {
                    guard let bytes = try await incoming.next() else { break }
                    events += try decoder.append(bytes)
                }
                return events
            }
            changes += Change.all(events)
            last = events.last { $0.id != nil }?.id ?? last
        }
        return (changes, connections)
    }
}
