package import Domain

extension AttemptRecord: WireValue {
    package static let fields = [
        "job", "attempt", "session", "workerName", "claimedAt", "startedAt", "endedAt", "outcome", "exitCode",
        "reason",
    ]

    package init(reading reader: inout FieldReader) throws(WireError) {
        self.init(
            job: try reader.id("job"),
            number: try reader.attempt("attempt"),
            session: try reader.id("session"),
            workerName: try reader.string("workerName"),
            claimedAt: try reader.instant("claimedAt"),
            startedAt: try reader.optionalInstant("startedAt"),
            endedAt: try reader.optionalInstant("endedAt"),
            outcome: try reader.optionalWord("outcome"),
            exitCode: try reader.optionalInt("exitCode", in: Int64.min...Int64.max),
            reason: try reader.optionalString("reason", limit: RecordLimits.reasonBytes)
        )
    }

    package func writeFields(to writer: inout JSONWriter) {
        writer.field("job", job)
        writer.field("attempt", number.value)
        writer.field("session", session)
        writer.field("workerName", workerName)
        writer.field("claimedAt", claimedAt)
        writer.field("startedAt", startedAt)
        writer.field("endedAt", endedAt)
        writer.field("outcome", outcome?.rawValue)
        writer.field("exitCode", exitCode)
        writer.field("reason", reason)
    }
}

extension TransitionRecord: WireValue {
    /// `kind` and `id` name the entity, as in a watch frame.
    package static let fields = ["kind", "id", "from", "to", "at", "by", "why", "attempt", "seq"]

    package init(reading reader: inout FieldReader) throws(WireError) {
        self.init(
            entity: try EntityKey(reading: &reader),
            from: try reader.optionalString("from"),
            to: try reader.string("to"),
            at: try reader.instant("at"),
            by: try reader.optionalString("by") ?? "",
            why: try reader.optionalString("why", limit: RecordLimits.reasonBytes) ?? "",
            attempt: try reader.optionalAttempt("attempt"),
            sequence: try reader.sequence()
        )
    }

    package func writeFields(to writer: inout JSONWriter) {
        entity.writeFields(to: &writer)
        writer.field("from", from)
        writer.field("to", to)
        writer.field("at", at)
        writer.field("by", by)
        writer.field("why", why)
        writer.field("attempt", attempt?.value)
        writer.field("seq", sequence.value)
    }
}

extension EntityKey: WireValue {
    package static let fields = ["kind", "id"]

    package init(reading reader: inout FieldReader) throws(WireError) {
        self.init(kind: try reader.word("kind"), id: try reader.string("id"))
    }

    package func writeFields(to writer: inout JSONWriter) {
        writer.field("kind", kind.rawValue)
        writer.field("id", id)
    }
}
