/// A computer as the monitor shows it. Addresses and hostname are attributes that change; the id does not.
package struct MachineRecord: Sendable, Hashable {
    package var id: MachineID
    package var hostname: String
    package var addresses: [String]
    /// `linux`, `macos` …
    package var os: String
    /// `x86_64`, `arm64` …
    package var arch: String
    package var cores: Int?
    package var memoryBytes: Int64?
    package var gpus: [String]
    /// Changes with every boot: what proves that earlier sessions of the machine are over.
    package var bootID: String?
    package var firstSeenAt: Instant
    package var sequence: SequenceNumber

    package init(
        id: MachineID, hostname: String, addresses: [String], os: String, arch: String, cores: Int?,
        memoryBytes: Int64?, gpus: [String], bootID: String?, firstSeenAt: Instant, sequence: SequenceNumber
    ) {
        self.id = id
        self.hostname = hostname
        self.addresses = addresses
        self.os = os
        self.arch = arch
        self.cores = cores
        self.memoryBytes = memoryBytes
        self.gpus = gpus
        self.bootID = bootID
        self.firstSeenAt = firstSeenAt
        self.sequence = sequence
    }
}

/// What a connector's service is doing. `unknown` is never stored: it is what a reader says of an old report.
package enum ConnectorStatus: String, Sendable, Hashable, CaseIterable {
    case starting, idle, active, error, offline
}

/// One connector as its session last reported it.
package struct ConnectorState: Sendable, Hashable {
    package var name: String
    /// `command`, `comfyui` …
    package var kind: String
    package var status: ConnectorStatus
    /// A sentence where there is something to say: the error, the version of the service.
    package var detail: String?

    package init(name: String, kind: String, status: ConnectorStatus, detail: String?) {
        self.name = name
        self.kind = kind
        self.status = status
        self.detail = detail
    }
}

/// How loaded a machine is, as its agent measured it; what could not be measured is absent. Shares are 0…1.
package struct Utilisation: Sendable, Hashable {
    package var cpu: Double?
    package var memory: Double?
    package var gpu: Double?
    package var gpuMemory: Double?
    /// Free bytes where the agent keeps its state.
    package var diskFreeBytes: Int64?

    package init(
        cpu: Double? = nil, memory: Double? = nil, gpu: Double? = nil, gpuMemory: Double? = nil,
        diskFreeBytes: Int64? = nil
    ) {
        self.cpu = cpu
        self.memory = memory
        self.gpu = gpu
        self.gpuMemory = gpuMemory
        self.diskFreeBytes = diskFreeBytes
    }
}

/// A job that a session holds now.
package struct HeldJob: Sendable, Hashable {
    package var job: JobID
    package var attempt: AttemptNumber
    package var study: StudyID?
    package var studyName: String?
    package var index: Int?
    package var label: String?
    package var status: JobStatus
    package var progress: JobProgress
    package var claimedAt: Instant
    package var startedAt: Instant?
    package var isCancelRequested: Bool

    package init(
        job: JobID, attempt: AttemptNumber, study: StudyID?, studyName: String?, index: Int?, label: String?,
        status: JobStatus, progress: JobProgress, claimedAt: Instant, startedAt: Instant?, isCancelRequested: Bool
    ) {
        self.job = job
        self.attempt = attempt
        self.study = study
        self.studyName = studyName
        self.index = index
        self.label = label
        self.status = status
        self.progress = progress
        self.claimedAt = claimedAt
        self.startedAt = startedAt
        self.isCancelRequested = isCancelRequested
    }
}

/// One lifetime of one worker process, as the monitor shows it.
///
/// When it was last heard is not here: a beat changes nothing and moves no sequence. It comes beside, as `beats`.
package struct SessionRecord: Sendable, Hashable {
    package var id: SessionID
    package var machine: MachineID
    package var hostname: String
    /// The name held on its machine: `HOSTNAME`, `HOSTNAME-2` …
    package var workerName: String
    package var pid: Int
    package var version: String
    package var status: SessionStatus
    package var statusSince: Instant
    package var queues: [String]
    /// Names of the studies it serves, where it was started for some.
    package var studies: [String]
    package var slots: Int
    package var isDraining: Bool
    package var startedAt: Instant
    package var endedAt: Instant?
    /// Why it ended: a `DeathCause`, or what the worker said.
    package var endReason: String?
    package var utilisation: Utilisation
    package var connectors: [ConnectorState]
    package var held: [HeldJob]
    package var lastAttemptFailed: Bool
    package var completedCount: Int
    package var failedCount: Int
    /// The session before it of the same name on the same machine.
    package var previous: SessionID?
    package var sequence: SequenceNumber
    package var kind: SessionKind

    package init(
        id: SessionID, machine: MachineID, hostname: String, workerName: String, pid: Int, version: String,
        status: SessionStatus, statusSince: Instant, queues: [String], studies: [String], slots: Int,
        isDraining: Bool, startedAt: Instant, endedAt: Instant?, endReason: String?, utilisation: Utilisation,
        connectors: [ConnectorState], held: [HeldJob], lastAttemptFailed: Bool, completedCount: Int,
        failedCount: Int, previous: SessionID?, sequence: SequenceNumber, kind: SessionKind = .agent
    ) {
        self.kind = kind
        self.id = id
        self.machine = machine
        self.hostname = hostname
        self.workerName = workerName
        self.pid = pid
        self.version = version
        self.status = status
        self.statusSince = statusSince
        self.queues = queues
        self.studies = studies
        self.slots = slots
        self.isDraining = isDraining
        self.startedAt = startedAt
        self.endedAt = endedAt
        self.endReason = endReason
        self.utilisation = utilisation
        self.connectors = connectors
        self.held = held
        self.lastAttemptFailed = lastAttemptFailed
        self.completedCount = completedCount
        self.failedCount = failedCount
        self.previous = previous
        self.sequence = sequence
    }
}

/// What decides, with when it was last heard, whether a session is heard: enough to judge those that hold jobs.
package struct SessionPresence: Sendable, Hashable {
    package var id: SessionID
    package var kind: SessionKind
    package var status: SessionStatus

    package init(id: SessionID, kind: SessionKind, status: SessionStatus) {
        self.id = id
        self.kind = kind
        self.status = status
    }
}

extension SessionRecord {
    package var presence: SessionPresence { SessionPresence(id: id, kind: kind, status: status) }
}
