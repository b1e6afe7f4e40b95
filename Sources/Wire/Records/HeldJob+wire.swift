package import Domain

extension HeldJob: WireValue {
    package static let fields = [
        "job", "attempt", "study", "studyName", "index", "label", "status", "progress", "claimedAt", "startedAt",
        "cancelRequested",
    ]

    package init(reading reader: inout FieldReader) throws(WireError) {
        self.init(
            job: try reader.id("job"),
            attempt: try reader.attempt("attempt"),
            study: try reader.optionalID("study"),
            studyName: try reader.optionalString("studyName"),
            index: try reader.optionalInt("index", in: 0...Int64.max),
            label: try reader.optionalString("label"),
            status: try reader.word("status"),
            progress: try reader.optionalValue("progress") ?? JobProgress(),
            claimedAt: try reader.instant("claimedAt"),
            startedAt: try reader.optionalInstant("startedAt"),
            isCancelRequested: try reader.optionalBool("cancelRequested") ?? false
        )
    }

    package func writeFields(to writer: inout JSONWriter) {
        writer.field("job", job)
        writer.field("attempt", attempt.value)
        writer.field("study", study)
        writer.field("studyName", studyName)
        writer.field("index", index)
        writer.field("label", label)
        writer.field("status", status.rawValue)
        writer.field("progress", progress)
        writer.field("claimedAt", claimedAt)
        writer.field("startedAt", startedAt)
        writer.field("cancelRequested", isCancelRequested)
    }
}
