/// An event grew past the decoder's limit: the stream is of no use any more.
package struct EventTooLarge: Error, Sendable, Hashable, CustomStringConvertible {
    package let limitBytes: Int
    package var description: String { "An event of the stream is larger than \(limitBytes) bytes." }
}

/// Takes the bytes of an event stream in any cut and gives whole events.
///
///     var decoder = EventStreamDecoder()
///     for try await chunk in body {
///         for event in try decoder.append(chunk.readableBytesView) { … }
///     }
///
/// Keeps at most one event that is not whole. What a stream that ends leaves unfinished is dropped, as the standard
/// says: the client asks again from ``lastEventID``.
package struct EventStreamDecoder: Sendable {
    /// The newest `id` that was seen, also of blocks without data.
    package private(set) var lastEventID: String?

    private let limitBytes: Int
    private var line: [UInt8] = []
    private var event: String?
    private var id: String?
    private var data: [UInt8] = []
    private var hasData = false
    /// The byte before was a carriage return, so that a line feed now is the second half of one line's end.
    private var isAfterReturn = false
    private var isAtStart = true

    /// A batch of the longest log lines fits.
    package static let defaultLimitBytes = 16 * 1_024 * 1_024

    package init(limitBytes: Int = EventStreamDecoder.defaultLimitBytes) {
        self.limitBytes = limitBytes
    }

    /// - Throws: `EventTooLarge`, after which the decoder is not to be used.
    package mutating func append(_ bytes: some Collection<UInt8>) throws(EventTooLarge) -> [ServerSentEvent] {
        var events: [ServerSentEvent] = []
        var rest = bytes[...]
        if isAfterReturn, let first = rest.first {
            if first == UInt8(ascii: "\n") { rest = rest.dropFirst() }
            isAfterReturn = false
        }
        while let end = rest.firstIndex(where: { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }) {
            try keep(rest[..<end])
            if let event = endLine() { events.append(event) }
            let isReturn = rest[end] == UInt8(ascii: "\r")
            rest = rest[end...].dropFirst()
            guard isReturn else { continue }
            if let next = rest.first {
                if next == UInt8(ascii: "\n") { rest = rest.dropFirst() }
            } else {
                isAfterReturn = true
            }
        }
        try keep(rest)
        return events
    }

    private mutating func keep(_ part: some Collection<UInt8>) throws(EventTooLarge) {
        guard line.count + data.count + part.count <= limitBytes else {
            throw EventTooLarge(limitBytes: limitBytes)
        }
        line.append(contentsOf: part)
    }

    /// - Returns: the event that an empty line ended.
    private mutating func endLine() -> ServerSentEvent? {
        defer { line.removeAll(keepingCapacity: true) }
        if isAtStart {
            isAtStart = false
            if line.starts(with: Self.byteOrderMark) { line.removeFirst(Self.byteOrderMark.count) }
        }
        guard let first = line.first else { return endEvent() }
        guard first != UInt8(ascii: ":") else { return nil }
        let colon = line.firstIndex(of: UInt8(ascii: ":")) ?? line.endIndex
        var value = line[colon...].dropFirst()
        if value.first == UInt8(ascii: " ") { value = value.dropFirst() }
        switch String(decoding: line[..<colon], as: UTF8.self) {
        case "event": event = String(decoding: value, as: UTF8.self)
        case "data":
            if hasData { data.append(UInt8(ascii: "\n")) }
            hasData = true
            data.append(contentsOf: value)
        case "id" where !value.contains(0): id = String(decoding: value, as: UTF8.self)
        default: break
        }
        return nil
    }

    private mutating func endEvent() -> ServerSentEvent? {
        defer {
            event = nil
            id = nil
            data = []
            hasData = false
        }
        if let id { lastEventID = id }
        guard !data.isEmpty else { return nil }
        return ServerSentEvent(event: event, data: data, id: id)
    }

    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
}
