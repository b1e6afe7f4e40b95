package import Domain

/// `GET …/logs?after=N`: lines with greater numbers, in order. The next page begins after `next`.
package struct LogPage: WireValue, Hashable {
    package var lines: [LogLine]
    /// The number to send as `after` for what follows: the last line's, or what was asked where there was none.
    package var next: Int64

    package static let fields = ["lines", "next"]

    package init(lines: [LogLine], next: Int64) {
        self.lines = lines
        self.next = next
    }

    package init(reading reader: inout FieldReader) throws(WireError) {
        lines = try reader.values("lines", countLimit: 100_000)
        next = Int64(try reader.count("next"))
    }

    package func writeFields(to writer: inout JSONWriter) {
        writer.field("lines", lines)
        writer.field("next", next)
    }
}

/// The `lines` event of a log stream: the lines as one array, the last one's number as `id`.
package enum LogFrame {
    package static let eventName = "lines"

    package static func event(_ lines: [LogLine]) -> ServerSentEvent {
        var writer = JSONWriter()
        writer.beginArray()
        for line in lines { line.write(to: &writer) }
        writer.endArray()
        return ServerSentEvent(event: eventName, data: writer.bytes, id: lines.last?.number.description)
    }

    /// `nil` for an event of another name.
    package static func lines(of event: ServerSentEvent) throws(WireError) -> [LogLine]? {
        guard event.event == eventName else { return nil }
        let json: JSON
        do {
            json = try JSON(parsing: event.data)
        } catch {
            throw WireError([FieldError(field: "", reason: "is not JSON: \(error.reason)")], isMalformed: true)
        }
        guard let elements = json.arrayValue else { throw WireError(field: "", "must be an array of lines") }
        var lines: [LogLine] = []
        for (position, element) in elements.enumerated() {
            lines.append(try LogLine(json: element, path: "[\(position)]", isStrict: false))
        }
        return lines
    }
}
