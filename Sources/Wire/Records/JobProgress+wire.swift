package import Domain

extension JobProgress: WireValue {
    package static let fields = ["fraction", "stage", "stageFraction", "etaAt", "message"]

    package init(reading reader: inout FieldReader) throws(WireError) {
        self.init(
            fraction: try reader.optionalDouble("fraction", in: 0...1),
            stage: try reader.optionalString("stage"),
            stageFraction: try reader.optionalDouble("stageFraction", in: 0...1),
            etaAt: try reader.optionalInstant("etaAt"),
            message: try reader.optionalString("message", limit: 4_096)
        )
    }

    package func writeFields(to writer: inout JSONWriter) {
        writer.field("fraction", fraction)
        writer.field("stage", stage)
        writer.field("stageFraction", stageFraction)
        writer.field("etaAt", etaAt)
        writer.field("message", message)
    }
}
