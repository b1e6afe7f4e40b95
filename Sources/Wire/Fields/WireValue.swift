package import Domain

/// A body or a part of one: read from the members of an object, and written as them.
package protocol WireValue: Sendable {
    /// Every member's name: what a strict reader knows, and what the OpenAPI document must tell.
    static var fields: [String] { get }
    init(reading reader: inout FieldReader) throws(WireError)
    func writeFields(to writer: inout JSONWriter)
}

extension WireValue {
    package init(json: JSON, path: String = "", isStrict: Bool) throws(WireError) {
        var reader = try FieldReader(json, path: path, isStrict: isStrict)
        let value = try Self(reading: &reader)
        try reader.end(known: Self.fields)
        self = value
    }

    /// - Parameter isStrict: refuse members that are not known, as a server does.
    package init(body: [UInt8], isStrict: Bool) throws(WireError) {
        let json: JSON
        do {
            json = try JSON(parsing: body)
        } catch {
            throw WireError(
                [FieldError(field: "", reason: "is not JSON: \(error.reason) (byte \(error.offset))")],
                isMalformed: true)
        }
        try self.init(json: json, isStrict: isStrict)
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writeFields(to: &writer)
        writer.endObject()
    }

    package var body: [UInt8] {
        var writer = JSONWriter()
        write(to: &writer)
        return writer.bytes
    }
}

extension JSONWriter {
    package mutating func field(_ name: StaticString, _ value: some WireValue) {
        key(name)
        value.write(to: &self)
    }

    package mutating func field(_ name: StaticString, _ values: [some WireValue]) {
        key(name)
        beginArray()
        for value in values { value.write(to: &self) }
        endArray()
    }

    package mutating func field(_ name: StaticString, _ values: [String]) {
        key(name)
        beginArray()
        for text in values { value(text) }
        endArray()
    }

    package mutating func field(_ name: StaticString, _ id: (some EntityID)?) {
        if let id { field(name, id.description) }
    }

    package mutating func field(_ name: StaticString, _ instant: Instant?) {
        if let instant { field(name, instant.description) }
    }
}
