package import Domain

extension LogLine: WireValue {
    package static let fields = ["number", "at", "level", "text", "job", "attempt", "style", "position"]

    package init(reading reader: inout FieldReader) throws(WireError) {
        self.init(
            number: Int64(try reader.count("number")),
            at: try reader.instant("at"),
            level: try reader.word("level"),
            text: try reader.optionalString("text", limit: RecordLimits.lineBytes) ?? "",
            job: try reader.optionalID("job"),
            attempt: try reader.optionalAttempt("attempt"),
            style: try reader.optionalString("style", limit: 32),
            position: try reader.optionalInt("position", in: 0...Int64.max).map(Int64.init)
        )
    }

    package func writeFields(to writer: inout JSONWriter) {
        writer.field("number", number)
        writer.field("at", at)
        writer.field("level", level.rawValue)
        writer.field("text", text)
        writer.field("job", job)
        writer.field("attempt", attempt?.value)
        writer.field("style", style)
        writer.field("position", position)
    }
}
