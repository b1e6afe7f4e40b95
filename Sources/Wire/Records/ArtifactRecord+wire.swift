package import Domain

extension ArtifactRecord: WireValue {
    package static let fields = [
        "id", "job", "attempt", "session", "name", "mediaType", "byteCount", "sha256", "createdAt",
    ]

    package init(reading reader: inout FieldReader) throws(WireError) {
        self.init(
            id: try reader.id("id"),
            job: try reader.id("job"),
            attempt: try reader.attempt("attempt"),
            session: try reader.id("session"),
            name: try reader.string("name"),
            mediaType: try reader.string("mediaType"),
            byteCount: Int64(try reader.count("byteCount")),
            sha256: try reader.string("sha256", limit: 64),
            createdAt: try reader.instant("createdAt")
        )
    }

    package func writeFields(to writer: inout JSONWriter) {
        writer.field("id", id)
        writer.field("job", job)
        writer.field("attempt", attempt.value)
        writer.field("session", session)
        writer.field("name", name)
        writer.field("mediaType", mediaType)
        writer.field("byteCount", byteCount)
        writer.field("sha256", sha256)
        writer.field("createdAt", createdAt)
    }
}
