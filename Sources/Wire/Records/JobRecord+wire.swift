package import Domain

extension JobRecord: WireValue {
    package static let fields = [
        "id", "study", "studyName", "index", "label", "queue", "status", "scheduled", "attempt", "holder",
        "holderName", "priority", "runAt", "progress", "cancelRequested", "countedFailures", "maximumAttempts",
        "exitCode", "reason", "warningCount", "errorCount", "artifactCount", "createdAt", "claimedAt", "startedAt",
        "finishedAt", "seq",
    ]

    package init(reading reader: inout FieldReader) throws(WireError) {
        self.init(
            id: try reader.id("id"),
            study: try reader.optionalID("study"),
            studyName: try reader.optionalString("studyName"),
            index: try reader.optionalInt("index", in: 0...Int64.max),
            label: try reader.optionalString("label"),
            queue: try reader.optionalString("queue"),
            status: try reader.word("status"),
            isScheduled: try reader.optionalBool("scheduled") ?? false,
            attempt: try reader.attempt("attempt"),
            holder: try reader.optionalID("holder"),
            holderName: try reader.optionalString("holderName"),
            priority: try reader.int("priority", in: Int64.min...Int64.max),
            runAt: try reader.optionalInstant("runAt"),
            progress: try reader.optionalValue("progress") ?? JobProgress(),
            isCancelRequested: try reader.optionalBool("cancelRequested") ?? false,
            countedFailures: try reader.count("countedFailures"),
            maximumAttempts: try reader.count("maximumAttempts"),
            exitCode: try reader.optionalInt("exitCode", in: Int64.min...Int64.max),
            reason: try reader.optionalString("reason", limit: RecordLimits.reasonBytes),
            warningCount: try reader.count("warningCount"),
            errorCount: try reader.count("errorCount"),
            artifactCount: try reader.count("artifactCount"),
            createdAt: try reader.instant("createdAt"),
            claimedAt: try reader.optionalInstant("claimedAt"),
            startedAt: try reader.optionalInstant("startedAt"),
            finishedAt: try reader.optionalInstant("finishedAt"),
            sequence: try reader.sequence()
        )
    }

    package func writeFields(to writer: inout JSONWriter) {
        writer.field("id", id)
        writer.field("study", study)
        writer.field("studyName", studyName)
        writer.field("index", index)
        writer.field("label", label)
        writer.field("queue", queue)
        writer.field("status", status.rawValue)
        writer.field("scheduled", isScheduled)
        writer.field("attempt", attempt.value)
        writer.field("holder", holder)
        writer.field("holderName", holderName)
        writer.field("priority", priority)
        writer.field("runAt", runAt)
        writer.field("progress", progress)
        writer.field("cancelRequested", isCancelRequested)
        writer.field("countedFailures", countedFailures)
        writer.field("maximumAttempts", maximumAttempts)
        writer.field("exitCode", exitCode)
        writer.field("reason", reason)
        writer.field("warningCount", warningCount)
        writer.field("errorCount", errorCount)
        writer.field("artifactCount", artifactCount)
        writer.field("createdAt", createdAt)
        writer.field("claimedAt", claimedAt)
        writer.field("startedAt", startedAt)
        writer.field("finishedAt", finishedAt)
        writer.field("seq", sequence.value)
    }
}
