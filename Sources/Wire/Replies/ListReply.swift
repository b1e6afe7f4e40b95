package import Domain

/// A page of a list: `{items, next?}`. `next` is the cursor of the following page, absent on the last.
package struct ListReply<Item: WireValue>: WireValue {
    package var items: [Item]
    package var next: String?

    package static var fields: [String] { ["items", "next"] }
    /// The server gives at most 500; one queue list is not paged.
    package static var itemLimit: Int { 100_000 }

    package init(items: [Item], next: String? = nil) {
        self.items = items
        self.next = next
    }

    package init(reading reader: inout FieldReader) throws(WireError) {
        items = try reader.values("items", countLimit: Self.itemLimit)
        next = try reader.optionalString("next", limit: 4_096)
    }

    package func writeFields(to writer: inout JSONWriter) {
        writer.field("items", items)
        writer.field("next", next)
    }
}

extension ListReply: Equatable where Item: Equatable {}
extension ListReply: Hashable where Item: Hashable {}

/// A page of sessions, with when each was last heard.
package struct SessionList: WireValue, Hashable {
    package var items: [SessionRecord]
    package var beats: Beats
    package var next: String?

    package static let fields = ["items", "beats", "next"]

    package init(items: [SessionRecord], beats: Beats, next: String? = nil) {
        self.items = items
        self.beats = beats
        self.next = next
    }

    package init(reading reader: inout FieldReader) throws(WireError) {
        items = try reader.values("items", countLimit: 100_000)
        beats = Beats(json: reader.optionalJSON("beats"))
        next = try reader.optionalString("next", limit: 4_096)
    }

    package func writeFields(to writer: inout JSONWriter) {
        writer.field("items", items)
        writer.field("beats", beats)
        writer.field("next", next)
    }
}
