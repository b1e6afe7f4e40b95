package import Domain

/// One job to be put on a queue.
package struct NewJob: WireValue, Hashable {
    package var queue: String
    /// The job's configuration; given to the worker as the same text.
    package var payload: JSON
    /// What a worker's capabilities must have: an object of names and values.
    package var requires: JSON?
    /// The higher goes first; 0 unless said.
    package var priority: Int
    package var runAt: Instant?
    /// At most one job of a queue has it: a second submission finds the first.
    package var uniqueKey: String?
    package var label: String?
    package var maximumAttempts: Int?

    package static let fields = [
        "queue", "payload", "requires", "priority", "runAt", "uniqueKey", "label", "maximumAttempts",
    ]
    package static let payloadLimitBytes = 1_048_576

    package init(
        queue: String, payload: JSON, requires: JSON? = nil, priority: Int = 0, runAt: Instant? = nil,
        uniqueKey: String? = nil, label: String? = nil, maximumAttempts: Int? = nil
    ) {
        self.queue = queue
        self.payload = payload
        self.requires = requires
        self.priority = priority
        self.runAt = runAt
        self.uniqueKey = uniqueKey
        self.label = label
        self.maximumAttempts = maximumAttempts
    }

    package init(reading reader: inout FieldReader) throws(WireError) {
        queue = try reader.optionalString("queue", limit: 128) ?? "default"
        guard !queue.isEmpty else { throw WireError(field: "queue", "is empty") }
        payload = reader.optionalJSON("payload") ?? .object(JSONObject())
        requires = reader.optionalJSON("requires")
        if let requires, requires.objectValue == nil {
            throw WireError(field: "requires", "must be an object, not \(requires.kindName)")
        }
        priority = try reader.optionalInt("priority", in: -1_000_000...1_000_000) ?? 0
        runAt = try reader.optionalInstant("runAt")
        uniqueKey = try reader.optionalString("uniqueKey", limit: 256)
        label = try reader.optionalString("label", limit: 256)
        maximumAttempts = try reader.optionalInt("maximumAttempts", in: 1...1_000)
    }

    package func writeFields(to writer: inout JSONWriter) {
        writer.field("queue", queue)
        writer.field("payload", payload)
        writer.field("requires", requires)
        writer.field("priority", priority)
        writer.field("runAt", runAt)
        writer.field("uniqueKey", uniqueKey)
        writer.field("label", label)
        writer.field("maximumAttempts", maximumAttempts)
    }
}

/// `POST /jobs` with more than one: `{"jobs": […]}`, all or none.
package struct SubmitRequest: WireValue, Hashable {
    package var jobs: [NewJob]

    package static let fields = ["jobs"]
    package static let countLimit = 1_000

    package init(jobs: [NewJob]) {
        self.jobs = jobs
    }

    package init(reading reader: inout FieldReader) throws(WireError) {
        jobs = try reader.values("jobs", countLimit: Self.countLimit)
        guard !jobs.isEmpty else { throw WireError(field: "jobs", "is empty") }
    }

    package func writeFields(to writer: inout JSONWriter) {
        writer.field("jobs", jobs)
    }
}

/// What became of one submitted job.
package struct SubmittedJob: WireValue, Hashable {
    package var id: JobID
    /// False where a job of the same `uniqueKey` was there before.
    package var isNew: Bool

    package static let fields = ["id", "new"]

    package init(id: JobID, isNew: Bool) {
        self.id = id
        self.isNew = isNew
    }

    package init(reading reader: inout FieldReader) throws(WireError) {
        id = try reader.id("id")
        isNew = try reader.optionalBool("new") ?? true
    }

    package func writeFields(to writer: inout JSONWriter) {
        writer.field("id", id)
        writer.field("new", isNew)
    }
}

package struct SubmitReply: WireValue, Hashable {
    package var jobs: [SubmittedJob]

    package static let fields = ["jobs"]

    package init(jobs: [SubmittedJob]) {
        self.jobs = jobs
    }

    package init(reading reader: inout FieldReader) throws(WireError) {
        jobs = try reader.values("jobs", countLimit: 1_000)
    }

    package func writeFields(to writer: inout JSONWriter) {
        writer.field("jobs", jobs)
    }
}

/// `POST /studies`: one configuration and how to split it, or ready-made configurations in index order.
package struct NewStudy: WireValue, Hashable {
    package var name: String
    package var configuration: JSON?
    /// As `SplitSpecification` reads it.
    package var split: JSON?
    package var assignments: [JSON]
    package var requires: JSON?
    package var priority: Int
    package var maximumAttempts: Int?

    package static let fields = [
        "name", "configuration", "split", "assignments", "requires", "priority", "maximumAttempts",
    ]
    package static let assignmentLimit = 1_000_000

    package init(
        name: String, configuration: JSON?, split: JSON?, assignments: [JSON] = [], requires: JSON? = nil,
        priority: Int = 0, maximumAttempts: Int? = nil
    ) {
        self.name = name
        self.configuration = configuration
        self.split = split
        self.assignments = assignments
        self.requires = requires
        self.priority = priority
        self.maximumAttempts = maximumAttempts
    }

    package init(reading reader: inout FieldReader) throws(WireError) {
        name = try reader.string("name", limit: 128)
        if let fault = StudyName.fault(name) { throw WireError(field: "name", fault) }
        configuration = reader.optionalJSON("configuration")
        split = reader.optionalJSON("split")
        let given = reader.optionalJSON("assignments")
        assignments = given?.arrayValue ?? []
        if let given, given.arrayValue == nil {
            throw WireError(field: "assignments", "must be an array, not \(given.kindName)")
        }
        requires = reader.optionalJSON("requires")
        priority = try reader.optionalInt("priority", in: -1_000_000...1_000_000) ?? 0
        maximumAttempts = try reader.optionalInt("maximumAttempts", in: 1...1_000)
        if given == nil {
            guard configuration != nil else { throw WireError(field: "configuration", "is missing") }
            guard split != nil else { throw WireError(field: "split", "is missing") }
        } else if configuration != nil || split != nil {
            throw WireError(field: "assignments", "stands beside a configuration and its split; give one or the other")
        } else if assignments.isEmpty {
            throw WireError(field: "assignments", "is empty")
        }
    }

    package func writeFields(to writer: inout JSONWriter) {
        writer.field("name", name)
        writer.field("configuration", configuration)
        writer.field("split", split)
        if !assignments.isEmpty { writer.field("assignments", .array(assignments) as JSON) }
        writer.field("requires", requires)
        writer.field("priority", priority)
        writer.field("maximumAttempts", maximumAttempts)
    }
}
