package import Domain

/// One entity, whole, as a snapshot lists it and as a `put` of the watch carries it: `{kind, id, seq, value}`.
package struct WatchItem: WireValue, Hashable {
    package var record: EntityRecord

    package static let fields = ["kind", "id", "seq", "value"]

    package init(_ record: EntityRecord) {
        self.record = record
    }

    /// - Throws: also where `id` or `seq` is not that of the value.
    package init(reading reader: inout FieldReader) throws(WireError) {
        let key = try EntityKey(reading: &reader)
        let sequence = try reader.sequence()
        switch key.kind {
        case .machine: record = .machine(try reader.value("value"))
        case .session: record = .session(try reader.value("value"))
        case .queue: record = .queue(try reader.value("value"))
        case .study: record = .study(try reader.value("value"))
        case .job: record = .job(try reader.value("value"))
        }
        guard record.key == key else { throw WireError(field: "id", "is \(key), but the value is \(record.key)") }
        guard record.sequence == sequence else {
            throw WireError(field: "seq", "is \(sequence), but the value has \(record.sequence)")
        }
    }

    package func writeFields(to writer: inout JSONWriter) {
        record.key.writeFields(to: &writer)
        writer.field("seq", record.sequence.value)
        writer.key("value")
        switch record {
        case .machine(let machine): machine.write(to: &writer)
        case .session(let session): session.write(to: &writer)
        case .queue(let queue): queue.write(to: &writer)
        case .study(let study): study.write(to: &writer)
        case .job(let job): job.write(to: &writer)
        }
    }
}

/// A `delete` of the watch: the entity is gone since `seq`.
package struct WatchDeletion: WireValue, Hashable {
    package var key: EntityKey
    package var sequence: SequenceNumber

    package static let fields = ["kind", "id", "seq"]

    package init(key: EntityKey, sequence: SequenceNumber) {
        self.key = key
        self.sequence = sequence
    }

    package init(reading reader: inout FieldReader) throws(WireError) {
        key = try EntityKey(reading: &reader)
        sequence = try reader.sequence()
    }

    package func writeFields(to writer: inout JSONWriter) {
        key.writeFields(to: &writer)
        writer.field("seq", sequence.value)
    }
}
