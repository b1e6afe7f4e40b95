package import Domain

/// `GET /snapshot`: all entities of a scope as of one sequence; a watch with `since` = `seq` goes on from there.
package struct Snapshot: WireValue, Hashable {
    package var epoch: String
    package var sequence: SequenceNumber
    package var scope: Scope
    package var items: [WatchItem]
    package var beats: Beats

    package static let fields = ["epoch", "seq", "scope", "items", "beats"]
    /// A client's own bound: a scope of ten million jobs is read page by page, not watched.
    package static let itemLimit = 2_000_000

    package init(epoch: String, sequence: SequenceNumber, scope: Scope, items: [WatchItem], beats: Beats) {
        self.epoch = epoch
        self.sequence = sequence
        self.scope = scope
        self.items = items
        self.beats = beats
    }

    package init(reading reader: inout FieldReader) throws(WireError) {
        epoch = try reader.string("epoch")
        sequence = try reader.sequence()
        let text = try reader.string("scope")
        guard let scope = Scope(text: text) else {
            throw WireError(field: "scope", "must be a scope such as fleet or study:st12, not \(text)")
        }
        self.scope = scope
        items = try reader.values("items", countLimit: Self.itemLimit)
        beats = Beats(json: reader.optionalJSON("beats"))
    }

    package func writeFields(to writer: inout JSONWriter) {
        writer.field("epoch", epoch)
        writer.field("seq", sequence.value)
        writer.field("scope", scope.description)
        writer.field("items", items)
        writer.field("beats", beats)
    }
}
