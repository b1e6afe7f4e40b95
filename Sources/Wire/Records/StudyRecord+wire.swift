package import Domain

extension JobCounts: WireValue {
    /// `total` is written for the reader's ease; read, it is the sum of the others.
    package static let fields = ["pending", "claimed", "running", "completed", "failed", "cancelled", "total"]

    package init(reading reader: inout FieldReader) throws(WireError) {
        self.init()
        pending = try reader.count("pending")
        claimed = try reader.count("claimed")
        running = try reader.count("running")
        completed = try reader.count("completed")
        failed = try reader.count("failed")
        cancelled = try reader.count("cancelled")
    }

    package func writeFields(to writer: inout JSONWriter) {
        writer.field("pending", pending)
        writer.field("claimed", claimed)
        writer.field("running", running)
        writer.field("completed", completed)
        writer.field("failed", failed)
        writer.field("cancelled", cancelled)
        writer.field("total", total)
    }
}

extension StudyForecast: WireValue {
    package static let fields = ["fraction", "remainingMilliseconds", "etaAt"]

    package init(reading reader: inout FieldReader) throws(WireError) {
        guard let fraction = try reader.optionalDouble("fraction", in: 0...1) else {
            throw WireError(field: "fraction", "is missing")
        }
        self.init(
            fraction: fraction,
            remainingMilliseconds: try reader.optionalInt("remainingMilliseconds", in: 0...Int64.max).map(Int64.init),
            etaAt: try reader.optionalInstant("etaAt")
        )
    }

    package func writeFields(to writer: inout JSONWriter) {
        writer.field("fraction", fraction)
        writer.field("remainingMilliseconds", remainingMilliseconds)
        writer.field("etaAt", etaAt)
    }
}

extension StudyRecord: WireValue {
    package static let fields = [
        "id", "name", "status", "counts", "dimensions", "forecast", "createdAt", "startedAt", "finishedAt", "seq",
        "notes",
    ]

    package init(reading reader: inout FieldReader) throws(WireError) {
        self.init(
            id: try reader.id("id"),
            name: try reader.string("name"),
            status: try reader.word("status"),
            counts: try reader.value("counts"),
            dimensions: try reader.strings("dimensions", countLimit: 256, limit: 4_096),
            forecast: try reader.value("forecast"),
            createdAt: try reader.instant("createdAt"),
            startedAt: try reader.optionalInstant("startedAt"),
            finishedAt: try reader.optionalInstant("finishedAt"),
            sequence: try reader.sequence(),
            notes: try reader.strings("notes", countLimit: 64, limit: 16_384)
        )
    }

    package func writeFields(to writer: inout JSONWriter) {
        writer.field("id", id)
        writer.field("name", name)
        writer.field("status", status.rawValue)
        writer.field("counts", counts)
        writer.field("dimensions", dimensions)
        writer.field("forecast", forecast)
        writer.field("createdAt", createdAt)
        writer.field("startedAt", startedAt)
        writer.field("finishedAt", finishedAt)
        writer.field("seq", sequence.value)
        if !notes.isEmpty { writer.field("notes", notes) }
    }
}

extension QueueRecord: WireValue {
    package static let fields = ["name", "paused", "counts", "seq"]

    package init(reading reader: inout FieldReader) throws(WireError) {
        self.init(
            name: try reader.string("name"),
            isPaused: try reader.optionalBool("paused") ?? false,
            counts: try reader.value("counts"),
            sequence: try reader.sequence()
        )
    }

    package func writeFields(to writer: inout JSONWriter) {
        writer.field("name", name)
        writer.field("paused", isPaused)
        writer.field("counts", counts)
        writer.field("seq", sequence.value)
    }
}
