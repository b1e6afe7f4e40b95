package import Domain

/// `POST /sessions/{id}/claims`: up to `count` jobs from the session's queues and studies, or one assignment by index.
package struct ClaimRequest: WireValue, Hashable {
    package var count: Int
    /// What the session knows that it holds. A job that the server gave it and that is not here (the answer was lost
    /// on the way) is given again, as the same attempt.
    package var held: [AttemptRef]
    /// How long to wait for work to arrive; 0 answers at once.
    package var waitMilliseconds: Int
    /// Claim from this study only (name or id).
    package var study: String?
    /// Claim exactly this assignment of `study`; refused with 409 where it is not waiting.
    package var index: Int?
    /// What has happened since, as in ``ReportBatch``: applied before the claim, in the same transaction, so that a
    /// worker that ends one job and asks for the next needs one call for both. Such a claim does not wait, since the
    /// acknowledgement must not, and where it is refused none of its reports is applied.
    package var reports: [Report]

    package static let fields = ["count", "held", "waitMilliseconds", "study", "index", "reports"]

    /// One call hands out at most this many.
    package static let countLimit: Int64 = 1_000
    /// A longer wait would meet the time limits of proxies.
    package static let waitLimitMilliseconds: Int64 = 60_000

    package init(
        count: Int = 1, held: [AttemptRef] = [], waitMilliseconds: Int = 0, study: String? = nil, index: Int? = nil,
        reports: [Report] = []
    ) {
        self.count = count
        self.held = held
        self.waitMilliseconds = waitMilliseconds
        self.study = study
        self.index = index
        self.reports = reports
    }

    package init(reading reader: inout FieldReader) throws(WireError) {
        count = try reader.optionalInt("count", in: 1...Self.countLimit) ?? 1
        held = try reader.values("held", countLimit: 10_000)
        waitMilliseconds = try reader.optionalInt("waitMilliseconds", in: 0...Self.waitLimitMilliseconds) ?? 0
        study = try reader.optionalString("study", limit: 128)
        index = try reader.optionalInt("index", in: 0...Int64(Int32.max))
        if index != nil, study == nil { throw WireError(field: "index", "needs a study beside it") }
        reports = try reader.reports()
        if !reports.isEmpty, waitMilliseconds > 0 {
            throw WireError(field: "waitMilliseconds", "must be 0 beside reports: their acknowledgement does not wait")
        }
    }

    package func writeFields(to writer: inout JSONWriter) {
        writer.field("count", count)
        if !held.isEmpty { writer.field("held", held) }
        writer.field("waitMilliseconds", waitMilliseconds)
        writer.field("study", study)
        writer.field("index", index)
        if !reports.isEmpty { writer.field("reports", reports) }
    }
}

/// A job in a worker's hands.
package struct ClaimedJob: WireValue, Hashable {
    package var ref: AttemptRef
    package var study: StudyID?
    package var studyName: String?
    package var index: Int?
    package var label: String?
    package var queue: String?
    /// The job's configuration as text: key order and spelling of numbers as given.
    package var payload: JSON
    package var leaseMilliseconds: Int

    package static let fields = [
        "job", "attempt", "study", "studyName", "index", "label", "queue", "payload", "leaseMilliseconds",
    ]

    package init(
        ref: AttemptRef, study: StudyID?, studyName: String?, index: Int?, label: String?, queue: String?,
        payload: JSON, leaseMilliseconds: Int
    ) {
        self.ref = ref
        self.study = study
        self.studyName = studyName
        self.index = index
        self.label = label
        self.queue = queue
        self.payload = payload
        self.leaseMilliseconds = leaseMilliseconds
    }

    package init(reading reader: inout FieldReader) throws(WireError) {
        ref = try AttemptRef(reading: &reader)
        study = try reader.optionalID("study")
        studyName = try reader.optionalString("studyName")
        index = try reader.optionalInt("index", in: 0...Int64.max)
        label = try reader.optionalString("label")
        queue = try reader.optionalString("queue")
        payload = try reader.presentJSON("payload")
        leaseMilliseconds = try reader.int("leaseMilliseconds", in: 0...Int64(Int32.max))
    }

    package func writeFields(to writer: inout JSONWriter) {
        ref.writeFields(to: &writer)
        writer.field("study", study)
        writer.field("studyName", studyName)
        writer.field("index", index)
        writer.field("label", label)
        writer.field("queue", queue)
        writer.field("payload", payload)
        writer.field("leaseMilliseconds", leaseMilliseconds)
    }
}

package struct ClaimReply: WireValue, Hashable {
    package var jobs: [ClaimedJob]
    /// Every study the claim asked of is finished or cancelled: nothing more will come of them.
    package var isFinished: Bool
    /// Where reports came along: up to which they are on disk.
    package var acknowledged: Int64?
    /// Of the attempts reported, those that the session no longer holds: their work must stop.
    package var lost: [AttemptRef]

    package static let fields = ["jobs", "finished", "acknowledged", "lost"]

    package init(jobs: [ClaimedJob], isFinished: Bool, acknowledged: Int64? = nil, lost: [AttemptRef] = []) {
        self.jobs = jobs
        self.isFinished = isFinished
        self.acknowledged = acknowledged
        self.lost = lost
    }

    package init(reading reader: inout FieldReader) throws(WireError) {
        jobs = try reader.values("jobs", countLimit: 10_000)
        isFinished = try reader.optionalBool("finished") ?? false
        acknowledged = try reader.optionalInt("acknowledged", in: 0...Int64.max).map(Int64.init)
        lost = try reader.values("lost", countLimit: 10_000)
    }

    package func writeFields(to writer: inout JSONWriter) {
        writer.field("jobs", jobs)
        writer.field("finished", isFinished)
        writer.field("acknowledged", acknowledged)
        if !lost.isEmpty { writer.field("lost", lost) }
    }
}
