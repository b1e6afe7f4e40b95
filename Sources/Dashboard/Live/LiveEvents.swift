package import Domain

/// The data of the events that a page's stream carries besides `swap` (see `PageChanges`) and `reset` (`{}`).
package enum LiveEvents {
    /// A `beats` event: who was last heard of when, and the server's time, by which the page counts ages.
    /// `{"now":"…Z","sessions":{"s7":"…Z"}}`
    package static func beats(_ lastHeard: [SessionID: Instant], now: Instant) -> [UInt8] {
        var writer = JSONWriter(capacity: 64 + lastHeard.count * 40)
        writer.beginObject()
        writer.field("now", now.description)
        writer.beginObject("sessions")
        for (session, moment) in lastHeard.sorted(by: { $0.key < $1.key }) {
            writer.key(session.description)
            writer.value(moment.description)
        }
        writer.endObject()
        writer.endObject()
        return writer.bytes
    }

    /// A `state` event of a log stream: whether lines may still come. `{"live":true}`
    package static func state(isLive: Bool) -> [UInt8] {
        var writer = JSONWriter(capacity: 16)
        writer.beginObject()
        writer.field("live", isLive)
        writer.endObject()
        return writer.bytes
    }

    /// A `lines` event of a log stream: `[{"number":…,"at":"…Z","level":"info","text":"…","job":"j12"?,"attempt":1?,
    /// "look":…?,"place":…?}]`, with text as `LogText` lets it through. The event's id is the last number.
    package static func lines(_ lines: [LogLine]) -> [UInt8] {
        var writer = JSONWriter(capacity: 16 + lines.reduce(0) { $0 + $1.text.utf8.count + 120 })
        writer.beginArray()
        for line in lines {
            writer.beginObject()
            writer.field("number", line.number)
            writer.field("at", line.at.description)
            writer.field("level", line.level.rawValue)
            writer.field("text", LogText.lines(line.text))
            writer.field("job", line.job?.description)
            writer.field("attempt", line.attempt?.value)
            writer.field("look", line.style)
            writer.field("place", line.position)
            writer.endObject()
        }
        writer.endArray()
        return writer.bytes
    }
}
