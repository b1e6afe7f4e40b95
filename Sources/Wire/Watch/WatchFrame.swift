package import Domain

/// One frame of `GET /watch`.
package enum WatchFrame: Sendable, Hashable {
    /// The whole new representation of an entity.
    case put(WatchItem)
    case delete(WatchDeletion)
    /// What the client has can't be continued: take a new snapshot.
    case reset
    case beats(Beats)

    /// Reads an event; `nil` for one of a name that this client does not know, which it passes over.
    package init?(_ event: ServerSentEvent) throws(WireError) {
        switch event.event {
        case "put": self = .put(try WatchItem(body: event.data, isStrict: false))
        case "delete": self = .delete(try WatchDeletion(body: event.data, isStrict: false))
        case "reset": self = .reset
        case "beats": self = .beats(Beats(json: try? JSON(parsing: event.data)))
        default: return nil
        }
    }

    /// - Parameter epoch: of the sequence; `put` and `delete` carry it in their id, the others have no id.
    package func event(epoch: String) -> ServerSentEvent {
        switch self {
        case .put(let item):
            let position = WatchPosition(epoch: epoch, sequence: item.record.sequence)
            return ServerSentEvent(event: "put", data: item.body, id: position.description)
        case .delete(let deletion):
            let position = WatchPosition(epoch: epoch, sequence: deletion.sequence)
            return ServerSentEvent(event: "delete", data: deletion.body, id: position.description)
        case .reset: return ServerSentEvent(event: "reset", data: Array("{}".utf8))
        case .beats(let beats): return ServerSentEvent(event: "beats", data: beats.body)
        }
    }
}

/// Where a watcher stands: `EPOCH-SEQ`, the `id` of its frames and so the browser's `Last-Event-ID`.
package struct WatchPosition: Sendable, Hashable, CustomStringConvertible {
    package var epoch: String
    package var sequence: SequenceNumber

    package init(epoch: String, sequence: SequenceNumber) {
        self.epoch = epoch
        self.sequence = sequence
    }

    /// Reads what `description` wrote (an epoch may itself have a hyphen in it); `nil` for anything else.
    package init?(text: String) {
        guard let hyphen = text.lastIndex(of: "-"), hyphen != text.startIndex else { return nil }
        let digits = text[text.index(after: hyphen)...]
        guard digits.utf8.allSatisfy({ (48...57).contains($0) }), let number = Int64(digits) else { return nil }
        self.init(epoch: String(text[..<hyphen]), sequence: SequenceNumber(number))
    }

    package var description: String { "\(epoch)-\(sequence)" }
}
