package import Domain

/// `POST /artifacts`: ask for a place to put a file of an attempt.
package struct NewArtifact: WireValue, Hashable {
    package var ref: AttemptRef
    /// Relative, `/` between parts, no `..`, at most 512 bytes.
    package var name: String
    package var mediaType: String?

    package static let fields = ["job", "attempt", "name", "mediaType"]

    package init(ref: AttemptRef, name: String, mediaType: String?) {
        self.ref = ref
        self.name = name
        self.mediaType = mediaType
    }

    package init(reading reader: inout FieldReader) throws(WireError) {
        ref = try AttemptRef(reading: &reader)
        name = try reader.string("name", limit: 512)
        mediaType = try reader.optionalString("mediaType", limit: 128)
    }

    package func writeFields(to writer: inout JSONWriter) {
        ref.writeFields(to: &writer)
        writer.field("name", name)
        writer.field("mediaType", mediaType)
    }
}

/// Where to `PUT` the bytes, and until when. The URL carries its own right: no header is needed.
package struct ArtifactTicket: WireValue, Hashable {
    package var id: ArtifactID
    /// A path on this server, or a whole URL of another store.
    package var uploadURL: String
    package var expiresAt: Instant

    package static let fields = ["id", "uploadUrl", "expiresAt"]

    package init(id: ArtifactID, uploadURL: String, expiresAt: Instant) {
        self.id = id
        self.uploadURL = uploadURL
        self.expiresAt = expiresAt
    }

    package init(reading reader: inout FieldReader) throws(WireError) {
        id = try reader.id("id")
        uploadURL = try reader.string("uploadUrl", limit: 4_096)
        expiresAt = try reader.instant("expiresAt")
    }

    package func writeFields(to writer: inout JSONWriter) {
        writer.field("id", id)
        writer.field("uploadUrl", uploadURL)
        writer.field("expiresAt", expiresAt)
    }
}
