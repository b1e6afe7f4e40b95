/// One block of an event stream (WHATWG HTML, "Server-sent events"): an event, a comment, or both.
package struct ServerSentEvent: Sendable, Hashable {
    /// The event's name; absent is `message`.
    package var event: String?
    /// UTF-8. Empty: nothing is dispatched, as for a comment alone.
    package var data: [UInt8]
    /// What a client sends back as `Last-Event-ID`.
    package var id: String?
    /// For people and proxies; no client is told of it.
    package var comment: String?

    package init(event: String? = nil, data: [UInt8] = [], id: String? = nil, comment: String? = nil) {
        self.event = event
        self.data = data
        self.id = id
        self.comment = comment
    }

    /// The block with the empty line that ends it.
    package var encoded: [UInt8] {
        var bytes: [UInt8] = []
        encode(to: &bytes)
        return bytes
    }

    package func encode(to bytes: inout [UInt8]) {
        bytes.reserveCapacity(bytes.count + data.count + 64)
        if let comment { Self.append("", comment.utf8, to: &bytes) }
        // Names and ids are one line by their meaning, so what would end it is left out.
        if let event { Self.append("event", event.utf8.filter { !Self.endsLine($0) }, to: &bytes) }
        if let id { Self.append("id", id.utf8.filter { !Self.endsLine($0) && $0 != 0 }, to: &bytes) }
        if !data.isEmpty { Self.append("data", data, to: &bytes) }
        bytes.append(UInt8(ascii: "\n"))
    }

    /// A line for each line of the value.
    private static func append(_ name: String, _ value: some Collection<UInt8>, to bytes: inout [UInt8]) {
        var rest = value[...]
        while true {
            bytes.append(contentsOf: name.utf8)
            bytes.append(contentsOf: [UInt8(ascii: ":"), UInt8(ascii: " ")])
            guard let end = rest.firstIndex(where: endsLine) else { break }
            bytes.append(contentsOf: rest[..<end])
            bytes.append(UInt8(ascii: "\n"))
            let isPair = rest[end] == UInt8(ascii: "\r") && rest[end...].dropFirst().first == UInt8(ascii: "\n")
            rest = rest[end...].dropFirst(isPair ? 2 : 1)
        }
        bytes.append(contentsOf: rest)
        bytes.append(UInt8(ascii: "\n"))
    }

    private static func endsLine(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r")
    }
}
