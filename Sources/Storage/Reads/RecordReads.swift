package import Domain

/// Builds representations from rows: one home for snapshot, watch, lists and pages.
///
/// A representation depends on rows that take a new sequence whenever it changes, and on nothing else: not on the
/// clock, not on memory. Otherwise snapshot and watch would disagree (law 6).
package enum RecordReads {
    // MARK: - Machines and sessions

    static func machine(_ row: SQLRow) throws -> MachineRecord {
        MachineRecord(
            id: MachineID(row.text(0)), hostname: row.text(1), addresses: try row.strings(2), os: row.text(3),
            arch: row.text(4), cores: row.optionalInt(5), memoryBytes: row.optionalInt64(6),
            gpus: try row.strings(7), bootID: row.optionalText(8), firstSeenAt: row.instant(9),
            sequence: row.sequence(10)
        )
    }

    static func session(_ row: SQLRow, held: [HeldJob]) throws -> SessionRecord {
        SessionRecord(
            id: row.id(0), machine: MachineID(row.text(1)), hostname: row.text(2), workerName: row.text(3),
            pid: row.int(4), version: row.text(5), status: try row.word(6), statusSince: row.instant(7),
            queues: try row.strings(8), studies: try row.strings(9), slots: row.int(10), isDraining: row.flag(11),
            startedAt: row.instant(12), endedAt: row.optionalInstant(13), endReason: row.optionalText(14),
            utilisation: try StoredText.utilisation(row.json(15)),
            connectors: try StoredText.connectors(row.json(16)), held: held, lastAttemptFailed: row.flag(17),
            completedCount: row.int(18), failedCount: row.int(19), previous: row.optionalID(20),
            sequence: row.sequence(21), kind: try row.word(22)
        )
    }

    static func held(_ row: SQLRow) throws -> HeldJob {
        HeldJob(
            job: row.id(1), attempt: AttemptNumber(row.int(2)), study: row.optionalID(3),
            studyName: row.optionalText(4), index: row.optionalInt(5), label: row.optionalText(6),
            status: try row.word(7),
            progress: JobProgress(
                fraction: row.optionalDouble(8), stage: row.optionalText(9), stageFraction: row.optionalDouble(10),
                etaAt: row.optionalInstant(11), message: row.optionalText(12)
            ),
            claimedAt: row.instant(13), startedAt: row.optionalInstant(14), isCancelRequested: row.flag(15)
        )
    }

    package static func session(_ id: SessionID, _ connection: any SQLConnection) throws -> SessionRecord? {
        guard let row = try connection.row(ReadStatements.session, [.integer(id.number)]) else { return nil }
        return try session(row, held: heldBy(id, connection))
    }

    package static func heldBy(_ id: SessionID, _ connection: any SQLConnection) throws -> [HeldJob] {
        try connection.rows(ReadStatements.heldBy, [.integer(id.number)]).map(held)
    }

    /// Sessions of a list, each with the jobs it holds.
    static func sessions(_ rows: [SQLRow], _ connection: any SQLConnection) throws -> [SessionRecord] {
        guard !rows.isEmpty else { return [] }
        /// One walk over what is held instead of one for each session, where the list is long.
        let isLong = rows.count > 8
        var held: [Int64: [HeldJob]] = [:]
        if isLong {
            for row in try connection.rows(ReadStatements.held, []) {
                held[row.int64(0), default: []].append(try self.held(row))
            }
        }
        return try rows.map { row in
            try session(row, held: isLong ? held[row.int64(0)] ?? [] : heldBy(row.id(0), connection))
        }
    }

    package static func machine(_ id: MachineID, _ connection: any SQLConnection) throws -> MachineRecord? {
        try connection.row(ReadStatements.machine, [.text(id.text)]).map(machine)
    }

    // MARK: - Queues and studies

    static func counts(_ queue: Int64, _ connection: any SQLConnection) throws -> JobCounts {
        var counts = JobCounts()
        for row in try connection.rows(QueueStatements.counts, [.integer(queue)]) {
            counts[try row.word(0, JobStatus.self)] = row.int(1)
        }
        return counts
    }

    static func queue(_ row: SQLRow, _ connection: any SQLConnection) throws -> QueueRecord {
        QueueRecord(
            name: row.text(1), isPaused: row.flag(2), counts: try counts(row.int64(0), connection),
            sequence: row.sequence(3)
        )
    }

    static func study(_ row: SQLRow, _ connection: any SQLConnection) throws -> StudyRecord {
        let counts = try counts(row.int64(11), connection)
        let running = try connection.rows(ReadStatements.runningOfStudy, [.integer(row.int64(0))])
        return StudyRecord(
            id: row.id(0), name: row.text(1), status: try row.word(2), counts: counts,
            dimensions: try row.strings(3),
            forecast: StudyForecast(
                total: counts.total - counts.cancelled, finished: counts.completed + counts.failed,
                measured: row.int(4), measuredMilliseconds: row.int64(5),
                running: running.map { $0.optionalDouble(0) }, asOf: row.instant(9)
            ),
            createdAt: row.instant(6), startedAt: row.optionalInstant(7), finishedAt: row.optionalInstant(8),
            sequence: row.sequence(10), notes: try row.strings(12)
        )
    }

    package static func study(_ id: StudyID, _ connection: any SQLConnection) throws -> StudyRecord? {
        try connection.row(ReadStatements.study, [.integer(id.number)]).map { try study($0, connection) }
    }

    package static func study(ofName name: String, _ connection: any SQLConnection) throws -> StudyRecord? {
        try connection.row(ReadStatements.studyOfName, [.text(name)]).map { try study($0, connection) }
    }

    /// By id (`st3`) or, where no study has that id, by name.
    package static func study(named text: String, _ connection: any SQLConnection) throws -> StudyRecord? {
        if let id = StudyID(text: text), let found = try study(id, connection) { return found }
        return try study(ofName: text, connection)
    }

    package static func queue(named name: String, _ connection: any SQLConnection) throws -> QueueRecord? {
        try connection.row(ReadStatements.queue, [.text(name)]).map { try queue($0, connection) }
    }

    // MARK: - Jobs and their history

    static func job(_ row: SQLRow) throws -> JobRecord {
        let status: JobStatus = try row.word(6)
        return JobRecord(
            id: row.id(0), study: row.optionalID(1), studyName: row.optionalText(2), index: row.optionalInt(3),
            label: row.optionalText(4), queue: row.optionalText(5), status: status,
            isScheduled: status == .pending && !row.flag(7), attempt: AttemptNumber(row.int(8)),
            holder: row.optionalID(9), holderName: row.optionalText(10), priority: row.int(11),
            runAt: row.optionalInstant(12),
            progress: JobProgress(
                fraction: row.optionalDouble(13), stage: row.optionalText(14), stageFraction: row.optionalDouble(15),
                etaAt: row.optionalInstant(16), message: row.optionalText(17)
            ),
            isCancelRequested: row.flag(18), countedFailures: row.int(19), maximumAttempts: row.int(20),
            exitCode: row.optionalInt(21), reason: row.optionalText(22), warningCount: row.int(23),
            errorCount: row.int(24), artifactCount: row.int(25), createdAt: row.instant(26),
            claimedAt: row.optionalInstant(27), startedAt: row.optionalInstant(28),
            finishedAt: row.optionalInstant(29), sequence: row.sequence(30)
        )
    }

    package static func job(_ id: JobID, _ connection: any SQLConnection) throws -> JobRecord? {
        try connection.row(ReadStatements.job, [.integer(id.number)]).map(job)
    }

    static func attempt(_ row: SQLRow) throws -> AttemptRecord {
        AttemptRecord(
            job: row.id(0), number: AttemptNumber(row.int(1)), session: row.id(2), workerName: row.text(3),
            claimedAt: row.instant(4), startedAt: row.optionalInstant(5), endedAt: row.optionalInstant(6),
            outcome: row.optionalText(7).flatMap(AttemptOutcome.init(rawValue:)), exitCode: row.optionalInt(8),
            reason: row.optionalText(9)
        )
    }

    static func line(_ row: SQLRow) throws -> LogLine {
        LogLine(
            number: row.int64(0), at: row.instant(1), level: try row.word(2), text: row.text(3),
            job: row.optionalID(4), attempt: row.optionalInt(5).map(AttemptNumber.init), style: row.optionalText(6),
            position: row.optionalInt64(7)
        )
    }

    static func artifact(_ row: SQLRow) -> ArtifactRecord {
        ArtifactRecord(
            id: row.id(0), job: row.id(1), attempt: AttemptNumber(row.int(2)), session: row.id(3), name: row.text(4),
            mediaType: row.text(5), byteCount: row.int64(6), sha256: row.text(7), createdAt: row.instant(8)
        )
    }

    /// The present representation of an entity, `nil` where it is gone.
    static func entity(_ key: EntityKey, _ connection: any SQLConnection) throws -> EntityRecord? {
        switch key.kind {
        case .machine:
            return try machine(MachineID(key.id), connection).map(EntityRecord.machine)
        case .session:
            return try SessionID(text: key.id).flatMap { try session($0, connection) }.map(EntityRecord.session)
        case .queue:
            return try queue(named: key.id, connection).map(EntityRecord.queue)
        case .study:
            return try StudyID(text: key.id).flatMap { try study($0, connection) }.map(EntityRecord.study)
        case .job:
            return try JobID(text: key.id).flatMap { try job($0, connection) }.map(EntityRecord.job)
        }
    }
}

/// JSON columns whose shape is the store's own: short keys would save little, so they read as on the wire.
enum StoredText {
    static func utilisation(_ value: Utilisation) -> String {
        var writer = JSONWriter(capacity: 128)
        writer.beginObject()
        writer.field("cpu", value.cpu)
        writer.field("memory", value.memory)
        writer.field("gpu", value.gpu)
        writer.field("gpuMemory", value.gpuMemory)
        writer.field("diskFreeBytes", value.diskFreeBytes)
        writer.endObject()
        return writer.text
    }

    static func utilisation(_ json: JSON) -> Utilisation {
        Utilisation(
            cpu: json["cpu"]?.doubleValue, memory: json["memory"]?.doubleValue, gpu: json["gpu"]?.doubleValue,
            gpuMemory: json["gpuMemory"]?.doubleValue, diskFreeBytes: json["diskFreeBytes"]?.intValue
        )
    }

    static func connectors(_ values: [ConnectorState]) -> String {
        guard !values.isEmpty else { return "[]" }
        var writer = JSONWriter(capacity: 128)
        writer.beginArray()
        for value in values {
            writer.beginObject()
            writer.field("name", value.name)
            writer.field("kind", value.kind)
            writer.field("status", value.status.rawValue)
            writer.field("detail", value.detail)
            writer.endObject()
        }
        writer.endArray()
        return writer.text
    }

    static func connectors(_ json: JSON) -> [ConnectorState] {
        (json.arrayValue ?? []).compactMap { element in
            guard let name = element["name"]?.stringValue, let kind = element["kind"]?.stringValue,
                let status = element["status"]?.stringValue.flatMap(ConnectorStatus.init(rawValue:))
            else { return nil }
            return ConnectorState(name: name, kind: kind, status: status, detail: element["detail"]?.stringValue)
        }
    }

    static func strings(_ values: [String]) -> String {
        guard !values.isEmpty else { return "[]" }
        var writer = JSONWriter(capacity: 64)
        writer.beginArray()
        for value in values { writer.value(value) }
        writer.endArray()
        return writer.text
    }
}
