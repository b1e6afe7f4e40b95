package import Domain

/// An RFC 9457 problem document: what every 4xx and 5xx of the API carries.
package struct Problem: WireValue, Hashable, Error {
    /// What programs compare: `lease-lost`, `not-found` … On the wire it is the end of `type`.
    package var code: String
    package var title: String
    package var status: Int
    /// A sentence with the value in it and the way out.
    package var detail: String
    package var errors: [FieldError]
    /// Attempts that were lost, for `lease-lost`.
    package var lost: [AttemptRef]
    /// For a batch of reports: everything up to here is on disk.
    package var acknowledged: Int64?

    package static let fields = ["type", "title", "status", "detail", "errors", "lost", "acknowledged"]
    package static let typePrefix = "urn:muster:problem:"

    package init(
        code: String, title: String, status: Int, detail: String, errors: [FieldError] = [],
        lost: [AttemptRef] = [], acknowledged: Int64? = nil
    ) {
        self.code = code
        self.title = title
        self.status = status
        self.detail = detail
        self.errors = errors
        self.lost = lost
        self.acknowledged = acknowledged
    }

    package init(reading reader: inout FieldReader) throws(WireError) {
        let type = try reader.string("type")
        code = type.hasPrefix(Self.typePrefix) ? String(type.dropFirst(Self.typePrefix.count)) : type
        title = try reader.string("title")
        status = try reader.int("status", in: 100...599)
        detail = try reader.optionalString("detail", limit: 65_536) ?? ""
        errors = try reader.values("errors", countLimit: 1_000)
        lost = try reader.values("lost", countLimit: 10_000)
        acknowledged = try reader.optionalInt("acknowledged", in: 0...Int64.max).map(Int64.init)
    }

    package func writeFields(to writer: inout JSONWriter) {
        writer.field("type", Self.typePrefix + code)
        writer.field("title", title)
        writer.field("status", status)
        writer.field("detail", detail)
        if !errors.isEmpty { writer.field("errors", errors) }
        if !lost.isEmpty { writer.field("lost", lost) }
        writer.field("acknowledged", acknowledged)
    }
}

extension FieldError: WireValue {
    package static let fields = ["field", "reason"]

    package init(reading reader: inout FieldReader) throws(WireError) {
        self.init(
            field: try reader.optionalString("field") ?? "",
            reason: try reader.optionalString("reason", limit: 4_096) ?? ""
        )
    }

    package func writeFields(to writer: inout JSONWriter) {
        writer.field("field", field)
        writer.field("reason", reason)
    }
}
