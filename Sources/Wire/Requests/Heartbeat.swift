package import Domain

/// A job and the attempt of it that somebody holds or held.
package struct AttemptRef: WireValue, Hashable {
    package var job: JobID
    package var attempt: AttemptNumber

    package static let fields = ["job", "attempt"]

    package init(job: JobID, attempt: AttemptNumber) {
        self.job = job
        self.attempt = attempt
    }

    package init(reading reader: inout FieldReader) throws(WireError) {
        job = try reader.id("job")
        attempt = try reader.attempt("attempt")
    }

    package func writeFields(to writer: inout JSONWriter) {
        writer.field("job", job)
        writer.field("attempt", attempt.value)
    }
}

/// A held job as its worker sees it now.
package struct HeldState: WireValue, Hashable {
    package var ref: AttemptRef
    /// It has started; a `started` report that is still in the spool is thereby not missed.
    package var isRunning: Bool
    package var fraction: Double?
    package var stage: String?
    package var stageFraction: Double?

    package static let fields = ["job", "attempt", "running", "fraction", "stage", "stageFraction"]

    package init(
        ref: AttemptRef, isRunning: Bool, fraction: Double? = nil, stage: String? = nil, stageFraction: Double? = nil
    ) {
        self.ref = ref
        self.isRunning = isRunning
        self.fraction = fraction
        self.stage = stage
        self.stageFraction = stageFraction
    }

    package init(reading reader: inout FieldReader) throws(WireError) {
        ref = try AttemptRef(reading: &reader)
        isRunning = try reader.optionalBool("running") ?? false
        fraction = try reader.optionalDouble("fraction", in: 0...1)
        stage = try reader.optionalWords("stage", limit: 128)
        stageFraction = try reader.optionalDouble("stageFraction", in: 0...1)
    }

    package func writeFields(to writer: inout JSONWriter) {
        ref.writeFields(to: &writer)
        writer.field("running", isRunning)
        writer.field("fraction", fraction)
        writer.field("stage", stage)
        writer.field("stageFraction", stageFraction)
    }
}

/// `POST /sessions/{id}/heartbeat`: the session's whole state. Level-triggered: a lost one costs nothing.
///
/// It carries no time and no counter, so that a beat that says nothing new is the same bytes and costs no write.
package struct HeartbeatRequest: WireValue, Hashable {
    /// `starting`, `running` or `stopping`; at the end `stopped`, the goodbye.
    package var status: SessionStatus
    package var utilisation: Utilisation
    package var connectors: [ConnectorState]
    package var held: [HeldState]

    package static let fields = ["status", "utilisation", "connectors", "held"]

    package init(
        status: SessionStatus, utilisation: Utilisation, connectors: [ConnectorState], held: [HeldState]
    ) {
        self.status = status
        self.utilisation = utilisation
        self.connectors = connectors
        self.held = held
    }

    package init(reading reader: inout FieldReader) throws(WireError) {
        status = try reader.word("status")
        guard status != .stale else {
            throw WireError(field: "status", "must be one of starting, running, stopping, stopped")
        }
        utilisation = try reader.optionalValue("utilisation") ?? Utilisation()
        connectors = try reader.values("connectors", countLimit: 32)
        held = try reader.values("held", countLimit: 10_000)
    }

    package func writeFields(to writer: inout JSONWriter) {
        writer.field("status", status.rawValue)
        writer.field("utilisation", utilisation)
        writer.field("connectors", connectors)
        writer.field("held", held)
    }
}

/// The answer to a heartbeat: the whole wish of the server.
package struct HeartbeatReply: WireValue, Hashable {
    /// Attempts that are no longer this session's: stop them before anything else, report nothing.
    package var lost: [AttemptRef]
    /// Attempts that a person wants ended.
    package var cancel: [AttemptRef]
    /// Take no more work, finish what is held within the grace, then stop.
    package var isDraining: Bool
    /// Leases named in the heartbeat and not lost are good for at least this long from the server's receipt.
    package var leaseMilliseconds: Int

    package static let fields = ["lost", "cancel", "drain", "leaseMilliseconds"]

    package init(lost: [AttemptRef], cancel: [AttemptRef], isDraining: Bool, leaseMilliseconds: Int) {
        self.lost = lost
        self.cancel = cancel
        self.isDraining = isDraining
        self.leaseMilliseconds = leaseMilliseconds
    }

    package init(reading reader: inout FieldReader) throws(WireError) {
        lost = try reader.values("lost", countLimit: 10_000)
        cancel = try reader.values("cancel", countLimit: 10_000)
        isDraining = try reader.optionalBool("drain") ?? false
        leaseMilliseconds = try reader.int("leaseMilliseconds", in: 0...Int64(Int32.max))
    }

    package func writeFields(to writer: inout JSONWriter) {
        writer.field("lost", lost)
        writer.field("cancel", cancel)
        writer.field("drain", isDraining)
        writer.field("leaseMilliseconds", leaseMilliseconds)
    }
}
