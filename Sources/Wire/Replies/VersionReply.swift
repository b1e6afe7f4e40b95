package import Domain

/// `GET /version`.
package struct VersionReply: WireValue, Hashable {
    package var version: String
    /// Of the server's sequence.
    package var epoch: String?

    package static let fields = ["version", "epoch"]

    package init(version: String, epoch: String?) {
        self.version = version
        self.epoch = epoch
    }

    package init(reading reader: inout FieldReader) throws(WireError) {
        version = try reader.string("version")
        epoch = try reader.optionalString("epoch")
    }

    package func writeFields(to writer: inout JSONWriter) {
        writer.field("version", version)
        writer.field("epoch", epoch)
    }
}
