package import Domain

/// `GET /sessions/{id}`.
package struct SessionDetail: WireValue, Hashable {
    package var session: SessionRecord
    package var machine: MachineRecord
    package var lastHeardAt: Instant?
    package var attempts: [AttemptRecord]
    package var transitions: [TransitionRecord]

    package static let fields = ["session", "machine", "lastHeardAt", "attempts", "transitions"]

    package init(
        session: SessionRecord, machine: MachineRecord, lastHeardAt: Instant?, attempts: [AttemptRecord],
        transitions: [TransitionRecord]
    ) {
        self.session = session
        self.machine = machine
        self.lastHeardAt = lastHeardAt
        self.attempts = attempts
        self.transitions = transitions
    }

    package init(reading reader: inout FieldReader) throws(WireError) {
        session = try reader.value("session")
        machine = try reader.value("machine")
        lastHeardAt = try reader.optionalInstant("lastHeardAt")
        attempts = try reader.values("attempts", countLimit: DetailLimits.historyCount)
        transitions = try reader.values("transitions", countLimit: DetailLimits.historyCount)
    }

    package func writeFields(to writer: inout JSONWriter) {
        writer.field("session", session)
        writer.field("machine", machine)
        writer.field("lastHeardAt", lastHeardAt)
        writer.field("attempts", attempts)
        writer.field("transitions", transitions)
    }
}

/// `GET /jobs/{id}`: payload and result, which the watch does not carry, and the job's history.
package struct JobDetail: WireValue, Hashable {
    package var job: JobRecord
    package var payload: JSON
    package var result: JSON?
    package var attempts: [AttemptRecord]
    package var transitions: [TransitionRecord]
    package var artifacts: [ArtifactRecord]

    package static let fields = ["job", "payload", "result", "attempts", "transitions", "artifacts"]

    package init(
        job: JobRecord, payload: JSON, result: JSON?, attempts: [AttemptRecord], transitions: [TransitionRecord],
        artifacts: [ArtifactRecord]
    ) {
        self.job = job
        self.payload = payload
        self.result = result
        self.attempts = attempts
        self.transitions = transitions
        self.artifacts = artifacts
    }

    package init(reading reader: inout FieldReader) throws(WireError) {
        job = try reader.value("job")
        payload = try reader.presentJSON("payload")
        result = reader.optionalJSON("result")
        attempts = try reader.values("attempts", countLimit: DetailLimits.historyCount)
        transitions = try reader.values("transitions", countLimit: DetailLimits.historyCount)
        artifacts = try reader.values("artifacts", countLimit: DetailLimits.historyCount)
    }

    package func writeFields(to writer: inout JSONWriter) {
        writer.field("job", job)
        writer.field("payload", payload)
        writer.field("result", result)
        writer.field("attempts", attempts)
        writer.field("transitions", transitions)
        writer.field("artifacts", artifacts)
    }
}

/// `GET /artifacts/{id}`: the file, and from where its bytes come.
package struct ArtifactDetail: WireValue, Hashable {
    package var artifact: ArtifactRecord
    /// A path on this server, or a whole URL of another store.
    package var downloadURL: String

    package static let fields = ["artifact", "downloadUrl"]

    package init(artifact: ArtifactRecord, downloadURL: String) {
        self.artifact = artifact
        self.downloadURL = downloadURL
    }

    package init(reading reader: inout FieldReader) throws(WireError) {
        artifact = try reader.value("artifact")
        downloadURL = try reader.string("downloadUrl", limit: 4_096)
    }

    package func writeFields(to writer: inout JSONWriter) {
        writer.field("artifact", artifact)
        writer.field("downloadUrl", downloadURL)
    }
}

enum DetailLimits {
    /// Entries of one history that a client takes in one reply.
    static let historyCount = 100_000
}
