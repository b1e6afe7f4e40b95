import Domain

/// A configuration as people read it: its own order and spelling, a line for each member.
enum ConfigurationText {
    /// Text that isn't JSON stands as it is.
    static func pretty(_ text: String) -> String {
        guard text.utf8.count <= limitBytes else {
            let head = String(decoding: text.utf8.prefix(limitBytes), as: UTF8.self)
            return head + "\n… \(Format.bytes(Int64(text.utf8.count - limitBytes))) more"
        }
        guard let json = try? JSON(parsing: text) else { return text }
        return json.prettyText()
    }

    /// A page isn't the place for more.
    private static let limitBytes = 262_144
}
