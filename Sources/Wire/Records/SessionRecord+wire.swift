package import Domain

extension SessionRecord: WireValue {
    package static let fields = [
        "id", "machine", "hostname", "workerName", "pid", "version", "status", "statusSince", "queues", "studies",
        "slots", "draining", "startedAt", "endedAt", "endReason", "utilisation", "connectors", "held",
        "lastAttemptFailed", "completedCount", "failedCount", "previous", "seq", "kind",
    ]

    package init(reading reader: inout FieldReader) throws(WireError) {
        self.init(
            id: try reader.id("id"),
            machine: MachineID(try reader.string("machine", limit: 128)),
            hostname: try reader.string("hostname", limit: 255),
            workerName: try reader.string("workerName", limit: 255),
            pid: try reader.count("pid"),
            version: try reader.string("version", limit: 128),
            status: try reader.word("status"),
            statusSince: try reader.instant("statusSince"),
            queues: try reader.strings("queues"),
            studies: try reader.strings("studies"),
            slots: try reader.count("slots"),
            isDraining: try reader.optionalBool("draining") ?? false,
            startedAt: try reader.instant("startedAt"),
            endedAt: try reader.optionalInstant("endedAt"),
            endReason: try reader.optionalString("endReason", limit: RecordLimits.reasonBytes),
            utilisation: try reader.optionalValue("utilisation") ?? Utilisation(),
            connectors: try reader.values("connectors", countLimit: 64),
            held: try reader.values("held", countLimit: RecordLimits.heldCount),
            lastAttemptFailed: try reader.optionalBool("lastAttemptFailed") ?? false,
            completedCount: try reader.count("completedCount"),
            failedCount: try reader.count("failedCount"),
            previous: try reader.optionalID("previous"),
            sequence: try reader.sequence(),
            kind: try reader.optionalWord("kind") ?? .agent
        )
    }

    package func writeFields(to writer: inout JSONWriter) {
        writer.field("id", id)
        writer.field("machine", machine.text)
        writer.field("hostname", hostname)
        writer.field("workerName", workerName)
        writer.field("pid", pid)
        writer.field("version", version)
        writer.field("status", status.rawValue)
        writer.field("statusSince", statusSince)
        writer.field("queues", queues)
        writer.field("studies", studies)
        writer.field("slots", slots)
        writer.field("draining", isDraining)
        writer.field("startedAt", startedAt)
        writer.field("endedAt", endedAt)
        writer.field("endReason", endReason)
        writer.field("utilisation", utilisation)
        writer.field("connectors", connectors)
        writer.field("held", held)
        writer.field("lastAttemptFailed", lastAttemptFailed)
        writer.field("completedCount", completedCount)
        writer.field("failedCount", failedCount)
        writer.field("previous", previous)
        writer.field("seq", sequence.value)
        writer.field("kind", kind.rawValue)
    }
}
