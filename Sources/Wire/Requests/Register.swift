package import Domain

/// The computer a session runs on, as its agent describes it.
package struct MachineDescription: WireValue, Hashable {
    package var id: MachineID
    package var hostname: String
    package var addresses: [String]
    package var os: String
    package var arch: String
    package var cores: Int?
    package var memoryBytes: Int64?
    package var gpus: [String]
    package var bootID: String?

    package static let fields = [
        "id", "hostname", "addresses", "os", "arch", "cores", "memoryBytes", "gpus", "bootId",
    ]

    package init(
        id: MachineID, hostname: String, addresses: [String], os: String, arch: String, cores: Int?,
        memoryBytes: Int64?, gpus: [String], bootID: String?
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
    }

    package init(reading reader: inout FieldReader) throws(WireError) {
        id = MachineID(try reader.string("id", limit: 128))
        hostname = try reader.string("hostname", limit: 255)
        addresses = try reader.strings("addresses")
        os = try reader.string("os", limit: 64)
        arch = try reader.string("arch", limit: 64)
        cores = try reader.optionalInt("cores", in: 1...1_000_000)
        memoryBytes = try reader.optionalInt("memoryBytes", in: 0...Int64.max).map(Int64.init)
        gpus = try reader.strings("gpus")
        bootID = try reader.optionalString("bootId", limit: 128)
    }

    package func writeFields(to writer: inout JSONWriter) {
        writer.field("id", id.text)
        writer.field("hostname", hostname)
        writer.field("addresses", addresses)
        writer.field("os", os)
        writer.field("arch", arch)
        writer.field("cores", cores)
        writer.field("memoryBytes", memoryBytes)
        writer.field("gpus", gpus)
        writer.field("bootId", bootID)
    }
}

extension ConnectorState: WireValue {
    package static let fields = ["name", "kind", "status", "detail"]

    package init(reading reader: inout FieldReader) throws(WireError) {
        self.init(
            name: try reader.string("name", limit: 64),
            kind: try reader.string("kind", limit: 64),
            status: try reader.word("status"),
            detail: try reader.optionalString("detail")
        )
    }

    package func writeFields(to writer: inout JSONWriter) {
        writer.field("name", name)
        writer.field("kind", kind)
        writer.field("status", status.rawValue)
        writer.field("detail", detail)
    }
}

extension Utilisation: WireValue {
    package static let fields = ["cpu", "memory", "gpu", "gpuMemory", "diskFreeBytes"]

    package init(reading reader: inout FieldReader) throws(WireError) {
        self.init(
            cpu: try reader.optionalDouble("cpu", in: 0...1),
            memory: try reader.optionalDouble("memory", in: 0...1),
            gpu: try reader.optionalDouble("gpu", in: 0...1),
            gpuMemory: try reader.optionalDouble("gpuMemory", in: 0...1),
            diskFreeBytes: try reader.optionalInt("diskFreeBytes", in: 0...Int64.max).map(Int64.init)
        )
    }

    package func writeFields(to writer: inout JSONWriter) {
        writer.field("cpu", cpu)
        writer.field("memory", memory)
        writer.field("gpu", gpu)
        writer.field("gpuMemory", gpuMemory)
        writer.field("diskFreeBytes", diskFreeBytes)
    }
}

/// `POST /sessions`: a worker process makes itself known.
package struct RegisterRequest: WireValue, Hashable {
    package var machine: MachineDescription
    /// The name it holds on its machine by a lock in the agent's state folder.
    package var workerName: String
    package var pid: Int
    package var version: String
    /// Random, made once by the process: a registration that is sent again because its answer was lost finds the
    /// session it made the first time.
    package var processKey: String
    /// The process that held this name before is known to be dead (its lock was free and its children are ended).
    package var predecessorEnded: Bool
    package var queues: [String]
    /// Names or ids of studies it serves.
    package var studies: [String]
    /// How many jobs it runs side by side.
    package var slots: Int
    /// What its jobs may require: an object of names and values.
    package var capabilities: JSON
    package var connectors: [ConnectorState]

    package static let fields = [
        "machine", "workerName", "pid", "version", "processKey", "predecessorEnded", "queues", "studies", "slots",
        "capabilities", "connectors",
    ]

    package init(
        machine: MachineDescription, workerName: String, pid: Int, version: String, processKey: String,
        predecessorEnded: Bool, queues: [String], studies: [String], slots: Int, capabilities: JSON,
        connectors: [ConnectorState]
    ) {
        self.machine = machine
        self.workerName = workerName
        self.pid = pid
        self.version = version
        self.processKey = processKey
        self.predecessorEnded = predecessorEnded
        self.queues = queues
        self.studies = studies
        self.slots = slots
        self.capabilities = capabilities
        self.connectors = connectors
    }

    package init(reading reader: inout FieldReader) throws(WireError) {
        machine = try reader.value("machine")
        workerName = try reader.string("workerName", limit: 255)
        pid = try reader.int("pid", in: 1...Int64(Int32.max))
        version = try reader.string("version", limit: 128)
        processKey = try reader.string("processKey", limit: 128)
        predecessorEnded = try reader.optionalBool("predecessorEnded") ?? false
        queues = try reader.strings("queues", countLimit: 64, limit: 128)
        studies = try reader.strings("studies", countLimit: 64, limit: 128)
        slots = try reader.optionalInt("slots", in: 1...10_000) ?? 1
        capabilities = reader.optionalJSON("capabilities") ?? .object(JSONObject())
        guard case .object = capabilities else {
            throw WireError(field: "capabilities", "must be an object, not \(capabilities.kindName)")
        }
        connectors = try reader.values("connectors", countLimit: 32)
    }

    package func writeFields(to writer: inout JSONWriter) {
        writer.field("machine", machine)
        writer.field("workerName", workerName)
        writer.field("pid", pid)
        writer.field("version", version)
        writer.field("processKey", processKey)
        writer.field("predecessorEnded", predecessorEnded)
        writer.field("queues", queues)
        writer.field("studies", studies)
        writer.field("slots", slots)
        writer.field("capabilities", capabilities)
        writer.field("connectors", connectors)
    }
}

/// The answer to a registration. The token is shown this once.
package struct RegisterReply: WireValue, Hashable {
    package var session: SessionID
    /// Bearer token of this session: what its process and its children authenticate with.
    package var token: String
    package var epoch: String
    package var heartbeatMilliseconds: Int
    package var serverTime: Instant

    package static let fields = ["session", "token", "epoch", "heartbeatMilliseconds", "serverTime"]

    package init(
        session: SessionID, token: String, epoch: String, heartbeatMilliseconds: Int, serverTime: Instant
    ) {
        self.session = session
        self.token = token
        self.epoch = epoch
        self.heartbeatMilliseconds = heartbeatMilliseconds
        self.serverTime = serverTime
    }

    package init(reading reader: inout FieldReader) throws(WireError) {
        session = try reader.id("session")
        token = try reader.string("token")
        epoch = try reader.string("epoch")
        heartbeatMilliseconds = try reader.int("heartbeatMilliseconds", in: 1...86_400_000)
        serverTime = try reader.instant("serverTime")
    }

    package func writeFields(to writer: inout JSONWriter) {
        writer.field("session", session)
        writer.field("token", token)
        writer.field("epoch", epoch)
        writer.field("heartbeatMilliseconds", heartbeatMilliseconds)
        writer.field("serverTime", serverTime)
    }
}
