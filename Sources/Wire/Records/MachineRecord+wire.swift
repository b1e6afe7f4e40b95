package import Domain

extension MachineRecord: WireValue {
    package static let fields = [
        "id", "hostname", "addresses", "os", "arch", "cores", "memoryBytes", "gpus", "bootId", "firstSeenAt", "seq",
    ]

    package init(reading reader: inout FieldReader) throws(WireError) {
        self.init(
            id: MachineID(try reader.string("id", limit: 128)),
            hostname: try reader.string("hostname", limit: 255),
            addresses: try reader.strings("addresses"),
            os: try reader.string("os", limit: 64),
            arch: try reader.string("arch", limit: 64),
            cores: try reader.optionalInt("cores", in: 0...Int64.max),
            memoryBytes: try reader.optionalInt("memoryBytes", in: 0...Int64.max).map(Int64.init),
            gpus: try reader.strings("gpus"),
            bootID: try reader.optionalString("bootId", limit: 128),
            firstSeenAt: try reader.instant("firstSeenAt"),
            sequence: try reader.sequence()
        )
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
        writer.field("firstSeenAt", firstSeenAt)
        writer.field("seq", sequence.value)
    }
}
