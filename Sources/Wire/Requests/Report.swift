package import Domain

/// One log line on its way in; the server gives it a number.
package struct NewLogLine: WireValue, Hashable {
    /// The worker's own time of it, kept for reading only: no rule asks it (law 10).
    package var at: Instant?
    package var level: LogLevel
    package var text: String

    package static let fields = ["at", "level", "text"]
    /// A longer line is cut by the agent.
    package static let textLimitBytes = 8_192

    package init(at: Instant?, level: LogLevel, text: String) {
        self.at = at
        self.level = level
        self.text = text
    }

    package init(reading reader: inout FieldReader) throws(WireError) {
        at = try reader.optionalInstant("at")
        level = try reader.optionalWord("level") ?? .info
        text = try reader.optionalWords("text", limit: Self.textLimitBytes) ?? ""
    }

    package func writeFields(to writer: inout JSONWriter) {
        writer.field("at", at)
        writer.field("level", level.rawValue)
        writer.field("text", text)
    }
}

/// What a report says.
package enum ReportKind: String, Sendable, Hashable, CaseIterable {
    case started, progress, log, completed, failed, retryable, released, cancelled

    /// The attempt's own end, or nothing of that.
    package var attemptReport: AttemptReport? {
        switch self {
        case .started: .started
        case .completed: .completed
        case .failed: .failed
        case .retryable: .retryable
        case .released: .released
        case .cancelled: .cancelled
        case .progress, .log: nil
        }
    }
}

/// One entry of a batch of reports.
package struct Report: WireValue, Hashable {
    /// 1, 2, 3 … within the session. A number at or below the last applied is skipped and acknowledged.
    package var number: Int64
    package var kind: ReportKind
    /// Absent for a log line of the worker itself.
    package var ref: AttemptRef?
    package var fraction: Double?
    package var stage: String?
    package var stageFraction: Double?
    package var etaSeconds: Double?
    package var message: String?
    package var lines: [NewLogLine]
    package var exitCode: Int?
    package var reason: String?
    /// What a completed job gives back, at most 64 KiB; larger results are artifacts.
    package var result: JSON?

    package static let fields = [
        "number", "type", "job", "attempt", "fraction", "stage", "stageFraction", "etaSeconds", "message", "lines",
        "exitCode", "reason", "result",
    ]
    package static let resultLimitBytes = 65_536
    package static let lineCountLimit = 1_000

    package init(
        number: Int64, kind: ReportKind, ref: AttemptRef?, fraction: Double? = nil, stage: String? = nil,
        stageFraction: Double? = nil, etaSeconds: Double? = nil, message: String? = nil, lines: [NewLogLine] = [],
        exitCode: Int? = nil, reason: String? = nil, result: JSON? = nil
    ) {
        self.number = number
        self.kind = kind
        self.ref = ref
        self.fraction = fraction
        self.stage = stage
        self.stageFraction = stageFraction
        self.etaSeconds = etaSeconds
        self.message = message
        self.lines = lines
        self.exitCode = exitCode
        self.reason = reason
        self.result = result
    }

    package init(reading reader: inout FieldReader) throws(WireError) {
        number = Int64(try reader.int("number", in: 1...Int64.max))
        kind = try reader.word("type")
        if let job = try reader.optionalID("job", JobID.self) {
            ref = AttemptRef(job: job, attempt: try reader.attempt("attempt"))
        } else {
            ref = nil
            guard kind == .log else { throw WireError(field: "job", "is missing in report \(number)") }
        }
        fraction = try reader.optionalDouble("fraction", in: 0...1)
        stage = try reader.optionalWords("stage", limit: 128)
        stageFraction = try reader.optionalDouble("stageFraction", in: 0...1)
        etaSeconds = try reader.optionalDouble("etaSeconds", in: 0...1e10)
        message = try reader.optionalWords("message", limit: 512)
        lines = try reader.values("lines", countLimit: Self.lineCountLimit)
        exitCode = try reader.optionalInt("exitCode", in: -1_000...1_000_000)
        reason = try reader.optionalWords("reason", limit: 2_048)
        result = reader.optionalJSON("result")
        if let result, result.text.utf8.count > Self.resultLimitBytes {
            throw WireError(field: "result", "is larger than \(Self.resultLimitBytes) bytes; upload it as an artifact")
        }
    }

    package func writeFields(to writer: inout JSONWriter) {
        writer.field("number", number)
        writer.field("type", kind.rawValue)
        if let ref { ref.writeFields(to: &writer) }
        writer.field("fraction", fraction)
        writer.field("stage", stage)
        writer.field("stageFraction", stageFraction)
        writer.field("etaSeconds", etaSeconds)
        writer.field("message", message)
        if !lines.isEmpty { writer.field("lines", lines) }
        writer.field("exitCode", exitCode)
        writer.field("reason", reason)
        writer.field("result", result)
    }
}

/// `POST /sessions/{id}/reports`: an ordered batch. Replaying it changes nothing.
package struct ReportBatch: WireValue, Hashable {
    package var reports: [Report]

    package static let fields = ["reports"]
    package static let countLimit = 1_000

    package init(reports: [Report]) {
        self.reports = reports
    }

    package init(reading reader: inout FieldReader) throws(WireError) {
        reports = try reader.reports()
    }

    package func writeFields(to writer: inout JSONWriter) {
        writer.field("reports", reports)
    }
}

/// The answer to a batch; with status 409 and `lost` where a report carried a lost lease (the others are applied).
package struct ReportReply: WireValue, Hashable {
    /// Everything up to here is on disk: the spool may let go of it.
    package var acknowledged: Int64
    package var lost: [AttemptRef]

    package static let fields = ["acknowledged", "lost"]

    package init(acknowledged: Int64, lost: [AttemptRef]) {
        self.acknowledged = acknowledged
        self.lost = lost
    }

    package init(reading reader: inout FieldReader) throws(WireError) {
        acknowledged = Int64(try reader.int("acknowledged", in: 0...Int64.max))
        lost = try reader.values("lost", countLimit: 10_000)
    }

    package func writeFields(to writer: inout JSONWriter) {
        writer.field("acknowledged", acknowledged)
        writer.field("lost", lost)
    }
}

extension FieldReader {
    /// The reports of a batch, in rising order of their numbers; none where the field is absent.
    mutating func reports() throws(WireError) -> [Report] {
        let reports: [Report] = try values("reports", countLimit: ReportBatch.countLimit)
        var last: Int64 = 0
        for (position, report) in reports.enumerated() {
            guard report.number > last else {
                throw WireError(field: "reports[\(position)].number", "must be greater than the one before it")
            }
            last = report.number
        }
        return reports
    }
}
