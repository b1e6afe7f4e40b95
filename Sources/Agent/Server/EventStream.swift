/// One event of a stream of server-sent events.
package struct StreamEvent: Sendable, Hashable {
    package var name = "message"
    package var data = ""

    package init(name: String = "message", data: String = "") {
        self.name = name
        self.data = data
    }
}

/// Reads `text/event-stream` (HTML Living Standard, 9.2.6) from bytes as they come. Ids and retry times are passed over:
/// whoever loses this stream begins anew. A line or an event past the limit is dropped whole.
package struct EventStreamReader: Sendable {
    package static let limitBytes = 1_048_576

    private var line: [UInt8] = []
    private var isLineDropped = false
    private var name = ""
    private var data = ""
    private var isEventDropped = false
    private var endedWithReturn = false

    package init() {}

    package mutating func take(_ bytes: some Sequence<UInt8>) -> [StreamEvent] {
        var events: [StreamEvent] = []
        for byte in bytes {
            let isNewline = byte == UInt8(ascii: "\n")
            if isNewline && endedWithReturn {
                endedWithReturn = false
                continue
            }
            endedWithReturn = byte == UInt8(ascii: "\r")
            if isNewline || endedWithReturn {
                if let event = endLine() { events.append(event) }
            } else if line.count < Self.limitBytes {
                line.append(byte)
            } else {
                isLineDropped = true
            }
        }
        return events
    }

    private mutating func endLine() -> StreamEvent? {
        defer {
            line.removeAll(keepingCapacity: true)
            isLineDropped = false
        }
        if isLineDropped {
            isEventDropped = true
            return nil
        }
        guard !line.isEmpty else { return endEvent() }
        let text = String(decoding: line, as: UTF8.self)
        let colon = text.firstIndex(of: ":") ?? text.endIndex
        var value = text[colon...].dropFirst()
        if value.first == " " { value = value.dropFirst() }
        switch text[..<colon] {
        case "event": name = String(value)
        case "data" where data.utf8.count + value.utf8.count < Self.limitBytes: data += value + "\n"
        case "data": isEventDropped = true
        default: break
        }
        return nil
    }

    private mutating func endEvent() -> StreamEvent? {
        defer {
            name = ""
            data = ""
            isEventDropped = false
        }
        guard !data.isEmpty, !isEventDropped else { return nil }
        return StreamEvent(name: name.isEmpty ? "message" : name, data: String(data.dropLast()))
    }
}
